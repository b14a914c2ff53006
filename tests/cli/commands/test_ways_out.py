"""Every end that is not well names a command that helps, with the host in it; each is typed."""

import os
import re
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from fairlead.cli.commands import CommandResult, runs
from fairlead.model.plan import Step
from fairlead.model.results import HostResult
from fairlead.runner import driver as run
from tests.driver import Driver, row
from tests.machine import a_run, waited

COMMAND = re.compile(r"inv runs\.(\w+) --host=(n\d)( --forward)?")


def typed(driver: Driver, text: str) -> CommandResult:
    """What comes of the last command that a message names."""
    name, host, forward = COMMAND.findall(text)[-1]
    flags = {"forward": True} if forward else {}
    return getattr(runs, name)(driver.context(), run.Common(hosts=(host,)), **flags)


def works_until(path: Path) -> Callable[[object], list[Step]]:
    """A verb whose step goes on until a file is there, and is undone by taking away another."""
    wait = 'touch "$1.begun"; until [ -e "$1" ]; do sleep 0.05; done'
    undo = ("rm", f"{path}.begun")
    do = ("sh", "-c", wait, "_", str(path))
    return lambda ask: [Step(name="work", do=do, undo=undo), Step(name="rest", do=("true",))]


def begun(driver: Driver, path: Path, verb: Callable[[object], list[Step]]) -> "Begun":
    driver.system(hosts="n1", server={"up": verb})
    return Begun(driver, path)


class Begun:
    """`up` on n1, in the middle of its step; `worker` is the process of its host."""

    def __init__(self, driver: Driver, path: Path):
        self.results: list[HostResult] = []
        self.driver = driver
        self.thread = threading.Thread(target=self._perform, daemon=True)
        self.thread.start()
        waited(Path(f"{path}.begun").exists)
        (self.name,) = (name for name, it in driver["n1"].runs().items() if it.alive)
        self.worker = driver["n1"].worker(self.name)

    def _perform(self) -> None:
        self.results.append(row(self.driver.perform("up"), "n1"))

    def error(self) -> str:
        self.thread.join(30)
        return self.results[0].error


def test_an_undo_that_fails_and_fails_again_can_be_left(driver: Driver, tmp_path: Path) -> None:
    mended = tmp_path / "mended"
    step = Step(name="work", do=("test", "-e", str(mended)), undo=("test", "-e", str(mended)))
    driver.system(hosts="n1", server={"up": lambda ask: [step]})
    error = row(driver.perform("up"), "n1").error
    assert error.endswith("undoing it failed as well; try that again: inv runs.recover --host=n1")
    again = typed(driver, error)
    assert (again.code, "inv runs.show --host=n1" in again.text) == (1, True)
    left = typed(driver, again.text.rpartition("  (")[0])
    assert (left.code, left.data[0]["state"]) == (0, "forgotten")
    mended.touch()
    assert driver.perform("up").code == 0


def test_a_worker_that_was_killed(driver: Driver, tmp_path: Path) -> None:
    working = begun(driver, tmp_path / "go", works_until(tmp_path / "go"))
    os.kill(working.worker, signal.SIGKILL)
    error = working.error()
    assert error == (
        "n1: its worker was killed in the middle; what it had begun is not undone; undo it:"
        " inv runs.recover --host=n1"
    )
    still = typed(driver, error)
    way = r"end it there \(kill -- -(\d+)\), then inv runs.recover --host=n1"
    group = re.search(way, still.text)
    os.killpg(int(group[1]), signal.SIGKILL)
    recovered = typed(driver, still.text)
    assert (recovered.code, recovered.data[0]["state"]) == (0, "undone")
    assert not (tmp_path / "go.begun").exists()


def test_a_shutdown_in_the_middle(driver: Driver, tmp_path: Path) -> None:
    working = begun(driver, tmp_path / "go", works_until(tmp_path / "go"))
    os.kill(working.worker, signal.SIGTERM)
    (tmp_path / "go").touch()
    error = working.error()
    assert "stopped by a shutdown of the host; undo it: inv runs.recover --host=n1" in error
    recovered = typed(driver, error)
    assert (recovered.code, recovered.data[0]["state"]) == (0, "undone")


def test_the_run_of_somebody_else_that_was_left_open(driver: Driver, tmp_path: Path) -> None:
    driver.system(hosts="n1", server={"up": lambda ask: [Step(name="b", do=("true",))]})
    name = driver["n1"].do(Step(name="a", do=("true",), undo=("true",))).name
    (driver["n1"].state / "runs" / name / "state").unlink()
    recovered = typed(driver, row(driver.perform("up"), "n1").error)
    assert (recovered.code, driver.perform("up").code) == (0, 0)


def test_the_lease_of_one_who_is_gone(driver: Driver) -> None:
    driver.system(hosts="n1", server={"up": lambda ask: [Step(name="b", do=("true",))]})
    driver["n1"].ask(lease=a_run(who="bob@home"))
    then = time.time() - 100
    os.utime(driver["n1"].lease(), (then, then))
    typed(driver, row(driver.perform("up"), "n1").error)
    assert driver.perform("up").code == 0
