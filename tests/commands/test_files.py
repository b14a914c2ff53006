"""A file is put in place whole, or not at all."""

import os
import stat
from pathlib import Path

import pytest

from fairlead.commands.files import put

from .conftest import Doer, Failed, ask

ME = f"{Path('/').owner()}:{Path('/').group()}" if os.geteuid() == 0 else ""
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="changes owners: needs root")
NAMES = ["plain", "with space", "quote'\"", "dollar$HOME", "; touch pwned", "line\nbreak", "-dash", "ünï"]


@pytest.mark.parametrize("name", NAMES)
def test_content_mode_and_owner_are_as_given_whatever_its_name(tmp_path: Path, carry_out: Doer, name: str) -> None:
    path = tmp_path / "new" / name
    step = put(str(path), "a\nb", 0o640, "root:root", name="file")
    assert carry_out([step]) == {"file": "changed"}
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode), path.owner()) == ("a\nb", 0o640, "root")
    assert carry_out([step]) == {"file": "ok"}
    assert sorted(p.name for p in path.parent.iterdir()) == [name]


@pytest.mark.parametrize("change", ["content", "mode", "link"])
def test_it_is_put_again_when_something_differs(tmp_path: Path, carry_out: Doer, change: str) -> None:
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
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode), path.is_symlink()) == ("a", 0o644, False)


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


def test_undo_bears_half_a_change(tmp_path: Path) -> None:
    step = put(f"{tmp_path}/never-begun", "new", name="file")
    assert step.undo is not None
    assert ask(step.undo).returncode == 0
    assert list(tmp_path.iterdir()) == []
