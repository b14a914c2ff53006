"""Leases: on all hosts or none, who waits for whom, and who keeps them alive."""

import os
import threading
import time
from pathlib import Path

import pytest

from fairlead.model.plan import Phase, Status, Step
from fairlead.remote import programs, transaction
from tests.driver import Driver, row, states
from tests.machine import a_run, waited
from tests.runner.toys import NO_LEASES, leases_of, made_files, makes

pytestmark = pytest.mark.slow

ROUNDS = 12  # of two operators


def test_all_leases_or_none(driver: Driver) -> None:
    driver.system(server={"up": makes(driver.folder)})
    driver["n2"].ask(lease=a_run(who="bob@home", what="inv toy.down"))
    result = driver.perform("up")
    assert (states(result), result.code) == ({"n1": "skipped", "n2": "locked", "n3": "skipped"}, 6)
    assert row(result, "n2").error.startswith("n2: bob@home works on toy here since ")
    assert (made_files(driver.folder), leases_of(driver)) == (
        [],
        {"n1": [], "n2": ["toy"], "n3": []},
    )


def test_what_stands_apart_on_one_host_does_not_wait_for_each_other(driver: Driver) -> None:
    driver.system(server={"up": makes(driver.folder)}, runs_on="local", apart="hosts")
    driver["local"].ask(lease=a_run(system="toy.n-4-5"))
    assert set(states(driver.perform("up")).values()) == {"changed"}
    driver["local"].ask(lease=a_run(system="toy.n-1-3", who="bob@home"))
    assert row(driver.perform("up"), "n1").error.startswith(
        "local: bob@home works on toy.n-1-3 here since "
    )


def test_whoever_waits_goes_on_when_the_lease_is_free(driver: Driver) -> None:
    driver.system(server={"up": makes(driver.folder)})
    bob = a_run(who="bob@home")
    driver["n2"].ask(lease=bob)
    threading.Timer(
        0.5,
        lambda: transaction.release(driver["n2"].connect(), "toy", bob.name),
    ).start()
    result = driver.perform("up", wait=20)
    assert set(states(result).values()) == {"changed"}
    first = driver.watcher.progress_of_kind("waiting")[0]
    assert (first.host, first.text) == ("n2", "bob@home")


def test_two_who_want_the_same_hosts_both_come_through(driver: Driver) -> None:
    driver.system(server={"up": lambda ask: [Step(name="work", do=("sleep", "0.2"))]})
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(driver.perform("up", wait=40)), daemon=True)
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(50)
    assert [result.code for result in results] == [0, 0]


def test_looking_is_never_refused(driver: Driver) -> None:
    driver.system(server={"status": lambda ask: Status(True, ()), "up": makes(driver.folder)})
    driver["n2"].ask(lease=a_run())
    assert (driver.perform("status").code, driver.perform("up", dry_run=True).code) == (0, 0)


def test_of_two_in_the_same_second_one_works(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.system(server={"up": lambda ask: [Step(name="work", do=("sleep", "1.5"))]})
    site = driver.site()
    monkeypatch.setattr(driver, "site", lambda: site)
    for _ in range(ROUNDS):
        start, results = threading.Barrier(2), []

        def operate(start=start, results=results) -> None:
            start.wait()
            results.append(driver.perform("up"))

        threads = [threading.Thread(target=operate, daemon=True) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sorted(result.code for result in results) == [0, 6]
        assert {"changed"} in [set(states(result).values()) for result in results]
        assert leases_of(driver) == NO_LEASES


def test_nobody_waits_for_one_who_is_gone(driver: Driver) -> None:
    driver.system(server={"up": makes(driver.folder)})
    driver["n2"].ask(lease=a_run(who="bob@home"))
    then = time.time() - 100
    os.utime(driver["n2"].lease(), (then, then))
    began = time.monotonic()
    result = driver.perform("up", wait=60)
    assert (result.code, time.monotonic() - began < 30) == (6, True)
    assert row(result, "n2").error.endswith("take it over: inv runs.release --host=n2")


def test_hosts_that_wait_for_others_keep_their_lease(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "LEASE_SECONDS", 4)
    monkeypatch.setattr("fairlead.runner.leases.SIGN", 1)

    def up(ask):
        if ask.target.host == "n1":
            return [Phase("one", (Step(name="slow", do=("sleep", "7")),)), Phase("two", ())]
        return [Phase("two", (Step(name="fast", do=("true",)),))]

    driver.system(server={"up": up})
    results = []
    thread = threading.Thread(target=lambda: results.append(driver.perform("up")), daemon=True)
    thread.start()
    waited(lambda: any("fl_mark" in program for program in driver["n1"].asked))
    for _ in range(6):
        threading.Event().wait(1)
        assert driver["n2"].ask(lease=a_run(who="bob@home")).holder is not None
    thread.join(30)
    assert set(states(results[0]).values()) == {"changed"}
