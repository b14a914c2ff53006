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


def lay_out(folder: Path, files: Mapping[str, str], *, writes: bool) -> Layout:
    """Write those that are not there; `writes` False: only say which. Raises CommandLineError."""
    kept = tuple(path for path in files if os.path.lexists(folder / path))
    new = tuple(path for path in files if path not in kept)
    for path in new if writes else ():
        _write(folder / path, files[path])
    return Layout(new, kept)


def existing(folder: Path, paths: Iterable[str]) -> list[str]:
    """Those of the paths that are there."""
    return [path for path in paths if os.path.lexists(folder / path)]


def _write(path: Path, content: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(content)
        if path.name in PROGRAMS:
            path.chmod(0o755)
    except OSError as error:
        what = f"cannot be written ({error.strerror})"
        raise CommandLineError(str(path), what, "mend that and call again") from None
