"""A lab of today: a host for each engine, over the tree of its release. Slow where no tree is
cached, so only `./inv test --engines` runs it."""

import os
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.engines import matrix
from tests.e2e.engines.matrix import Machine
from tests.e2e.inv import REPOSITORY, inv

PAGE = REPOSITORY / "docs" / "lab.md"
Boots = Callable[[Machine], Machine]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/e2e/engines/" in str(item.path):
            item.add_marker(pytest.mark.engines)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not matrix.RECORDS:
        return
    terminalreporter.section("engines")
    terminalreporter.line(matrix.table())
    if os.environ.get("FAIRLEAD_REWRITE_CASES"):
        PAGE.write_text(matrix.rewritten(PAGE.read_text("utf-8"), matrix.RECORDS.values()), "utf-8")


@pytest.fixture(scope="session")
def facility() -> Iterator[Boots]:
    """Boots a machine that is asked for, once, and gives it back."""
    keep = bool(os.environ.get("FAIRLEAD_LAB_KEEP"))
    inv("runs.recover", "--host=local", "--forward")
    if not keep:
        inv("lab.down", "--yes", "--wait=11m", timeout=840)
    booted: set[str] = set()

    def boots(machine: Machine) -> Machine:
        if machine.host not in booted:
            where = (f"--host={machine.host}", "--count=1", "--wait=11m")
            made = inv("lab.up", *where, *machine.words, timeout=3000)
            assert made.code == 0, made.err + made.out
            booted.add(machine.host)
        return machine

    yield boots
    if not keep:
        inv("lab.down", "--yes", timeout=120)
