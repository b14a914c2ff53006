"""Configuration at an upgrade, as a package manager treats it: what nobody changed follows the new
image, what somebody changed stays.
"""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fairlead.operations.container.replacement import sh

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("every_shell")]
# entry: (default before, default now, here) -> here afterwards. None: not there. "-> x": a link.
# "/": a directory.
CASES = [
    ("untouched, and the image has a new one", "a", "b", "a", "b"),
    ("untouched, and the image has the same", "a", "a", "a", "a"),
    ("changed here, and the image has a new one", "a", "b", "mine", "mine"),
    ("changed here, and the image has the same", "a", "a", "mine", "mine"),
    ("made here", None, None, "mine", "mine"),
    ("made here, and now the image has one too", None, "b", "mine", "mine"),
    ("new in the image", None, "b", None, "b"),
    ("taken away here", "a", "b", None, None),
    ("taken away by the image, untouched here", "a", None, "a", None),
    ("taken away by the image, changed here", "a", None, "mine", "mine"),
    ("a link that the image turns elsewhere", "-> x", "-> y", "-> x", "-> y"),
    ("a link that was turned here", "-> x", "-> y", "-> mine", "-> mine"),
    ("a file that becomes a link", "a", "-> y", "a", "-> y"),
    ("a link that becomes a file", "-> x", "b", "-> x", "b"),
    ("a file that becomes a directory", "a", "/", "a", "/"),
    ("a directory that becomes a file stays: things of yours may lie in it", "/", "b", "/", "/"),
    ("an empty directory that the image gave up", "/", None, "/", None),
    ("a dangling link of yours", None, "b", "-> nowhere", "-> nowhere"),
]
NAMES = [
    "plain.conf",
    "with space",
    "quote'\"",
    "$HOME",
    "; touch pwned",
    "line\nbreak",
    "-rf",
    "*",
    "ünï",
    "back\\slash",
]


def lay(path: Path, what: str | None) -> None:
    if what is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if what == "/":
        path.mkdir()
    elif what.startswith("-> "):
        path.symlink_to(what[3:])
    else:
        path.write_text(what)


def content(path: Path) -> str | None:
    if path.is_symlink():
        return f"-> {os.readlink(path)}"
    return "/" if path.is_dir() else path.read_text() if path.exists() else None


def run(name: str, *words: Any) -> subprocess.CompletedProcess[str]:
    """What came of a program of container/shell."""
    argv = [str(word) for word in sh(name, *map(str, words))]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def merge(root: Path, volume: str = "config:/etc/app") -> str:
    for place in ("arriving/etc/app", "current/.defaults/etc/app", "current/etc/app"):
        (root / place).mkdir(parents=True, exist_ok=True)
    went = run("merge", sh.text("merge_new"), sh.text("merge_old"), root, volume)
    assert went.returncode == 0, went.stderr
    return went.stdout


@pytest.mark.parametrize(
    ("before", "now", "here", "after"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
@pytest.mark.parametrize("name", NAMES[:2])
def test_an_entry(
    tmp_path: Path,
    name: str,
    before: str | None,
    now: str | None,
    here: str | None,
    after: str | None,
) -> None:
    lay(tmp_path / "current/.defaults/etc/app" / name, before)
    lay(tmp_path / "arriving/etc/app" / name, now)
    lay(tmp_path / "current/etc/app" / name, here)
    merge(tmp_path)
    assert content(tmp_path / "current/etc/app" / name) == after
    assert content(tmp_path / "current/.defaults/etc/app" / name) == now
    assert not (tmp_path / "arriving").exists()


@pytest.mark.parametrize("name", NAMES)
def test_any_name_will_do_deep_down_too(tmp_path: Path, name: str) -> None:
    for place, text in (("current/.defaults", "a"), ("arriving", "b"), ("current", "a")):
        lay(tmp_path / place / "etc/app" / name / name, text)
    merge(tmp_path)
    assert (tmp_path / "current/etc/app" / name / name).read_text() == "b"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["current"]


def test_what_belongs_to_the_data_is_never_merged(tmp_path: Path) -> None:
    for place, text in (("current/.defaults", "a"), ("arriving", "b"), ("current", "a")):
        lay(tmp_path / place / "etc/app/database/password", text)
        lay(tmp_path / place / "etc/app/database.conf", text)
    merge(tmp_path, "config:/etc/app:database:other")
    assert (tmp_path / "current/etc/app/database/password").read_text() == "a"
    assert (tmp_path / "current/etc/app/database.conf").read_text() == "b"


def test_nothing_comes_under_a_directory_that_was_taken_away_here(tmp_path: Path) -> None:
    lay(tmp_path / "current/.defaults/etc/app/gone/a", "a")
    lay(tmp_path / "arriving/etc/app/gone/a", "a")
    lay(tmp_path / "arriving/etc/app/gone/new", "b")
    merge(tmp_path)
    assert content(tmp_path / "current/etc/app/gone") is None


def test_it_says_what_it_left_as_it_was_changed(tmp_path: Path) -> None:
    for place, text in (("current/.defaults", "a"), ("arriving", "b"), ("current", "mine")):
        lay(tmp_path / place / "etc/app/x.conf", text)
    assert merge(tmp_path) == "kept as it was changed here: x.conf\n"


def test_modes_and_owners_come_from_the_new_image(tmp_path: Path) -> None:
    for place, text in (("current/.defaults", "a"), ("arriving", "b"), ("current", "a")):
        lay(tmp_path / place / "etc/app/key", text)
    (tmp_path / "arriving/etc/app/key").chmod(0o600)
    (tmp_path / "arriving/etc/app/dir").mkdir(mode=0o750)
    merge(tmp_path)
    assert (tmp_path / "current/etc/app/key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "current/etc/app/dir").stat().st_mode & 0o777 == 0o750


def test_a_return_cut_in_two_can_be_done_again(tmp_path: Path) -> None:
    lay(
        tmp_path / "kept/etc/x", "old"
    )  # cut after `current` was moved away, before `kept` came back
    lay(tmp_path / "failed/etc/x", "new")
    assert run("return_state", tmp_path).returncode == 0
    assert ((tmp_path / "current/etc/x").read_text(), (tmp_path / "failed/etc/x").read_text()) == (
        "old",
        "new",
    )
    assert run("return_state", tmp_path).returncode == 0
    assert (tmp_path / "current/etc/x").read_text() == "old"


def test_a_copy_that_was_cut_short_is_no_copy(tmp_path: Path) -> None:
    lay(tmp_path / "current/etc/x", "today")
    lay(tmp_path / "kept.new/etc/x", "half")
    assert run("return_state", tmp_path).returncode == 0
    assert (tmp_path / "current/etc/x").read_text() == "today"
    assert not (tmp_path / "kept.new").exists()


def test_what_was_remembered_is_compared_and_nothing_remembered_is_no_difference(
    tmp_path: Path,
) -> None:
    note = tmp_path / "deep/note"
    assert run("recall", note, "echo", "a").returncode == 0
    assert run("remember", note, "echo", "a b").returncode == 0
    assert note.stat().st_mode & 0o777 == 0o600
    assert run("recall", note, "echo", "a b").returncode == 0
    assert run("recall", note, "false").returncode == 2
    other = run("recall", note, "echo", "c")
    assert (other.returncode, other.stderr) == (1, "before:\na b\nnow:\nc\n")


def test_a_backup_that_failed_leaves_no_file(tmp_path: Path) -> None:
    assert run("save", tmp_path / "dumps", "app", "sh", "-c", "echo half; exit 3").returncode == 1
    assert list((tmp_path / "dumps").iterdir()) == []
    saved = run("save", tmp_path / "dumps", "app", "echo", "all of it")
    (file,) = (tmp_path / "dumps").iterdir()
    assert (
        saved.returncode,
        saved.stdout.strip(),
        file.read_text(),
        file.stat().st_mode & 0o777,
    ) == (0, str(file), "all of it\n", 0o600)
