"""stdin, stdout and stderr of a command line, before and after everything else of it."""

import io
import os
import sys


def open_missing() -> None:
    """What we were started without is nowhere from now on: else Python has None in its place, and
    the next file or socket is opened by its number.
    """
    number = os.open(os.devnull, os.O_RDWR)
    while number <= 2:
        os.set_inheritable(number, True)
        number = os.open(os.devnull, os.O_RDWR)
    os.close(number)
    sys.stdin = sys.stdin or _nowhere("r")
    sys.stdout = sys.stdout or _nowhere("w")
    sys.stderr = sys.stderr or _nowhere("w")


def _nowhere(mode: str) -> io.TextIOWrapper:
    stream = open(os.devnull, mode, encoding="utf-8")  # noqa: SIM115 - open as long as we live
    assert isinstance(stream, io.TextIOWrapper)
    return stream


def written() -> OSError | None:
    """Write what stdout still holds; the error where it cannot be."""
    try:
        sys.stdout.flush()
    except OSError as error:
        return error
    return None
