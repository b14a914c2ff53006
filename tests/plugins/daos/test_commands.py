"""The document's use of fio as a program: each line in order, the mount point left as it was.

The programs that it calls are stand-ins of a line each.
"""

import os
import subprocess
from pathlib import Path

import pytest

from fairlead.testing import plugins_in
from tests.machine import SHELLS

DAOS = (Path(__file__).parent / "shell/daos_client.sh").read_text()
# What is mounted is a file. Each program notes how it was called.
PROGRAMS = {
    "mountpoint": '[ -e "$AT/mounted" ]',
    "dfuse": ': >"$AT/mounted"',
    "fusermount3": 'rm "$AT/mounted"',
    "daos": DAOS,
    "mkdir": ":",
    "df": ":",
    "fio": "exit ${FIO:-0}",
}


# busybox would run its own df and mountpoint, whatever is on PATH.
@pytest.fixture(params=sorted({*SHELLS} - {"busybox"}))
def at(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A folder with the stand-ins, and with a shell that is called bash there."""
    plugins_in(Path(__file__).parents[3] / "plugins")
    for name, does in PROGRAMS.items():
        (tmp_path / name).write_text(f'#!/bin/sh\necho "${{0##*/}} $1" >>"$AT/called"\n{does}\n')
        (tmp_path / name).chmod(0o755)
    (tmp_path / "bash").write_text(f'#!/bin/sh\nexec {SHELLS[request.param]} "$@"\n')
    (tmp_path / "bash").chmod(0o755)
    return tmp_path


def run(at: Path, **more: str) -> subprocess.CompletedProcess[str]:
    from fairlead_plugins.daos.common import commands

    environment = (
        os.environ | {"PATH": f"{at}:{os.environ['PATH']}", "AT": str(at), "CREATE": ""} | more
    )
    return subprocess.run(
        commands.fio_recipe("root", "tank", "posix-fs"),
        env=environment,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def called(at: Path) -> list[str]:
    return [line.split()[0] for line in (at / "called").read_text().splitlines()]


def test_each_line_is_said_and_run_and_the_mount_is_gone(at: Path) -> None:
    done = run(at)
    assert done.returncode == 0
    assert [line.split()[1] for line in done.stderr.splitlines()] == [
        "mkdir",
        "daos",
        "dfuse",
        "df",
        "fio",
    ]
    assert called(at)[-2:] == ["mountpoint", "fusermount3"]
    assert not (at / "mounted").exists()


def test_the_mount_is_gone_where_fio_fails_and_its_exit_code_is_kept(at: Path) -> None:
    assert run(at, FIO="7").returncode == 7
    assert not (at / "mounted").exists()


def test_what_is_mounted_there_already_is_somebody_elses_and_stays(at: Path) -> None:
    (at / "mounted").touch()
    done = run(at)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "/home/root/mnt is mounted already: "
        "wait for whoever uses it, or umount it, then call again\n"
    )
    assert (at / "mounted").exists()
    assert called(at) == ["mountpoint"]


def test_of_two_hosts_that_begin_at_once_one_makes_the_container_and_both_go_on(at: Path) -> None:
    """`create` fails with DER_EXIST, for the other has made it since the question."""
    done = run(at, CREATE="1")
    assert done.returncode == 0
    assert "somebody else has made it meanwhile: it goes on" in done.stderr
    assert called(at)[-3:] == ["fio", "mountpoint", "fusermount3"]


def test_a_container_that_cannot_be_made_ends_it_with_the_code_of_that(at: Path) -> None:
    assert run(at, CREATE="no").returncode == 17
    assert "fio" not in called(at)
