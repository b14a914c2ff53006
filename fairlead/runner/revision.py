"""Which commit a file's folder stands at, read from git's own files: no program is run for it."""

from functools import cache
from pathlib import Path


@cache
def commit(path: str) -> str:
    """The commit that is checked out around a file, 40 letters; "" where it is in no git repository."""
    folders = Path(path).resolve().parents if path else ()
    found = next((folder / ".git" for folder in folders if (folder / ".git").exists()), None)
    try:
        return _head(_directory(found)) if found else ""
    except OSError:
        return ""


def _directory(found: Path) -> Path:
    """Of a worktree or a submodule `.git` is a file that names it."""
    return (
        found
        if found.is_dir()
        else found.parent / found.read_text("utf-8").removeprefix("gitdir:").strip()
    )


def _head(git: Path) -> str:
    said = (git / "HEAD").read_text("utf-8").strip()
    return _named(git, said.removeprefix("ref:").strip()) if said.startswith("ref:") else said


def _named(git: Path, name: str) -> str:
    """A branch lies in a file of its own or among the packed ones, for a worktree in the folder of all."""
    common = (
        git / (git / "commondir").read_text("utf-8").strip()
        if (git / "commondir").exists()
        else git
    )
    if (common / name).exists():
        return (common / name).read_text("utf-8").strip()
    packed = (common / "packed-refs").read_text("utf-8").splitlines()
    return next((line.split()[0] for line in packed if line.endswith(f" {name}")), "")
