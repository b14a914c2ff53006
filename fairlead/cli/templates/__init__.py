"""The files of a new ops repository and of a new plugin, and how they are laid out.

A file that is there already is never written to.
"""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from fairlead.model.errors import CommandLineError
from fairlead.model.plan import Noun
from fairlead.runner.context import Context
from fairlead.secrets import files

FILES = Path(__file__).parent / "files"
PROGRAMS = ("inv",)  # what has to be executable


class Layout(Noun):
    """What was written (or would be, in a dry run), and what was there: paths in the folder."""

    written: tuple[str, ...]
    kept: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        written = (f"  wrote  {path}" for path in self.written)
        kept = (f"  kept   {path}, which was there" for path in self.kept)
        return (*written, *kept)


def folder_of(context: Context) -> Path:
    """The ops repository of a command line. Raises CommandLineError where there is none."""
    if context.store is None:
        what, remedy = "there is no ops repository here", "inv init makes one"
        raise CommandLineError("inv", what, remedy)
    return context.store().folder.parent


def text(name: str, words: Mapping[str, str] = {}) -> str:
    """A file of ours, each of `words` put in its place; the end of FAIRLEAD_SITE is none."""
    content = (FILES / name).read_text("utf-8")
    for word, value in words.items():
        parts = re.split(f"(?<![A-Z]_){word}", content)
        content = value.join(parts)
    return content


def lay_out(folder: Path, texts: Mapping[str, str], *, writes: bool) -> Layout:
    """Write those that are not there; `writes` False: only say which. Raises CommandLineError."""
    kept = tuple(path for path in texts if os.path.lexists(folder / path))
    new = tuple(path for path in texts if path not in kept)
    for path in new if writes else ():
        _write(folder / path, texts[path])
    return Layout(new, kept)


def existing(folder: Path, paths: Iterable[str]) -> list[str]:
    """Those of the paths that are there."""
    return [path for path in paths if os.path.lexists(folder / path)]


def _write(path: Path, content: str) -> None:
    """Whole or not at all: what is there is not written anew by the next call."""
    mode = 0o755 if path.name in PROGRAMS else 0o666 & ~_umask()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.replace(path, content.encode(), mode)
    except OSError as error:
        what = f"cannot be written ({error.strerror})"
        raise CommandLineError(str(path), what, "mend that and call again") from None


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
