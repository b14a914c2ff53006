"""A command line in a terminal of its own, as a person has it."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from tests.e2e.inv import REPOSITORY, environment, words


class Screen:
    """A program at a terminal of `rows` x `columns`. What it wrote is in `seen`, and in `all`
    with what was waited for.
    """

    def __init__(
        self,
        command: Sequence[str],
        cwd: Path,
        env: Mapping[str, str],
        rows: int = 24,
        columns: int = 80,
    ):
        self.seen = self.all = ""
        self._fd, theirs = pty.openpty()
        self.resize(rows, columns)
        self._process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**env, "TERM": "xterm"},
            preexec_fn=lambda: os.login_tty(theirs),
            pass_fds=(theirs,),
        )
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *what: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._fd)

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text: str) -> None:
        os.write(self._fd, text.encode())

    def waits_for(self, pattern: str, timeout: float = 20) -> re.Match[str]:
        """Read until the pattern has come; what came before it is done with."""
        until = time.monotonic() + timeout
        while True:
            found = re.search(pattern, self.seen)
            if found:
                self.seen = self.seen[found.end() :]
                return found
            assert self._read(until), f"{pattern!r} did not come; there is: {self.seen!r}"

    def ended(self, timeout: float = 20) -> int:
        """Its exit code; all it wrote is in `seen`."""
        until = time.monotonic() + timeout
        while time.monotonic() < until and self._read(until):
            pass
        try:
            return self._process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it did not end; there is: {self.seen!r}") from None

    def _read(self, until: float) -> bool:
        if not select.select([self._fd], [], [], max(0, until - time.monotonic()))[0]:
            return False
        try:
            data = os.read(self._fd, 65536)
        except OSError:  # the other end is closed
            return False
        text = data.decode(errors="replace")
        self.seen += text
        self.all += text
        return bool(data)


class Terminal(Screen):
    """`inv ARGV` at a terminal."""

    def __init__(self, *argv: str, rows: int = 24, columns: int = 80, **more: str):
        super().__init__(words(*argv), REPOSITORY, environment(**more), rows, columns)
