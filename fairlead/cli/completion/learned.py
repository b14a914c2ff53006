"""Names that only hosts know, such as pools: remembered when a run learns them, so that TAB asks no
host.

A file of lines `n SITE KIND NAMES`, as the candidates have them (candidates.py).
"""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from fairlead.cli.completion import places
from fairlead.cli.flags import NameUse
from fairlead.model.results import RunResult
from fairlead.secrets import files

MOST = 1000  # names of one kind
# What a host says is put on a command line: nothing that a shell reads, no @ with a password before
PLAIN = re.compile(r"\w[\w.:+/-]{0,199}", re.ASCII)

Names = dict[tuple[str, str], tuple[str, ...]]  # site, kind -> names


def place(folder: Path) -> Path:
    """Where the names of an ops repository are remembered."""
    return places.place(folder, "names")


def lines(folder: Path) -> Iterator[str]:
    """What is remembered; nothing where that cannot be read."""
    with suppress(OSError, ValueError):
        text = place(folder).read_text("utf-8")
        yield from filter(_is_whole, text.splitlines())


def _is_whole(line: str) -> bool:
    return line.count("\t") == 3


def begin(folder: Path) -> None:
    """Make sure that there is a file, whose age tells when there is more to offer."""
    path = place(folder)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch()
            os.utime(path, (0, 0))


def remember(
    folder: Path,
    result: RunResult,
    uses: Iterable[NameUse],
) -> None:
    """What a run has learned: lists that hosts gave, and names that were used where it is well."""
    before = _read(folder)
    after = {**before, **_listed(result)}
    for use in uses if result.ok else ():
        _apply(after, result.site, use)
    if after != before:
        _write(folder, after)


def _listed(result: RunResult) -> Names:
    """The lists of all hosts of a run, each kind as one."""
    names: Names = {}
    for row in result.hosts:
        for kind, more in row.names.items():
            key = (result.site, kind)
            before = names.get(key, ())
            names[key] = _plain((*before, *more))
    return names


def _apply(
    names: Names,
    site: str,
    use: NameUse,
) -> None:
    key = (site, use.kind)
    others = set(names.get(key, ()))
    others.discard(use.name)
    if not use.is_end:
        others.add(use.name)
    names[key] = _plain(others)


def _plain(names: Iterable[str]) -> tuple[str, ...]:
    """Those that a shell takes as they are, sorted."""
    plain = filter(PLAIN.fullmatch, names)
    every = sorted(set(plain))
    return tuple(every[:MOST])


def _read(folder: Path) -> Names:
    names: Names = {}
    for line in lines(folder):
        _, site, kind, words = line.split("\t")
        names[site, kind] = tuple(words.split())
    return names


def _write(
    folder: Path,
    names: Names,
) -> None:
    """Without a cache TAB offers no names."""
    path = place(folder)
    text = ""
    for (site, kind), words in names.items():
        row = "\t".join(("n", site, kind, " ".join(words)))
        text += f"{row}\n"
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        files.replace(path, text.encode())
