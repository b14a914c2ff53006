"""Streams that remember, and a way to show a whole run on them."""

import io
import re
from types import SimpleNamespace

import pytest

from fairlead.output import choose


class Stream(io.TextIOWrapper):
    """A terminal or a file, written to as stdout is: text and bytes."""

    def __init__(self, terminal: bool):
        super().__init__(io.BytesIO(), encoding="utf-8", newline="\n")
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    @property
    def bytes(self) -> bytes:
        self.flush()
        return self.buffer.getvalue()

    @property
    def words(self) -> str:
        """Without colours and the blanks at the ends of lines."""
        text = re.sub(r"\x1b\[[0-9;]*m", "", self.bytes.decode())
        return "\n".join(line.rstrip() for line in text.split("\n"))


@pytest.fixture(autouse=True)
def screen(monkeypatch):
    """A terminal of 80 columns."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (("TERM", "xterm"), ("COLUMNS", "80"), ("LINES", "24")):
        monkeypatch.setenv(name, value)


@pytest.fixture
def stream():
    """stream(terminal) -> a stream that remembers."""
    return Stream


@pytest.fixture
def shown(stream):
    """shown(result, ...) -> (stdout, stderr) after the whole run was shown.

    `before` are calls on the output between began and ended.
    """

    def show(result, terminal=False, json=False, before=(), stderr_terminal=False, chain=False):
        stdout, stderr = stream(terminal), stream(stderr_terminal)
        with choose(SimpleNamespace(json=json), stdout, stderr, chain) as screen:
            hosts = tuple(dict.fromkeys(row.host for row in result.hosts))
            screen.began(result.verb, result.site, result.run, hosts)
            for name, *words in before:
                getattr(screen, name)(*words)
            screen.ended(result)
        return stdout, stderr

    return show
