"""The command line with hosts behind gateways: the same rows, and gateways lost on the way.

Real sshds of this machine, ClusterShell on the gateways.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests import sshd, trees

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or sshd.SSHD is None, reason="needs root on Linux, and openssh-server"
)
SLOW = trees.COMPONENT.format(unless=("false",), do=("sleep", "1"))


class Ops:
    """An ops repository with hosts and gateways that stand."""

    def __init__(self, root, gateways):
        self.root, self.gateways = root, gateways

    def start(self, *words: str) -> "subprocess.Popen[str]":
        environment = os.environ | {
            "FAIRLEAD_HOME": str(self.root),
            "PYTHONPATH": str(trees.ROOT),
            "HOME": str(self.root),
        }
        pipe = subprocess.PIPE
        return subprocess.Popen(
            (sys.executable, "-P", "-m", "fairlead", *words),
            cwd=self.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            text=True,
        )

    def inv(self, *words: str) -> tuple[int, str, str]:
        process = self.start(*words)
        out, err = process.communicate(timeout=100)
        return process.returncode, out, err

    def states(self, *words: str) -> dict[str, str]:
        _, out, _ = self.inv("--json", *words)
        return {row["host"]: row["state"] for row in json.loads(out)["hosts"]}

    def wait_for_run(self, hosts: int) -> None:
        """Until steps have begun on all hosts."""
        end = time.monotonic() + 30
        runs = self.root.parent / "state"
        while time.monotonic() < end:
            if len(list(runs.glob("*/var/lib/fairlead/runs/*/*"))) >= hosts:
                return
            time.sleep(0.05)
        raise AssertionError("no run has begun")


@contextmanager
def ops(folder, hosts, gateways, component=trees.UNCHANGED) -> Iterator[Ops]:
    with trees.standing(folder, hosts, gateways, component) as (root, entrances):
        yield Ops(root, entrances)


def test_the_rows_are_those_of_hosts_that_are_reached_themselves(tmp_path):
    with ops(tmp_path, 4, 2) as house:
        words = ("five.up", "--json")
        flat, tree = (house.inv(*words, f"--site={site}") for site in ("flat", "tree"))
        assert (flat[0], tree[0]) == (0, 0)
        assert bare(tree[1]) == bare(flat[1])


def bare(document: str) -> object:
    """Without what differs from run to run."""
    data = json.loads(document)
    return [
        (row["host"], row["state"], [(step["name"], step["state"]) for step in row["steps"]])
        for row in data["hosts"]
    ]


def test_hosts_of_a_gateway_that_is_killed_are_followed_by_another(tmp_path):
    with ops(tmp_path, 4, 2, SLOW) as house:
        process = house.start("five.up", "--site=tree", "--json", "--yes")
        house.wait_for_run(4)
        os.kill(trees.program_of(house.gateways[0]), signal.SIGKILL)
        out, err = process.communicate(timeout=100)
        rows = json.loads(out)["hosts"]
        assert {row["host"]: row["state"] for row in rows} == {
            f"n{number}": "changed" for number in range(1, 5)
        }, err
        assert process.returncode == 0


def test_hosts_of_a_gateway_that_stays_away_are_told_and_go_on(tmp_path):
    with ops(tmp_path, 2, 1, SLOW) as house:
        process = house.start("five.up", "--site=tree", "--json", "--yes", "--timeout=6")
        house.wait_for_run(2)
        house.gateways[0].stop()
        os.kill(trees.program_of(house.gateways[0]), signal.SIGKILL)
        out, _ = process.communicate(timeout=100)
        rows = json.loads(out)["hosts"]
        assert [row["state"] for row in rows] == ["unreachable", "unreachable"]
        assert all("none of its gateways opens (gw1:" in row["error"] for row in rows)
        assert process.returncode == 5
        time.sleep(5)
        code, out, err = house.inv("runs.list", "--site=flat", "--all", "--host=n[1-2]")
        assert (code, (out + err).count("  changed  ")) == (0, 2), out + err


def test_ctrl_c_leaves_nothing_on_the_gateways_and_the_hosts_finish(tmp_path):
    with ops(tmp_path, 2, 1, SLOW) as house:
        process = house.start("five.up", "--site=tree", "--yes")
        house.wait_for_run(2)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        assert process.returncode == 130, err
        assert ends_soon(lambda: not list(house.gateways[0].tmp.iterdir()))
        time.sleep(5)
        code, out, err = house.inv("runs.list", "--site=tree", "--all", "--host=n[1-2]")
        assert (code, (out + err).count("  changed  ")) == (0, 2), out + err


def ends_soon(is_so) -> bool:
    end = time.monotonic() + 10
    while not is_so() and time.monotonic() < end:
        time.sleep(0.1)
    return is_so()


def test_each_host_is_checked_by_its_way(tmp_path):
    with ops(tmp_path, 2, 1) as house:
        code, out, err = house.inv("hosts.check", "--site=tree", "--json", "--host=n[1-2],gw1")
        assert code == 0, out + err
        _, out, _ = house.inv("site.hosts", "--site=tree", "--host=n1,gw1")
        assert "tree" in next(line for line in out.splitlines() if line.split()[:1] == ["n1"])
