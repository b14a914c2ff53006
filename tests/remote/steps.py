"""Steps that the tests of transactions do."""

from pathlib import Path
from typing import Any

from fairlead.model.plan import Step


def touch(path: Path, name: str = "", **more: Any) -> Step:
    """A file is there, or else is made; undone by taking it away."""
    words = {
        "unless": ("test", "-e", str(path)),
        "do": ("touch", str(path)),
        "undo": ("rm", str(path)),
    }
    return Step(name=name or path.name, **(words | more))


def logs(path: Path, word: str, **more: Any) -> Step:
    """Writes down what happens to it."""
    say = ("sh", "-c", 'echo "$1" >>"$2"', "_")
    return Step(
        name=word,
        do=(*say, f"do {word}", str(path)),
        undo=(*say, f"undo {word}", str(path)),
        **more,
    )


FAILS = ("sh", "-c", "echo it went wrong; exit 3")
