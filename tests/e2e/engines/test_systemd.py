"""Hosts whose PID 1 is systemd, of each release: the worker is a unit, the engine too; what becomes
of an upgrade when the controller, the link or the host itself goes in the middle."""

import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.engines.conftest import Boots
from tests.e2e.engines.matrix import SYSTEMD, Machine
from tests.e2e.ground import (
    NAME,
    REMOTE,
    STATE,
    container,
    containers,
    done,
    eventually,
    publish,
    reboot,
    remotes,
    sh,
    site_with,
    under,
    version,
)
from tests.e2e.inv import Said, inv, start

UNITS = 'journalctl -q -o cat _PID=1 | grep -o "Started fairlead-[^ ]*" | sort -u'


class Point:
    """A test point of the supervisord flavor on a host, with a remote."""

    def __init__(self, host: str, site: str):
        self.host = host
        self.words = (f"--site={site}", f"--host={host}")
        self.done("up")
        self.done("psconfig.add", f"--url={REMOTE}")
        self.first = container(host)

    def done(self, verb: str, *words: str) -> Said:
        return done(f"perfsonar.{verb}", *self.words, *words)

    def inv(self, verb: str, *words: str) -> Said:
        return inv(f"perfsonar.{verb}", *self.words, "--json", *words)

    def start(self, verb: str) -> subprocess.Popen[str]:
        """A command line that has begun, once the old one stands aside."""
        process = start(f"perfsonar.{verb}", *self.words, "--json")
        eventually(lambda: f"{NAME}.kept" in containers(self.host), 60)
        return process

    def is_replaced(self, release: str) -> None:
        assert containers(self.host) == {NAME: "running", f"{NAME}.previous": "exited"}
        assert (version(self.host), remotes(self.host)) == (release, REMOTE)

    def is_back(self) -> None:
        """The very same container runs alone, with its state."""
        assert (containers(self.host), container(self.host)) == ({NAME: "running"}, self.first)
        eventually(lambda: remotes(self.host) == REMOTE, 20)
        assert version(self.host) == "5.0.0"

    def ends(self) -> None:
        """The host has finished what it does."""
        eventually(lambda: not under(self.host, "ls /run/fairlead/runs"), 60)


@pytest.fixture(params=SYSTEMD, ids=str, scope="module")
def host(facility: Boots, request: pytest.FixtureRequest) -> str:
    machine: Machine = request.param
    return facility(machine).host


@pytest.fixture
def point(host: str, tmp_path: Path) -> Iterator[Point]:
    clear = sh.text("engine_clear")
    under(host, clear, "docker", STATE)
    publish("5.0.0")
    section = {"hosts": host, "flavor": "supervisord", "patience": 8}
    yield Point(host, site_with(tmp_path, perfsonar=section))
    under(host, clear, "docker", STATE)


def test_it_is_systemd_and_every_service_of_it_is_well(host: str) -> None:
    assert under(host, "cat /proc/1/comm") == "systemd\n"
    assert under(host, "systemctl is-system-running") == "running\n"
    assert under(host, "systemctl is-active docker ssh containerd") == "active\n" * 3
    assert under(host, "command -v journalctl") == "/usr/bin/journalctl\n"


def test_the_worker_of_each_run_is_a_unit_and_the_journal_knows_it(point: Point) -> None:
    publish("5.1.0")
    run = point.inv("upgrade").json["run"]
    point.is_replaced("5.1.0")
    assert f"Started fairlead-{run}." in under(point.host, UNITS)
    point.done("rollback")
    assert (version(point.host), remotes(point.host)) == ("5.0.0", REMOTE)


def test_a_killed_controller_changes_nothing_on_the_host_which_finishes_by_itself(
    point: Point,
) -> None:
    publish("5.1.0")
    process = point.start("upgrade")
    process.kill()
    process.communicate()
    point.ends()
    point.is_replaced("5.1.0")


def test_a_killed_controller_and_a_broken_version_the_host_comes_back_by_itself(
    point: Point,
) -> None:
    publish("5.2.0", broken=True)
    process = point.start("upgrade")
    process.kill()
    process.communicate()
    point.ends()
    point.is_back()


def test_a_link_cut_for_a_while_is_followed_to_the_end(point: Point) -> None:
    publish("5.1.0")
    process = point.start("upgrade")
    done("lab.link", f"--host={point.host}", "--state=down")
    threading.Timer(5, lambda: done("lab.link", f"--host={point.host}", "--state=up")).start()
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0, out
    point.is_replaced("5.1.0")


def test_after_a_reboot_the_test_point_runs_and_up_changes_nothing(point: Point) -> None:
    publish("5.1.0")
    point.done("upgrade")
    reboot(point.host)
    eventually(lambda: remotes(point.host) == REMOTE, 20)
    point.is_replaced("5.1.0")
    assert not point.inv("up").json["changed"]
    assert len(under(point.host, "journalctl --list-boots -q").splitlines()) > 1


def test_a_reboot_in_the_middle_of_an_upgrade_leaves_a_run_that_recover_undoes(
    point: Point,
) -> None:
    publish("5.2.0", broken=True)
    process = point.start("upgrade")
    reboot(point.host)
    process.communicate(timeout=120)
    assert process.returncode != 0
    stopped = point.inv("upgrade")
    assert stopped.code == 6
    assert re.search(r"inv runs\.recover --host=n\d$", stopped.rows[point.host]["error"])
    done("runs.recover", *point.words)
    point.is_back()
