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
    from fairlead.connections.process import capture

    folder = str(Path(path).resolve().parent)
    code, out, _ = capture((*CLEAN, "git", "-C", folder, "rev-parse", "--verify", "HEAD"), TIMEOUT)
    return out.decode("ascii", "replace").strip() if code == 0 else ""
