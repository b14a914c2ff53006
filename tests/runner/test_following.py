"""Events as they happen: differences before they are made, armed steps that are answered."""

from pathlib import Path

from fairlead.model.plan import Step
from fairlead.remote import transaction
from fairlead.runner.explain import explained
from tests.driver import Driver, row, states
from tests.machine import waited


def test_what_changes_in_a_file_is_told_before_it_is_done(driver: Driver, tmp_path: Path) -> None:
    step = Step(
        name="file",
        unless=("test", "-e", str(tmp_path / "f")),
        do=("touch", str(tmp_path / "f")),
        diff="-a\n+b\n",
    )
    driver.system(server={"up": lambda ask: [step]}, hosts="n1")
    results = [driver.perform("up", dry_run=dry) for dry in (True, False, True)]
    differences = [row(result, "n1").steps[0].diff for result in results]
    assert differences == ["-a\n+b\n", "-a\n+b\n", ""]
    events = driver.watcher.progress_of_kind("diff", "begin")
    assert [(event.kind, event.step, event.text) for event in events][-2:] == [
        ("diff", "file", "-a\n+b\n"),
        ("begin", "file", ""),
    ]
    assert explained(step)[2:4] == ["#   -a", "#   +b"]


def test_an_armed_step_is_disarmed_through_a_connection_of_its_own(driver: Driver) -> None:
    driver.system(
        server={
            "up": lambda ask: [
                Step(name="address", do=("true",), undo=("true",), confirm_within=20)
            ]
        },
        hosts="n1",
    )
    result = driver.perform("up")
    assert (states(result), len(driver["n1"].lines)) == ({"n1": "changed"}, 2)
    waited(lambda: driver["n1"].lines[1].closed)


def test_an_armed_step_that_cuts_the_host_off_is_undone(driver: Driver) -> None:
    machine = driver["n1"]
    first, connect = machine.connect(), machine.connect

    def only_once():
        machine.connect = lambda *_: (_ for _ in ()).throw(
            transaction.Unreachable("n1", "no route to it")
        )
        return first

    machine.connect = only_once  # type: ignore[method-assign]
    driver.system(
        server={
            "up": lambda ask: [
                Step(name="address", do=("true",), undo=("true",), confirm_within=0.4)
            ]
        },
        hosts="n1",
    )
    result = driver.perform("up")
    machine.connect = connect  # type: ignore[method-assign]
    assert (states(result), row(result, "n1").error) == (
        {"n1": "rolled-back"},
        "n1: address: no new connection arrived within 0.4 s; what was begun is undone",
    )
