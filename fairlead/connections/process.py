"""A program behind pipes; one of this machine is in a session of its own, so that Ctrl-C is ours
alone.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from typing import IO, BinaryIO

from fairlead.connections.become import Chunk
from fairlead.connections.conversation import Writer, encoded, late, pieces
from fairlead.model.errors import Unreachable

CHUNK = 256 * 1024  # bytes taken at a time
MERCY = 1.0  # seconds between asking a program to end and making it
REST = 0.5  # seconds in which all is there that a program had printed when it ended
AFTER_STDIN = 0.2  # seconds in which a program ends by itself when its stdin has


class PipedProcess:
    """A program with pipes of ours at its three ends."""

    def __init__(
        self,
        where: str,
        stdin: IO[bytes],
        stdout: IO[bytes],
        stderr: IO[bytes],
    ):
        self.where = where
        self._open = selectors.DefaultSelector()
        self._open.register(stdout, selectors.EVENT_READ, 1)
        self._open.register(stderr, selectors.EVENT_READ, 2)
        self._stdin, self._outputs = stdin, (stdout, stderr)
        self._writer = Writer((OSError, ValueError))

    def send(self, data: bytes) -> None:
        self._writer.add(lambda: self._write(data))

    def _write(self, data: bytes) -> None:
        remaining = memoryview(data)
        while remaining:
            remaining = remaining[self._stdin.write(remaining) :]

    def send_file(self, source: BinaryIO) -> None:
        self._writer.add(lambda: self._write_file(source))

    def _write_file(self, source: BinaryIO) -> None:
        for data in pieces(source):
            self._write(data)
        self._stdin.close()

    def end(self) -> None:
        """Its stdin ends after what was sent."""
        self._writer.add(self._stdin.close)

    def receive(self, seconds: float) -> list[Chunk] | None:
        self._writer.check()
        if not self._open.get_map():
            return None
        chunks = []
        for key, _ in self._open.select(max(0, seconds)):
            data = os.read(key.fd, CHUNK)
            if data:
                chunks.append((key.data, data))
            else:
                self._open.unregister(key.fileobj)
        if not chunks and not self._open.get_map():
            return None
        return chunks

    def _end_stdin(self) -> None:
        """At once; what is not written by then is given up."""
        self._writer.stop()
        with contextlib.suppress(OSError, ValueError):
            if not self._writer.busy:
                self._stdin.close()

    def _close_outputs(self) -> None:
        self._open.close()
        for file in self._outputs:
            file.close()


class LocalProcess(PipedProcess):
    """A program of this machine."""

    def __init__(self, where: str, argv: tuple[str, ...]):
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(
                _words(argv),
                stdin=pipe,
                stdout=pipe,
                stderr=pipe,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            what = f"{argv[0]} cannot be started here ({error.strerror})"
            raise Unreachable(where, what, "install it") from None
        pipes = (self._process.stdin, self._process.stdout, self._process.stderr)
        super().__init__(where, *map(_pipe, pipes))

    def flush(self) -> bool:
        """Another program may pass it on, which we end: no."""
        return False

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def exit_code(self, seconds: float) -> int:
        try:
            return _exit_code(self._process.wait(min(seconds, 1e6)))
        except subprocess.TimeoutExpired:
            raise late(self.where, "its program closed its output and goes on") from None

    def close(self) -> None:
        """End it: its stdin first, which is what a far side sees; then by signals."""
        was_running = not self.has_ended()
        self._end_stdin()
        if was_running:
            self._wait(AFTER_STDIN)
            self._end_by(signal.SIGTERM)
            self._end_by(signal.SIGKILL)
        self._close_outputs()

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self.has_ended() and time.monotonic() < end:
            time.sleep(0.01)

    def _end_by(self, number: int) -> None:
        if self.has_ended():
            return
        with contextlib.suppress(OSError):  # what sudo made root is not ours to signal
            os.killpg(self._process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(MERCY)


def _words(argv: tuple[str, ...]) -> list[bytes]:
    """The words as another program gets them, whatever our locale is."""
    return [encoded(word) for word in argv]


def _pipe(file: IO[bytes] | None) -> IO[bytes]:
    """Popen has no pipe where none was wanted."""
    assert file is not None
    return file


def _exit_code(code: int) -> int:
    """128 + n for a signal."""
    return code if code >= 0 else 128 - code


def run_on_terminal(argv: tuple[str, ...]) -> int:
    """A program on our own terminal; its exit code.

    Ctrl-C is the program's alone: a wait that it interrupts may lose the exit code.
    """
    # not SIG_IGN, which the program would inherit
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        return _exit_code(subprocess.call(_words(argv)))
    finally:
        signal.signal(signal.SIGINT, before)


def capture(
    argv: tuple[str, ...],
    timeout: float,
    stdin: bytes = b"",
) -> tuple[int, bytes, str]:
    """Run a program without a terminal; its exit code, stdout and stderr.

    Exit code 124: not in time, 127: it cannot be started. It does not outlive this call; what it
    has begun and left behind may, and is not waited for.
    """
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(
            argv,
            stdin=pipe if stdin else subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            start_new_session=True,
        )
    except OSError as error:
        return 127, b"", f"{argv[0]}: {error.strerror}"
    try:
        code, out, err = _communicate(process, stdin, timeout)
    finally:
        _end(process)
    if code is None:
        return 124, b"", f"it was ended after {timeout:g} s"
    return code, out, err.decode(errors="replace")


def _communicate(
    process: "subprocess.Popen[bytes]",
    stdin: bytes,
    timeout: float,
) -> tuple[int | None, bytes, bytes]:
    """Its exit code (None: not in time), stdout and stderr: of a program that has ended what is
    there soon, for another that stays may have them too.
    """
    end = time.monotonic() + timeout
    remaining: bytes | None = stdin or None
    has_ended = False
    while True:
        seconds = REST if has_ended else min(REST, max(end - time.monotonic(), 0))
        try:
            out, err = process.communicate(remaining, timeout=seconds)
        except subprocess.TimeoutExpired as expired:
            out, err = expired.stdout or b"", expired.stderr or b""
            if has_ended:
                return process.returncode, out, err
        else:
            return process.returncode, out, err
        remaining = None  # what is left of it is known there
        has_ended = process.poll() is not None
        if not has_ended and time.monotonic() >= end:
            return None, b"", b""


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a program and its group, if it has not ended; it need not close its output for that."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            with contextlib.suppress(OSError):  # what sudo made root is not ours to signal
                os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(MERCY)
    for file in (process.stdin, process.stdout, process.stderr):
        if file is not None:
            with contextlib.suppress(OSError):
                file.close()


def complete(
    argv: tuple[str, ...], timeout: float, env: dict[str, str] | None = None
) -> tuple[int, str]:
    """Run a program to its end; its exit code (124: not in time) and stderr.

    It may hand its stderr on to a child that stays, so that is a file.
    """
    import tempfile

    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env=env,
            start_new_session=True,
        )
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            code = 124
        errors.seek(0)
        return code, errors.read(65536).decode(errors="replace")
