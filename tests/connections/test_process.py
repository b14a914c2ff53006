"""Programs of this machine whose output is captured: what they leave behind holds up nobody."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from fairlead.connections.process import capture

STAYS = "setsid sleep 30 & echo $! >{0}; echo done"


def is_running(pid: int) -> bool:
    """Not one that has ended, whose parent has not noticed it yet."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def pid_in(file: Path) -> int:
    end = time.monotonic() + 10
    while not (file.exists() and file.read_text().endswith("\n")):
        assert time.monotonic() < end
        time.sleep(0.01)
    return int(file.read_text())


def test_what_a_program_prints_is_captured_however_much_it_is() -> None:
    big = b"x" * (1 << 20)
    assert capture(("cat",), 30, big) == (0, big, "")
    assert capture(("sh", "-c", "echo why >&2; exit 3"), 30) == (3, b"", "why\n")


def test_a_program_that_cannot_be_started_is_told() -> None:
    assert capture(("/nowhere/x",), 1) == (127, b"", "/nowhere/x: No such file or directory")


def test_a_program_that_leaves_another_behind_has_ended_as_it_says(tmp_path: Path) -> None:
    begin = time.monotonic()
    assert capture(("sh", "-c", STAYS.format(tmp_path / "pid")), 20) == (0, b"done\n", "")
    assert time.monotonic() - begin < 10
    os.kill(pid_in(tmp_path / "pid"), signal.SIGKILL)


def test_a_program_that_is_late_is_ended_whoever_has_its_output(tmp_path: Path) -> None:
    script = f"{STAYS.format(tmp_path / 'pid')}; sleep 30"
    begin = time.monotonic()
    assert capture(("sh", "-c", script), 0.5) == (124, b"", "it was ended after 0.5 s")
    assert time.monotonic() - begin < 10
    os.kill(pid_in(tmp_path / "pid"), signal.SIGKILL)


def test_ctrl_c_ends_the_program_too(tmp_path: Path) -> None:
    file = tmp_path / "pid"

    def press() -> None:
        pid_in(file)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press).start()
    with pytest.raises(KeyboardInterrupt):
        capture(("sh", "-c", f"echo $$ >{file}; exec sleep 30"), 20)
    assert not is_running(pid_in(file))
