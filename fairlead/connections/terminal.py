"""This terminal becomes the far program's: raw, with its size changes and its Ctrl-C, and given back in every case."""

import contextlib
import os
import select
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any

from fairlead.connections import conversation
from fairlead.connections.become import Escalation

LOOK = 0.1  # seconds between two looks at the size of the window


def size() -> tuple[int, int]:
    """Columns and rows; not what COLUMNS and LINES say, which do not change with the window."""
    try:
        return tuple(os.get_terminal_size(sys.stdin.fileno()))
    except (OSError, ValueError):
        return 80, 24


def attach(talk: Any, door: Escalation) -> int:
    """Keys there, screen here, until the program ends; its exit code. Raw only once the door is open: a password may have to be typed before."""
    with contextlib.ExitStack() as stack:
        return conversation.converse(
            talk, door, lambda: stack.enter_context(_keyboard(talk)), conversation.print_to
        )


@contextlib.contextmanager
def _keyboard(talk: Any) -> Iterator[None]:
    stop = threading.Event()
    hand = threading.Thread(target=_keys, args=(talk, sys.stdin.fileno(), stop), daemon=True)
    with _raw(sys.stdin.fileno()):
        hand.start()
        try:
            yield
        finally:
            stop.set()
            hand.join(1)


def _keys(talk: Any, keyboard: int, stop: threading.Event) -> None:
    before = size()
    while not stop.is_set():
        if size() != before:
            before = size()
            talk.resize(*before)
        if not select.select([keyboard], [], [], LOOK)[0]:
            continue
        data = os.read(keyboard, 4096)
        talk.send(data) if data else talk.end()
        if not data:
            break


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
