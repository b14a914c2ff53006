"""Steps that misbehave: none harms the run, and none fakes a result."""

import os
import time
from pathlib import Path

import pytest

from fairlead.model.plan import Step
from fairlead.operations import script
from fairlead.remote import transaction
from tests.machine import Machine, gone, processes, waited

pytestmark = pytest.mark.slow

sh = script.beside(__file__)

AFTER = ("sh", "-c", "echo still here")


def program(text: str, *words: str) -> tuple[str, ...]:
    return ("sh", "-c", text, "_", *words)


WAYS = {
    "calls exit": (program("exit 0"), 0),
    "reads its stdin": (program('cat; read -r line; [ -z "$line" ]'), 0),
    "closes its descriptors": (program("exec <&- >&- 2>&-; exit 0"), 0),
    "opens descriptors of ours": (program("exec 3>&1 6>&1 7>&1 8>&1 9>&1; echo x >&9"), 0),
    "changes its folder, its mask and its traps": (
        program("cd /tmp; umask 0; trap '' TERM; trap 'exit 9' EXIT; trap - EXIT"),
        0,
    ),
    "sets our variables": (
        program(
            "RUN=x RUN_DIR=/ WORK_DIR=/ STATE_DIR=/ BOOT_DIR=/ MARK=x CHANGED= OPENED=;"
            "export RUN RUN_DIR WORK_DIR STATE_DIR BOOT_DIR MARK"
        ),
        0,
    ),
    "prints bytes that are no text": (
        program("head -c 5000 /dev/urandom; printf '\\377\\0\\n'"),
        0,
    ),
    "kills its shell": (program("kill -9 $$"), 137),
    "kills its parent": (program("kill -9 $PPID; sleep 0.1"), 137),
    "kills its process group": (program("kill -9 0"), 137),
    "asks its process group to end": (program("kill 0; sleep 1"), 143),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_step_that(way: str, every: Machine) -> None:
    do, code = WAYS[way]
    done = every.do(
        Step(name="bad", do=do, undo=("true",), ok_codes=(0, 124, 137, 143)),
        Step(name="after", do=AFTER, register="x"),
    )
    assert (done.state, done.steps, done.ended.kept) == (
        "changed",
        ["changed", "changed"],
        {2: "still here\n"},
    )
    assert done.ended.steps[0].exit_code in (code, 124 if code == 143 else code)


DAEMONS = {
    "setsid": program('setsid sh -c \'echo $$ >"$1"; exec sleep 987\' _ "$1" &'),
    "plain": program('sleep 987 & echo $! >"$1"'),
    "talking": program('(while sleep 0.05; do echo tick; done) & echo $! >"$1"'),
}


@pytest.mark.parametrize("way", DAEMONS)
def test_a_step_that_leaves_a_daemon_holding_its_output_goes_on_at_once(
    way: str, every: Machine, tmp_path: Path
) -> None:
    began = time.monotonic()
    done = every.do(
        Step(name="daemon", do=(*DAEMONS[way], str(tmp_path / "pid"))),
        Step(name="after", do=AFTER, register="x"),
    )
    took = time.monotonic() - began
    pid = int(waited(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text()))
    assert (done.state, done.ended.kept, gone(pid)) == ("changed", {2: "still here\n"}, False)
    assert took < 3
    assert every.ask().runs == ()  # nobody thinks that the run still works
    os.kill(pid, 9)


def test_what_a_failed_step_left_running_is_ended_before_its_undo(
    machine: Machine, tmp_path: Path
) -> None:
    path = str(tmp_path / "log")
    writes = program(
        '(trap "" TERM; while :; do echo late >>"$1"; sleep 0.05; done) & exit 3', path
    )
    done = machine.do(Step(name="bad", do=writes, undo=program('echo undone >>"$1"', path)))
    time.sleep(0.2)
    assert (done.state, Path(path).read_text().splitlines()[-1]) == ("undone", "undone")


def test_a_step_that_prints_100_mb_leaves_little_of_it(machine: Machine) -> None:
    size = 100 << 20
    began = time.monotonic()
    talk = program('head -c "$1" /dev/zero | tr "\\0" x; echo the end; exit 5', str(size))
    done = machine.do(
        Step(name="loud", do=talk, undo=program('head -c "$1" /dev/zero; echo undone', str(size)))
    )
    took = time.monotonic() - began
    step = done.ended.steps[0]
    files = sum(
        path.stat().st_size
        for folder in (machine.state, machine.volatile)
        for path in folder.rglob("*")
        if path.is_file()
    )
    assert (done.state, step.output[-9:], len(step.output), done.ended.undone[1][1][-7:]) == (
        "undone",
        "xthe end\n",
        4096,
        "undone\n",
    )
    assert files < 3 << 20
    assert took < 10


def test_a_step_that_prints_100_mb_of_errors_while_it_keeps_leaves_little_of_it(
    machine: Machine,
) -> None:
    done = machine.do(
        Step(name="loud", do=program("head -c 104857600 /dev/zero >&2; echo v1"), register="x")
    )
    files = sum(
        path.stat().st_size
        for path in machine.folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    )
    assert (done.state, done.ended.kept, files < 3 << 20) == ("changed", {1: "v1\n"}, True)


FAKES = sh("fake_events")


def test_a_step_that_prints_what_looks_like_our_events_fakes_nothing(every: Machine) -> None:
    done = every.do(
        Step(name="fake", do=(*FAKES, str(os.getpid())), undo=FAKES[:3]),
        Step(name="after", do=AFTER),
    )
    assert (done.state, done.steps, [event.kind for event in done.events]) == (
        "stuck",
        ["failed"],
        ["start", "begin", "step", "undo", "end"],
    )
    assert (done.ended.steps[0].exit_code, done.ended.undone[1][0]) == (3, 3)


def test_a_question_that_prints_what_looks_like_our_events_fakes_nothing(machine: Machine) -> None:
    done = machine.do(Step(name="fake", unless=(*FAKES, str(os.getpid())), do=("true",)))
    assert (done.state, done.steps) == ("failed", ["question"])


def test_no_step_sees_a_descriptor_of_ours(every: Machine) -> None:
    look = program("ls -l /proc/self/fd | sed -n 's/.* \\([0-9]*\\) -> \\(.*\\)/\\1 \\2/p'")
    done = every.do(
        Step(name="do", do=look, register="do", exclusive=True),
        Step(name="armed", do=look, register="armed", confirm_within=0.1),
    )
    question = every.do(
        Step(name="ask", unless=program("ls -l /proc/self/fd >&2; exit 2"), do=("true",))
    )
    for text in (*done.ended.kept.values(), question.ended.steps[0].output):
        assert "lock" not in text, text
        assert "alive" not in text, text
        assert "worker" not in text, text
        assert text.count("pipe") <= 2


def test_steps_can_be_interrupted_as_anything_a_person_starts(machine: Machine) -> None:
    done = machine.do(
        Step(name="a", do=program("grep -E 'SigIgn|SigBlk' /proc/self/status"), register="x")
    )
    masks = {
        line.split(":")[0]: int(line.split(":")[1], 16) for line in done.ended.kept[1].splitlines()
    }
    assert (masks["SigBlk"] & ~0, masks["SigIgn"] & 0b110) == (0, 0)  # SIGINT and SIGQUIT


def test_nothing_of_a_run_is_left_running(machine: Machine) -> None:
    machine.do(
        Step(name="a", do=program("sleep 0.1"), progress=True, confirm_within=0),
        Step(name="b", do=("true",), until=("true",)),
        Step(name="c", do=("false",), undo=("true",)),
    )
    mine = str(machine.folder)
    waited(
        lambda: not [line for _, line in processes() if any(word.startswith(mine) for word in line)]
    )
    assert transaction.runs(machine.connect())[0][0].alive is False
