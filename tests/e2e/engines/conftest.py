"""A lab of today: a host for each engine, over the tree of its release. Slow where no tree is
cached, so only `./inv test --engines` runs it."""

import os
from collections.abc import Iterator

import pytest

from tests.e2e.engines import matrix
from tests.e2e.inv import inv


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/e2e/engines/" in str(item.path):
            item.add_marker(pytest.mark.engines)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if matrix.RECORDS:
        terminalreporter.section("engines")
        terminalreporter.line(matrix.table())


@pytest.fixture(scope="session")
def facility() -> Iterator[None]:
    """n1 to n5, each with the engines of its release, and n6, whose PID 1 is systemd."""
    keep = bool(os.environ.get("FAIRLEAD_LAB_KEEP"))
    inv("runs.recover", "--host=local", "--forward")
    if not keep:
        inv("lab.down", "--yes", "--wait=11m", timeout=840)
    words = ["--release=n6=forky", "--init=n6=systemd"]
    for host, (release, store) in matrix.HOSTS.items():
        words.append(f"--release={host}={release}")
        words += [f"--store={host}={store}"] * (store != "docker")
    made = inv("lab.up", "--count=6", *words, "--wait=11m", timeout=3000)
    assert made.code == 0, made.err + made.out
    yield
    if not keep:
        inv("lab.down", "--yes", timeout=120)
