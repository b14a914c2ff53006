"""What a program on a host reports, read: lines behind a random mark (messages), numbered lines
that end in ` .` (events).

Whatever else arrives (a chatty ~/.bashrc, half a line of a cut link, a step that imitates us) is
passed over.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from fairlead.model.plan import Noun

NUMBERED = re.compile(rb"[0-9]{1,9}\Z")


class Event(Noun):
    """One event of a transaction. Events are numbered from 1; 0 stands outside the numbering."""

    kind: ClassVar[str]

    number: int


class RunStarted(Event):
    """The worker works; `time` in epoch seconds, by the clock of the host."""

    kind = "start"

    time: str


class LockRefused(Event):
    """Somebody else has the lock; `holder` is the text of the file that says who."""

    kind = "locked"

    holder: str


class RunCancelled(Event):
    """Somebody has asked for the end of the transaction: what was begun is undone."""

    kind = "cancel"

    who: str


class EntryUncopied(Event):
    """The entry of the journal is not in the host's syslog, and why."""

    kind = "uncopied"

    why: str


class RunEnded(Event):
    """The end of the transaction."""

    kind = "end"

    state: str


class StepEvent(Event):
    """An event of one step; steps are numbered from 1."""

    step: int


class StepBegun(StepEvent):
    """A step begins with its question."""

    kind = "begin"


class StepNote(StepEvent):
    """The last line that a long step has printed by now."""

    kind = "note"

    text: str


class StepEnded(StepEvent):
    """How a step ended.

    `state`: ok changed would-change failed late question unarmed unkept cancelled.
    """

    kind = "step"

    state: str
    exit_code: int
    milliseconds: int
    output: str  # the last 4 KiB; empty where it is sensitive


class StepRegistered(StepEvent):
    """What a step printed that is remembered under a name, at most 64 KiB."""

    kind = "keep"

    output: str


class StepSilent(StepEvent):
    """For so many seconds nothing has come from what the worker is at; every five seconds.

    `what`: out (the step), undo or proof; `mode`: see fl_note_now (shell/runs.sh).
    """

    kind = "silent"

    what: str
    mode: str
    seconds: int


class StepArmed(StepEvent):
    """A step waits for a new connection."""

    kind = "armed"


class StepUndone(StepEvent):
    """The undo of a step ended."""

    kind = "undo"

    exit_code: int
    output: str


class StepProved(StepEvent):
    """Whether what came back by the undo of a step works; exit code 0: it does."""

    kind = "proof"

    exit_code: int
    output: str


class Message(Noun):
    """One line behind our mark."""

    kind: ClassVar[str]


class MissingTools(Message):
    """The programs that fairlead needs and that the host has not."""

    kind = "tools"

    names: tuple[str, ...]


class LeaseTaken(Message):
    """The lease is ours."""

    kind = "lease taken"

    lock: str


class LeaseHeld(Message):
    """The lease is somebody else's; `holder` is the text of the file that says whose, `left` how
    many seconds it lasts (0: as long as its run works), `silence` for how many seconds its owner
    has given no sign of life, `progress` how far he is (programs.TAKING, WORKING).
    """

    kind = "lease held"

    lock: str
    holder: str
    left: int = 0
    silence: int = 0
    progress: str = ""


class RunReport(Message):
    """A run that the host remembers; `about` is the text of its file."""

    kind = "run"

    name: str
    state: str
    alive: bool
    seen: bool
    about: str


class CancelAnswer(Message):
    """What a worker that is asked to end its run is at.

    `state`: asked, undoing (on its way back already), ended (too late). `mode`: see fl_note_now
    (shell/runs.sh); `left`: how many seconds the step may still take.
    """

    kind = "cancel"

    state: str
    mode: str = ""
    step: int = 0
    left: int = 0


class JournalPiece(Message):
    """One file of the host's journal."""

    kind = "journal"

    name: str
    text: str


class LastChange(Message):
    """How a run last changed what this one is about: the line of the host's journal."""

    kind = "change"

    entry: str


class FactAnswer(Message):
    """The answer to the fact with this place in the list, from 0.

    `is_cut`: it was too long, and did not come.
    """

    kind = "fact"

    number: int
    exit_code: int
    output: str
    is_cut: bool = False


class Refused(Message):
    """The host did nothing, and says why."""

    kind = "refused"

    why: str


class Begun(Message):
    """From here on events are told."""

    kind = "begin"


class Over(Message):
    """The transaction has ended, or its worker has; all its events have been told."""

    kind = "over"

    state: str


class NoSuchRun(Message):
    """The host does not know the run."""

    kind = "none"


class Complete(Message):
    """A program without events has told all."""

    kind = "end"


class Reader:
    """Turns the bytes of one or several followings of one transaction into events, each once and in
    order.
    """

    def __init__(self, mark: str):
        self.mark, self.began = mark.encode(), False
        self._partial, self._last = b"", 0  # a line without its end; the number of the last event
        self._early: dict[int, Event] = {}  # events that wait for one before them

    def restart(self) -> None:
        """A new connection: the host begins from the first event, and we go on where we were."""
        self.began, self._partial = False, b""
        self._early.clear()

    def feed(self, data: bytes) -> Iterator[Event | Message]:
        """The events and messages that these bytes complete."""
        *lines, self._partial = (self._partial + data).split(b"\n")
        for line in lines:
            yield from self._read_line(line)

    def _read_line(self, line: bytes) -> Iterator[Event | Message]:
        first, *rest = line.split(b" ")
        words = [word.decode(errors="replace") for word in rest]
        if first == self.mark:
            message = read_message(words)
            if message is not None:
                self.began = self.began or isinstance(message, Begun)
                yield message
        elif self.began and words[-1:] == ["."] and NUMBERED.match(first):
            event = read_event(int(first), words[:-1])
            if event is not None:
                yield from self._in_order(event)

    def _in_order(self, event: Event) -> Iterator[Event]:
        if event.number == 0:  # a note, or what a sensitive step registered
            yield event
            return
        if event.number > self._last:
            self._early[event.number] = event
        while self._last + 1 in self._early:
            self._last += 1
            yield self._early.pop(self._last)


def read_event(number: int, words: Sequence[str]) -> Event | None:
    """The event that fl_event (shell/runs.sh) wrote; None: these words are none."""
    try:
        return _event(number, words)
    except ValueError:  # a word that should be a number
        return None


def _event(number: int, words: Sequence[str]) -> Event | None:
    match words:
        case ["start", time]:
            return RunStarted(number, time)
        case ["locked", holder]:
            return LockRefused(number, text(holder))
        case ["begin", step]:
            return StepBegun(number, int(step))
        case ["note", step, line]:
            return StepNote(number, int(step), text(line))
        case ["step", step, state, code, milliseconds, output]:
            return StepEnded(
                number,
                int(step),
                state,
                int(code),
                int(milliseconds),
                text(output),
            )
        case ["keep", step, output]:
            return StepRegistered(number, int(step), text(output))
        case ["silent", what, step, mode, quiet]:
            return StepSilent(number, int(step), what, mode, int(quiet))
        case ["armed", step]:
            return StepArmed(number, int(step))
        case ["undo", step, code, output]:
            return StepUndone(number, int(step), int(code), text(output))
        case ["proof", step, code, output]:
            return StepProved(number, int(step), int(code), text(output))
        case ["cancel", who]:
            return RunCancelled(number, text(who).strip())
        case ["uncopied", why]:
            return EntryUncopied(number, text(why).strip())
        case ["end", state]:
            return RunEnded(number, state)
    return None


def read_message(words: Sequence[str]) -> Message | None:
    """The message that fl_report (shell/prologue.sh) wrote; None: these words are none."""
    try:
        return _message(words)
    except ValueError:
        return None


def _message(words: Sequence[str]) -> Message | None:
    match words:
        case ["tools", *names]:
            return MissingTools(tuple(filter(None, names)))
        case ["lease", lock, "taken"]:
            return LeaseTaken(lock)
        case ["lease", lock, "held", holder, left, silence, progress]:
            return LeaseHeld(lock, text(holder), int(left), int(silence), progress)
        case ["run", name, state, life, seen, about]:
            return RunReport(name, state, life == "alive", seen == "seen", text(about))
        case ["cancel", state, mode, step, limit, age]:
            return CancelAnswer(state, mode, int(step), max(0, round(float(limit)) - int(age)))
        case ["journal", name, content]:
            return JournalPiece(name, text(content))
        case ["change", *entry]:
            return LastChange(" ".join(entry))
        case ["fact", number, code, output]:
            return FactAnswer(int(number), int(code or 124), text(output))
        case ["fact", number, code, _, "cut"]:
            return FactAnswer(int(number), int(code or 124), "", True)
        case ["refused", why]:
            return Refused(text(why))
        case ["begin"]:
            return Begun()
        case ["over", state]:
            return Over(state)
        case ["none"]:
            return NoSuchRun()
        case ["end"]:
            return Complete()
    return None


def text(word: str) -> str:
    """What a base64 word says; an answer that is none is shown as it came."""
    try:
        return base64.b64decode(word, validate=True).decode(errors="replace")
    except (binascii.Error, ValueError):
        return word
