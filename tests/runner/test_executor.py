"""Phases on many hosts: registered words between them, batches, one host for all."""

from pathlib import Path

import pytest

from fairlead.model.plan import Phase, Registered, Step, then
from fairlead.remote import transaction
from tests.driver import Driver, row, states
from tests.runner.toys import lines, says


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


def rolls(driver: Driver, log: Path, *bad: str) -> None:
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
            Phase("pull", (Step(name="pull", do=says(log, "pull", host)),)),
            Phase("swap", (swap,), rolling=True),
        ]

    driver.system(server={"upgrade": upgrade})


def test_a_rolling_phase_goes_by_batches_after_all_have_pulled(
    driver: Driver, tmp_path: Path
) -> None:
    rolls(driver, tmp_path / "log")
    assert driver.perform("upgrade", batch=1).code == 0
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
    result = driver.perform("upgrade", batch=1, max_fail=max_fail)
    assert (states(result), result.code) == (left, 1)
    assert row(result, "n2").error in (
        "",
        "n2: was not touched: too many hosts before it had failed",
    )
    assert [list(transaction.runs(driver[host].connect())[1]) for host in left] == [[], [], []]


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
