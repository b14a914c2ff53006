"""One shell on a host, to which programs are spoken one after another: one channel, one login shell
and one sudo for all of them.
"""

import re
import secrets
import time
from collections.abc import Callable
from contextlib import suppress

from fairlead.connections.become import PATIENCE, Escalation
from fairlead.connections.conversation import (
    ERRORS,
    GRACE,
    TICK,
    Deadline,
    Process,
    encoded,
    escalate,
)
from fairlead.model.errors import FairleadError
from fairlead.model.processes import LastWord

LAST_ERRORS = 0.2  # seconds for the end of stderr, once that of stdout is here
STRAY = 100  # pieces of output that a program has left behind, before another shell is opened
TO_FINISH = 5.0  # seconds in which a shell ends when its stdin has

CODE = re.compile(rb" ?(\d*)\n")

Reply = Callable[[bytes], bytes | None]  # to output, on the same channel


class Stream:
    """stdout or stderr of one program, up to the line with its mark, and its exit code there."""

    def __init__(self, mark: bytes):
        self._mark, self._rest = mark, b""
        self.is_over, self.code = False, 0

    def own(self, data: bytes) -> bytes:
        """What of it is the program's. The beginning of what may be the mark is held back."""
        data = self._rest + data
        start = data.find(self._mark)  # which is new each time: no pattern to compile
        end = CODE.match(data, start + len(self._mark)) if start >= 0 else None
        if end:
            self.is_over, self.code, self._rest = True, int(end[1] or 0), b""
            return data[:start]
        lengths = range(min(len(self._mark), len(data)), 0, -1)
        partial = next((n for n in lengths if data.endswith(self._mark[:n])), 0)
        at = start if start >= 0 else len(data) - partial
        self._rest = data[at:]
        return data[:at]

    def rest(self) -> bytes:
        """What was held back, where the stream has ended without the mark."""
        rest, self._rest = self._rest, b""
        return rest


class FarShell:
    """The shell behind a process that runs shell/listener.sh."""

    def __init__(self, process: Process, escalation: Escalation):
        self._process, self._escalation = process, escalation
        self._has_errors = True  # does its stderr reach us?
        self._left: _Spoken | None = None  # a program whose end was not waited for

    def is_waiting(self) -> bool:
        """Is it there, for a next program? What has come since the last one is nobody's; before the
        first, it is sudo's.
        """
        if not self._escalation.open:
            return True
        if not self._settle():
            return False
        for _ in range(STRAY):
            chunks = self._process.receive(0)
            if not chunks:
                return chunks is not None
        return False

    def run(
        self,
        program: str,
        on_output: Reply | None,
        timeout: float | None,
        idle: float | None,
    ) -> tuple[int, bytes, bytes]:
        """A whole program, to its end: exit code, stdout (unless `on_output` gets it), stderr."""
        self._settle()
        mark = f"fairlead-{secrets.token_hex(12)}"
        spoken = _Spoken(self._process, mark, on_output)
        patience = min(timeout or PATIENCE, PATIENCE)
        escalate(self._process, self._escalation, spoken.on_chunk, patience)
        text = encoded(f"{{\n{program}\n}}\n")
        self._process.send(encoded(f"{mark} {len(text)}\n") + text)
        code = self._converse(spoken, Deadline(self._process.where, timeout, idle))
        return code, bytes(spoken.out), bytes(spoken.errors)

    def _converse(self, spoken: "_Spoken", deadline: Deadline) -> int:
        while not spoken.stdout.is_over:
            if spoken.has_last_word:
                self._left = spoken
                return 0
            chunks = self._process.receive(min(TICK, deadline.remaining()))
            if chunks is None:
                return self._ended(spoken, deadline)
            deadline.check(chunks)
            for stream, data in chunks:
                spoken.on_chunk(stream, data)
            if not chunks and deadline.silence > GRACE and self._process.has_ended():
                return self._ended(spoken, deadline)
        self._read_errors(spoken)
        return spoken.stdout.code

    def _ended(self, spoken: "_Spoken", deadline: Deadline) -> int:
        """The shell itself has ended."""
        spoken.flush()
        return self._process.exit_code(deadline.remaining())

    def _read_errors(self, spoken: "_Spoken") -> None:
        """The last of stderr, which comes by a way of its own, and may go nowhere."""
        end = time.monotonic() + (LAST_ERRORS if self._has_errors else 0)
        while not spoken.stderr.is_over and (left := end - time.monotonic()) > 0:
            chunks = self._process.receive(left)
            if chunks is None:
                break
            for stream, data in chunks:
                spoken.on_chunk(stream, data)
        self._has_errors = spoken.stderr.is_over

    def _settle(self) -> bool:
        """Wait for the end of the program that was left; whether it came."""
        left, self._left = self._left, None
        end = time.monotonic() + TO_FINISH
        while left and not left.stdout.is_over and time.monotonic() < end:
            chunks = self._process.receive(end - time.monotonic())
            if chunks is None:
                return False
            for stream, data in chunks:
                left.on_chunk(stream, data)
        return left is None or left.stdout.is_over

    def finish(self) -> None:
        """Let it end by itself, and wait for that: another program may need its place."""
        self._settle()
        self._process.end()
        end = time.monotonic() + TO_FINISH
        while time.monotonic() < end and self._process.receive(TICK) is not None:
            pass
        with suppress(FairleadError):
            self._process.exit_code(TICK)
        self._process.close()

    def close(self) -> None:
        """End it. A program that was left gets what was said to it: sent in full, if that is enough
        on the way to it, else it is waited for.
        """
        if self._left and not self._process.flush():
            self._settle()
        self._process.close()


class _Spoken:
    """What one program has said."""

    def __init__(
        self,
        process: Process,
        mark: str,
        on_output: Reply | None,
    ):
        self._process, self._on_output = process, on_output
        self.stdout, self.stderr = Stream(mark.encode()), Stream(mark.encode())
        self.out, self.errors = bytearray(), bytearray()
        self.has_last_word = False

    def on_chunk(self, stream: int, data: bytes) -> None:
        if stream == 2:
            self._keep_errors(self.stderr.own(data))
        elif not self.stdout.is_over:
            self._pass_on(self.stdout.own(data))

    def flush(self) -> None:
        self._keep_errors(self.stderr.rest())
        self._pass_on(self.stdout.rest())

    def _keep_errors(self, data: bytes) -> None:
        self.errors.extend(data)
        del self.errors[:-ERRORS]

    def _pass_on(self, data: bytes) -> None:
        """To whoever hears it; what he answers goes to the program as long as it runs."""
        if self.has_last_word:
            return
        if self._on_output is None:
            self.out.extend(data)
        elif data:
            reply = self._on_output(data)
            if reply and not self.stdout.is_over:
                self._process.send(reply)
                self.has_last_word = isinstance(reply, LastWord)
