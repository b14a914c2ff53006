"""Where what TAB reads of an ops repository lies, in the operator's cache."""

import os
from pathlib import Path

from fairlead.model import operator

LEAF = "="  # the folder of a repository's own, below that of its path


def place(
    folder: Path,
    name: str = "candidates",
) -> Path:
    """A file of the ops repository in this folder."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path(operator.home(), ".cache")
    return Path(
        cache,
        "fairlead",
        "completion",
        *folder.parts[1:],
        LEAF,
        name,
    )
