"""Phases on many hosts: registered words between them, batches, one host for all."""

import time
from pathlib import Path
from typing import Any

import pytest

from fairlead.model.plan import Ask, Phase, Registered, Step, then
from fairlead.model.shares import Pause, Share
from fairlead.remote import transaction
from tests.driver import Driver, row, states
from tests.runner.toys import lines, says

pytestmark = pytest.mark.slow


def test_a_phase_is_a_barrier(driver: Driver, tmp_path: Path) -> None:
    log = tmp_path / "log"

    def up(ask):
        host = ask.target.host
        slow = Step(
            name="one", do=then(("sleep", "0.4" if host == "n2" else "0"), says(log, "one", host))
        )
        return [Phase("one", (slow,)), Phase("two", (Step(name="two", do=says(log, "two", host)),))]

    driver.system(server={"up": up})
    assert driver.perform("up").code == 0
    assert [line.split()[0] for line in lines(log)] == ["one"] * 3 + ["two"] * 3


def test_what_one_host_keeps_another_may_name_later(driver: Driver, tmp_path: Path) -> None:
    log = tmp_path / "log"

    def up(ask):
        host = ask.target.host
        make = Step(name="make", do=("echo", f"token of {host}"), register="token", sensitive=True)
        join = Step(
            name="join",
            do=says(log, host, Registered("n1", "token", secret=True), Registered("", "id")),
        )
        return [
            Phase(
                "make",
                (make, Step(name="id", do=("echo", f"id-{host}\n"), register="id", read_only=True)),
            ),
            Phase("join", (join,)),
        ]

    driver.system(server={"up": up})
    result = driver.perform("up")
    assert sorted(lines(log)) == [f"{host} token of n1 id-{host}" for host in ("n1", "n2", "n3")]
    shown = row(result, "n2").steps[2].commands[0]
    assert shown[-2:] == ("<n1:token>", "id-n2")


def test_a_secret_that_is_kept_goes_on_by_stdin_and_is_cut_from_all_that_is_shown(
    driver: Driver, tmp_path: Path
) -> None:
    log = tmp_path / "log"

    def up(ask):
        make = Step(
            name="make",
            do=("echo", "a-token-that-joins"),
            register="token",
            sensitive=True,
            read_only=True,
        )
        save = (
            f'read -r token; printf \'%s\\n\' "$token" >>{log}; echo "it said $token" >&2; exit 1'
        )
        join = Step(
            name="join", do=("sh", "-c", save), stdin=Registered("n1", "token", secret=True)
        )
        return [Phase("make", (make,)), Phase("join", (join,))]

    driver.system(server={"up": up}, hosts="n1")
    assert (
        row(driver.perform("up"), "n1").error == "n1: join: it said ***; nothing else was changed"
    )
    assert lines(log) == ["a-token-that-joins"]


def test_a_word_that_was_never_kept_fails_that_host(driver: Driver) -> None:
    def up(ask):
        already = Step(name="digest", unless=("true",), do=("echo", "x"), register="digest")
        return [
            Phase("one", (already,)),
            Phase("two", (Step(name="run", do=("echo", Registered("", "digest"))),)),
        ]

    driver.system(server={"up": up}, hosts="n1")
    result = driver.perform("up")
    assert (states(result), result.code) == ({"n1": "failed"}, 1)
    assert row(result, "n1").error == (
        "n1: run needs digest of n1, and the step that keeps it did nothing;"
        " a step that keeps has no `unless`"
    )
    assert transaction.runs(driver["n1"].connect())[1] == {}


def test_every_phase_is_one_more_channel(driver: Driver) -> None:
    driver.system(
        server={
            "up": lambda ask: [Phase(name, (Step(name=name, unless=("true",)),)) for name in "abc"]
        },
        hosts="n1",
    )
    driver.perform("up")
    assert [line.channels for line in driver["n1"].lines] == [4]


def test_a_verb_that_has_nothing_to_do_is_well_and_gives_the_lease_back(driver: Driver) -> None:
    driver.system(server={"up": lambda ask: []})
    assert (states(driver.perform("up")), transaction.runs(driver["n1"].connect())[1]) == (
        {"n1": "ok", "n2": "ok", "n3": "ok"},
        {},
    )


def rolls(driver: Driver, log: Path, *bad: str, pull: tuple[str, ...] = ()) -> None:
    """An upgrade of two phases that fails in the second on `bad` hosts, in the first on `pull`."""

    def upgrade(ask):
        host = ask.target.host
        swap = Step(
            name="swap",
            do=then(
                says(log, "begin", host),
                ("sleep", "0.2"),
                says(log, "end", host),
                ("false",) if host in bad else ("true",),
            ),
        )
        return [
            Phase(
                "pull",
                (
                    Step(
                        name="pull",
                        do=then(says(log, "pull", host), ("false",) if host in pull else ("true",)),
                    ),
                ),
            ),
            Phase("swap", (swap,), rolling=True),
        ]

    driver.system(server={"upgrade": upgrade})


def test_a_rolling_phase_goes_by_batches_after_all_have_pulled(
    driver: Driver, tmp_path: Path
) -> None:
    rolls(driver, tmp_path / "log")
    assert driver.perform("upgrade", batch=(Share(1),)).code == 0
    assert lines(tmp_path / "log")[3:] == [
        f"{what} {host}" for host in ("n1", "n2", "n3") for what in ("begin", "end")
    ]


@pytest.mark.parametrize(
    ("max_fail", "left"),
    [
        (0, {"n1": "failed", "n2": "skipped", "n3": "skipped"}),
        (1, {"n1": "failed", "n2": "changed", "n3": "changed"}),
    ],
)
def test_a_roll_out_stops_once_too_many_have_failed(
    driver: Driver, tmp_path: Path, max_fail: int, left: dict[str, str]
) -> None:
    rolls(driver, tmp_path / "log", "n1")
    result = driver.perform("upgrade", batch=(Share(1),), max_fail=Share(max_fail))
    assert (states(result), result.code) == (left, 1)
    assert row(result, "n2").error in ("", "n2: not upgraded because of n1; pull stays done")
    way_on = f"toy.upgrade stopped before n[2-3]: inv runs.resume --run={result.run} goes on with"
    assert list(result.notes) == ([] if max_fail else [f"{way_on} what is left"])
    assert [list(transaction.runs(driver[host].connect())[1]) for host in left] == [[], [], []]


def test_a_roll_out_says_which_hosts_go_in_which_batch_before_the_first(
    driver: Driver, tmp_path: Path
) -> None:
    rolls(driver, tmp_path / "log")
    sizes = (Share(1), Share(percent=100))
    head = "toy.upgrade: 3 hosts in 2 batches: n1, then n[2-3]; it ends "
    for dry_run in (True, False):
        driver.watcher.remarks.clear()
        driver.perform("upgrade", batch=sizes, dry_run=dry_run)
        assert driver.watcher.remarks == [
            head + "with the first that fails",
            "way back: not known",
        ]
    driver.watcher.remarks.clear()
    driver.perform("upgrade", batch=sizes, max_fail=Share(percent=10))
    assert driver.watcher.remarks[0] == head + "once more than 10% have failed"


def test_a_roll_out_says_what_way_back_there_is_and_about_how_long_it_takes(
    driver: Driver,
) -> None:
    ways = {"n1": "state", "n2": "state", "n3": "first"}

    def upgrade(ask: Ask) -> Any:
        step = Step(name="swap", do=("true",))
        return [Phase("swap", (step,), rolling=True, way_back=ways[ask.target.host])]

    driver.system(server={"upgrade": upgrade})
    row = {"host": "n1", "system": "toy", "component": "server", "state": "changed"}
    rows = [{**row, "seconds": {"swap": seconds}} for seconds in (100, 20, 30)]
    driver.past = [{"site": "test", "hosts": rows}]
    driver.perform("upgrade", batch=(Share(1), Share(2)), pause=Pause(70), dry_run=True)
    assert driver.watcher.remarks[1] == (
        "way back: n[1-2] with the state of that time, by rollback, n3 none, nothing stands there"
        " yet; about 2 min, by 3 hosts of earlier runs"
    )


def test_hosts_that_go_all_at_once_need_no_word(driver: Driver, tmp_path: Path) -> None:
    rolls(driver, tmp_path / "log")
    driver.perform("upgrade")
    assert driver.watcher.remarks == []


def test_between_batches_somebody_is_asked_and_a_no_leaves_the_rest(
    driver: Driver, tmp_path: Path
) -> None:
    rolls(driver, tmp_path / "log")
    driver.confirms = False
    result = driver.perform("upgrade", batch=(Share(1),), pause=Pause(asks=True))
    assert driver.questions == ["n1: upgraded. Go on with n2?"]
    assert states(result) == {"n1": "changed", "n2": "skipped", "n3": "skipped"}
    assert row(result, "n2").error == (
        "n2: not upgraded because the answer was no; pull stays done"
    )
    assert result.code == 1
    assert [list(transaction.runs(driver[host].connect())[1]) for host in states(result)] == [
        [],
        [],
        [],
    ]


def test_between_batches_so_long_a_pause_is_made(driver: Driver, tmp_path: Path) -> None:
    rolls(driver, tmp_path / "log")
    began = time.monotonic()
    assert driver.perform("upgrade", batch=(Share(2),), pause=Pause(1.5)).code == 0
    assert time.monotonic() - began > 1.5


def test_hosts_that_are_named_first_go_first(driver: Driver, tmp_path: Path) -> None:
    rolls(driver, tmp_path / "log")
    assert driver.perform("upgrade", batch=(Share(1),), order=("n3", "n[1-3]")).code == 0
    begun = [line for line in lines(tmp_path / "log") if line.startswith("begin")]
    assert begun == ["begin n3", "begin n1", "begin n2"]


def test_a_share_of_all_hosts_may_fail(driver: Driver, tmp_path: Path) -> None:
    rolls(driver, tmp_path / "log", "n1")
    result = driver.perform("upgrade", batch=(Share(1),), max_fail=Share(percent=34))
    assert states(result) == {"n1": "failed", "n2": "changed", "n3": "changed"}


def test_hosts_that_were_not_reached_are_skipped_because_of_the_one_that_failed(
    driver: Driver, tmp_path: Path
) -> None:
    rolls(driver, tmp_path / "log", pull=("n2",))
    result = driver.perform("upgrade", batch=(Share(2),))
    assert states(result) == {"n1": "skipped", "n2": "failed", "n3": "skipped"}
    assert {host: row(result, host).code for host in ("n1", "n2", "n3")} == {
        "n1": 1,
        "n2": 1,
        "n3": 1,
    }
    assert row(result, "n1").error == "n1: not upgraded because of n2; pull stays done"
    assert [(step.name, step.state) for step in row(result, "n3").steps] == [("pull", "changed")]
    assert (result.code, result.changed) == (1, True)


@pytest.mark.parametrize(
    ("pull", "swap", "left"),
    [
        (("n1",), (), {"n1": "failed", "n2": "changed", "n3": "changed"}),
        (("n1",), ("n2",), {"n1": "failed", "n2": "failed", "n3": "skipped"}),
        (("n1", "n2"), (), {"n1": "failed", "n2": "failed", "n3": "skipped"}),
    ],
)
def test_as_many_hosts_may_fail_as_were_named_in_all_phases_together(
    driver: Driver,
    tmp_path: Path,
    pull: tuple[str, ...],
    swap: tuple[str, ...],
    left: dict[str, str],
) -> None:
    rolls(driver, tmp_path / "log", *swap, pull=pull)
    result = driver.perform("upgrade", batch=(Share(1),), max_fail=Share(1))
    assert (states(result), result.code) == (left, 1)
    assert row(result, "n3").error in (
        "",
        "n3: not upgraded because of n[1-2]; pull stays done",
    )
    assert not [line for line in lines(tmp_path / "log") if line == "begin n1"]
    assert [list(transaction.runs(driver[host].connect())[1]) for host in left] == [[], [], []]


def test_who_needs_the_word_of_a_host_that_has_failed_is_skipped_because_of_it(
    driver: Driver, tmp_path: Path
) -> None:
    log = tmp_path / "log"

    def up(ask):
        host = ask.target.host
        make = Step(name="make", do=("false",), register="token")
        join = Step(name="join", do=says(log, "join", host, Registered("n1", "token")))
        alone = Step(name="alone", do=says(log, "alone", host))
        if host == "n3":
            return [Phase("join", (alone,))]
        return [Phase("make", (make,))] if host == "n1" else [Phase("join", (join,))]

    driver.system(server={"up": up})
    result = driver.perform("up", max_fail=Share(1))
    assert states(result) == {"n1": "failed", "n2": "skipped", "n3": "changed"}
    assert row(result, "n2").error == "n2: not brought up because of n1"
    assert lines(log) == ["alone n3"]


def test_what_several_targets_ask_for_in_the_same_words_is_done_once_on_one_host(
    driver: Driver, tmp_path: Path
) -> None:
    log = tmp_path / "log"

    def up(ask):
        return [
            Step(name="bridge", do=says(log, "bridge"), undo=says(log, "undo")),
            Step(name="host", do=says(log, "host", ask.target.host)),
        ]

    driver.system(server={"up": up}, runs_on="local")
    result = driver.perform("up")
    assert lines(log) == ["bridge", "host n1", "host n2", "host n3"]
    assert {name: [step.name for step in row(result, name).steps] for name in ("n1", "n2")} == {
        "n1": ["bridge", "host"],
        "n2": ["bridge", "host"],
    }
    assert (
        [len(driver[name].asked) for name in ("n1", "local")],
        set(states(result).values()),
    ) == ([0, 2], {"changed"})
