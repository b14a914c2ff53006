"""Which hosts an ssh_config cannot tell apart: `ssh -G` answers the same of each of them.

Only what is certain counts. A Match, canonical names, a file that is not understood, a value that
has the host's name in it: then ssh is asked for each host.
"""

import glob
import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from fairlead.connections.known_hosts_file import is_like
from fairlead.connections.ssh_config import KEYS_READ, passwd_home

LINE = re.compile(r"\s*([A-Za-z][A-Za-z0-9]*)(?:\s*=\s*|\s+)(.*?)\s*")
REMARK = re.compile(r"\s*(?:#.*)?")
PLAIN = re.compile(r"[a-z0-9][a-z0-9._:-]*")  # names and addresses that ssh takes as they are
NOT_PLAIN = re.compile(r"[\"'\\#$%{]")  # in a pattern or a path: something that is not read here
BY_NAME = ("match", "canonicalizehostname")  # what looks at a host in ways of its own
OWN = ("host", "hostname", "controlpath")  # a host's own lines; the last one is ours to set
DEEPEST = 16  # files that include each other, as in ssh

State = tuple[int, ...]


class NotCertain(Exception):
    """A file may tell hosts apart in a way that is not seen here."""


def marks(
    name: str,
    place: str,
    files: tuple[Path, ...],
    states: State,
) -> tuple[bool, ...] | None:
    """Which of all the Host patterns mean the host `name`: hosts of equal marks get equal answers,
    but for name and `place`, its HostName. None: that is not certain.

    `states`: what tells that a file has changed.
    """
    patterns = _patterns(files, states, passwd_home())
    if patterns is None or not (PLAIN.fullmatch(name) and PLAIN.fullmatch(place)):
        return None
    return tuple(is_like(pattern, name.encode()) for pattern in patterns)


def of_other(text: str, known: tuple[str, str], other: tuple[str, str]) -> str | None:
    """What `ssh -G` would print of another host of the same marks, from what it printed of the one
    that was asked; each by its name and place. None: where the answer is about that one alone.
    """
    lines = []
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        if (key, value) == ("hostname", known[1]):
            lines.append(f"hostname {other[1]}")
        elif key not in KEYS_READ:
            continue
        elif any(word in value.lower() for word in known):
            return None
        else:
            lines.append(line)
    return "\n".join(lines)


def shared(text: str) -> str:
    """What `ssh -G` has printed, without the lines that are each host's own."""
    lines = (line for line in text.splitlines() if line.partition(" ")[0].lower() not in OWN)
    return "\n".join(lines)


def names(text: str, *words: str) -> bool:
    """Whether a value of it has one of the words in it: the text is about that host alone."""
    values = (line.partition(" ")[2].lower() for line in text.splitlines())
    return any(word in value for value in values for word in words)


@lru_cache(16)
def _patterns(files: tuple[Path, ...], _: State, home: str) -> tuple[bytes, ...] | None:
    """All Host patterns of the files and of those that they include; None where more than those may
    tell hosts apart.
    """
    try:
        patterns = [pattern for file in files for pattern in _of_file(file, home, DEEPEST)]
    except (NotCertain, OSError):
        return None
    return tuple(os.fsencode(pattern.removeprefix("!")) for pattern in dict.fromkeys(patterns))


def _of_file(file: Path, home: str, depth: int) -> Iterator[str]:
    """Raises NotCertain, OSError."""
    for line in os.fsdecode(file.read_bytes()).splitlines():
        match = LINE.fullmatch(line)
        if match:
            yield from _of_line(match[1].lower(), match[2], file, home, depth)
        elif not REMARK.fullmatch(line):
            raise NotCertain


def _of_line(
    key: str,
    value: str,
    file: Path,
    home: str,
    depth: int,
) -> Iterator[str]:
    if key in BY_NAME or (key != "controlpath" and "%C" in value):  # a digest of who is reached
        raise NotCertain
    if key in ("host", "include") and NOT_PLAIN.search(value):
        raise NotCertain
    if key == "host":
        yield from value.split()
    if key == "include":
        for included in _included(value, file, home):
            if not depth:
                raise NotCertain
            yield from _of_file(included, home, depth - 1)


def _included(value: str, file: Path, home: str) -> Iterator[Path]:
    """The files that an Include means; those of the system stand beside its ssh_config."""
    own = Path("/etc/ssh") if file.is_relative_to("/etc/ssh") else Path(home, ".ssh")
    for word in value.split():
        text = word.replace("~/", f"{home}/", 1) if word.startswith("~/") else word
        if text.startswith("~"):
            raise NotCertain
        yield from map(Path, glob.glob(str(own / text)))
