"""What goes over the line: counted in the log of the hosts' own sshd, and felt by a slow link."""

import time

import pytest

from tests.e2e.ground import HOSTS, done, each, sh
from tests.e2e.inv import inv

LOG = "/var/log/sshd.log"
DELAY = 0.2  # seconds that a round trip takes longer
SLACK = 1.0  # of a busy machine


def channels(*argv: str) -> dict[str, int]:
    """How many exec channels a command line opens on each host."""
    each('cp "$1" /tmp/before', LOG)
    done(*argv)
    new = each(sh.text("new_channels"), LOG)
    return {host: int(count or 0) for host, count in new.items()}


def took(*argv: str) -> float:
    """Seconds; the least of two times, for what else this machine does only adds to them."""
    return min(_took(*argv) for _ in range(2))


def _took(*argv: str) -> float:
    begin = time.monotonic()
    done(*argv)
    return time.monotonic() - begin


def test_a_second_up_is_exactly_one_channel_on_each_host(running) -> None:
    assert channels("perfsonar.up") == dict.fromkeys(HOSTS, 1)


@pytest.mark.parametrize("verb", ["perfsonar.status", "perfsonar.preflight"])
def test_looking_is_one_channel(running, verb) -> None:
    assert channels(verb) == dict.fromkeys(HOSTS, 1)


def test_a_dry_run_is_one_too(running) -> None:
    assert channels("perfsonar.up", "--dry-run") == dict.fromkeys(HOSTS, 1)


def test_a_second_up_starts_the_docker_program_three_times(running) -> None:
    """All that is known of the engine, all that is known of the container, and its health."""
    starts = "/tmp/docker-starts"
    each(sh.text("count_docker"), starts)
    try:
        done("perfsonar.up")
        words = {host: text.splitlines() for host, text in each('cat "$1"', starts).items()}
    finally:
        each("umount /usr/local/sbin")
    verbs = [["container", "exec", "info"]] * len(HOSTS)
    assert [sorted(lines) for lines in words.values()] == verbs


def test_what_is_refused_beforehand_opens_none(running) -> None:
    each(': >"$1"', LOG)
    assert inv("perfsonar.up", "--host=n9").code == 2
    assert each('cat "$1"', LOG) == dict.fromkeys(HOSTS, "")


def test_a_slow_link_costs_its_round_trips_and_no_more(running) -> None:
    """The handshake of ssh is six or seven round trips, each channel two or three more: 20 at most,
    whatever the number of steps.
    """
    before = took("perfsonar.up", "--host=n1")
    try:
        done("lab.latency", "--host=n1", f"--ms={DELAY * 1000:.0f}")
        far = took("perfsonar.up", "--host=n1")
    finally:
        done("lab.latency", "--host=n1", "--ms=0")
    near = min(before, took("perfsonar.up", "--host=n1"))
    assert 2 * DELAY <= far - near <= 20 * DELAY + SLACK
