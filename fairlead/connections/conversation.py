"""Both sides talk at once: what a program reads goes in while its output comes out, and every wait
has an end.
"""

import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from fairlead.connections.become import PATIENCE, Chunk, Escalation
from fairlead.model.errors import CommandLineError, Unreachable

TICK = 1.0  # seconds at most between two looks at the clock
GRACE = (
    5.0  # seconds of silence after a program's end, when something it left holds its output open
)
ERRORS = 64 * 1024  # bytes of stderr that are kept

OutputCallback = Callable[[bytes], None]


PIECE = 256 * 1024  # bytes of a file that are sent at a time


def encoded(text: str) -> bytes:
    """Words for a far side: UTF-8, but for bytes of a command line that are none, which stay."""
    return text.encode(errors="surrogateescape")


def pieces(source: BinaryIO) -> Iterator[bytes]:
    """All of a file, as it comes. Raises CommandLineError."""
    read = getattr(source, "read1", source.read)
    try:
        while data := read(PIECE):
            yield data
    except OSError as error:
        what = f"cannot be read ({error.strerror})"
        raise CommandLineError("stdin", what, "look at what is piped into us") from None


class Process(Protocol):
    """One program that runs somewhere; `where` is its host."""

    where: str

    def send(self, data: bytes) -> None:
        """Put into its stdin; never waits."""

    def send_file(self, source: BinaryIO) -> None:
        """Put all of a file into its stdin, as fast as it takes it, then end it."""

    def end(self) -> None:
        """Its stdin ends after what was sent."""

    def flush(self) -> bool:
        """Wait until all is on its way; whether it arrives there, though we close at once."""

    def receive(self, seconds: float) -> list[Chunk] | None:
        """What has come, waiting at most so long for it; None when both streams have ended."""

    def has_ended(self) -> bool:
        """Whether its exit code is known."""

    def exit_code(self, seconds: float) -> int:
        """Its exit code; 128 + n for a signal.

        Raises Unreachable when the link is lost, or it does not come in time.
        """

    def close(self) -> None: ...


class Writer(threading.Thread):
    """Does what may block (writing, above all) in the order in which it was given, beside the one
    who reads. `failures`: the far side has gone, which the reader finds out; anything else is
    raised where the reader calls `check`.
    """

    def __init__(self, failures: tuple[type[BaseException], ...]):
        super().__init__(daemon=True)
        self._jobs: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._failures = failures
        self.busy = False
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            while (job := self._jobs.get()) is not None:
                self.busy = True
                job()
                self.busy = False
        except self._failures:
            self.busy = False
        except BaseException as error:
            self._error = error
            self.busy = False

    def check(self, seconds: float = 0) -> None:
        """Raise what has gone wrong here, waiting at most so long for what is being done."""
        end = time.monotonic() + seconds
        while self.busy and time.monotonic() < end:
            time.sleep(0.01)
        if self._error:
            raise self._error

    def flush(self, seconds: float) -> bool:
        """Wait at most so long until all is done that was added; whether it is."""
        done = threading.Event()
        self.add(done.set)
        return done.wait(seconds)

    def add(self, job: Callable[[], object]) -> None:
        self._jobs.put(job)

    def stop(self) -> None:
        self._jobs.put(None)


class Deadline:
    """How long is still waited: until `timeout`, and for `idle` after the last byte, in seconds."""

    def __init__(
        self,
        where: str,
        timeout: float | None,
        idle: float | None,
    ):
        self.where, self.timeout, self.idle = where, timeout, idle or None
        self.restart()

    def restart(self) -> None:
        self.began = self.last_byte = time.monotonic()

    @property
    def silence(self) -> float:
        """Seconds since the last byte."""
        return time.monotonic() - self.last_byte

    def remaining(self) -> float:
        """Seconds, infinite without a limit."""
        limits = ((self.began, self.timeout), (self.last_byte, self.idle))
        now = time.monotonic()
        return min((start + limit - now for start, limit in limits if limit), default=float("inf"))

    def check(self, chunks: list[Chunk]) -> None:
        """Start the silence anew if something came; raise Unreachable when it is too late."""
        if chunks:
            self.last_byte = time.monotonic()
        if self.remaining() <= 0:
            raise late(self.where, self._reason())

    def _reason(self) -> str:
        if self.timeout and time.monotonic() - self.began >= self.timeout:
            return f"its program has not ended within {self.timeout:g} s"
        return f"not a byte for {self.idle:g} s"


def late(where: str, what: str) -> Unreachable:
    """The error for a wait that has come to its end."""
    remedy = f"the link may be cut or the host too busy; look: inv hosts.check --host={where}"
    return Unreachable(where, what, remedy)


def stream(
    process: Process,
    escalation: Escalation,
    stdin: BinaryIO | None,
    on_output: OutputCallback | None,
    on_errors: OutputCallback | None,
) -> int:
    """A program for its output, as long as it takes; its exit code."""
    callbacks = {1: on_output, 2: on_errors or on_output}

    def on_chunk(stream: int, data: bytes) -> None:
        callback = callbacks[stream]
        if callback:
            callback(data)
        else:
            print_to(stream, data)

    def send_stdin() -> None:
        if stdin:
            process.send_file(stdin)

    return converse(process, escalation, send_stdin, on_chunk)


def print_to(stream: int, data: bytes) -> None:
    """To our own stdout or stderr, at once."""
    file = (sys.stdout if stream == 1 else sys.stderr).buffer
    file.write(data)
    file.flush()


def converse(
    process: Process,
    escalation: Escalation,
    on_open: Callable[[], object],
    on_chunk: Callable[[int, bytes], None],
) -> int:
    """Read until the program's end; its exit code.

    `on_open` is called when we are who we have to be, `on_chunk` with all that the program says.
    """
    escalate(process, escalation, on_chunk, PATIENCE)
    on_open()
    deadline = Deadline(process.where, None, None)
    while (chunks := process.receive(TICK)) is not None:
        deadline.check(chunks)
        for stream, data in chunks:
            on_chunk(stream, data)
        if not chunks and deadline.silence > GRACE and process.has_ended():
            break
    return process.exit_code(deadline.remaining())


def escalate(
    process: Process,
    escalation: Escalation,
    on_chunk: Callable[[int, bytes], None],
    timeout: float,
) -> None:
    """Become who we have to be; what comes before a program of ours goes to `on_chunk`.

    Raises FairleadError: it is refused, or `timeout` seconds are over.
    """
    deadline = Deadline(process.where, timeout, None)
    while not escalation.open:
        chunks = process.receive(max(0, min(TICK, deadline.remaining())))
        if chunks is None:
            process.exit_code(GRACE)  # a lost link is no refusal
            raise escalation.refusal()
        if deadline.remaining() <= 0:
            raise escalation.refusal()
        for chunk in chunks:
            reply, passed = escalation.receive(chunk)
            for stream, data in passed:
                on_chunk(stream, data)
            if reply:
                process.send(reply)
                deadline.restart()
