"""A program of this machine: sh itself, or the ssh command. In a session of its own, so that Ctrl-C is ours alone."""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from typing import BinaryIO

from fairlead.connections.become import Heard
from fairlead.connections.conversation import Feeder, late
from fairlead.model.errors import Unreachable

CHUNK = 256 * 1024  # bytes taken at a time
MERCY = 1.0  # seconds between asking a program to end and making it


class ProcessTalk:
    """One program with pipes at its three ends."""

    def __init__(self, where: str, argv: tuple[str, ...]):
        self.where = where
        try:
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(
                argv, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, start_new_session=True
            )
        except OSError as error:
            raise Unreachable(
                where, f"{argv[0]} cannot be started here ({error.strerror})", "install it"
            ) from None
        self._open = selectors.DefaultSelector()
        self._open.register(self._process.stdout, selectors.EVENT_READ, 1)
        self._open.register(self._process.stderr, selectors.EVENT_READ, 2)
        self._feeder = Feeder((OSError, ValueError))

    def send(self, data: bytes) -> None:
        self._feeder.add(lambda: self._write(data))

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self._process.stdin.write(rest) :]

    def pour(self, source: BinaryIO) -> None:
        self._feeder.add(lambda: self._pour(source))

    def _pour(self, source: BinaryIO) -> None:
        while data := getattr(source, "read1", source.read)(CHUNK):
            self._write(data)
        self._process.stdin.close()

    def hear(self, seconds: float) -> list[Heard] | None:
        if not self._open.get_map():
            return None
        found = []
        for key, _ in self._open.select(max(0, seconds)):
            data = os.read(key.fd, CHUNK)
            if data:
                found.append((key.data, data))
            else:
                self._open.unregister(key.fileobj)
        return found or (None if not self._open.get_map() else [])

    def over(self) -> bool:
        return self._process.poll() is not None

    def code(self, seconds: float) -> int:
        try:
            code = self._process.wait(min(seconds, 1e6))
        except subprocess.TimeoutExpired:
            raise late(self.where, "its program closed its output and goes on") from None
        return code if code >= 0 else 128 - code

    def close(self) -> None:
        """End it: its stdin first, which is what a far side sees; then by signals."""
        self._feeder.stop()
        running = self._process.poll() is None
        with contextlib.suppress(OSError, ValueError):
            if not self._feeder.writing:
                self._process.stdin.close()
        for number, patience in (
            ((signal.SIGTERM, MERCY), (signal.SIGKILL, MERCY)) if running else ()
        ):
            self._signal(number, patience)
        for file in (self._process.stdout, self._process.stderr):
            file.close()

    def _signal(self, number: int, patience: float) -> None:
        end = time.monotonic() + 0.2
        while self._process.poll() is None and time.monotonic() < end and number == signal.SIGTERM:
            time.sleep(0.01)
        if self._process.poll() is None:
            with contextlib.suppress(OSError):  # what sudo made root is not ours to signal
                os.killpg(self._process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(patience)


def terminal(argv: tuple[str, ...]) -> int:
    """A program on our own terminal; its exit code. Ctrl-C is the program's alone: a wait that it interrupts may lose the exit code."""
    before = signal.signal(
        signal.SIGINT, lambda number, frame: None
    )  # not SIG_IGN, which the program would inherit
    try:
        code = subprocess.call(argv)
    finally:
        signal.signal(signal.SIGINT, before)
    return code if code >= 0 else 128 - code


def answer(argv: tuple[str, ...], timeout: float) -> tuple[int, bytes, str]:
    """Run a program without a terminal; its exit code (124: not in time, 127: it cannot be started), stdout, and what it said on stderr."""
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, start_new_session=True
        )
    except OSError as error:
        return 127, b"", f"{argv[0]}: {error.strerror}"
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return 124, b"", f"it was ended after {timeout:g} s"
    return process.returncode, out, err.decode(errors="replace")


def complete(
    argv: tuple[str, ...], timeout: float, env: dict[str, str] | None = None
) -> tuple[int, str]:
    """Run a program to its end; its exit code (124: not in time) and what it said on stderr, which it may hand on to a child that stays."""
    import tempfile

    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env=env,
            start_new_session=True,
        )
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            code = 124
        said.seek(0)
        return code, said.read(65536).decode(errors="replace")
