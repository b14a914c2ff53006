"""A run is cancelled: by whomever, whatever it is at. What was begun is undone, and it is told who
asked for that.
"""

import time
from pathlib import Path

import pytest

from fairlead.model.plan import Step
from fairlead.remote import transaction
from fairlead.remote.events import CancelAnswer, RunCancelled, StepSilent
from fairlead.remote.link import StillWorking, follow
from tests.machine import Cut, Machine, Working, a_run, processes, waited
from tests.remote.steps import logs

pytestmark = pytest.mark.slow

WHO = "bob@home"


class Log:
    """What steps and undos write down. A step works until a file `go` is there."""

    def __init__(self, folder: Path):
        self.path, self.go = folder / "log", folder / "go"

    def works(self, word: str, **more) -> Step:
        wait = 'echo "begin $1" >>"$2"; until [ -e "$3" ]; do sleep 0.05; done'
        do = ("sh", "-c", wait, "_", word, str(self.path), str(self.go))
        undo = ("sh", "-c", 'echo "undo $1" >>"$2"', "_", word, str(self.path))
        return Step(**{"name": word, "do": do, "undo": undo} | more)

    def does(self, word: str, **more) -> Step:
        return logs(self.path, word, **more)

    @property
    def lines(self) -> list[str]:
        return self.path.read_text().splitlines() if self.path.exists() else []

    def until(self, line: str) -> None:
        waited(lambda: line in self.lines)

    def nothing_works(self) -> bool:
        return not [line for _, line in processes() if str(self.go) in line]


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path)


def cancel(machine: Machine, name: str, who: str = WHO) -> CancelAnswer:
    return transaction.cancel(machine.connect(), name, who)


def outcome(ended: transaction.Ended) -> tuple[str, list[str], str]:
    return ended.state, [step.state for step in ended.steps], ended.cancelled_by


def replaced(machine: Machine, old: str, new: str) -> None:
    """The host runs other words in place of these."""
    original = machine.rewritten

    def rewritten(program: str) -> str:
        assert old in program or "fl_cancel" not in program
        return original(program.replace(old, new))

    machine.rewritten = rewritten  # type: ignore[method-assign]


# what is ended at once


def test_the_step_is_ended_and_what_was_begun_is_undone(every: Machine, log: Log) -> None:
    working = every.begin(log.does("a"), log.works("b"), log.does("c"))
    log.until("begin b")
    answer = cancel(every, working.name)
    assert (answer.state, answer.mode, answer.step) == ("asked", "does", 2)
    assert outcome(working.result()) == ("undone", ["changed", "cancelled"], WHO)
    assert log.lines == ["do a", "begin b", "undo b", "undo a"]
    assert log.nothing_works()
    assert [event.who for event in working.events if isinstance(event, RunCancelled)] == [WHO]


def test_a_step_is_ended_with_all_that_it_has_started(every: Machine, log: Log) -> None:
    child = 'sh -c "$0" _ child "$3" "$4" & wait; sleep 60'
    many = log.works("b")
    words = ("sh", "-c", f"trap : TERM; {child}", *many.do[2:3], *many.do[3:])
    replaced(every, '"$start" 100', '"$start" 5')
    working = every.begin(log.does("a"), Step(name="b", do=words, undo=many.undo))
    log.until("begin child")
    cancel(every, working.name)
    assert outcome(working.result())[0::2] == ("undone", WHO)
    assert log.nothing_works()


def test_half_a_pull_is_ended_though_it_has_no_way_back(every: Machine, log: Log) -> None:
    working = every.begin(log.does("a"), log.works("pull", undo=None, interruptible=True))
    log.until("begin pull")
    cancel(every, working.name)
    assert outcome(working.result()) == ("undone", ["changed", "cancelled"], WHO)
    assert (log.lines, log.nothing_works()) == (["do a", "begin pull", "undo a"], True)


def test_a_wait_is_ended(every: Machine, log: Log) -> None:
    wait = Step(name="healthy", until=("false",), every=0.1, timeout=60)
    working = every.begin(log.does("a"), wait).until("begin", 2)
    waited(lambda: "waits" in (every.volatile / "runs" / working.name / "now").read_text())
    assert cancel(every, working.name).mode == "waits"
    assert outcome(working.result()) == ("undone", ["changed", "cancelled"], WHO)
    assert log.lines == ["do a", "undo a"]


def test_who_waits_for_a_lock_gives_up(machine: Machine, log: Log) -> None:
    first = machine.begin(log.works("a"))
    log.until("begin a")
    second = machine.begin(log.does("b"), wait=60).until("start")
    cancel(machine, second.name)
    assert outcome(second.result()) == ("failed", [], WHO)
    log.go.touch()
    assert (first.result().state, log.lines) == ("changed", ["begin a"])


def test_what_only_looks_is_ended_and_nothing_was_changed(machine: Machine, log: Log) -> None:
    working = machine.begin(log.works("look", undo=None, read_only=True))
    log.until("begin look")
    cancel(machine, working.name)
    assert outcome(working.result()) == ("failed", ["cancelled"], WHO)


# what is not ended half way


def test_a_step_without_a_way_back_is_let_end_and_the_rest_is_undone(
    every: Machine, log: Log
) -> None:
    """Also where it is the last one: who is told that a run ends finds it undone."""
    working = every.begin(log.does("a"), log.works("b", undo=None, timeout=50))
    log.until("begin b")
    answer = cancel(every, working.name)
    assert (answer.mode, answer.step, 40 < answer.left <= 50) == ("stays", 2, True)
    time.sleep(0.3)
    assert not log.nothing_works()
    log.go.touch()
    assert outcome(working.result()) == ("undone", ["changed", "changed"], WHO)
    assert log.lines == ["do a", "begin b", "undo a"]


def test_an_armed_step_is_left_to_the_dead_mans_switch(every: Machine, log: Log) -> None:
    working = every.begin(log.does("a"), log.does("address", confirm_within=20), log.does("c"))
    working.until("armed")
    assert cancel(every, working.name).mode == "armed"
    time.sleep(0.3)
    assert "undo address" not in log.lines
    transaction.disarm(every.connect(), working.name, 2)
    assert outcome(working.result()) == ("undone", ["changed", "changed"], WHO)
    assert log.lines == ["do a", "do address", "undo address", "undo a"]


def test_what_is_on_its_way_back_goes_on(every: Machine, log: Log) -> None:
    slow = log.works("a")
    working = every.begin(
        Step(name="a", do=("true",), undo=slow.do),
        log.does("b", unless=("false",)),
        Step(name="c", do=("false",)),
    )
    log.until("begin a")
    assert cancel(every, working.name).state == "undoing"
    assert not log.nothing_works()
    log.go.touch()
    ended = working.result()
    assert (ended.state, ended.cancelled_by, ended.undone[1]) == ("undone", "", (0, ""))


# when, and by whom


def test_whoever_comes_second_is_not_who_cancelled_it(machine: Machine, log: Log) -> None:
    working = machine.begin(log.works("b", undo=None))
    log.until("begin b")
    answers = [cancel(machine, working.name, who).state for who in (WHO, "eve@work")]
    log.go.touch()
    assert (answers, working.result().cancelled_by) == (["asked"] * 2, WHO)


def test_the_operator_may_be_gone(every: Machine, log: Log) -> None:
    every.cut = Cut(b" begin 2 .", stays=True)
    working = every.begin(log.does("a"), log.works("b"))
    waited(lambda: every.dead)
    log.until("begin b")
    every.dead = False
    cancel(every, working.name)
    ended = follow(every.link(), working.name, lambda event: None)
    assert outcome(ended) == ("undone", ["changed", "cancelled"], WHO)
    assert (log.lines[-2:], every.ask().runs) == (["undo b", "undo a"], ())


def test_a_run_that_has_ended_stays_as_it_is(every: Machine, log: Log) -> None:
    done = every.do(log.does("a"))
    assert cancel(every, done.name).state == "ended"
    assert cancel(every, "19990101T000000-none.1").state == "ended"
    assert transaction.replay(every.connect(), done.name).state == "changed"


def test_the_lease_is_given_back_though_phases_were_to_follow(every: Machine, log: Log) -> None:
    run = a_run()
    every.ask(lease=run)
    working = every.begin(log.works("a"), run=run, release=False)
    log.until("begin a")
    cancel(every, working.name)
    working.result()
    assert every.leases() == []


def test_at_whatever_moment_it_comes_the_run_ends_on_one_side(machine: Machine, log: Log) -> None:
    """Undone where it was cancelled, done where it was not: what is told is what stands there."""
    say = 'sleep 0.05; echo "do $1" >>"$2"'
    sides = set()
    for moment in range(10):
        log.path.unlink(missing_ok=True)
        names = [str(number) for number in range(4)]
        slow = [("sh", "-c", say, "_", name, str(log.path)) for name in names]
        steps = [log.works(name, do=do) for name, do in zip(names, slow, strict=True)]
        working = machine.begin(*steps).until("start")
        time.sleep(moment * 0.05)
        cancel(machine, working.name)
        ended = working.result()
        done, undone = (
            {line.split()[1] for line in log.lines if line.startswith(word)}
            for word in ("do", "undo")
        )
        if ended.cancelled_by:
            assert (ended.state in ("undone", "failed"), done <= undone) == (True, True)
        else:
            assert (ended.state, done, undone) == ("changed", set(names), set())
        sides.add(ended.state)
    assert sides >= {"undone", "changed"}


# silence


def quick(machine: Machine) -> None:
    """A sign of life comes sooner."""
    original = machine.rewritten
    machine.rewritten = lambda program: original(  # type: ignore[method-assign]
        program.replace("while sleep 5 ", "while sleep 0.2 ")
    )


def until_silent(working: Working) -> None:
    waited(lambda: any(event.seconds >= 2 for event in silences(working)))


def silences(working: Working) -> list[StepSilent]:
    return [event for event in working.events if isinstance(event, StepSilent)]


def test_for_how_long_nothing_has_come_is_told_of_every_kind_of_step(
    every: Machine, log: Log
) -> None:
    quick(every)
    wait = Step(name="wait", until=("test", "-e", str(log.go)), every=0.1, timeout=60)
    for step, mode in ((log.works("pull"), "does"), (wait, "waits")):
        log.go.unlink(missing_ok=True)
        working = every.begin(step)
        until_silent(working)
        log.go.touch()
        working.result()
        assert {(event.what, event.step, event.mode) for event in silences(working)} == {
            ("out", 1, mode)
        }


def test_whatever_a_step_prints_ends_its_silence(every: Machine, log: Log) -> None:
    """Also where nobody is shown what it prints."""
    quick(every)
    say = 'until [ -e "$1" ]; do echo word; sleep 0.1; done'
    working = every.begin(Step(name="a", do=("sh", "-c", say, "_", str(log.go))))
    waited(lambda: len(silences(working)) > 20)  # more words than dd reads at once
    log.go.touch()
    working.result()
    assert max(event.seconds for event in silences(working)) <= 1


def test_of_a_step_that_prints_more_than_is_kept_no_silence_is_told(
    machine: Machine, log: Log
) -> None:
    quick(machine)
    say = 'head -c 2000000 /dev/zero; until [ -e "$1" ]; do sleep 0.1; done'
    working = machine.begin(Step(name="a", do=("sh", "-c", say, "_", str(log.go))))
    printed = machine.volatile / "runs" / working.name / "out.1"
    waited(lambda: printed.exists() and printed.stat().st_size > 1_047_552)
    time.sleep(0.5)  # one may be on its way
    before = len(silences(working))
    time.sleep(3)
    assert len(silences(working)) == before
    log.go.touch()
    working.result()


def test_an_undo_that_is_silent_is_told_as_one(every: Machine, log: Log) -> None:
    quick(every)
    slow = log.works("a")
    working = every.begin(Step(name="a", do=("false",), undo=slow.do))
    waited(lambda: any(event.what == "undo" and event.seconds for event in silences(working)))
    log.go.touch()
    assert working.result().state == "undone"


def test_whoever_follows_does_not_follow_for_ever(machine: Machine, log: Log) -> None:
    quick(machine)
    working = machine.begin(log.works("a"))
    log.until("begin a")
    with pytest.raises(StillWorking):
        follow(machine.link(), working.name, lambda event: None, limit=0.5)
    log.go.touch()
    assert working.result().state == "changed"
