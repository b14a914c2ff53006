"""What fairlead's own commands are called and are about: read from their text, not imported, for
most command lines need none of them.
"""

from collections.abc import Iterator
from pathlib import Path

from fairlead.contract.component import first_paragraph


def command_modules(folder: str = "commands") -> Iterator[tuple[str, str]]:
    """Name and text of each module of fairlead/cli/commands (or of repository beside it)."""
    for path in sorted((Path(__file__).parent / folder).glob("[a-z]*.py")):
        yield path.stem, path.read_text("utf-8")


def public_functions(text: str) -> Iterator[tuple[str, str]]:
    """Name and first paragraph of the docstring of each public function of a module's text."""
    for function in text.split("\ndef ")[1:]:
        name = function.partition("(")[0]
        if not name.startswith("_"):
            yield name, first_docstring(function, "\n    ")


def first_docstring(text: str, before: str = "") -> str:
    """The first paragraph of the first docstring that stands behind `before`."""
    _, _, behind = text.partition(f'{before}"""')
    return first_paragraph(behind.partition('"""')[0])
