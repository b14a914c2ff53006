"""Phases on many hosts: kept words between them, batches, one carrier for all, and what is told of a failure."""

import threading
from pathlib import Path

import pytest

from fairlead.model.plan import Phase, Registered, Secret, Step, either, not_, pipe, same, then
from fairlead.output.text import lines as lines_of
from fairlead.remote import programs, transaction
from fairlead.runner.explain import commands, explained, typed
from tests.driver import Driver, row, states
from tests.machine import a_run, waited


def says(log: Path, *words) -> tuple:
    return ("sh", "-c", 'f=$1; shift; echo "$*" >>"$f"', "_", str(log), *words)


def lines(log: Path) -> list[str]:
    return log.read_text().splitlines() if log.exists() else []


# phases


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
        "n1: run needs digest of n1, and the step that keeps it did nothing; a step that keeps has no `unless`"
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


# rolling


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


# one carrier


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


# telling


def test_steps_that_stay_done_are_named(driver: Driver, tmp_path: Path) -> None:
    steps = [
        Step(name="pull", do=("true",)),
        Step(name="start", do=("true",), undo=("true",)),
        Step(name="bad", do=("sh", "-c", "echo no room; exit 5")),
    ]
    driver.system(server={"up": lambda ask: steps}, hosts="n1")
    result = row(driver.perform("up"), "n1")
    assert (result.state, result.error) == (
        "rolled-back",
        "n1: bad: no room; what was begun is undone (pull stays done)",
    )
    assert [(step.name, step.state) for step in result.steps] == [
        ("pull", "changed"),
        ("start", "undone"),
        ("bad", "failed"),
    ]


def test_an_undo_that_failed_is_told(driver: Driver) -> None:
    steps = [
        Step(name="start", do=("true",), undo=("sh", "-c", "echo cannot; exit 9")),
        Step(name="bad", do=("false",)),
        Step(name="never", do=("true",)),
    ]
    driver.system(server={"up": lambda ask: steps}, hosts="n1")
    result = row(driver.perform("up"), "n1")
    assert result.error == (
        "n1: bad: ended with 1 and said nothing; undoing it failed as well: look at the host, then inv runs.recover --host=... (or --forward)"
    )
    assert [(step.name, step.state, step.error) for step in result.steps] == [
        ("start", "stuck", "cannot"),
        ("bad", "failed", "ended with 1 and said nothing"),
        ("never", "not-run", ""),
    ]


def test_a_question_that_failed_is_told(driver: Driver) -> None:
    ask_badly = Step(name="image", unless=("sh", "-c", "echo no daemon >&2; exit 2"), do=("true",))
    driver.system(server={"up": lambda ask: [ask_badly]}, hosts="n1")
    assert row(driver.perform("up"), "n1").error == (
        "n1: image: could not be asked whether it is already so (exit 2): no daemon; nothing was changed"
    )


def test_an_exit_code_of_a_sensitive_step_is_told_in_the_plans_words(driver: Driver) -> None:
    step = Step(
        name="login",
        do=("sh", "-c", "echo hunter2; exit 3"),
        stdin=Secret("hunter2"),
        sensitive=True,
        exit_messages=((3, "it was refused"),),
    )
    driver.system(server={"up": lambda ask: [step]}, hosts="n1")
    assert (
        row(driver.perform("up"), "n1").error
        == "n1: login: it was refused; nothing else was changed"
    )


def test_what_changes_in_a_file_is_told_before_it_is_done(driver: Driver, tmp_path: Path) -> None:
    step = Step(
        name="file",
        unless=("test", "-e", str(tmp_path / "f")),
        do=("touch", str(tmp_path / "f")),
        diff="-a\n+b\n",
    )
    driver.system(server={"up": lambda ask: [step]}, hosts="n1")
    found = [
        row(driver.perform("up", dry_run=dry), "n1").steps[0].diff for dry in (True, False, True)
    ]
    assert found == ["-a\n+b\n", "-a\n+b\n", ""]
    told = [
        (one.kind, one.step, one.text)
        for one in driver.watcher.told
        if getattr(one, "kind", "") in ("diff", "begin")
    ]
    assert told[-2:] == [("diff", "file", "-a\n+b\n"), ("begin", "file", "")]
    assert explained(step)[2:4] == ["#   -a", "#   +b"]


def test_the_last_line_of_a_step_that_tells_stands_beside_its_name(driver: Driver) -> None:
    say = ("sh", "-c", "echo installing; echo 333 MB so far")
    told, quiet = Step(name="tree", do=say, show_output=True), Step(name="other", do=say)
    hidden = Step(name="hidden", do=say, show_output=True, sensitive=True)
    driver.system(server={"up": lambda ask: [told, quiet, hidden]}, hosts="n1")
    result = driver.perform("up")
    assert [step.said for step in row(result, "n1").steps] == ["333 MB so far", "", ""]
    assert [
        one.result.said for one in driver.watcher.told if getattr(one, "kind", "") == "step"
    ] == ["333 MB so far", "", ""]
    assert list(lines_of(result)) == ["n1 toy: changed: tree (333 MB so far), other, hidden"]


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


# leases between phases


@pytest.mark.slow
def test_hosts_that_wait_for_others_keep_their_lease(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "LEASE_SECONDS", 4)

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
        assert driver["n2"].ask(lease=a_run(who="bob@home")).held is not None
    thread.join(30)
    assert set(states(results[0]).values()) == {"changed"}


# words


TYPED = {
    ("echo", "a b", "$x"): "echo 'a b' '$x'",
    then(("a",), ("b",)): "a && b",
    pipe(("a",), ("b", "c")): "a | b c",
    either(("a",), ("b",)): "a || b",
    not_(("a",)): "! a",
    same(("a",), "x y"): "a prints 'x y'",
}


@pytest.mark.parametrize("command", TYPED)
def test_commands_are_shown_as_a_person_would_type_them(command) -> None:
    assert typed(command) == TYPED[command]


def test_a_step_is_explained_with_its_questions() -> None:
    step = Step(
        name="x",
        do=("cat",),
        stdin="s3cret",
        unless=("test", "-e", "/x"),
        until=("true",),
        run_as="daos",
    )
    assert explained(step) == [
        "# x  (as daos)",
        "#   unless: test -e /x",
        "cat  # what it reads on stdin is not shown",
        "#   until: true",
    ]


def test_the_commands_of_a_step_are_argv_lists() -> None:
    assert commands(
        Step(name="x", do=then(("a", "b c"), pipe(("d",), ("e", Registered("n1", "k")))))
    ) == (("a", "b c"), ("d",), ("e", "<k>"))
