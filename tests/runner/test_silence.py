"""When it is told that nothing comes from a step, and what is said then."""

import re
from pathlib import Path
from threading import Thread

import pytest

from fairlead.cli.commands import runs
from fairlead.model.plan import Step, then
from fairlead.model.results import RunResult
from fairlead.output.text import progress_lines
from fairlead.remote.events import StepSilent
from fairlead.runner import silence
from fairlead.runner.request import Common
from tests.driver import Driver, row
from tests.machine import waited


def quiet(seconds: int, step: int = 1, what: str = "out", mode: str = "does") -> StepSilent:
    return StepSilent(0, step, what, mode, seconds)


def told(*events: StepSilent) -> list[str]:
    """What is told of these, in turn; "" for the end of a silence."""
    one = silence.Silence()
    answers = [one.lasting(event) for event in events]
    return [answer for answer in answers if answer is not None]


def test_it_is_told_at_the_threshold_and_then_each_time_it_has_doubled() -> None:
    assert told(*map(quiet, range(0, 1000, 5))) == [
        "30 s",
        "60 s",
        "2 min",
        "4 min",
        "8 min",
        "16 min",
    ]


def test_where_it_is_followed_late_it_is_told_once() -> None:
    assert told(quiet(100), quiet(105), quiet(119), quiet(120)) == ["100 s", "2 min"]


def test_that_something_has_come_again_is_told_and_it_begins_anew() -> None:
    assert told(quiet(29), quiet(34), quiet(2), quiet(7), quiet(31)) == ["34 s", "", "31 s"]


def test_each_step_has_its_own() -> None:
    events = (quiet(40), quiet(0, 2), quiet(40, 2), quiet(40, 2, "undo"))
    assert told(*events) == ["40 s", "40 s", "40 s"]


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (quiet(30), "inv runs.cancel --host=n1 --run=R ends and undoes it, Ctrl-C leaves it to"),
        (
            quiet(30, mode="stays"),
            "it has no way back and is given 90 s; inv runs.cancel --host=n1",
        ),
        (
            quiet(30, mode="armed"),
            "it is under the dead man's switch, which undoes it in time; Ctrl",
        ),
        (quiet(30, what="undo"), "it is on its way back, which is not cancelled; Ctrl-C leaves it"),
    ],
)
def test_what_can_be_done_about_it_is_named(event: StepSilent, words: str) -> None:
    sentence = silence.sentence(event, "n1", "R", 90)
    assert re.match(r"nothing since \d\d:\d\d:\d\d; " + re.escape(words), sentence), sentence


def test_a_step_that_says_nothing_is_told_and_that_it_speaks_again(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever the step is, and whatever the system."""
    monkeypatch.setattr("fairlead.runner.silence.FIRST", 2)
    original = driver["n1"].rewritten
    driver["n1"].rewritten = lambda program: original(  # type: ignore[method-assign]
        program.replace("while sleep 5 ", "while sleep 0.2 ")
    )
    again, go = tmp_path / "again", tmp_path / "go"
    wait = 'until [ -e "$1" ]; do sleep 0.05; done; echo word'
    commands = (("sh", "-c", wait, "_", str(file)) for file in (again, go))
    pull = Step(name="pull", do=then(*commands), undo=("true",))
    driver.system(server={"up": lambda ask: [pull]}, hosts="n1")
    results: list[RunResult] = []
    working = Thread(target=lambda: results.append(driver.perform("up")), daemon=True)
    working.start()
    for file, count in ((again, 1), (go, 2)):
        waited(lambda count=count: len(driver.watcher.progress_of_kind("silent")) >= count, 30)
        file.touch()
    working.join(30)
    (result,) = results
    silent = driver.watcher.progress_of_kind("silent")
    assert [(event.host, event.step, bool(event.lasting)) for event in silent[:2]] == [
        ("n1", "pull", True),
        ("n1", "pull", False),
    ]
    lines = [line for event in silent[:2] for line in progress_lines(event)]
    command = f"inv runs.cancel --host=n1 --run={result.run}"
    shape = rf"pull: silent for \d+ s: nothing since [\d:]{{8}}; {command} ends and undoes it, .*"
    assert [bool(re.fullmatch(shape, line)) for line in lines] == [True], lines


def test_what_is_cancelled_is_told_with_who_did_it(driver: Driver, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    work = ("sh", "-c", 'touch "$1"; sleep 60', "_", str(begun))
    steps = [
        Step(name="image", do=("true",)),
        Step(name="container", do=work, undo=("rm", str(begun)), gate=True),
    ]
    driver.system(server={"up": lambda ask: steps}, hosts="n1")
    results: list[RunResult] = []
    working = Thread(target=lambda: results.append(driver.perform("up")), daemon=True)
    working.start()
    waited(begun.exists)
    runs.cancel(driver.context(), Common(hosts=("n1",)))
    working.join(30)
    result = row(results[0], "n1")
    assert (result.state, results[0].code, begun.exists()) == ("rolled-back", 1, False)
    assert re.fullmatch(
        r"n1: container: cancelled by \S+@\S+; what was begun is undone \(image stays done\)",
        result.error,
    ), result.error
    assert [(step.name, step.state) for step in result.steps] == [
        ("image", "changed"),
        ("container", "failed"),
    ]
    (who,) = [event.text for event in driver.watcher.progress_of_kind("cancelled")]
    assert who in result.error
    assert driver["n1"].leases() == []
