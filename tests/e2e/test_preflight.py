"""Preflight on hosts that lack something: it says what was found and who holds it, blocks `up`
before anything is touched, and mends what is safe.
"""

from collections.abc import Iterator

import pytest

from tests.e2e.ground import NAME, container, done, each, listing, sh, under
from tests.e2e.inv import inv


@pytest.fixture
def stopped(running) -> Iterator[None]:
    """n1 without its test point, and without what a test put in its way."""
    under("n1", 'docker rm -f "$1"', NAME)
    yield
    under("n1", "pkill -x httpd; rm -rf /tmp/www /tmp/httpd /etc/lab-unsynchronised")


def failing(said, host: str = "n1") -> dict[str, tuple[str, str]]:
    """Name of each blocking check that failed -> what was found, the remedy."""
    return {
        check["name"]: (check["found"], check["remedy"])
        for check in said.rows[host]["checks"]
        if check["blocks"] and not check["ok"]
    }


def test_a_running_test_point_of_ours_is_no_conflict(running) -> None:
    assert failing(done("perfsonar.preflight", "--json")) == {}


def test_a_port_that_is_taken_names_the_process(stopped) -> None:
    pid = under("n1", sh.text("serve")).split()[-1]
    said = inv("perfsonar.preflight", "--host=n[1-2]", "--json")
    holder = f"443/tcp is held by httpd (pid {pid})"
    assert (said.code, failing(said)) == (
        4,
        {"ports of https and pscheduler": (holder, "stop httpd on this host")},
    )
    assert failing(said, "n2") == {}
    before = listing(of="containers")
    blocked = inv("perfsonar.up", "--host=n1")
    assert (blocked.code, listing(of="containers")) == (4, before)
    assert blocked.out == (
        "n1 perfsonar: failed: preflight blocks: ports of https and pscheduler\n"
        f"n1 perfsonar: ports of https and pscheduler: blocks: found {holder}, wanted 443/tcp, "
        f"80/tcp free\n"
        "    the container shares the host's network\n"
        "    remedy: stop httpd on this host\n"
    )


def test_preflight_and_up_in_a_chain_ends_before_up(stopped) -> None:
    under("n1", sh.text("serve"))
    assert inv("perfsonar.preflight", "perfsonar.up", "--host=n1").code == 4
    assert container("n1") == ""


def test_a_clock_that_nobody_keeps_blocks_up_unless_it_is_skipped(stopped) -> None:
    under("n1", "touch /etc/lab-unsynchronised")
    said = inv("perfsonar.up", "--host=n1", "--json")
    assert said.code == 4
    found = "chrony, not synchronised, off by 0.012 ms"
    assert failing(said) == {
        "time": (found, "give it a time server that it reaches (chronyc sources)")
    }
    assert container("n1") == ""
    done("perfsonar.up", "--host=n1", "--skip-preflight")
    assert container("n1")


def test_fix_starts_the_engine_and_nothing_else(running) -> None:
    under("n2", "pkill -x dockerd; while pgrep -x dockerd; do sleep 0.1; done")
    try:
        status = inv("perfsonar.status", "--host=n2")
        assert (status.code, "docker does not answer" in status.out) == (1, True)
        assert list(failing(inv("perfsonar.preflight", "--host=n2", "--json"), "n2")) == ["engine"]
        dry = done("perfsonar.preflight", "--fix", "--dry-run", "--host=n2", "--json")
        assert [step["commands"] for step in dry.rows["n2"]["steps"]] == [
            [["systemctl", "start", "docker"]]
        ]
        assert under("n2", "pgrep -x dockerd") == ""
        fixed = done("perfsonar.preflight", "--fix", "--json")
        assert {host: row["state"] for host, row in fixed.rows.items()} == {
            "n1": "ok",
            "n2": "changed",
            "n3": "ok",
        }
        assert inv("perfsonar.preflight", "--fix", "--json").json["changed"] is False
    finally:
        under("n2", "systemctl start docker")
        done(
            "perfsonar.up", "--host=n2"
        )  # the engine brings it back by itself; this waits until it answers
    assert each("docker ps -q | wc -l", hosts=["n2"]) == {"n2": "1\n"}
