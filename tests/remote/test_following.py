"""Round trips and lost links, what is seen and what is left, what a host has to have."""

import time
from pathlib import Path

import pytest

from fairlead.connections.base import ProgramResult
from fairlead.model.errors import StepFailed, Unreachable
from fairlead.model.plan import Fact, Step, pipe, same
from fairlead.remote import programs, transaction
from fairlead.remote.link import Link, follow
from tests.machine import Connection, Cut, Machine, a_run, waited
from tests.remote.steps import FAILS, logs, touch

# round trips, and links that are lost


def test_an_unchanged_verb_is_two_channels(machine: Machine) -> None:
    line = machine.connect()
    run = a_run()
    transaction.ask(line, (), run)
    transaction.do(
        Link("n1", lambda: line),
        run,
        1,
        (Step(name="a", unless=("true",)),),
        lambda event: None,
    )
    assert line.channels == 2


@pytest.mark.usefixtures("hasty")
def test_a_lost_link_is_sought_and_every_event_comes_once(machine: Machine, tmp_path: Path) -> None:
    steps = tuple(
        touch(
            tmp_path / str(number),
            do=("sh", "-c", 'sleep 0.1; : >"$1"', "_", str(tmp_path / str(number))),
        )
        for number in range(6)
    )
    machine.cut = Cut(b" begin 2 .")
    done = machine.do(*steps)
    assert (done.state, done.steps, [event.number for event in done.events]) == (
        "changed",
        ["changed"] * 6,
        list(range(1, 15)),
    )
    assert [line.closed for line in machine.lines] == [True, False]


@pytest.mark.usefixtures("hasty")
def test_an_upload_that_never_arrived_is_sent_again(machine: Machine, tmp_path: Path) -> None:
    class Lost(Connection):
        def _converse(self, *_: object) -> ProgramResult:
            raise Unreachable("n1", "the link was cut")

    connections = iter([Lost(machine)])
    link = Link("n1", lambda: next(connections, None) or machine.connect())
    ended = transaction.do(link, a_run(), 1, (touch(tmp_path / "a"),), lambda event: None)
    assert (ended.state, (tmp_path / "a").exists(), ended.steps[0].state) == (
        "changed",
        True,
        "changed",
    )


def test_a_program_that_arrives_twice_works_once(machine: Machine, tmp_path: Path) -> None:
    run, step = a_run(), logs(tmp_path / "log", "a")
    assert [machine.do(step, run=run).state for _ in range(2)] == ["changed", "changed"]
    assert (tmp_path / "log").read_text() == "do a\n"


@pytest.mark.usefixtures("hasty")
def test_who_stays_away_is_told_how_to_follow(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairlead.remote.link.PATIENCE", 0.2)
    machine.cut = Cut(b" begin 1 .", stays=True)
    working = machine.begin(Step(name="a", do=("sleep", "0.6")))
    with pytest.raises(
        Unreachable,
        match=rf"n1: lost while run {working.name} works there \(no route to it\); it ends by "
        rf"itself: inv runs.follow --host=n1",
    ):
        working.result()


def test_a_run_that_nobody_knows_cannot_be_followed(machine: Machine) -> None:
    with pytest.raises(
        StepFailed, match=r"n1: there is no run 2026-x.1 here; see inv runs.list --all --host=n1"
    ):
        follow(machine.link(), "2026-x.1", lambda event: None)


def test_silence_is_a_lost_link(machine: Machine) -> None:
    with pytest.raises(Unreachable, match="not a byte for 0.2 s"):
        machine.connect().run("main() { sleep 20; }; main", idle=0.2)


# seen and unseen


def test_a_run_whose_end_nobody_saw_is_reported_until_the_next_transaction_has_told_of_it(
    machine: Machine, tmp_path: Path
) -> None:
    machine.cut = Cut(b" begin 1 .", stays=True)
    working = machine.begin(
        touch(tmp_path / "a", do=("sh", "-c", 'sleep 0.3; : >"$1"', "_", str(tmp_path / "a")))
    )
    waited(lambda: machine.dead)
    waited(lambda: (machine.state / "runs" / working.name / "state").exists())
    machine.dead = False
    for _ in range(2):  # asking does not make it seen
        assert [
            (run.name, run.state, run.seen, run.who) for run in machine.ask().runs if not run.alive
        ] in (
            [],
            [(working.name, "changed", False, "ann@desk")],
        )
    machine.do(Step(name="b", unless=("true",)), seen=[working.name])
    assert machine.ask().runs == ()


def test_reading_of_a_run_does_not_make_it_seen(machine: Machine) -> None:
    name = machine.do(Step(name="a", do=("true",))).name
    (machine.state / "runs" / name / "seen").unlink()
    ended = transaction.replay(machine.connect(), name)
    assert (ended.state, [run.name for run in machine.ask().runs]) == (
        "changed",
        [name],
    )
    follow(machine.link(), name, lambda event: None)
    assert machine.ask().runs == ()


def test_the_last_fifty_runs_are_kept_and_those_that_nobody_saw(machine: Machine) -> None:
    first = machine.do(Step(name="a", do=("true",))).name
    runs = machine.state / "runs"
    for number in range(60):
        made = runs / f"19990101T000000-{number:02}.1"
        made.mkdir()
        (made / "about").write_text("x\ntoy\nbob\nold\n\n")
        (made / "state").write_text("changed\n" if number else "stuck\n")
        if number != 1:
            (made / "seen").touch()
    machine.do(Step(name="b", unless=("true",)))
    left = waited(
        lambda: names if len(names := sorted(path.name for path in runs.iterdir())) == 52 else None
    )
    assert (left[0], left[1], first in left) == (
        "19990101T000000-00.1",
        "19990101T000000-01.1",
        True,
    )


# what a host has to have


def test_nothing_is_left_on_the_volatile_side(machine: Machine) -> None:
    machine.do(Step(name="a", do=("true",), stdin="x"))
    assert waited(lambda: list((machine.volatile / "runs").iterdir()) == []) is True


def test_the_journal_of_the_host_has_a_line_for_each_run(machine: Machine) -> None:
    first = machine.do(Step(name="a", do=("true",)))
    second = machine.do(Step(name="b", do=FAILS))
    lines = (machine.state / "journal").read_text().splitlines()
    assert [line.split(" ", 1)[1].partition("\t")[0] for line in lines] == [
        f"{first.name} toy changed ann@desk inv toy.up",
        f"{second.name} toy undone ann@desk inv toy.up",
    ]
    assert oct((machine.state / "journal").stat().st_mode) == "0o100640"


def test_an_answer_cut_short_is_no_answer(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "END", "")
    with pytest.raises(Unreachable, match="n1: its answer was cut short; try again"):
        machine.ask(Fact("a", ("true",), str))


def test_a_shell_that_does_not_run_our_program_is_named(machine: Machine) -> None:
    (machine.bin / "sh").unlink()
    (machine.bin / "sh").symlink_to("/bin/false")
    with pytest.raises(
        StepFailed,
        match=r"n1: its shell did not run our program \(it ended with 1\); try: ssh to it",
    ):
        transaction.runs(machine.connect())


def test_unchanged_steps_cost_little(machine: Machine) -> None:
    """An order of magnitude, so that a sleep that slips in is noticed: 10 unchanged steps against a
    bare `sh -c true`.
    """
    import subprocess

    def best(work) -> float:
        durations = []
        for _ in range(3):
            began = time.monotonic()
            work()
            durations.append(time.monotonic() - began)
        return min(durations)

    steps = [Step(name=str(number), unless=("true",)) for number in range(10)]
    bare = best(lambda: subprocess.run(["sh", "-c", "true"], timeout=5, check=True))
    ours = best(lambda: machine.do(*steps))
    print(f"10 unchanged steps: {ours * 1000:.0f} ms; bare: {bare * 1000:.0f} ms")
    assert ours - bare < 0.5


def test_a_pipe_of_the_host_itself(machine: Machine, tmp_path: Path) -> None:
    path = tmp_path / "a"
    done = machine.do(
        Step(
            name="a",
            unless=same(pipe(("echo", "x"), ("tr", "x", "y")), "x"),
            do=pipe(("echo", "x"), ("tee", str(path))),
        )
    )
    assert (done.state, path.read_text()) == ("changed", "x\n")
