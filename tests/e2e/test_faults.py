"""What may happen in the middle of an upgrade: the operator's machine dies, the link is cut, the
power goes, a second operator comes, Ctrl-C.

An upgrade to a broken image waits eight seconds for its health, which is where most of the tests
strike.
"""

import re
import subprocess
import threading
import time
from collections.abc import Iterator

import pytest

from tests.e2e.ground import (
    NAME,
    REMOTE,
    clear,
    container,
    containers,
    done,
    each,
    eventually,
    newest,
    publish,
    remotes,
    under,
    version,
)
from tests.e2e.ops import ENOUGH, Repository, Running

TASKS = f"docker exec {NAME} pscheduler schedule"
# the old one is aside, the new one started; now its health is waited for
WAITING = "perfsonar: container: changed"


@pytest.fixture
def ops(lab, tmp_path) -> Iterator[Repository]:
    """Nothing on the hosts; 5.0.0 is the newest image."""
    clear("n1", "n2")
    each("rm -f /var/tmp/toy*", hosts=("n1", "n2"))
    newest("5.0.0")
    yield Repository(tmp_path)
    clear("n1", "n2")


class Before:
    """A test point with a remote and a scheduled test on one host, and whether it is still that."""

    def __init__(self, ops: Repository, host: str):
        self.host, self.ops = host, ops
        assert ops.inv("perfsonar.up", f"--host={host}").code == 0
        assert ops.inv("perfsonar.psconfig.add", f"--host={host}", f"--url={REMOTE}").code == 0
        assert (
            ops.inv(
                "perfsonar.exec",
                f"--host={host}",
                "--",
                "pscheduler",
                "task",
                "throughput",
                "--dest",
                "localhost",
            ).code
            == 0
        )
        self.id, self.tasks = container(host), under(host, TASKS)
        assert REMOTE in remotes(host)
        assert self.tasks.count("\n") == 1

    def state_is_intact(self) -> None:
        assert (remotes(self.host), under(self.host, TASKS)) == (REMOTE, self.tasks)

    def is_back(self) -> None:
        """The very same container, under its own name, running, alone."""
        assert (container(self.host), containers(self.host), version(self.host)) == (
            self.id,
            {NAME: "running"},
            "5.0.0",
        )
        assert (
            under(self.host, "docker inspect -f '{{.HostConfig.RestartPolicy.Name}}' $1", NAME)
            == "unless-stopped\n"
        )
        eventually(lambda: under(self.host, TASKS))  # it has only just been started again
        self.state_is_intact()

    def is_replaced(self, release: str) -> None:
        assert (containers(self.host), version(self.host)) == (
            {NAME: "running", f"{NAME}.previous": "exited"},
            release,
        )
        assert container(self.host, f"{NAME}.previous") == self.id
        self.state_is_intact()


def name_of(ops: Repository, host: str) -> str:
    """The last run of a host."""
    return ops.inv("runs.list", "--all", f"--host={host}", "--json").json["list"][-1]["run"]


def ended(ops: Repository, host: str, seconds: float = 30) -> None:
    """The host has finished what it does."""
    eventually(lambda: not under(host, "ls /run/fairlead/runs"), seconds)


def note(said, host: str, words: str) -> bool:
    """Is this note among those of a JSON document? `words` after who and what for."""
    pattern = (
        rf"{host}: run \d{{8}}T\d{{6}}-[0-9a-f]{{6}}\.\d+ of \S+@\S+ \(inv "
        rf"perfsonar\.upgrade --host={host}\) {re.escape(words)}"
    )
    return any(re.fullmatch(pattern, one) for one in said.json.get("notes", []))


# The operator's machine dies


def test_a_killed_controller_changes_nothing_on_the_host_which_finishes_by_itself(ops) -> None:
    before = Before(ops, "n1")
    publish("5.1.0")
    killed = ops.start("perfsonar.upgrade", "--host=n1").until("perfsonar: stop: changed").kill()
    assert killed.code == -9
    ended(ops, "n1")
    before.is_replaced("5.1.0")
    look = ops.inv("perfsonar.status", "--host=n1", "--json")
    assert note(look, "n1", "lost its operator and finished by itself")
    change = ops.inv("perfsonar.upgrade", "--host=n1", "--json")
    assert (change.code, change.json["changed"]) == (0, False), change.out
    assert note(change, "n1", "lost its operator and finished by itself")
    assert (
        "notes" not in ops.inv("perfsonar.status", "--host=n1", "--json").json
    )  # told once by a run that acts, it is known
    before.is_replaced("5.1.0")


def test_a_killed_controller_and_a_broken_version_the_host_comes_back_by_itself(ops) -> None:
    before = Before(ops, "n1")
    publish("5.2.0", broken=True)
    ops.start("perfsonar.upgrade", "--host=n1").until(WAITING).kill()
    ended(ops, "n1")
    before.is_back()
    shown = ops.inv("runs.show", "--host=n1").out
    assert "undone" in shown.splitlines()[0]
    said = ops.inv(
        "perfsonar.psconfig.add",
        "--host=n1",
        "--url=https://psconfig.example.org/other.json",
        "--json",
    )
    assert said.code == 0, said.out
    assert note(said, "n1", "lost its operator, failed, and undid everything by itself")


@pytest.mark.long
def test_a_controller_killed_between_two_phases_leaves_a_lease_that_says_whose(ops) -> None:
    before = Before(ops, "n1")
    publish("5.1.0")
    ops.start("perfsonar.upgrade", "--host=n1").until("perfsonar: pull: changed").kill()
    ended(ops, "n1")
    before.is_back()
    second = ops.inv("perfsonar.upgrade", "--host=n1", "--json")
    assert second.code == 6
    assert re.match(
        r"n1: \S+@\S+ works on perfsonar here since 20\S+Z \(inv perfsonar.upgrade --host=n1\), "
        r"was there \d+ s ago, and has it for \d+ min unless prolonged; "
        r"wait with --wait=\d+m, or look: inv runs\.list --host=n1$",
        second.rows["n1"]["error"],
    )
    waits = ops.inv("perfsonar.upgrade", "--host=n1", "--json", "--wait=3m", timeout=180)
    assert waits.code == 6
    assert re.match(
        r"n1: \S+@\S+ began to work on perfsonar here at 20\S+Z "
        r"\(inv perfsonar.upgrade --host=n1\), and has given no sign of life for 6\d s; "
        r"take it over: inv runs\.release --host=n1$",
        waits.rows["n1"]["error"],
    )
    assert "gone: no sign of life for" in ops.inv("runs.list", "--host=n1").out
    assert re.fullmatch(
        r"n1  perfsonar  released \(was \S+@\S+'s\)\n",
        ops.inv("runs.release", "--host=n1", "--yes").out,
    )
    third = ops.inv("perfsonar.upgrade", "--host=n1", "--json")
    assert (third.code, version("n1")) == (0, "5.1.0")
    rest = "it finished what it had begun there, and the rest was never begun; run it again"
    assert note(third, "n1", f"lost its operator in the middle: {rest}")
    before.is_replaced("5.1.0")


# The link is cut


def test_a_link_cut_for_a_while_is_followed_to_the_end(ops) -> None:
    before = Before(ops, "n2")
    publish("5.1.0")
    running = ops.start("perfsonar.upgrade", "--host=n2", "--json")
    until_name(running, "n2", "kept")
    done("lab.link", "--host=n2", "--state=down")
    threading.Timer(5, lambda: done("lab.link", "--host=n2", "--state=up")).start()
    said = running.end(90)
    assert (said.code, said.rows["n2"]["state"]) == (0, "changed"), said.out
    assert set(said.steps("n2").values()) == {"changed", "ok"}
    before.is_replaced("5.1.0")
    assert "notes" not in ops.inv("perfsonar.status", "--host=n2", "--json").json


def until_name(running: Running, host: str, suffix: str) -> None:
    """Go on once a container of this name stands there: a document says nothing on its way."""
    while f"{NAME}.{suffix}" not in containers(host):
        assert running.process.poll() is None, running.end()


@pytest.mark.long
def test_a_link_cut_for_longer_than_we_wait_says_how_to_follow(ops) -> None:
    before = Before(ops, "n2")
    publish("5.2.0", broken=True)
    running = ops.start("perfsonar.upgrade", "--host=n2", "--timeout=6s", "--json")
    until_name(running, "n2", "kept")
    began = time.monotonic()
    done("lab.link", "--host=n2", "--state=down")
    try:
        said = running.end(60)
        waited = time.monotonic() - began
    finally:
        done("lab.link", "--host=n2", "--state=up")
    row = said.rows["n2"]
    assert (said.code, row["state"]) == (5, "unreachable")
    run = f"{said.json['run']}.3"
    assert (
        row["error"]
        == f"n2: lost while run {run} works there (not a byte for 6 s); it ends by itself: inv "
        f"runs.follow --host=n2"
    )
    assert waited < 20
    followed = ops.inv("runs.follow", "--host=n2")
    assert (followed.code, followed.out) == (1, f"n2  {run}  undone\n")
    before.is_back()
    assert (
        "notes" not in ops.inv("perfsonar.status", "--host=n2", "--json").json
    )  # seen by whoever followed


# The power goes


def power_cut(ops: Repository) -> Before:
    before = Before(ops, "n2")
    publish("5.2.0", broken=True)
    running = ops.start("perfsonar.upgrade", "--host=n2").until(WAITING)
    done("lab.power", "--host=n2", "--state=off")
    running.kill()
    done("lab.power", "--host=n2", "--state=on")
    return before


def test_after_a_power_cut_the_open_run_is_named_and_undone_by_recover(ops) -> None:
    before = power_cut(ops)
    run = name_of(ops, "n2")
    assert containers("n2").keys() == {NAME, f"{NAME}.kept"}
    for verb in ("upgrade", "down", "up"):
        stopped = ops.inv(f"perfsonar.{verb}", "--host=n2", "--json")
        assert (stopped.code, stopped.rows["n2"]["state"], stopped.rows["n2"]["steps"]) == (
            6,
            "locked",
            [],
        )
        assert re.fullmatch(
            rf"n2: run {re.escape(run)} of \S+@\S+ \(inv perfsonar\.upgrade --host=n2\) was left "
            rf"in the middle "
            r"\(power cut, or its worker was killed\); bring it to one side: inv runs\.recover "
            r"--host=n2",
            stopped.rows["n2"]["error"],
        )
    look = ops.inv(
        "perfsonar.status", "--host=n2", "--json"
    )  # a look is not stopped, and says it too
    assert (
        look.code,
        note(
            look,
            "n2",
            "was left in the middle (power cut, or its worker was killed): inv runs.recover"
            " --host=n2",
        ),
    ) == (1, True)
    assert f"n2  {run}  left open" in ops.inv("runs.list", "--host=n2").out
    recovered = ops.inv("runs.recover", "--host=n2")
    assert recovered.code == 0
    assert recovered.out.startswith(f"n2  {run}  undone: nothing is left of it")
    before.is_back()
    assert (
        ops.inv("runs.recover", "--host=n2").out
        == "nothing to recover: no run was left open on these hosts\n"
    )
    publish("5.1.0")
    assert ops.inv("perfsonar.upgrade", "--host=n2").code == 0
    before.is_replaced("5.1.0")


@pytest.mark.long
def test_after_a_power_cut_recover_forward_leaves_it_and_the_next_upgrade_succeeds(ops) -> None:
    before = power_cut(ops)
    recovered = ops.inv("runs.recover", "--host=n2", "--forward")
    assert (recovered.code, "left as it is; the next run plans from facts" in recovered.out) == (
        0,
        True,
    )
    assert containers("n2").keys() == {NAME, f"{NAME}.kept"}
    publish("5.3.0")
    upgraded = ops.inv("perfsonar.upgrade", "--host=n2", "--json")
    assert (upgraded.code, version("n2")) == (0, "5.3.0"), upgraded.out
    before.state_is_intact()


# A second operator


def test_a_second_operator_is_told_who_since_when_and_what_for(ops) -> None:
    first = ops.start("toy.slow", "--host=n1", "--seconds=120").until("toy: mark: changed")
    second = ops.inv("toy.up", "--host=n1,n2", "--json")
    assert (second.code, {host: row["state"] for host, row in second.rows.items()}) == (
        6,
        {"n1": "locked", "n2": "skipped"},
    )
    assert re.fullmatch(
        r"n1: \S+@\S+ works on toy here since 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ \(inv toy\.slow "
        r"--host=n1\); "
        r"wait with --wait=5m, or look: inv runs\.list --host=n1",
        second.rows["n1"]["error"],
    )
    assert re.search(
        r"n1  toy  lease of \S+ since \S+: inv toy.slow --host=n1",
        ops.inv("runs.list", "--host=n1").out,
    )
    assert ops.inv("toy.status", "--host=n1").code == 0  # a look waits for nobody
    waiting = ops.start("toy.up", "--host=n1", "--wait=60s", "--json")
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.process.wait(3)
    assert first.process.poll() is None
    under("n1", ENOUGH)
    third = waiting.end()
    assert (third.code, third.steps("n1")) == (0, {"mark": "ok"})
    assert first.end().code == 0


def test_two_systems_work_on_one_host_at_the_same_time(ops) -> None:
    first = ops.start("toy.slow", "--host=n1", "--seconds=120").until("toy: mark: changed")
    assert ops.inv("perfsonar.up", "--host=n1").code == 0
    assert ops.inv("perfsonar.down", "--host=n1").code == 0
    assert first.process.poll() is None
    first.kill()
    under("n1", ENOUGH)
    ended(ops, "n1")


# Ctrl-C


@pytest.mark.parametrize("hosts", [("n1",), ("n1", "n2")])
def test_ctrl_c_leaves_at_once_and_the_hosts_finish_what_they_began(ops, hosts) -> None:
    folded = ",".join(hosts)
    running = ops.start("toy.slow", f"--host={folded}", "--seconds=120")
    for host in hosts:
        running.until(f"{host} toy: mark: changed")
    began = time.monotonic()
    said = running.interrupt()
    assert (said.code, time.monotonic() - began < 4) == (130, True)
    sentence = "fairlead: interrupted; hosts finish what they began; see which: inv runs.list\n"
    assert said.err.endswith(sentence)
    following = [
        ops.start("runs.follow", f"--host={host}").until(f"{host}  mark  changed") for host in hosts
    ]
    each(ENOUGH, hosts=hosts)
    assert [one.end().code for one in following] == [0] * len(hosts)
    assert all(under(host, "ls /var/tmp/toy.after") for host in hosts)
    after = ops.inv("toy.down", f"--host={folded}", "--yes")
    assert (after.code, "lost its operator" in after.err) == (0, False)
