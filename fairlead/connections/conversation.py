"""Both sides talk at once: the program goes in while its output comes out, acknowledgements go back, and every wait has an end."""

import queue
import sys
import threading
import time
from collections.abc import Callable, Iterable
from typing import BinaryIO, Protocol

from fairlead.connections.become import PATIENCE, Escalation, Heard
from fairlead.connections.line import Listens, ProgramResult
from fairlead.model.errors import Unreachable

TICK = 1.0  # seconds at most between two looks at the clock
GRACE = 5.0  # seconds of silence after a program's end, when something it left behind holds its output open
ERRORS = 64 * 1024  # bytes of stderr that are kept
LIFELINE = 'exec 3<&0; "$@" </dev/null 3<&- & p=$!; { cat <&3; kill -TERM 0; } >/dev/null 2>&1 & w=$!; exec 3<&-; wait $p; c=$?; kill $w; exit $c'


class Talk(Protocol):
    """One program that runs somewhere."""

    where: str

    def send(self, data: bytes) -> None:
        """Put into its stdin; never waits."""

    def pour(self, source: BinaryIO) -> None:
        """Put all of a file into its stdin, as fast as it takes it, then end it."""

    def hear(self, seconds: float) -> list[Heard] | None:
        """What has come, waiting at most so long for it; None when both streams have ended."""

    def over(self) -> bool:
        """Whether its exit code is known."""

    def code(self, seconds: float) -> int:
        """Its exit code; 128 + n for a signal. Raises Unreachable when the link is lost, or it does not come in time."""

    def close(self) -> None: ...


class Feeder(threading.Thread):
    """Does what may block (writing, above all) in the order in which it was given, beside the one who listens."""

    def __init__(self, failures: tuple[type[BaseException], ...]):
        super().__init__(daemon=True)
        self.error: BaseException | None = None
        self._jobs: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._failures = failures
        self.writing = False
        self.start()

    def run(self) -> None:
        try:
            while (job := self._jobs.get()) is not None:
                self.writing = True
                job()
                self.writing = False
        except (
            self._failures
        ) as error:  # the far side has gone: the listener finds out, and says so
            self.error, self.writing = error, False

    def add(self, job: Callable[[], object]) -> None:
        self._jobs.put(job)

    def stop(self) -> None:
        self._jobs.put(None)


class Patience:
    """How long is still waited: until `timeout`, and for `idle` after the last byte."""

    def __init__(self, where: str, timeout: float | None, idle: float | None):
        self.where, self.timeout, self.idle = where, timeout, idle or None
        self.again()

    def again(self) -> None:
        self.began = self.last = time.monotonic()

    @property
    def silence(self) -> float:
        return time.monotonic() - self.last

    def left(self) -> float:
        now = time.monotonic()
        ends = [
            start + limit - now
            for start, limit in ((self.began, self.timeout), (self.last, self.idle))
            if limit
        ]
        return min(ends, default=float("inf"))

    def heard(self, found: Iterable[Heard]) -> None:
        """Start the silence anew if there is something; raise Unreachable when it is too late."""
        if found:
            self.last = time.monotonic()
        if self.left() <= 0:
            whole = self.timeout and time.monotonic() - self.began >= self.timeout
            raise late(
                self.where,
                f"its program has not ended within {self.timeout:g} s"
                if whole
                else f"not a byte for {self.idle:g} s",
            )


def late(where: str, what: str) -> Unreachable:
    return Unreachable(
        where,
        what,
        "the link may be cut or the host too busy; look: inv hosts.check --host=" + where,
    )


def run(
    talk: Talk,
    door: Escalation,
    program: str,
    on_output: Callable[[bytes], bytes | None] | None,
    timeout: float | None,
    idle: float | None,
) -> ProgramResult:
    """A whole program, to its end."""
    out, err = bytearray(), bytearray()

    def heard(stream: int, data: bytes) -> None:
        if stream == 2:
            err.extend(data)
            del err[:-ERRORS]
        elif on_output is None:
            out.extend(data)
        elif reply := on_output(data):
            talk.send(reply)

    code = converse(
        talk,
        door,
        lambda: talk.send(program.encode(errors="surrogateescape")),
        heard,
        timeout,
        idle,
    )
    return ProgramResult(code, bytes(out), bytes(err))


def stream(
    talk: Talk,
    door: Escalation,
    stdin: BinaryIO | None,
    on_output: Listens | None,
    on_errors: Listens | None,
) -> int:
    """A program for its output, as long as it takes."""

    def heard(stream: int, data: bytes) -> None:
        hear = (on_errors or on_output) if stream == 2 else on_output
        hear(data) if hear else print_to(stream, data)

    return converse(talk, door, lambda: talk.pour(stdin) if stdin else None, heard)


def print_to(stream: int, data: bytes) -> None:
    """To our own stdout or stderr, at once."""
    file = (sys.stdout if stream == 1 else sys.stderr).buffer
    file.write(data)
    file.flush()


def converse(
    talk: Talk,
    door: Escalation,
    opened: Callable[[], object],
    heard: Callable[[int, bytes], None],
    timeout: float | None = None,
    idle: float | None = None,
) -> int:
    """Listen until the program's end; its exit code. `opened` is called when the door is open, `heard` with all that the program says."""
    _enter(talk, door, heard, min(timeout or PATIENCE, PATIENCE))
    opened()
    patience = Patience(talk.where, timeout, idle)
    while (found := talk.hear(min(TICK, patience.left()))) is not None:
        patience.heard(found)
        for stream, data in found:
            heard(stream, data)
        if not found and patience.silence > GRACE and talk.over():
            break
    return talk.code(patience.left())


def _enter(
    talk: Talk, door: Escalation, heard: Callable[[int, bytes], None], timeout: float
) -> None:
    patience = Patience(talk.where, timeout, None)
    while not door.open:
        found = talk.hear(max(0, min(TICK, patience.left())))
        if found is None:
            talk.code(GRACE)  # a lost link is no refusal
            raise door.refusal()
        if patience.left() <= 0:
            raise door.refusal()
        for part in found:
            answer, through = door.hears(part)
            for stream, data in through:
                heard(stream, data)
            if answer:
                talk.send(answer)
                patience.again()
