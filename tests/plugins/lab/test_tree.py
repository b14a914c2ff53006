"""The tree of a release is made once, is whole or not there, and waits for nobody who is dead."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from fairlead.operations import script

sh = script.beside(__file__)
TREE = Path(__file__).parents[3] / "plugins/lab/files/tree.sh"


class Maker:
    """Runs tree.sh with a debootstrap that makes three folders and counts how often it was called;
    with `slow` there it then waits."""

    def __init__(self, folder: Path):
        self.folder, self.tree = folder, folder / "host-trixie-1"
        self.slow, self.log = folder / "slow", folder / "log"
        programs = folder / "bin"
        programs.mkdir()
        for name in ("debootstrap", "unshare"):
            (programs / name).write_text(sh.text(name))
            (programs / name).chmod(0o755)
        self.environment = os.environ | {"PATH": f"{programs}:{os.environ['PATH']}"}

    def start(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            ["sh", str(TREE), str(self.tree), "trixie"],
            env=self.environment | {"LOG": str(self.log), "SLOW": str(self.slow)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    @property
    def calls(self) -> int:
        return len(self.log.read_text().splitlines()) if self.log.exists() else 0

    @property
    def unfinished(self) -> list[Path]:
        return list(self.folder.glob("*.new.*"))


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    return Maker(tmp_path)


def end(process: "subprocess.Popen[str]") -> int:
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, out + err
    return process.returncode


def test_two_at_once_make_it_once(maker: Maker) -> None:
    both = [maker.start() for _ in range(2)]
    assert [end(process) for process in both] == [0, 0]
    assert (maker.calls, maker.unfinished) == (1, [])
    assert (maker.tree / "etc/machine-id").read_text() == ""
    masked = maker.tree / "etc/systemd/system/systemd-sysctl.service"
    assert os.readlink(masked) == "/dev/null"


def test_a_maker_that_is_killed_leaves_no_tree_and_no_lock(maker: Maker) -> None:
    maker.slow.touch()
    first = maker.start()
    until = time.monotonic() + 20
    while not maker.calls:
        assert time.monotonic() < until
        time.sleep(0.05)
    first.send_signal(signal.SIGKILL)  # what it had begun goes on, and has no lock
    first.communicate()
    assert not maker.tree.exists()
    maker.slow.unlink()
    assert end(maker.start()) == 0
    assert (maker.tree.is_dir(), maker.unfinished) == (True, [])


def test_what_was_not_made_is_said_and_is_not_there(maker: Maker) -> None:
    (maker.folder / "bin/debootstrap").write_text("#!/bin/sh\necho E: no way; exit 1\n")
    process = maker.start()
    _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert err == ("E: no way\nlab: the tree of trixie could not be made; its log ends above\n")
    assert (maker.tree.exists(), maker.unfinished) == (False, [])
