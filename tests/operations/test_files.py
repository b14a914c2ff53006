"""A file is put in place whole, or not at all."""

import os
import stat
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from fairlead.model.plan import Secret, Step, argvs
from fairlead.operations.files import SecretFile, put, secrets, texts

from .conftest import Doer, Failed, ask

ME = f"{Path('/').owner()}:{Path('/').group()}" if os.geteuid() == 0 else ""
pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="changes owners: needs root"),
    pytest.mark.usefixtures("every_shell"),
]
NAMES = [
    "plain",
    "with space",
    "quote'\"",
    "dollar$HOME",
    "; touch pwned",
    "line\nbreak",
    "-dash",
    "ünï",
]


@pytest.mark.parametrize("name", NAMES)
def test_content_mode_and_owner_are_as_given_whatever_its_name(
    tmp_path: Path, carry_out: Doer, name: str
) -> None:
    path = tmp_path / "new" / name
    step = put(str(path), "a\nb", 0o640, "root:root", name="file")
    assert carry_out([step]) == {"file": "changed"}
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode), path.owner()) == (
        "a\nb",
        0o640,
        "root",
    )
    assert carry_out([step]) == {"file": "ok"}
    assert sorted(p.name for p in path.parent.iterdir()) == [name]


@pytest.mark.parametrize("change", ["content", "mode", "link"])
def test_it_is_put_again_when_something_differs(
    tmp_path: Path, carry_out: Doer, change: str
) -> None:
    path, step = tmp_path / "f", put(f"{tmp_path}/f", "a", name="file")
    carry_out([step])
    if change == "content":
        path.write_text("b")
    elif change == "mode":
        path.chmod(0o600)
    else:
        path.rename(tmp_path / "g")
        path.symlink_to("g")
    assert carry_out([step]) == {"file": "changed"}
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode), path.is_symlink()) == (
        "a",
        0o644,
        False,
    )


def test_the_difference_is_shown_where_the_old_content_is_known() -> None:
    assert put("/etc/f", "a\nc\n").diff == put("/etc/f", "a\n", before="a\n").diff == ""
    assert (
        put("/etc/f", "a\nc\n", before="a\nb").diff
        == "--- /etc/f\n+++ /etc/f\n@@ -2 +2 @@\n-b\n+c\n"
    )


def test_undone_the_old_file_is_back_with_its_mode(tmp_path: Path, carry_out: Doer) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    path.chmod(0o604)
    with pytest.raises(Failed):
        carry_out([put(str(path), "new", name="file")], stop_after="file")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("old", 0o604)


def test_undone_there_is_none_where_there_was_none(tmp_path: Path, carry_out: Doer) -> None:
    with pytest.raises(Failed):
        carry_out([put(f"{tmp_path}/f", "new", name="file")], stop_after="file")
    assert list(tmp_path.iterdir()) == []


def test_undone_two_steps_that_put_one_path_leave_what_was_there_before_both(
    tmp_path: Path, carry_out: Doer
) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    steps = [
        put(str(path), "first", name="first"),
        texts({str(path): "second"}, "second", {}, ("true",)),
    ]
    with pytest.raises(Failed):
        carry_out(steps, stop_after="second")
    assert path.read_text() == "old"
    with pytest.raises(Failed):
        carry_out(steps, stop_after="first")
    assert path.read_text() == "old"


def test_what_fails_before_it_has_changed_anything_does_not_bring_back_an_older_file(
    tmp_path: Path, carry_out: Doer
) -> None:
    path = tmp_path / "f"
    path.write_text("oldest")
    carry_out([put(str(path), "old", name="file")])
    path.write_text("by hand")
    with pytest.raises(Failed):
        carry_out([put(str(path), "new", owner="nobody-of-that-name:root", name="file")])
    assert path.read_text() == "by hand"


# Files that somebody else has written


def text(path: Path, content: str) -> Step:
    return texts({str(path): content}, "text", {}, ("true",))


def test_a_text_that_is_a_link_stays_one_and_keeps_mode_and_owner(
    tmp_path: Path, carry_out: Doer
) -> None:
    real, path = tmp_path / "etc.git/daemon.json", tmp_path / "daemon.json"
    real.parent.mkdir()
    real.write_text("old")
    real.chmod(0o640)
    os.chown(real, 12, 34)
    path.symlink_to("etc.git/daemon.json")

    def state() -> tuple[object, ...]:
        status = real.stat()
        mode = stat.S_IMODE(status.st_mode)
        return real.read_text(), path.is_symlink(), mode, status.st_uid, status.st_gid

    assert carry_out([text(path, "new")]) == {"text": "changed"}
    assert state() == ("new", True, 0o640, 12, 34)
    assert carry_out([text(path, "new")]) == {"text": "ok"}
    with pytest.raises(Failed):
        carry_out([text(path, "newer")], stop_after="text")
    assert state() == ("new", True, 0o640, 12, 34)
    assert sorted(file.name for file in real.parent.iterdir()) == ["daemon.json"]


def test_a_text_that_is_new_may_be_read_by_anybody(tmp_path: Path, carry_out: Doer) -> None:
    path = tmp_path / "new/f"
    carry_out([text(path, "new")])
    assert (stat.S_IMODE(path.stat().st_mode), path.owner()) == (0o644, "root")


def test_a_link_that_leads_nowhere_is_left_alone(tmp_path: Path, carry_out: Doer) -> None:
    path = tmp_path / "f"
    path.symlink_to("gone/f")
    with pytest.raises(Failed, match=f"{path} is a link that leads nowhere"):
        carry_out([text(path, "new")])
    assert (path.is_symlink(), [file.name for file in tmp_path.iterdir()]) == (True, ["f"])


def test_a_byte_that_is_no_utf_8_stays_and_is_shown_readable(
    tmp_path: Path, carry_out: Doer
) -> None:
    path, before = tmp_path / "f", b"caf\xe9\n".decode("utf-8", "surrogateescape")
    step = texts({str(path): f"{before}more\n"}, "text", {str(path): before}, ("true",))
    carry_out([step])
    assert path.read_bytes() == b"caf\xe9\nmore\n"
    changed = texts({str(path): "cafe\n"}, "text", {str(path): before}, ("true",))
    assert changed.diff.splitlines()[-2:] == ["-caf\ufffd", "+cafe"]


def test_what_goes_before_the_way_back_never_keeps_the_old_file_away(
    tmp_path: Path, carry_out: Doer
) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    step = texts({str(path): "new"}, "text", {}, ("true",), before_undo=("false",))
    with pytest.raises(AssertionError, match="the undo of text failed"):
        carry_out([step], stop_after="text")
    assert path.read_text() == "old"


def test_undo_bears_half_a_change(tmp_path: Path) -> None:
    step = put(f"{tmp_path}/never-begun", "new", name="file")
    assert step.undo is not None
    assert ask(step.undo).returncode == 0
    assert list(tmp_path.iterdir()) == []


# Secrets

KEY = Secret("Zk4-line one\nline two \xff\0\n".encode("latin-1"))


def pair(folder: Path, key: Secret = KEY, certificate: Secret = Secret("cert")) -> Step:
    files = (
        SecretFile(f"{folder}/deep/a key", key),
        SecretFile(f"{folder}/cert", certificate, 0o644),
    )
    return secrets(
        files, name="pair", after=("sh", "-c", 'echo reloaded >>"$1"', "after", f"{folder}/after")
    )


def test_secrets_are_put_with_their_modes_and_then_are_so(tmp_path: Path, carry_out: Doer) -> None:
    assert carry_out([pair(tmp_path)]) == {"pair": "changed"}
    key = tmp_path / "deep/a key"
    assert (key.read_bytes(), stat.S_IMODE(key.stat().st_mode)) == (KEY.reveal(), 0o600)
    assert stat.S_IMODE((tmp_path / "cert").stat().st_mode) == 0o644
    assert carry_out([pair(tmp_path)]) == {"pair": "ok"}
    assert (tmp_path / "after").read_text() == "reloaded\n"


@pytest.mark.parametrize("other", [{"key": Secret("new")}, {"certificate": Secret("new")}])
def test_a_changed_secret_is_a_changed_step(
    tmp_path: Path, carry_out: Doer, other: dict[str, Secret]
) -> None:
    carry_out([pair(tmp_path)])
    assert carry_out([pair(tmp_path, **other)]) == {"pair": "changed"}
    assert b"new" in (tmp_path / "deep/a key").read_bytes() + (tmp_path / "cert").read_bytes()


@pytest.mark.parametrize(
    "spoil",
    [lambda key: key.chmod(0o640), lambda key: key.unlink(), lambda key: key.write_text("x")],
)
def test_a_secret_that_was_touched_is_put_again(
    tmp_path: Path, carry_out: Doer, spoil: Callable[[Path], object]
) -> None:
    carry_out([pair(tmp_path)])
    spoil(tmp_path / "deep/a key")
    assert carry_out([pair(tmp_path)]) == {"pair": "changed"}


def test_undone_all_the_old_secrets_are_back(tmp_path: Path, carry_out: Doer) -> None:
    carry_out([pair(tmp_path)])
    with pytest.raises(Failed):
        carry_out([pair(tmp_path, Secret("new"), Secret("new"))], stop_after="pair")
    assert ((tmp_path / "deep/a key").read_bytes(), (tmp_path / "cert").read_text()) == (
        KEY.reveal(),
        "cert",
    )


def test_no_word_of_the_step_is_the_secret_or_a_hash_of_it(tmp_path: Path) -> None:
    import hashlib

    step, words = pair(tmp_path), ""
    for command in (step.do, step.unless, step.undo):
        words += repr([*argvs(command)])
    forms = [
        KEY.reveal().decode("latin-1"),
        "Zk4",
        hashlib.sha256(KEY.reveal()).hexdigest(),
        b64encode(KEY.reveal()).decode(),
    ]
    assert [form for form in forms if form in words + repr(step)] == []
