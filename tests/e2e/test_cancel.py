"""A pull whose registry stands still: its silence is told, and a second `inv` ends it in an orderly
way.
"""

import contextlib
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.ground import NAME, container, containers, publish, sh, under, version
from tests.e2e.inv import ROOT, inv
from tests.e2e.ops import Repository

IMAGE = "perfsonar/testpoint:latest"
LARGE = 32 << 20  # bytes of a layer that is not sent before it can be stopped


class Registry:
    """The lab's registry, which is stopped in the middle of a large layer."""

    def __init__(self) -> None:
        doors = (ROOT / "registry").glob("*/pid")
        self.processes = [int(path.read_text().split()[0]) for path in doors]
        self.stopped = threading.Event()
        self.over = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while not self.over.is_set():
            if any(map(_sends_large_layer, self.processes)):
                self._signal(signal.SIGSTOP)
                self.stopped.set()
                return
            time.sleep(0.001)

    def _signal(self, number: signal.Signals) -> None:
        for process in self.processes:
            os.kill(process, number)

    def go_on(self) -> None:
        self.over.set()
        self._signal(signal.SIGCONT)


def _sends_large_layer(process: int) -> bool:
    with contextlib.suppress(OSError):
        for link in Path(f"/proc/{process}/fd").iterdir():
            with contextlib.suppress(OSError):
                if "/blobs/" in os.readlink(link) and link.stat().st_size > LARGE:
                    return True
    return False


@pytest.fixture
def registry(fresh) -> Iterator[Registry]:
    """A test point 5.0.0 on n1, and something newer that is never sent whole."""
    assert "Error" not in under("n2", sh.text("big_image") + " 2>&1", IMAGE)
    made = Registry()
    yield made
    made.go_on()
    publish("5.1.0")  # whatever comes next finds what it has published itself


@pytest.fixture
def ops(registry, tmp_path) -> Repository:
    return Repository(tmp_path)


def test_a_pull_that_stalls_is_told_and_a_second_inv_ends_it(registry, ops) -> None:
    before = container("n1")
    running = ops.start("perfsonar.upgrade", "--host=n1")
    assert registry.stopped.wait(60)
    began = time.monotonic()
    running.until("pull: silent for ")
    assert 25 < time.monotonic() - began < 50
    words = re.search(r"n1 perfsonar: pull: silent for \d+ s: nothing since (.*)\n", running.heard)
    command = re.search(r"inv (runs\.cancel --host=n1 --run=\S+) ends and undoes it", words[1])
    cancelled = ops.inv(*command[1].split(), "--json", LOGNAME="bob")
    said = running.end(30)
    assert (cancelled.code, said.code) == (0, 1), cancelled.out + said.out
    who = f"bob@{os.uname().nodename}"
    assert f"n1 perfsonar: cancelled by {who}\n" in said.err
    first = f"n1 perfsonar: failed: pull: cancelled by {who}; nothing else was changed; its status now: well\n"
    assert said.out.startswith(first), said.out
    assert [(end["host"], end["cancelled"]) for end in cancelled.json["cancel"]] == [("n1", True)]
    _is_untouched(ops, before)


def test_a_pull_whose_operator_was_killed_is_ended_too(registry, ops) -> None:
    before = container("n1")
    running = ops.start("perfsonar.upgrade", "--host=n1")
    assert registry.stopped.wait(60)
    running.kill()
    cancelled = ops.inv("runs.cancel", "--host=n1")
    assert (cancelled.code, "; nothing else was changed  (" in cancelled.out) == (0, True)
    _is_untouched(ops, before)
    again = inv("runs.cancel", "--host=n1")
    assert (again.code, again.out) == (
        0,
        "nothing works on these hosts: there is nothing to cancel\n",
    )


def _is_untouched(ops: Repository, before: str) -> None:
    """The old one runs, nothing pulls any more, and nobody has to wait for anybody."""
    assert (container("n1"), containers("n1")) == (before, {NAME: "running"})
    assert version("n1") == "5.0.0"
    assert under("n1", "ps ax | grep '[d]ocker pull'; ls /run/fairlead/runs") == ""
    assert ops.inv("runs.list", "--host=n1").out == "nothing runs, nothing was left open\n"
