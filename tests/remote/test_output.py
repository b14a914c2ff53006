"""What steps read and print, by real shells: kept, cut, shown, never on the disk."""

import os
import time
from pathlib import Path

import pytest

from fairlead.model.plan import Secret, Step
from fairlead.operations import script
from fairlead.remote.events import StepNote
from fairlead.runner.step_results import why_failed
from fairlead.secrets.redaction import hidden
from tests.machine import Machine, processes, tree, waited
from tests.remote.steps import FAILS

pytestmark = pytest.mark.slow

sh = script.beside(__file__)

AS_ROOT = pytest.mark.skipif("os.geteuid() != 0", reason="only root becomes another user")


# words and bytes


def test_standard_input_arrives_byte_for_byte(every: Machine, tmp_path: Path) -> None:
    data = bytes(range(256)) * 3 + b"\0\n\n"
    out = str(tmp_path / "out")
    done = every.do(
        Step(
            name="a",
            unless=("test", "-s", out),
            do=("sh", "-c", 'cat >"$1"', "_", out),
            stdin=Secret(data),
        )
    )
    assert done.state == "changed", done
    assert (tmp_path / "out").read_bytes() == data
    assert list(every.volatile.rglob("stdin*")) == []


def test_a_large_standard_input_arrives(every: Machine, tmp_path: Path) -> None:
    data = os.urandom(2 << 20)
    done = every.do(
        Step(name="a", do=("sh", "-c", 'cat >"$1"', "_", str(tmp_path / "out")), stdin=data)
    )
    assert (done.state, (tmp_path / "out").read_bytes() == data) == ("changed", True)


def test_a_thousand_steps(machine: Machine) -> None:
    began = time.monotonic()
    done = machine.do(
        *(
            Step(name=f"s{number}", unless=("true",), do=("false",), undo=("true",))
            for number in range(1000)
        )
    )
    assert (done.state, done.steps) == ("ok", ["ok"] * 1000)
    assert time.monotonic() - began < 60


def test_what_is_kept_is_what_was_printed_not_what_was_complained(every: Machine) -> None:
    done = every.do(
        Step(name="a", do=("sh", "-c", "echo v1; echo warning >&2"), register="version"),
        Step(name="b", do=("head", "-c", "65536", "/dev/zero"), register="x"),
    )
    assert (done.ended.kept[1], len(done.ended.kept[2])) == ("v1\n", 65536)


@pytest.mark.parametrize("sensitive", [False, True])
def test_what_is_too_long_to_be_kept_whole_is_not_kept(every: Machine, sensitive: bool) -> None:
    step = Step(
        name="a",
        do=("head", "-c", "65537", "/dev/zero"),
        undo=("true",),
        register="x",
        sensitive=sensitive,
    )
    done = every.do(step)
    assert (done.state, done.steps, done.undone, done.ended.kept) == ("undone", ["unkept"], [1], {})
    assert why_failed(step, done.ended.steps[0]) == (
        "it printed more than 64 KiB, which cannot be remembered"
    )


def test_a_step_that_keeps_and_fails_shows_what_it_complained(machine: Machine) -> None:
    done = machine.do(
        Step(
            name="a",
            do=("sh", "-c", "echo half; echo no such image >&2; exit 1"),
            register="version",
        )
    )
    assert (done.ended.steps[0].output, done.ended.kept) == ("no such image\n", {})


def test_a_step_that_only_looks_is_no_change(machine: Machine) -> None:
    look = Step(name="digest", do=("echo", "sha256:1"), register="digest", read_only=True)
    done = machine.do(look)
    assert (
        done.state,
        done.steps,
        done.ended.kept,
        (machine.state / "runs" / done.name / "marks").exists(),
    ) == (
        "ok",
        ["ok"],
        {1: "sha256:1\n"},
        False,
    )
    assert machine.do(look, Step(name="a", do=FAILS)).state == "undone"


def test_what_is_sensitive_never_reaches_the_disk(machine: Machine) -> None:
    say = ("sh", "-c", 'echo "the $(cat)"; echo "the word" >&2')
    steps = (
        Step(name="token", do=say, stdin=Secret("word"), register="token", sensitive=True),
        Step(
            name="loud",
            do=("sh", "-c", "cat; exit 4"),
            undo=("echo", "the word"),
            stdin=Secret("the word"),
            sensitive=True,
            progress=True,
        ),
    )
    done = machine.do(*steps)
    assert (done.ended.kept, [run.output for run in done.ended.steps], done.ended.undone) == (
        {1: "the word\n"},
        ["", ""],
        {2: (0, "")},
    )
    files = {
        name: data
        for name, data in tree(machine.state).items()
        if data and not name.endswith("/undo")
    }
    assert [
        name for name, data in files.items() if b"the word" in data or b"dGhlIHdvcmQ" in data
    ] == []
    waited(
        lambda: (
            not [
                path
                for path in machine.volatile.rglob("*")
                if path.is_file() and b"the word" in path.read_bytes()
            ]
        )
    )


def test_what_a_host_was_given_is_cut_before_it_is_written_there(machine: Machine) -> None:
    steps = (
        Step(
            name="fine",
            do=sh("say_secret", "0"),
            undo=("echo", "undone the-word-of-the-day"),
            progress=True,
        ),
        Step(name="loud", do=sh("say_secret", "4")),
    )
    ended = machine.do(*steps, hidden=hidden([Secret("the-word-of-the-day")])).ended
    assert ([run.output for run in ended.steps], ended.undone) == (
        ["", "it said ***\n***o="],
        {1: (0, "undone ***")},
    )
    files = {
        name: data
        for name, data in tree(machine.state).items()
        if data and not name.endswith("/undo")
    }
    assert [
        name for name, data in files.items() if b"the-word-of" in data or b"dGhlLXdvcmQt" in data
    ] == []
    waited(
        lambda: (
            not [
                path
                for path in machine.volatile.rglob("*")
                if path.is_file() and b"the-word-of" in path.read_bytes()
            ]
        )
    )


def test_a_long_step_tells_how_far_it_is(machine: Machine) -> None:
    done = machine.do(
        Step(
            name="pull",
            do=("sh", "-c", "printf 'layer 1\\nlayer 2\\r50%%'; sleep 1.3"),
            progress=True,
        )
    )
    notes = [event.text for event in done.events if isinstance(event, StepNote)]
    assert (done.state, notes) == ("changed", ["50%"])


def test_however_many_lines_a_long_step_prints_the_last_one_is_told(every: Machine) -> None:
    """dd counts what it reads, be it a line or a block."""
    say = "n=0; while [ $n -lt 60 ]; do echo $n; n=$((n + 1)); sleep 0.02; done; sleep 2.5"
    done = every.do(Step(name="pull", do=("sh", "-c", say), progress=True))
    notes = [event.text for event in done.events if isinstance(event, StepNote)]
    assert (done.state, notes[-1].strip()) == ("changed", "59")


@AS_ROOT
def test_a_step_may_run_as_another_user(machine: Machine, tmp_path: Path) -> None:
    who = ("sh", "-c", 'id -un; pwd; echo "${TMPDIR-none}"; echo "$GREETING"; cat')
    step = Step(
        name="a",
        do=who,
        register="who",
        run_as="nobody",
        cwd="/usr",
        env=(("GREETING", "it's me"),),
        stdin="in\n",
    )
    assert machine.do(step).ended.kept[1] == "nobody\n/usr\nnone\nit's me\nin\n"


def test_a_step_has_no_folder_for_temporary_files_that_goes_away_with_the_run(
    machine: Machine,
) -> None:
    ended = machine.do(
        Step(
            name="a",
            do=("sh", "-c", 'echo "${TMPDIR-none}"; exit 1'),
            undo=("sh", "-c", 'echo "${TMPDIR-none}"'),
        )
    ).ended
    assert (ended.steps[0].output, ended.undone[1]) == ("none\n", (0, "none\n"))


@AS_ROOT
def test_a_step_of_another_user_is_ended_with_all_its_children(machine: Machine) -> None:
    long = str(100_000 + os.getpid())  # known from those of other test processes
    step = Step(
        name="a",
        do=("sh", "-c", f"sleep {long} & sleep {long} | cat"),
        run_as="nobody",
        timeout=0.4,
    )
    began = time.monotonic()
    done = machine.do(step)
    assert (done.state, [line for _, line in processes() if line[:2] == ["sleep", long]]) == (
        "undone",
        [],
    )
    assert time.monotonic() - began < 6
