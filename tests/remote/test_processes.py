"""Who is ended is one of our own: the number of a process that has ended may be anybody's."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairlead.remote import programs, transaction
from tests.machine import Machine
from tests.remote.test_kills import Log, end_group, killed

ENDS_CHILDREN = (
    "{functions}\nsleep 50 & mine=$!\ntrue & ended=$!\nwait $ended\n"
    "fl_end_children $mine $ended {stranger}\necho $mine\n"
)


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process group that is none of ours."""
    process = subprocess.Popen(["sleep", "50"], start_new_session=True)
    yield process
    process.kill()
    process.wait()


def test_children_are_ended_and_nobody_else(
    every: Machine, stranger: subprocess.Popen[bytes]
) -> None:
    functions = programs.shell_text("runs")
    text = ENDS_CHILDREN.format(functions=functions, stranger=stranger.pid)
    done = subprocess.run(
        [every.bin / "sh", "-s"],
        input=text,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert not Path(f"/proc/{int(done.stdout)}").exists()
    assert (done.stderr, stranger.poll()) == ("", None)


def test_a_group_whose_number_is_a_strangers_by_now_holds_nothing_up(
    machine: Machine, tmp_path: Path, stranger: subprocess.Popen[bytes]
) -> None:
    log = Log(tmp_path / "log")
    name = killed(machine, log, log.step("a", 30), at="begin a")
    end_group(machine, name)
    (machine.volatile / "runs" / name / "group").write_text(f"{stranger.pid} 1\n")
    assert transaction.recover(machine.connect(), name, "toy").state == "undone"
    assert stranger.poll() is None


def test_a_cancelled_run_does_not_end_a_stranger(
    every: Machine, tmp_path: Path, stranger: subprocess.Popen[bytes]
) -> None:
    log = Log(tmp_path / "log")
    working = every.begin(log.step("a", 2))
    log.until("begin a")
    (every.volatile / "runs" / working.name / "endable").write_text(f"{stranger.pid} 1\n")
    transaction.cancel(every.connect(), working.name, "me")
    assert working.result().state == "undone"
    assert stranger.poll() is None
