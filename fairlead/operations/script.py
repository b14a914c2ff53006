"""Programs in sh, each in a file of its own in the folder shell/ beside the module that uses it.

A program gets its words as positional parameters; nothing is ever pasted into it.
"""

from pathlib import Path

from fairlead.model import shellfile
from fairlead.model.plan import Word


class Shell:
    """The programs in one folder: `sh("seed", engine, image)` runs shell/seed.sh with two words."""

    def __init__(self, folder: Path):
        self.folder = folder

    def __call__(self, name: str, *words: Word) -> tuple[Word, ...]:
        """The argv that runs a program; `name` is its $0. Raises FileNotFoundError."""
        return ("sh", "-c", self.text(name), name, *words)

    def text(self, name: str) -> str:
        """The program itself, for a command that gives it to another shell (`docker exec`)."""
        return shellfile.read(self.folder / f"{name}.sh")


def beside(module: str) -> Shell:
    """The programs in shell/ beside a module that gives its `__file__`."""
    return Shell(Path(module).parent / "shell")
