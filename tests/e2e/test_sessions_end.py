"""A program in a container ends with the exec that started it: its reader goes, Ctrl-C, SIGTERM; by
both transports, here, and for both engines.
"""

import signal
import subprocess
import time

import pytest

from tests.e2e.ground import done, eventually, under
from tests.e2e.inv import environment, words
from tests.e2e.ops import Repository

COUNT = "pgrep -fxc"
WAYS = ("n1", "openssh1", "op1", "openop1")


@pytest.fixture(scope="module")
def ops(lab, tmp_path_factory) -> Repository:
    done("perfsonar.up", "--host=n1")
    return Repository(tmp_path_factory.mktemp("ops"))


def runs(pattern: str) -> bool:
    """Is there such a program on n1, in its containers too?"""
    return under("n1", f"{COUNT} '{pattern}'").strip() != "0"


def ends(pattern: str) -> None:
    """There soon is none."""
    eventually(lambda: not runs(pattern), seconds=20)


@pytest.mark.parametrize("host", WAYS)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_program_in_the_container(ops, host, number) -> None:
    inv = ops.start("perfsonar.exec", f"--host={host}", "--", "sleep", "301")
    while not runs("sleep 301"):
        assert inv.process.poll() is None
        time.sleep(0.2)
    inv.process.send_signal(number)
    assert inv.process.wait(20) == 130
    ends("sleep 301")


@pytest.mark.parametrize("host", WAYS[:2])
def test_where_the_reader_has_gone_the_program_in_the_container_ends(ops, host) -> None:
    argv = words("perfsonar.exec", f"--host={host}", "--", "yes", "a line")
    inv = subprocess.Popen(
        argv,
        cwd=ops.folder,
        env=environment(**ops.environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert inv.stdout.readline() == b"a line\n"
    inv.stdout.close()
    assert (inv.wait(20), inv.stderr.read()) == (141, b"")
    ends("yes a line")


@pytest.mark.parametrize("host", WAYS[:2])
def test_what_is_fed_ends_as_well(ops, host) -> None:
    argv = words("perfsonar.exec", f"--host={host}", "--", "sleep", "302")
    pipe = subprocess.PIPE
    inv = subprocess.Popen(
        argv, cwd=ops.folder, env=environment(**ops.environment), stdin=pipe, stdout=pipe
    )
    while not runs("sleep 302"):
        assert inv.poll() is None
        time.sleep(0.2)
    inv.send_signal(signal.SIGINT)
    assert inv.wait(20) == 130
    ends("sleep 302")
