"""This terminal becomes the far program's: raw, with its size changes and its Ctrl-C, and given
back in every case.
"""

import contextlib
import os
import select
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Protocol

from fairlead.connections import conversation
from fairlead.connections.become import Escalation

LOOK = 0.1  # seconds between two looks at the size of the window


class TerminalProcess(conversation.Process, Protocol):
    """A program that has a terminal."""

    def resize(self, columns: int, rows: int) -> None: ...

    def end(self) -> None:
        """Its stdin ends after what was sent."""


def size() -> tuple[int, int]:
    """Columns and rows.

    Not what COLUMNS and LINES say, which do not change with the window.
    """
    try:
        terminal = os.get_terminal_size(sys.stdin.fileno())
    except (OSError, ValueError):
        return 80, 24
    return terminal.columns, terminal.lines


def attach(process: TerminalProcess, escalation: Escalation) -> int:
    """Keys there, screen here, until the program ends; its exit code.

    Raw only once we are who we have to be: a password may have to be typed before.
    """
    with contextlib.ExitStack() as stack:
        return conversation.converse(
            process,
            escalation,
            lambda: stack.enter_context(_keyboard(process)),
            conversation.print_to,
        )


@contextlib.contextmanager
def _keyboard(process: TerminalProcess) -> Iterator[None]:
    stop, keyboard = threading.Event(), sys.stdin.fileno()
    sender = threading.Thread(target=_send_keys, args=(process, keyboard, stop), daemon=True)
    with _raw(keyboard):
        sender.start()
        try:
            yield
        finally:
            stop.set()
            sender.join(1)


def _send_keys(process: TerminalProcess, keyboard: int, stop: threading.Event) -> None:
    before = size()
    while not stop.is_set():
        if size() != before:
            before = size()
            process.resize(*before)
        if not select.select([keyboard], [], [], LOOK)[0]:
            continue
        try:
            data = os.read(keyboard, 4096)
        except OSError:  # the terminal has gone
            data = b""
        if not data:
            process.end()
            break
        process.send(data)


@contextlib.contextmanager
def _raw(keyboard: int) -> Iterator[None]:
    """Raw where it is a terminal; as before afterwards, when we are told to end as well."""
    import termios
    import tty

    if not os.isatty(keyboard):
        yield
        return
    before = termios.tcgetattr(keyboard)
    with _term_is_an_exception():
        try:
            tty.setraw(keyboard, termios.TCSADRAIN)  # what was typed ahead is kept
            yield
        finally:
            termios.tcsetattr(keyboard, termios.TCSADRAIN, before)


@contextlib.contextmanager
def _term_is_an_exception() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
