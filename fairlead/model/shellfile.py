"""A .sh file as the text that a host is sent."""

import re
from functools import cache
from pathlib import Path

INCLUDE = re.compile(r"\. (\.{1,2}/[\w./-]+\.sh)")


@cache
def read(path: Path) -> str:
    """The program in a file, without empty lines and without lines that are remarks.

    A line `. ./OTHER.sh` is replaced by the program in that file, seen from the folder of the one
    that names it; shellcheck follows it by the remark `# shellcheck source=OTHER.sh` above it.
    """
    lines = path.read_text("utf-8").splitlines()
    kept = (line for line in lines if line.strip() and not line.lstrip().startswith("#"))
    return "".join(_included(path.parent, line) for line in kept)


def _included(folder: Path, line: str) -> str:
    other = INCLUDE.fullmatch(line)
    return read((folder / other[1]).resolve()) if other else f"{line}\n"
