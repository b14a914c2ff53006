"""A lid."""

import msgspec

from fairlead.api import Ask, Session, Step, files, hookimpl, verb


class Put(msgspec.Struct, frozen=True):
    folder: str
    text: str


@verb
def put(ask: Ask[Put]):
    """Put a text into two files."""
    folder, text = ask.options.folder, ask.options.text
    word = ("sh", "-c", 'printf %s "$1" >"$2"', "word", text, f"{folder}/word")
    yield Step(name="word", do=word, undo=("true",))
    yield files.put(f"{folder}/stdin", text)


@hookimpl
def exec(ask: Ask) -> Session:
    """Run a program."""
    return Session(ask.argv)
