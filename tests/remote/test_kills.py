"""Kills and cuts: the operator's, the worker's, the power's. The host ends on one side, or says
that somebody has to decide.
"""

import os
import shutil
import signal
from pathlib import Path

import pytest

from fairlead.model.errors import StepFailed
from fairlead.model.plan import Step
from fairlead.remote import transaction
from fairlead.remote.link import follow
from tests.machine import Cut, Machine, a_run, gone, leads, processes, waited

pytestmark = pytest.mark.slow


class Log:
    """What steps and undos write down."""

    def __init__(self, path: Path):
        self.path = path

    def step(self, word: str, seconds: float = 0, **more) -> Step:
        say = (
            "sh",
            "-c",
            'echo "begin $1" >>"$2"; sleep "$3"; echo "end $1" >>"$2"',
            "_",
            word,
            str(self.path),
            str(seconds),
        )
        undo = ("sh", "-c", 'echo "undo $1" >>"$2"', "_", word, str(self.path))
        return Step(**{"name": word, "do": say, "undo": undo} | more)

    @property
    def lines(self) -> list[str]:
        return self.path.read_text().splitlines() if self.path.exists() else []

    def until(self, line: str) -> None:
        waited(lambda: line in self.lines)


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "log")


def kill_worker(machine: Machine, name: str) -> None:
    pid = machine.worker(name)
    os.kill(pid, signal.SIGKILL)
    waited(lambda: gone(pid))


def killed(machine: Machine, log: Log, *steps: Step, at: str) -> str:
    """A run whose worker was killed when `at` had been written; its follower has gone."""
    working = machine.begin(*steps)
    log.until(at)
    kill_worker(machine, working.name)
    working.result()
    return working.name


def end_group(machine: Machine, name: str) -> None:
    """The step that outlived its worker."""
    group = int((machine.volatile / "runs" / name / "group").read_text().split()[0])
    os.killpg(group, signal.SIGKILL)
    waited(lambda: all(gone(pid) for pid, _ in processes() if _group(pid) == group))


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0


# the operator


def test_when_the_operator_is_killed_the_host_finishes_by_itself(every: Machine, log: Log) -> None:
    every.cut = Cut(b" begin 2 .", stays=True)
    working = every.begin(log.step("a"), log.step("b", 0.3), log.step("c"))
    waited(lambda: every.dead)
    waited(lambda: (every.state / "runs" / working.name / "state").exists())
    every.dead = False
    assert log.lines == ["begin a", "end a", "begin b", "end b", "begin c", "end c"]
    assert [(run.state, run.seen, run.is_stranded) for run in every.ask().runs] == [
        ("changed", False, False)
    ]


def test_when_the_operator_is_killed_and_a_step_fails_the_host_undoes_by_itself(
    machine: Machine, log: Log
) -> None:
    machine.cut = Cut(b" begin 2 .", stays=True)
    working = machine.begin(log.step("a"), log.step("b", 0.2, do=("sh", "-c", "sleep 0.2; exit 1")))
    waited(lambda: machine.dead)
    waited(lambda: (machine.state / "runs" / working.name / "state").exists())
    machine.dead = False
    assert log.lines == ["begin a", "end a", "undo b", "undo a"]
    assert [run.state for run in machine.ask().runs] == ["undone"]


def test_whoever_follows_again_gets_every_event(machine: Machine, log: Log) -> None:
    machine.cut = Cut(b" begin 2 .", stays=True)
    working = machine.begin(log.step("a"), log.step("b", 0.4))
    waited(lambda: machine.dead)
    log.until("begin b")
    machine.dead, events = False, []
    ended = follow(machine.link(), working.name, events.append)
    assert (
        ended.state,
        [event.number for event in events],
        [run.state for run in ended.steps],
    ) == ("changed", list(range(1, 7)), ["changed"] * 2)
    assert machine.ask().runs == ()


# the worker


def test_a_killed_worker_is_reported_at_once_and_its_run_is_stranded(
    every: Machine, log: Log
) -> None:
    working = every.begin(log.step("a"), log.step("b", 30))
    log.until("begin b")
    kill_worker(every, working.name)
    assert working.result().state == "open"
    assert [(run.name, run.state, run.alive, run.is_stranded) for run in every.ask().runs] == [
        (working.name, "open", False, True)
    ]
    end_group(every, working.name)


def test_a_stranded_run_stays_reported_however_often_it_was_read_of(
    machine: Machine, log: Log
) -> None:
    name = killed(machine, log, log.step("a", 30), at="begin a")
    end_group(machine, name)
    for _ in range(2):
        assert follow(machine.link(), name, lambda event: None).state == "open"
        assert [run.name for run in machine.ask().runs] == [name]


def test_a_step_that_outlived_its_worker_is_found_before_anything_is_undone(
    machine: Machine, log: Log
) -> None:
    name = killed(machine, log, log.step("a"), log.step("b", 30), at="begin b")
    group = (machine.volatile / "runs" / name / "group").read_text().split()[0]
    with pytest.raises(
        StepFailed,
        match=f"n1: a step of run {name} is still running as process group {group}: end it "
        rf"there \(kill -- -{group}\), then inv runs.recover --host=n1",
    ):
        transaction.recover(machine.connect(), name, "toy")
    assert log.lines == ["begin a", "end a", "begin b"]
    end_group(machine, name)
    assert transaction.recover(machine.connect(), name, "toy").state == "undone"
    assert log.lines == ["begin a", "end a", "begin b", "undo b", "undo a"]


def test_recovery_undoes_and_tells_what(every: Machine, log: Log) -> None:
    run = a_run()
    every.ask(lease=run)
    working = every.begin(log.step("a"), log.step("b", 30), log.step("c"), run=run)
    log.until("begin b")
    kill_worker(every, working.name)
    end_group(every, working.name)
    ended = transaction.recover(every.connect(), working.name, "toy")
    assert (ended.state, ended.undone) == ("undone", {2: (0, ""), 1: (0, "")})
    assert every.ask().runs == ()
    assert transaction.runs(every.connect())[1] == {}  # the lease of the dead run is gone as well


def test_recovery_forward_leaves_everything_and_forgets(machine: Machine, log: Log) -> None:
    name = killed(machine, log, log.step("a", 30), at="begin a")
    end_group(machine, name)
    assert transaction.recover(machine.connect(), name, "toy", forward=True).state == "forgotten"
    assert (log.lines, machine.ask().runs) == (["begin a"], ())


def test_a_recovery_whose_undo_fails_can_be_repeated_and_undoes_only_the_rest(
    machine: Machine, log: Log, tmp_path: Path
) -> None:
    stubborn = log.step(
        "b",
        undo=(
            "sh",
            "-c",
            'echo "try b" >>"$1"; test -e "$2"',
            "_",
            str(log.path),
            str(tmp_path / "mended"),
        ),
    )
    name = killed(machine, log, log.step("a"), stubborn, log.step("c", 30), at="begin c")
    end_group(machine, name)
    assert transaction.recover(machine.connect(), name, "toy").state == "stuck"
    assert [run.state for run in machine.ask().runs] == ["stuck"]
    (tmp_path / "mended").touch()
    assert transaction.recover(machine.connect(), name, "toy").state == "undone"
    assert log.lines[-4:] == ["undo c", "try b", "undo a", "try b"]


def test_no_recovery_while_it_works(machine: Machine, log: Log) -> None:
    working = machine.begin(log.step("a", 0.5))
    log.until("begin a")
    with pytest.raises(StepFailed, match="a run of toy works here just now: inv runs.follow"):
        transaction.recover(machine.connect(), working.name, "toy")
    assert (working.result().state, log.lines) == ("changed", ["begin a", "end a"])


def test_no_recovery_of_what_has_ended_or_never_was(machine: Machine) -> None:
    name = machine.do(Step(name="a", do=("true",))).name
    with pytest.raises(StepFailed, match=f"run {name} has ended: changed"):
        transaction.recover(machine.connect(), name, "toy")
    with pytest.raises(StepFailed, match=r"there is no run x\.1 here"):
        transaction.recover(machine.connect(), "x.1", "toy")


def test_a_worker_killed_in_the_middle_of_undoing_is_brought_to_its_end(
    machine: Machine, log: Log
) -> None:
    slow = log.step("b", undo=("sh", "-c", 'echo "undoing b" >>"$1"; sleep 30', "_", str(log.path)))
    working = machine.begin(log.step("a"), slow, log.step("c", do=("false",)))
    log.until("undoing b")
    kill_worker(machine, working.name)
    end_group(machine, working.name)
    assert working.result().state == "open"
    lose_tmpfs(machine)
    again = machine.state / "runs" / working.name / "undo"
    again.write_text(again.read_text().replace("sleep 30", "sleep 0"))
    assert transaction.recover(machine.connect(), working.name, "toy").state == "undone"
    assert log.lines == [
        "begin a",
        "end a",
        "begin b",
        "end b",
        "undo c",
        "undoing b",
        "undoing b",
        "undo a",
    ]


# the power


def lose_tmpfs(machine: Machine) -> None:
    """All that lies there, and what a dying process still writes."""

    def is_gone() -> bool:
        shutil.rmtree(machine.volatile, ignore_errors=True)
        return not machine.volatile.exists()

    waited(is_gone)


@pytest.mark.parametrize("torn", ["", "7 ste"])
def test_after_a_power_cut_the_disk_alone_is_enough(every: Machine, log: Log, torn: str) -> None:
    """All that lies on the tmpfs is gone, no process is left, and the last event may be half
    written.
    """
    name = killed(every, log, log.step("a"), log.step("b", 30), at="begin b")
    end_group(every, name)
    lose_tmpfs(every)
    with (every.state / "runs" / name / "events").open("a") as events:
        events.write(torn)
    assert [(run.name, run.is_stranded) for run in every.ask().runs] == [(name, True)]
    ended = transaction.recover(every.connect(), name, "toy")
    assert (ended.state, ended.undone, log.lines[-2:]) == (
        "undone",
        {2: (0, ""), 1: (0, "")},
        ["undo b", "undo a"],
    )


def test_a_power_cut_before_the_first_step_leaves_nothing_to_undo(machine: Machine) -> None:
    name = machine.do(Step(name="a", do=("true",))).name
    folder = machine.state / "runs" / name
    for file in ("state", "marks", "events", "seen"):
        (folder / file).unlink()
    lose_tmpfs(machine)
    ended = transaction.recover(machine.connect(), name, "toy")
    assert (ended.state, ended.undone) == ("undone", {})


# a shutdown


def test_on_term_the_worker_stops_after_the_step_and_undoes_nothing(
    every: Machine, log: Log
) -> None:
    working = every.begin(log.step("a"), log.step("b", 2), log.step("c"))
    log.until("begin b")
    os.kill(every.worker(working.name), signal.SIGTERM)
    assert (working.result().state, log.lines) == (
        "interrupted",
        ["begin a", "end a", "begin b", "end b"],
    )
    assert [(run.state, run.is_stranded) for run in every.ask().runs] == [("interrupted", True)]
    assert transaction.recover(every.connect(), working.name, "toy").state == "undone"


def test_a_step_that_the_shutdown_itself_has_ended_is_not_undone_either(
    machine: Machine, log: Log
) -> None:
    working = machine.begin(log.step("a"), log.step("b", 30))
    log.until("begin b")
    os.kill(machine.worker(working.name), signal.SIGTERM)
    group = (machine.volatile / "runs" / working.name / "group").read_text().split()[0]
    os.killpg(int(group), signal.SIGTERM)
    assert (working.result().state, log.lines) == ("interrupted", ["begin a", "end a", "begin b"])


def test_on_term_a_wait_ends(machine: Machine, log: Log) -> None:
    working = machine.begin(
        log.step("a"), Step(name="wait", until=("false",), every=0.1, timeout=60)
    ).until("begin", 2)
    os.kill(machine.worker(working.name), signal.SIGTERM)
    assert working.result().state == "interrupted"


# the dead man's switch


def test_an_armed_step_that_nobody_disarms_is_undone_with_all_before_it(
    every: Machine, log: Log
) -> None:
    working = every.begin(log.step("a"), log.step("address", confirm_within=0.5), log.step("c"))
    ended = working.result()
    assert (ended.state, [run.state for run in ended.steps]) == ("undone", ["changed", "unarmed"])
    assert log.lines == [
        "begin a",
        "end a",
        "begin address",
        "end address",
        "undo address",
        "undo a",
    ]


def disarm(machine: Machine, name: str, step: int) -> None:

    transaction.disarm(machine.connect(), name, step)


def test_an_armed_step_that_a_new_connection_disarms_goes_on(every: Machine, log: Log) -> None:
    working = every.begin(log.step("address", confirm_within=20), log.step("b")).until("armed")
    disarm(every, working.name, 1)
    assert (working.result().state, log.lines) == (
        "changed",
        ["begin address", "end address", "begin b", "end b"],
    )


@pytest.mark.parametrize("moment", ["while it acts", "while it waits"])
def test_when_the_worker_dies_while_a_step_is_armed_the_host_comes_back(
    every: Machine, log: Log, moment: str
) -> None:
    working = every.begin(
        log.step("a"),
        log.step("address", 30 if moment == "while it acts" else 0, confirm_within=60),
        log.step("c"),
    )
    log.until("begin address")
    if moment == "while it waits":
        working.until("armed", 2)
    os.kill(every.worker(working.name), signal.SIGKILL)
    ended = working.result()
    assert (ended.state, ended.undone) == ("undone", {2: (0, ""), 1: (0, "")})
    assert log.lines[-2:] == ["undo address", "undo a"]
    waited(
        lambda: not [line for _, line in processes() if str(log.path) in line]
    )  # nor does the step go on
    assert every.ask().runs == ()


def test_once_disarmed_the_dead_man_has_gone(machine: Machine, log: Log) -> None:
    working = machine.begin(log.step("address", confirm_within=20), log.step("b", 30)).until(
        "armed"
    )
    disarm(machine, working.name, 1)
    log.until("begin b")
    kill_worker(machine, working.name)
    assert working.result().state == "open"
    assert log.lines == ["begin address", "end address", "begin b"]
    end_group(machine, working.name)


def test_a_run_is_alive_from_its_first_moment_to_its_last(machine: Machine) -> None:
    """Whoever asks meanwhile never takes it for dead."""
    for _ in range(3):
        working = machine.begin(*(Step(name=str(number), do=("true",)) for number in range(3)))
        known = []
        while not (machine.state / "runs" / working.name / "state").exists():
            known += [run for run in machine.ask().runs if run.name == working.name]
        working.result()
        assert [run for run in known if run.is_stranded] == []


def test_nobody_leads_a_session_of_ours_any_more(machine: Machine, log: Log) -> None:
    machine.begin(log.step("a", confirm_within=0.1)).result()
    mine = str(machine.folder)
    waited(
        lambda: (
            not [
                pid
                for pid, line in processes()
                if leads(pid) and any(mine in word for word in line)
            ]
        )
    )
