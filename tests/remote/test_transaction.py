"""A transaction on one host, by real shells: what is asked, done and undone."""

import os
import time
from pathlib import Path

import pytest

from fairlead.model.plan import Step, not_, same
from fairlead.remote import programs, transaction
from tests.machine import Machine, a_run, processes, shell, tree, waited
from tests.remote.steps import FAILS, logs, touch

pytestmark = pytest.mark.slow

# questions


def test_a_step_is_done_once_and_then_already_so(every: Machine, tmp_path: Path) -> None:
    step = touch(tmp_path / "a")
    first, second = every.do(step), every.do(step)
    assert (first.state, first.steps, second.state, second.steps) == (
        "changed",
        ["changed"],
        "ok",
        ["ok"],
    )


def test_an_unchanged_run_writes_no_marks(machine: Machine) -> None:
    done = machine.do(
        Step(name="a", unless=("true",), do=("false",)), Step(name="b", unless=("true",))
    )
    assert (
        done.steps,
        sorted(path.name for path in (machine.state / "runs" / done.name).iterdir()),
    ) == (
        ["ok", "ok"],
        ["about", "events", "seen", "state", "undo"],
    )


SO = ("test", "-d", "/etc")
COUNTED = (
    *(
        "base64",
        "cat",
        "chmod",
        "chown",
        "date",
        "dd",
        "find",
        "flock",
        "head",
        "id",
        "ls",
        "mkdir",
    ),
    *("mkfifo", "mktemp", "mv", "rm", "sed", "setsid", "sleep", "stat", "tail", "timeout", "touch"),
    *("tr", "true", "uname", "wc"),
)


def counted(machine: Machine) -> Path:
    """The file in which each program of COUNTED writes its name when it starts."""
    log = machine.folder / "started"
    for name in COUNTED:
        wrapper = machine.bin / name
        wrapper.write_text(f'#!/bin/sh\necho {name} >>"{log}"\nexec /usr/bin/{name} "$@"\n')
        wrapper.chmod(0o755)
    return log


def test_an_unchanged_run_starts_few_programs_and_no_worker(every: Machine) -> None:
    steps = [Step(name=f"step {number}", unless=SO, do=("false",)) for number in range(5)]
    run = a_run()
    every.ask(lease=run)  # the folders are made
    log = counted(every)
    every.ask(lease=run)
    assert every.do(*steps, run=run).steps == ["ok"] * 5
    started = log.read_text().split()
    assert ("setsid" in started, len(started) <= 20) == (False, True), started


def test_what_an_unchanged_run_leaves_is_what_a_worker_leaves(machine: Machine) -> None:
    steps = [Step(name="a", unless=SO, do=("false",)), Step(name="b", until=SO)]
    by_worker = Step(name="a", do=("true",), read_only=True)
    quick, slow = machine.do(*steps), machine.do(by_worker, *steps[1:])
    assert [(done.state, done.steps) for done in (quick, slow)] == [("ok", ["ok", "ok"])] * 2
    names = [
        sorted(p.name for p in (machine.state / "runs" / d.name).iterdir()) for d in (quick, slow)
    ]
    assert names[0] == names[1]
    assert [event.kind for event in quick.events] == [event.kind for event in slow.events]
    journal = [line.split()[1:] for line in (machine.state / "journal").read_text().splitlines()]
    assert [words[2:-1] for words in journal] == [["ok", "ann@desk", "inv", "toy.up"]] * 2
    waited(lambda: list((machine.volatile / "runs").iterdir()) == [])


def test_where_a_question_takes_its_time_a_worker_asks_again(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "LOOK", 0.2)
    slow = ("sh", "-c", 'echo >>"$1"; sleep 0.5', "_", str(tmp_path / "asked"))
    done = machine.do(Step(name="a", unless=slow, do=("false",)))
    assert (done.state, (tmp_path / "asked").read_text()) == ("ok", "\n\n")


def test_a_link_that_is_lost_while_it_is_asked_is_followed(
    machine: Machine, hasty: None, tmp_path: Path
) -> None:
    """The program there is followed if it works on, and begun again if it was killed."""
    script = 'echo >>"$1"; [ -e "$1.2" ] || { : >"$1.2"; sleep 1; }'
    asks = ("sh", "-c", script, "_", str(tmp_path / "asked"))
    done = machine.do(Step(name="a", unless=asks, do=("false",)), silence=0.3)
    assert (done.state, done.steps, (tmp_path / "asked").read_text()) == ("ok", ["ok"], "\n\n")
    run, step = a_run(), Step(name="a", unless=("sleep", "1"), do=("false",))
    program = programs.transaction_program("fl1", run, 1, (step,))
    with shell(machine) as process:
        process.stdin.write(machine.rewritten(program).encode())
        waited(lambda: (machine.state / "runs" / f"{run.name}.1").exists())
        followed = machine.do(step, run=run)
    assert (followed.state, followed.steps) == ("ok", ["ok"])
    assert (machine.state / "journal").read_text().count(run.name) == 1


@pytest.mark.parametrize(
    "question",
    [
        ("sh", "-c", "echo no daemon >&2; exit 2"),
        ("no-such-program",),
        same(("false",), "x"),
        ("sh", "-c", "kill -9 $$"),
    ],
)
def test_where_the_question_fails_nothing_is_done(
    machine: Machine, tmp_path: Path, question
) -> None:
    done = machine.do(touch(tmp_path / "a", unless=question))
    assert (done.state, done.steps, (tmp_path / "a").exists(), done.undone) == (
        "failed",
        ["question"],
        False,
        [],
    )
    assert done.ended.steps[0].exit_code > 1


def test_a_question_says_what_went_wrong(machine: Machine) -> None:
    done = machine.do(
        Step(name="a", unless=("sh", "-c", "echo no daemon >&2; exit 2"), do=("true",))
    )
    assert (done.ended.steps[0].exit_code, done.ended.steps[0].output) == (2, "no daemon\n")


def test_a_question_that_never_answers_has_failed(machine: Machine, tmp_path: Path) -> None:
    done = machine.do(touch(tmp_path / "a", unless=("sleep", "20"), timeout=0.2))
    assert (done.state, done.steps, (tmp_path / "a").exists()) == ("failed", ["question"], False)


def test_a_question_that_talks_without_end_fills_nothing(machine: Machine) -> None:
    done = machine.do(Step(name="a", unless=("sh", "-c", "exec yes >&2"), do=("true",), timeout=2))
    assert done.steps == ["question"]
    assert len(done.ended.steps[0].output) <= 4096


# undo


def test_what_was_begun_is_undone_in_reverse_the_failing_step_included(
    every: Machine, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    fails = Step(name="d", do=FAILS, undo=("sh", "-c", 'echo "undo d" >>"$1"', "_", str(log)))
    done = every.do(
        logs(log, "a"), logs(log, "b", unless=("true",)), logs(log, "c"), fails, logs(log, "e")
    )
    assert log.read_text().splitlines() == ["do a", "do c", "undo d", "undo c", "undo a"]
    assert (done.state, done.steps, done.undone) == (
        "undone",
        ["changed", "ok", "changed", "failed"],
        [4, 3, 1],
    )
    assert (done.ended.steps[-1].exit_code, done.ended.steps[-1].output) == (3, "it went wrong\n")


def test_an_undo_that_fails_does_not_stop_the_others(machine: Machine, tmp_path: Path) -> None:
    log = tmp_path / "log"
    stuck = Step(name="b", do=("true",), undo=("sh", "-c", "echo cannot; exit 9"))
    done = machine.do(logs(log, "a"), stuck, logs(log, "c"), Step(name="d", do=FAILS))
    assert log.read_text().splitlines() == ["do a", "do c", "undo c", "undo a"]
    assert (done.state, done.ended.undone) == (
        "stuck",
        {3: (0, ""), 2: (9, "cannot\n"), 1: (0, "")},
    )


def test_an_undo_that_fails_for_a_while_is_tried_again(every: Machine, tmp_path: Path) -> None:
    """An engine that has died is started again by its host."""
    every.pauses = "0.05 0.1 0.2"
    tries = tmp_path / "tries"
    program = 'echo x >>"$1"; [ "$(wc -l <"$1")" -ge "$2" ] || { echo dead; exit 1; }'
    undo = ("sh", "-c", program, "_", str(tries))
    good = touch(tmp_path / "a", undo=("rm", str(tmp_path / "a")))
    done = every.do(good, Step(name="b", do=FAILS, undo=(*undo, "3")))
    assert (done.state, done.ended.undone, len(tries.read_text().split())) == (
        "undone",
        {2: (0, ""), 1: (0, "")},
        3,
    )
    tries.unlink()
    done = every.do(good, Step(name="b", do=FAILS, undo=(*undo, "9")))
    assert (done.state, done.ended.undone[2], len(tries.read_text().split())) == (
        "stuck",
        (1, "dead\n"),
        4,
    )


def test_what_came_back_is_asked_whether_it_works_once_all_is_undone(
    every: Machine, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    asks = ("sh", "-c", 'echo proof >>"$1"; [ "$(grep -c proof "$1")" = 2 ]', "_", str(log))
    never = ("sh", "-c", "echo out of order; false")
    done = every.do(
        logs(log, "a", proof=asks, proof_within=5),
        logs(log, "b", unless=("true",), proof=never),  # not begun: nothing to prove
        logs(log, "c", proof=never, proof_within=0),
        Step(name="d", do=FAILS),
    )
    words = ["do a", "do c", "undo c", "undo a", "proof", "proof"]
    assert log.read_text().splitlines() == words
    assert (done.state, done.undone) == ("undone", [3, 1])
    assert done.ended.proofs == {1: (0, ""), 3: (1, "out of order\n")}
    assert done.ended.silent == ("out of order",)


def test_a_step_without_undo_stays_done(machine: Machine, tmp_path: Path) -> None:
    done = machine.do(touch(tmp_path / "a", undo=None), Step(name="b", do=FAILS))
    assert (done.state, done.undone, (tmp_path / "a").exists()) == ("undone", [], True)


def test_an_undo_that_hangs_is_ended(machine: Machine) -> None:
    done = machine.do(Step(name="a", do=FAILS, undo=("sleep", "20"), timeout=0.3))
    assert (done.state, done.ended.undone[1][0]) in (("stuck", 124), ("stuck", 143))


def test_a_very_long_command_is_no_longer_than_an_argument_may_be(
    machine: Machine, tmp_path: Path
) -> None:
    words = [f"{number:0100}" for number in range(4000)]  # 400 KB; one argument may have 128 KiB
    count = ("sh", "-c", 'f=$1; shift; echo $# >>"$f"', "_", str(tmp_path / "n"), *words)
    done = machine.do(
        Step(name="a", unless=not_(count), do=count, undo=count), Step(name="b", do=FAILS)
    )
    assert (done.state, (tmp_path / "n").read_text()) == ("undone", "4000\n" * 3)


# ends


def test_exit_codes_that_are_good_are_named(machine: Machine) -> None:
    done = machine.do(
        *(
            Step(name=str(code), do=("sh", "-c", 'exit "$1"', "_", str(code)), ok_codes=(0, 3))
            for code in (3, 0, 33)
        )
    )
    assert [(step.state, step.exit_code) for step in done.ended.steps] == [
        ("changed", 3),
        ("changed", 0),
        ("failed", 33),
    ]


def test_a_step_that_takes_too_long_is_ended(every: Machine, tmp_path: Path) -> None:
    began, long = time.monotonic(), str(100000 + os.getpid())
    done = every.do(
        touch(tmp_path / "a"),
        Step(name="slow", do=("sh", "-c", f"echo waiting; sleep {long}"), timeout=0.4),
    )
    assert (done.state, done.steps, (tmp_path / "a").exists()) == (
        "undone",
        ["changed", "failed"],
        False,
    )
    assert done.ended.steps[1].exit_code in (124, 143)
    assert (done.ended.steps[1].output.splitlines()[0], time.monotonic() - began < 5) == (
        "waiting",
        True,
    )
    assert [line for _, line in processes() if line[:2] == ["sleep", long]] == []


@pytest.mark.parametrize("stream", ["1", "2"])
def test_a_wait_in_vain_tells_the_last_answer(machine: Machine, stream: str) -> None:
    done = machine.do(
        Step(
            name="up",
            until=("sh", "-c", f"echo not yet >&{stream}; exit 1"),
            every=0.05,
            timeout=0.2,
        )
    )
    assert (done.steps, done.ended.steps[0].output) == (["late"], "not yet\n")


def test_a_wait_asks_until_it_is_so(machine: Machine, tmp_path: Path) -> None:
    ask = ("sh", "-c", 'echo x >>"$1"; [ $(wc -l <"$1") -ge 3 ]', "_", str(tmp_path / "asked"))
    done = machine.do(
        Step(name="up", do=("true",), until=ask, every=0.05, timeout=5),
        Step(name="only a wait", until=ask, every=0.05, timeout=5),
    )
    assert (done.steps, (tmp_path / "asked").read_text().count("x")) == (["changed", "ok"], 4)


def test_a_wait_that_is_in_vain_ends_and_says_what_it_heard(
    machine: Machine, tmp_path: Path
) -> None:
    never = ("sh", "-c", "echo still starting >&2; exit 1")
    done = machine.do(
        touch(tmp_path / "a"),
        Step(name="up", do=("true",), undo=("true",), until=never, every=0.05, timeout=0.3),
    )
    assert (done.state, done.undone, done.ended.steps[1].state, done.ended.steps[1].output) == (
        "undone",
        [2, 1],
        "late",
        "still starting\n",
    )


def test_a_wait_alone_that_is_in_vain_changes_nothing(machine: Machine) -> None:
    done = machine.do(Step(name="up", until=("false",), every=0.05, timeout=0.2))
    assert (done.state, done.steps) == ("failed", ["late"])


# the dry run


def test_a_dry_run_asks_and_changes_nothing(
    every: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    before = tree(tmp_path)
    path = tmp_path / "a"
    steps = (
        touch(tmp_path / "n1", "there"),
        Step(name="look", do=("touch", str(path)), register="x", read_only=True),
        touch(path),
        Step(
            name="asks of what is not there", unless=("sh", "-c", "exit 2"), do=("touch", str(path))
        ),
        Step(name="waits", until=("false",), timeout=300),
    )
    every.path = f"{every.bin}:/usr/local/sbin:"
    monkeypatch.setenv("TMPDIR", str(temporary))
    ended = transaction.dry(every.connect(), a_run(), 1, steps)
    assert (ended.state, [run.state for run in ended.steps]) == (
        "ok",
        ["ok", "ok", "would-change", "would-change", "would-change"],
    )
    assert tree(tmp_path) == before


def test_a_dry_run_tells_of_a_question_that_failed(machine: Machine) -> None:
    ended = transaction.dry(
        machine.connect(),
        a_run(),
        1,
        (Step(name="a", unless=("sh", "-c", "exit 2"), do=("true",)), Step(name="b", do=("true",))),
    )
    assert (ended.state, [run.state for run in ended.steps]) == ("failed", ["question"])
