"""The reading of what a program on a host reports: lines behind a random mark, and numbered events that end in ` .`

Whatever else arrives (a chatty ~/.bashrc, half a line of a cut link, a step that imitates us) is passed over.
"""

import base64
import binascii
import re
from collections.abc import Iterator

from fairlead.model.plan import Noun

SHAPES = {
    "start": 1,
    "locked": 1,
    "begin": 1,
    "note": 2,
    "step": 5,
    "keep": 2,
    "armed": 1,
    "undo": 3,
    "end": 1,
}  # kind -> number of words
NUMBERED = re.compile(rb"[0-9]{1,9}\Z")


class Event(Noun):
    """One event of a transaction. `words` are as the worker wrote them; `text` decodes the last of them."""

    number: int
    kind: str  # start locked begin note step keep armed undo end
    words: tuple[str, ...]

    @property
    def step(self) -> int:
        return int(self.words[0])


class Message(Noun):
    """One line behind our mark: `kind` and its words."""

    kind: str  # tools lease run fact refused begin over none end
    words: tuple[str, ...]


class Reader:
    """Turns the bytes of one or several followings of one transaction into events, each once and in order."""

    def __init__(self, mark: str):
        self.mark, self.began, self._rest, self._last = mark.encode(), False, b"", 0
        self._held: dict[int, Event] = {}

    def again(self) -> None:
        """A new line to the host: it begins from the first event, and we go on where we were."""
        self.began, self._rest = False, b""
        self._held.clear()

    def feed(self, data: bytes) -> Iterator[Event | Message]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            yield from self._line(line)

    def _line(self, line: bytes) -> Iterator[Event | Message]:
        first, *rest = line.split(b" ")
        words = tuple(word.decode(errors="replace") for word in rest)
        if first == self.mark and words:
            self.began = self.began or words[0] == "begin"
            yield Message(words[0], words[1:])
        elif (
            self.began
            and words
            and words[-1] == "."
            and NUMBERED.match(first)
            and SHAPES.get(words[0]) == len(words) - 2
        ):
            yield from self._event(Event(int(first), words[0], words[1:-1]))

    def _event(self, event: Event) -> Iterator[Event]:
        if event.number == 0:  # a note, or what a sensitive step kept: outside the numbering
            yield event
            return
        if event.number > self._last:
            self._held[event.number] = event
        while self._last + 1 in self._held:
            self._last += 1
            yield self._held.pop(self._last)


def text(word: str) -> str:
    """What a base64 word says; an answer that is none is shown as it came."""
    try:
        return base64.b64decode(word, validate=True).decode(errors="replace")
    except (binascii.Error, ValueError):
        return word
