"""Who may work on a host: leases between transactions, the kernel's locks while one works."""

import os
import re
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest

from fairlead.model.errors import StepFailed, Unreachable
from fairlead.model.plan import Fact, Step
from fairlead.remote import transaction
from tests.machine import Cut, Machine, a_run, gone, waited

pytestmark = pytest.mark.slow

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def gate(path: Path, name: str = "gate", **more) -> Step:
    """Begins, and goes on when the file `path` is there."""
    return Step(
        name=name,
        do=("sh", "-c", ': >"$1.begun"; until [ -e "$1" ]; do sleep 0.02; done', "_", str(path)),
        timeout=30,
        **more,
    )


def begun(path: Path) -> None:
    waited(Path(f"{path}.begun").exists)


ANN, BOB = a_run(who="ann@desk", what="inv toy.up"), a_run(who="bob@home", what="inv toy.down")


def expire(machine: Machine, system: str = "toy") -> None:
    lease = machine.lease(system)
    lines = lease.read_text().splitlines()
    lease.write_text("\n".join([*lines[:4], "1000000000"]) + "\n")


def test_the_second_is_told_who_since_when_and_what_for(machine: Machine) -> None:
    assert machine.ask(lease=ANN).holder is None
    holder = machine.ask(lease=BOB).holder
    assert (holder.run, holder.who, holder.what, bool(STAMP.fullmatch(holder.since))) == (
        ANN.name,
        "ann@desk",
        "inv toy.up",
        True,
    )
    error = transaction.refusal("n1", "toy", holder)
    assert 590 <= holder.left <= 600
    assert str(error) == (
        f"n1: ann@desk works on toy here since {holder.since} (inv toy.up), was there"
        f" {holder.silence} s ago, and has it for 10 min unless prolonged; wait with --wait=11m,"
        " or look: inv runs.list --host=n1"
    )
    assert error.code == 6


def test_who_works_just_now_is_waited_for(every: Machine, tmp_path: Path) -> None:
    every.ask(lease=ANN)
    working = every.begin(gate(tmp_path / "go"), run=ANN)
    begun(tmp_path / "go")
    holder = every.ask(lease=BOB).holder
    assert (holder.who, holder.left) == ("ann@desk", 0)
    assert transaction.refusal("n1", "toy", holder).remedy == (
        "wait with --wait=5m, or look: inv runs.list --host=n1"
    )
    (tmp_path / "go").touch()
    assert working.result().state == "changed"


def test_a_first_trip_that_fails_gives_its_lease_back(every: Machine) -> None:
    too_long = Fact("a", ("head", "-c", "5000000", "/dev/zero"), str)
    with pytest.raises(StepFailed, match="the answer to a did not arrive whole"):
        every.ask(too_long, lease=ANN)
    assert every.leases() == []
    strange = Fact("a", ("echo", "?"), lambda code, text: {}[text])
    with pytest.raises(StepFailed, match="the answer to a is not understood"):
        every.ask(strange, lease=ANN)
    assert every.leases() == []
    fills = Fact("b", ("sh", "-c", 'rm -rf "$TMPDIR"'), str)
    with pytest.raises(StepFailed, match="the answers to its facts cannot be written"):
        every.ask(fills, lease=ANN)
    assert every.leases() == []
    every.cut = Cut(word=b"lease toy taken")
    with pytest.raises(Unreachable, match="the link was cut"):
        every.ask(Fact("c", ("sleep", "1"), str), lease=ANN)
    assert every.leases() == []


def test_where_no_temporary_file_can_be_written_no_lease_is_taken(machine: Machine) -> None:
    (machine.bin / "mktemp").symlink_to("/bin/false")
    with pytest.raises(StepFailed, match="no temporary file can be written"):
        machine.ask(Fact("a", ("true",), str), lease=ANN)
    assert machine.leases() == []


def test_whoever_has_it_may_take_it_again(machine: Machine) -> None:
    assert [machine.ask(lease=ANN).holder for _ in range(2)] == [None, None]


def test_two_systems_have_a_lease_each(machine: Machine) -> None:
    assert [machine.ask(lease=a_run(system)).holder for system in ("toy", "other")] == [None, None]
    assert sorted(transaction.runs(machine.connect())[1]) == ["other", "toy"]


def test_looking_takes_no_lease(machine: Machine) -> None:
    machine.ask()
    assert not machine.state.exists()
    assert transaction.runs(machine.connect()) == ((), {})
    assert not machine.state.exists()


def test_an_expired_lease_is_taken_over(machine: Machine) -> None:
    machine.ask(lease=ANN)
    expire(machine)
    assert transaction.runs(machine.connect())[1] == {}
    assert machine.ask(lease=BOB).holder is None
    assert machine.ask(lease=ANN).holder.who == "bob@home"


@pytest.mark.parametrize("torn", ["", "only a name\n", "a\nb\nc\nd\nno number\n"])
def test_a_lease_that_a_power_cut_has_torn_holds_nobody(machine: Machine, torn: str) -> None:
    machine.ask(lease=ANN)
    machine.lease().write_text(torn)
    assert machine.ask(lease=BOB).holder is None


def test_a_lease_is_given_back_by_its_owner_alone_or_by_force(machine: Machine) -> None:
    machine.ask(lease=ANN)
    transaction.release(machine.connect(), "toy", BOB.name)
    assert machine.ask(lease=BOB).holder.who == "ann@desk"
    transaction.release(machine.connect(), "toy", "any")
    assert machine.ask(lease=BOB).holder is None


def test_a_lease_is_renewed(machine: Machine) -> None:
    machine.ask(lease=ANN)
    expire(machine)
    transaction.renew(machine.connect(), ANN)
    assert machine.ask(lease=BOB).holder.who == "ann@desk"


def test_a_renewal_that_comes_late_brings_no_lease_back(machine: Machine) -> None:
    machine.ask(lease=ANN)
    transaction.release(machine.connect(), "toy", ANN.name)
    transaction.renew(machine.connect(), ANN)
    assert not machine.lease().exists()


def test_the_last_phase_gives_the_lease_back_the_others_prolong_it(machine: Machine) -> None:
    machine.ask(lease=ANN)
    expire(machine)
    machine.do(Step(name="a", do=("true",)), run=ANN, number=1, release=False)
    assert list(transaction.runs(machine.connect())[1]) == ["toy"]
    machine.do(Step(name="b", do=("true",)), run=ANN, number=2, release=True)
    assert transaction.runs(machine.connect())[1] == {}


def test_a_long_phase_ends_with_a_fresh_lease(machine: Machine, tmp_path: Path) -> None:
    working = machine.begin(gate(tmp_path / "go"), run=ANN, release=False)
    begun(tmp_path / "go")
    expire(machine)
    (tmp_path / "go").touch()
    working.result()
    assert machine.ask(lease=BOB).holder.who == "ann@desk"


def test_while_a_workworks_its_system_is_locked_whatever_became_of_the_lease(
    machine: Machine, tmp_path: Path
) -> None:
    working = machine.begin(gate(tmp_path / "go"), run=ANN)
    begun(tmp_path / "go")
    holder = machine.ask(lease=BOB).holder
    assert (holder.who, holder.what, holder.run) == ("ann@desk", "inv toy.up", working.name)
    refused = machine.do(Step(name="b", do=("touch", str(tmp_path / "b"))), run=BOB)
    assert (refused.state, refused.ended.holder.who, refused.steps, (tmp_path / "b").exists()) == (
        "locked",
        "ann@desk",
        [],
        False,
    )
    (tmp_path / "go").touch()
    assert (working.result().state, machine.ask(lease=BOB).holder) == ("changed", None)


def test_a_workwhose_lease_was_lost_to_another_does_nothing(
    machine: Machine, tmp_path: Path
) -> None:
    machine.ask(lease=ANN)
    done = machine.do(Step(name="b", do=("touch", str(tmp_path / "b"))), run=BOB)
    assert (done.state, done.ended.holder.who, (tmp_path / "b").exists()) == (
        "locked",
        "ann@desk",
        False,
    )
    assert machine.ask(lease=BOB).holder.who == "ann@desk"


def test_the_lock_of_a_killed_worker_is_free_at_once(machine: Machine, tmp_path: Path) -> None:
    working = machine.begin(gate(tmp_path / "go"), run=ANN)
    begun(tmp_path / "go")
    pid = machine.worker(working.name)
    os.kill(pid, signal.SIGKILL)
    waited(lambda: gone(pid))
    assert machine.do(Step(name="b", do=("true",)), run=BOB).state == "changed"
    (tmp_path / "go").touch()


def test_whoever_waits_gets_the_lock_when_it_is_free(machine: Machine, tmp_path: Path) -> None:
    first = machine.begin(gate(tmp_path / "go"), run=ANN)
    begun(tmp_path / "go")
    second = machine.begin(Step(name="b", do=("true",)), run=BOB, wait=20).until("start")
    (tmp_path / "go").touch()
    assert (first.result().state, second.result().state) == ("changed", "changed")


def test_two_systems_work_side_by_side(machine: Machine, tmp_path: Path) -> None:
    working = [machine.begin(gate(tmp_path / name), run=a_run(name)) for name in ("one", "two")]
    for name in ("one", "two"):
        begun(tmp_path / name)
        (tmp_path / name).touch()
    assert [work.result().state for work in working] == ["changed", "changed"]


def test_a_step_that_touches_the_host_shuts_out_every_system(
    machine: Machine, tmp_path: Path
) -> None:
    touching = machine.begin(
        gate(tmp_path / "go", exclusive=True),
        run=a_run("engine", who="eve@console", what="inv engine.up"),
    )
    begun(tmp_path / "go")
    refused = machine.do(Step(name="b", do=("true",)), run=ANN)
    assert (refused.state, refused.ended.holder.who, refused.ended.holder.what) == (
        "locked",
        "eve@console",
        "inv engine.up",
    )
    (tmp_path / "go").touch()
    touching.result()


def test_a_step_that_touches_the_host_waits_for_every_system(
    machine: Machine, tmp_path: Path
) -> None:
    working = machine.begin(gate(tmp_path / "go"), run=ANN)
    begun(tmp_path / "go")
    refused = machine.do(Step(name="b", do=("true",), exclusive=True), run=a_run("engine"))
    assert (refused.state, refused.ended.holder.who) == ("locked", "ann@desk")
    waits = machine.begin(
        Step(name="b", do=("true",), exclusive=True), run=a_run("engine"), wait=20
    )
    (tmp_path / "go").touch()
    assert (working.result().state, waits.result().state) == ("changed", "changed")


# Whether the owner of a lease still lives


def age(machine: Machine, seconds: float) -> None:
    """Its owner has given no sign of life for so long."""
    then = time.time() - seconds
    os.utime(machine.lease(), (then, then))


def silence(machine: Machine) -> int:
    return transaction.runs(machine.connect())[1]["toy"].silence


def test_an_owner_who_is_gone_is_told_with_what_helps(every: Machine) -> None:
    every.ask(lease=ANN)
    age(every, 150)
    holder = every.ask(lease=BOB).holder
    assert (holder.is_gone, holder.left > 590) == (True, True)
    assert str(transaction.refusal("n1", "toy", holder)) == (
        f"n1: ann@desk began to work on toy here at {holder.since} (inv toy.up), and has given no"
        " sign of life for 2 min; take it over: inv runs.release --host=n1"
    )
    transaction.release(every.connect(), "toy", "any")
    assert every.ask(lease=BOB).holder is None


def test_a_renewal_is_a_sign_of_life_and_leaves_since_when_as_it_was(machine: Machine) -> None:
    machine.ask(lease=ANN)
    since = transaction.runs(machine.connect())[1]["toy"].since
    age(machine, 100)
    time.sleep(1)
    transaction.renew(machine.connect(), ANN)
    holder = transaction.runs(machine.connect())[1]["toy"]
    assert (holder.silence <= 2, holder.since, holder.is_taking) == (True, since, False)


def test_who_follows_his_run_shows_that_he_lives(
    every: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairlead.remote.link.OFTEN", 0)
    every.ask(lease=ANN)
    working = every.begin(gate(tmp_path / "go"), run=ANN, release=False)
    begun(tmp_path / "go")
    age(every, 100)
    waited(lambda: silence(every) < 50, 15)
    (tmp_path / "go").touch()
    assert working.result().state == "changed"
    assert waited(lambda: every.runs()[working.name].seen)


def test_a_sign_of_life_at_the_moment_when_the_lease_is_given_back_brings_none_back(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairlead.remote.link.OFTEN", 0)
    touch, shown = machine.bin / "touch", tmp_path / "shown"
    text = f'#!/bin/sh\nrm -f "{machine.lease()}"\n: >"{shown}"\nexec {which("touch")} "$@"\n'
    touch.write_text(text)
    touch.chmod(0o755)
    machine.ask(lease=ANN)
    working = machine.begin(gate(tmp_path / "go"), run=ANN)
    waited(shown.exists, 15)
    (tmp_path / "go").touch()
    assert working.result().state == "changed"
    assert not machine.lease().exists()


def test_a_worker_that_ends_is_no_sign_of_life_of_its_owner(
    machine: Machine, tmp_path: Path
) -> None:
    machine.ask(lease=ANN)
    machine.cut = Cut(word=b" begin 1 .", stays=True)
    machine.begin(gate(tmp_path / "go"), run=ANN, release=False)
    begun(tmp_path / "go")
    waited(lambda: machine.dead)
    age(machine, 100)
    (tmp_path / "go").touch()
    machine.dead = False
    waited(lambda: not any(run.alive for run in machine.runs().values()))
    assert silence(machine) >= 100


# Several users of one host


@pytest.fixture
def users() -> Iterator[tuple[Machine, Machine]]:
    """One host as root sees it, and as a user does who may use the engine."""
    if os.geteuid():
        pytest.skip("needs root, who becomes another")
    with tempfile.TemporaryDirectory(prefix="host-") as folder:  # open to others, unlike tmp_path
        Path(folder).chmod(0o1777)
        machines = Machine(Path(folder, "root")), Machine(Path(folder, "user"), uid=4242)
        for machine in machines:
            os.chown(machine.folder, machine.uid, machine.uid)
            machine.locks = Path(folder, "locks")
        yield machines


@pytest.mark.parametrize("is_root_first", [True, False])
def test_all_users_of_a_host_share_its_leases(
    users: tuple[Machine, Machine], is_root_first: bool
) -> None:
    first, second = users if is_root_first else users[::-1]
    assert first.ask(lease=ANN).holder is None
    holder = second.ask(lease=BOB).holder
    assert (holder.who, holder.what, 590 <= holder.left <= 600) == ("ann@desk", "inv toy.up", True)
    assert transaction.runs(second.connect())[1]["toy"].who == "ann@desk"
    refused = second.do(Step(name="b", do=("true",)), run=BOB)
    assert (refused.state, refused.ended.holder.who) == ("locked", "ann@desk")
    transaction.release(first.connect(), "toy", ANN.name)
    assert second.do(Step(name="b", do=("true",)), run=BOB, number=2).state == "changed"


def test_the_lease_of_another_user_is_given_back_by_him_or_root(
    users: tuple[Machine, Machine],
) -> None:
    root, user = users
    root.ask(lease=ANN)
    with pytest.raises(StepFailed, match="the lease is that of another user of this host"):
        transaction.release(user.connect(), "toy", "any")
    transaction.release(root.connect(), "toy", "any")
    user.ask(lease=ANN)
    transaction.release(root.connect(), "toy", "any")
    assert root.ask(lease=BOB).holder is None


@pytest.mark.parametrize("is_root_first", [True, False])
def test_while_one_user_works_the_others_are_locked_out(
    users: tuple[Machine, Machine], is_root_first: bool
) -> None:
    first, second = users if is_root_first else users[::-1]
    go = users[0].locks.parent / "go"
    working = first.begin(gate(go), run=ANN)
    begun(go)
    holder = second.ask(lease=BOB).holder
    assert (holder.who, holder.left) == ("ann@desk", 0)
    refused = second.do(Step(name="b", do=("true",)), run=BOB)
    assert (refused.state, refused.ended.holder.who) == ("locked", "ann@desk")
    whole_host = second.do(Step(name="b", do=("true",), exclusive=True), run=a_run("engine"))
    assert (whole_host.state, whole_host.ended.holder.who) == ("locked", "ann@desk")
    go.touch()
    assert working.result().state == "changed"
    assert second.do(Step(name="b", do=("true",)), run=BOB, number=2).state == "changed"


def test_a_folder_of_locks_that_is_not_there_for_all_is_refused(machine: Machine) -> None:
    machine.locks.symlink_to("/tmp")
    with pytest.raises(StepFailed, match="is no folder in which all users of this host can lock"):
        machine.ask(lease=ANN)
    with pytest.raises(StepFailed, match="is no folder in which all users of this host can lock"):
        machine.do(Step(name="a", do=("true",)))
