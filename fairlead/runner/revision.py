"""Which commit a file's folder stands at, as git says."""

from functools import cache
from pathlib import Path

TIMEOUT = 5.0  # seconds
CLEAN = ("env", "-u", "GIT_DIR", "-u", "GIT_WORK_TREE")  # which a hook of git's sets


@cache
def commit(path: str) -> str:
    """The commit that is checked out around a file, 40 letters.

    "" where there is no git, no repository, no commit yet, or a repository of somebody else that
    git refuses to read (safe.directory).
    """
    if not path:
        return ""
    code, out = _git(path, "rev-parse", "--verify", "HEAD")
    return out.decode("ascii", "replace").strip() if code == 0 else ""


@cache
def has_commit(path: str, revision: str) -> bool:
    """Whether what is checked out around a file is made of this commit too.

    False as well where git does not know it here: it was not fetched, or the clone is shallow.
    """
    code, _ = _git(path, "merge-base", "--is-ancestor", revision, "HEAD")
    return code == 0


def _git(path: str, *words: str) -> tuple[int, bytes]:
    """Exit code and output of git in the folder of a file."""
    from fairlead.connections.process import capture

    folder = str(Path(path).resolve().parent)
    code, out, _ = capture((*CLEAN, "git", "-C", folder, *words), TIMEOUT)
    return code, out
