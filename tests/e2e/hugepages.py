"""Huge pages belong to the whole machine: one test at a time sets them, and gives back what it
found.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

COUNT = Path("/proc/sys/vm/nr_hugepages")  # of 2048 KiB
LOCK = Path("/run/fairlead-hugepages.lock")
PATIENCE = 1200.0  # seconds; another test process may hold them meanwhile


@contextmanager
def huge_pages(wanted: int) -> Iterator[None]:
    """This many, where memory allows, for as long as the block lasts.

    What the block sets itself is put back too. The lock's file holds what was found: where a test
    is killed, the next one gives that back.
    """
    with LOCK.open("a+") as lock:
        _locked(lock)
        lock.seek(0)
        before = lock.read() or COUNT.read_text()
        _write(lock, before)
        try:
            COUNT.write_text(str(wanted))
            yield
        finally:
            COUNT.write_text(before)
            _write(lock, "")


def _write(lock: TextIO, text: str) -> None:
    lock.truncate(0)
    lock.write(text)
    lock.flush()


def _locked(lock: TextIO) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            assert time.monotonic() < end, f"another test has held {LOCK} for {PATIENCE:.0f} s"
            time.sleep(0.2)
