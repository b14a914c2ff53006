"""What --explain writes into a file, run on a host without fairlead."""

import json
from collections.abc import Iterator

import pytest

from tests.e2e.ground import (
    NAME,
    clear,
    container,
    containers,
    done,
    listing,
    publish,
    under,
    version,
)
from tests.e2e.inv import inv

# what differs from one container to the next, whoever started it
OWN = ("Id", "Created", "State", "HostnamePath", "HostsPath", "LogPath", "ResolvConfPath", "Name")


def inspected(host: str) -> dict:
    """A container as the engine has it, without what is another at each start."""
    (seen,) = json.loads(under(host, 'docker inspect "$1"', NAME))
    seen["NetworkSettings"] = {}
    seen["GraphDriver"] = {}
    seen["Config"]["Hostname"] = ""
    seen["HostConfig"]["Binds"].sort()
    seen["Mounts"] = sorted((mount["Type"], mount["Destination"]) for mount in seen["Mounts"])
    return {key: value for key, value in seen.items() if key not in OWN}


def run_script(host: str, text: str) -> list[str]:
    """What a script of ours says on a host, its exit code last."""
    program = 'printf %s "$1" >/tmp/job.sh; sh /tmp/job.sh 2>&1; echo $?; rm /tmp/job.sh'
    return under(host, program, text).splitlines()


def test_it_starts_what_up_starts_and_comes_back_where_it_fails(cleared) -> None:
    script = done("perfsonar.up", "--host=n[1-2]", "--explain").out
    before = listing()
    assert run_script("n3", script)[-1] == "2"
    assert listing() == before
    *_, last, code = run_script("n1", script)
    assert (code, last) == ("0", "n1: perfsonar: ok       healthy"), (last, code)
    done("perfsonar.up", "--host=n2")
    assert inspected("n1") == inspected("n2")
    assert done("perfsonar.up", "--host=n1", "--fail-on=changed").code == 0
    assert run_script("n1", script)[-2:] == ["n1: ok, nothing changed", "0"]

    publish("5.1.0", broken=True)
    upgrade = done("perfsonar.upgrade", "--host=n1", "--explain").out
    old = container("n1")
    lines = run_script("n1", upgrade)
    assert lines[-1] == "8", lines
    assert any("FAILED" in line for line in lines)
    assert (container("n1"), version("n1")) == (old, "5.0.0")


@pytest.fixture
def broken(cleared) -> Iterator[None]:
    """The newest image never becomes healthy; no host keeps it afterwards."""
    publish("5.0.1", broken=True)
    yield
    clear("n1", "n2")


@pytest.mark.long
def test_where_a_step_fails_on_a_fresh_host_it_leaves_what_up_leaves(broken) -> None:
    script = done("perfsonar.up", "--host=n1", "--explain").out
    lines = run_script("n1", script)
    by_up = inv("perfsonar.up", "--host=n2")
    assert (lines[-1], by_up.code) == ("1", 1), (lines, by_up.out)
    assert any("FAILED   healthy" in line for line in lines), lines
    assert any("undone" in line for line in lines), lines
    after = listing("n1", "n2", of="containers")
    assert containers("n1") == {}
    assert after["n1"] == after["n2"]


@pytest.mark.parametrize("verb", ["up", "down", "upgrade", "restart"])
def test_sh_reads_each_of_them(running, verb: str) -> None:
    script = done(f"perfsonar.{verb}", "--host=n1", "--explain").out
    assert under("n1", 'printf %s "$1" | sh -n 2>&1', script) == ""
