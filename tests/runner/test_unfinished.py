"""Runs that nobody saw end."""

import time

import pytest

from fairlead.model.plan import Status, Step
from tests.driver import Driver, row, states
from tests.machine import Cut, waited
from tests.runner.toys import NO_LEASES, leases_of, made_files, makes


def test_a_run_that_ended_unseen_is_told_of_once(driver: Driver) -> None:
    driver.system(server={"up": makes(driver.folder)}, hosts="n1")
    name = driver["n1"].do(Step(name="a", do=("true",))).name
    (driver["n1"].state / "runs" / name / "seen").unlink()
    notes = [driver.perform("up").notes for _ in range(2)]
    assert notes == [
        (f"n1: run {name} of ann@desk (inv toy.up) lost its operator and finished by itself",),
        (),
    ]


def test_a_run_that_was_left_open_comes_first(driver: Driver) -> None:
    driver.system(server={"up": makes(driver.folder), "status": lambda ask: Status(True, ())})
    name = driver["n2"].do(Step(name="a", do=("true",))).name
    (driver["n2"].state / "runs" / name / "state").unlink()
    result = driver.perform("up")
    assert (states(result), result.code) == ({"n1": "skipped", "n2": "locked", "n3": "skipped"}, 6)
    assert row(result, "n2").error == (
        f"n2: run {name} of ann@desk (inv toy.up) was left in the middle"
        " (power cut, or its worker was killed);"
        " bring it to one side: inv runs.recover --host=n2"
    )
    assert (made_files(driver.folder), leases_of(driver)) == ([], NO_LEASES)
    looked = driver.perform("status")
    assert (looked.code, len(looked.notes), "was left in the middle" in looked.notes[0]) == (
        0,
        1,
        True,
    )


def test_a_host_that_is_lost_meanwhile_is_unreachable_and_finishes(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairlead.remote.link.PAUSE", 0.05)
    monkeypatch.setattr("fairlead.remote.link.PATIENCE", 0.2)
    path = driver.folder / "made"
    driver.system(
        server={
            "up": lambda ask: [
                Step(name="slow", do=("sh", "-c", 'sleep 0.6; touch "$1"', "_", str(path)))
            ]
        },
        hosts="n1",
    )
    driver["n1"].cut = Cut(b" begin 1 .", stays=True)
    result = driver.perform("up")
    assert (states(result), result.code) == ({"n1": "unreachable"}, 5)
    assert "it ends by itself: inv runs.follow --host=n1" in row(result, "n1").error
    waited(path.exists)
    time.sleep(0.1)
    driver["n1"].dead = False
    assert [run.state for run in driver["n1"].ask().runs] == ["changed"]
