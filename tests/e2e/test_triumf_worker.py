"""Workers of a real pool of HTCondor on two real engines, out of the site's own registry: from
nothing, one by one to a new image, and back; jobs are real ones."""

import re
import time
from collections.abc import Iterator

import pytest

from tests.e2e import htcondor, workers
from tests.e2e.ground import containers, sh, under
from tests.e2e.tier1 import Tier1
from tests.e2e.workers import ADDRESSES, DOMAIN, job, releases
from tests.machine import waited

ANSWERS = 'timeout 3 bash -c "</dev/tcp/${1%:*}/${1#*:}" 2>/dev/null && echo yes || echo no'
STARTED = "docker inspect -f '{{.State.StartedAt}}' \"$1\""


@pytest.fixture(scope="module")
def tier(lab: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tier1]:
    """A Tier-1: registry on n1, which holds a worker's image, two workers to be on n2, one on
    n3."""
    workers.as_made()
    tier = Tier1(tmp_path_factory.mktemp("tier"))
    workers.site(tier)
    workers.mounted()
    first = tier.inv("triumf.registry.up", "triumf.trust.up", timeout=300)
    assert first.code == 0, first.err + first.out
    workers.publish("1")
    yield tier
    workers.as_made()


@pytest.fixture
def up(tier: Tier1) -> Tier1:
    """All three workers run and take jobs of the pool. Quick where the test before left it so."""
    result = tier.inv("triumf.worker.up", timeout=300)
    assert result.code == 0, result.err + result.out
    htcondor.manager()
    return tier


@pytest.mark.releases
def test_a_whole_tier1_from_nothing_then_nothing_more_to_do(tier: Tier1) -> None:
    dry = tier.inv("triumf.worker.up", "--host=n2", "--dry-run", "--json")
    lines = [
        argv
        for step in dry.rows["n2"]["steps"]
        for argv in step["commands"]
        if argv[:2] == ["docker", "run"]
    ]
    assert ([argv[argv.index("-p") + 1] for argv in lines], containers("n2")) == (
        ["4080:4080", "4081:4080"],
        {},
    )
    result = tier.inv("triumf.up", "--json", timeout=300)
    assert result.code == 0, result.err + result.out
    assert (containers("n2"), containers("n3")) == (
        {"vn0317": "running", "vn0318": "running"},
        {"vn0319": "running"},
    )
    second = tier.inv("triumf.up", "--json", timeout=300)
    assert (second.code, second.json["changed"]) == (0, False)
    assert {step["state"] for row in second.json["hosts"] for step in row["steps"]} == {"ok"}


@pytest.mark.releases
def test_two_workers_of_an_engine_have_ports_addresses_and_names_of_their_own(up: Tier1) -> None:
    inside = sh.text("worker_address")
    assert {name: under("n2", inside, name).split() for name in ("vn0317", "vn0318")} == {
        name: [f"{name}.{DOMAIN}", ADDRESSES[name]] for name in ("vn0317", "vn0318")
    }
    doors = [f"{ADDRESSES[name]}:4080" for name in ADDRESSES] + ["n2:4080", "n2:4081", "n3:4080"]
    assert {door: under("n1", ANSWERS, door) for door in doors} == dict.fromkeys(doors, "yes\n")
    owner = "docker exec vn0317 stat -c '%u %g' /var/log/condor; stat -c '%u %g' /var/log/vn0317"
    first, second = under("n2", owner).splitlines()
    assert (first == second != "0 0", "MasterLog" in under("n2", "ls /var/log/vn0317")) == (
        True,
        True,
    )


def test_status_logs_and_exec(up: Tier1) -> None:
    long = job("vn0318", 20)
    fields = up.inv("triumf.worker.status", "--host=n2", "--json").rows["n2"]["fields"]
    assert fields["workers"] == [
        {
            "worker": "vn0317",
            "state": "takes jobs",
            "jobs": 0,
            "port": 4080,
            "address": ADDRESSES["vn0317"],
        },
        {
            "worker": "vn0318",
            "state": "takes jobs",
            "jobs": 1,
            "port": 4081,
            "address": ADDRESSES["vn0318"],
        },
    ]
    assert (
        "condor_startd (CONDOR_STARTD) STARTING UP"
        in up.inv("triumf.worker.logs", "--host=n2", "--worker=vn0318", "--tail=1000").out
    )
    assert (
        up.inv("triumf.worker.exec", "--worker=vn0319", "--", "hostname").out.split()[-1]
        == f"vn0319.{DOMAIN}"
    )
    unknown = up.inv("triumf.worker.drain", "--worker=vn9999")
    assert "there is no worker vn9999" in unknown.out + unknown.err
    assert long.ended_well()


def states(tier: Tier1) -> dict[str, str]:
    """Worker of n2 -> its state, as status says."""
    fields = tier.inv("triumf.worker.status", "--host=n2", "--json").rows["n2"]["fields"]
    return {worker["worker"]: worker["state"] for worker in fields["workers"]}


def test_a_drain_that_is_given_up_is_given_back_its_job_goes_on_and_the_worker_takes_the_next(
    up: Tier1,
) -> None:
    before = under("n2", STARTED, "vn0317")
    running = job("vn0317", 120)
    short = workers.site(up, "short", drain=5)
    for verb in ("drain", "down", "restart"):
        result = up.inv(f"triumf.worker.{verb}", "--worker=vn0317", "--host=n2", site=short)
        assert (result.code, "vn0317: 1 jobs still run" in result.out) == (1, True), result.out
    assert (states(up)["vn0317"], running.state) == ("takes jobs", "2")
    following = job("vn0317", 1)
    assert running.state == "2"
    assert (following.ended_well(), running.ended_well()) == (True, True)
    assert under("n2", STARTED, "vn0317") == before


def test_a_worker_that_is_drained_ends_its_jobs_and_takes_them_again_after_up(up: Tier1) -> None:
    running = job("vn0317", 12)
    result = up.inv("triumf.worker.drain", "--worker=vn0317", "--host=n2")
    assert (result.code, running.state) == (0, "4 1 0"), result.out
    again = up.inv("triumf.worker.drain", "--worker=vn0317", "--host=n2", "--json")
    assert again.json["changed"] is False
    waiting = htcondor.Job("vn0317", 1)
    status = up.inv("triumf.worker.status", "--host=n2")
    assert (status.code, re.search(r"vn0317 +drained +0 ", status.out) is not None) == (0, True)
    time.sleep(10)
    assert waiting.state == "1"
    second = up.inv("triumf.worker.up", "--host=n2", "--json")
    assert (second.code, second.steps("n2")["vn0317: takes jobs"]) == (0, "changed")
    assert (states(up)["vn0317"], waiting.ended_well()) == ("takes jobs", True)


def test_a_drain_that_would_end_jobs_is_refused_and_one_of_somebody_elses_is_left_to_them(
    up: Tier1,
) -> None:
    configured = "sh -c 'cat >/etc/condor/config.d/70-test && condor_reconfig'"
    running = job("vn0317", 40)
    set_to = f"echo MAXJOBRETIREMENTTIME = $1 | docker exec -i vn0317 {configured}; sleep 2"
    under("n2", set_to, "0")
    try:
        result = up.inv("triumf.worker.drain", "--worker=vn0317", "--host=n2")
        assert (result.code, running.state) == (1, "2")
        assert "would end jobs before 60 s have passed: let MAXJOBRETIREMENTTIME" in result.out
        warned = up.inv("triumf.worker.preflight", "--host=n2")
        assert (warned.code, "time of jobs: warns: found 0 s in vn0317" in warned.out) == (0, True)
    finally:
        under("n2", set_to, "3600")
    name = f"vn0317.{DOMAIN}"
    htcondor.inside("n2", "vn0317", "condor_drain", "-graceful", "-reason", "a bad disk", name)
    short = workers.site(up, "short", drain=5)
    result = up.inv("triumf.worker.drain", "--worker=vn0317", "--host=n2", site=short)
    assert (result.code, states(up)["vn0317"]) == (1, "draining (a bad disk)")
    assert running.ended_well()
    assert up.inv("triumf.worker.up", "--host=n2").code == 0
    assert waited(lambda: states(up)["vn0317"] == "drained (a bad disk)", 40)
    htcondor.inside("n2", "vn0317", "condor_drain", "-cancel", name)
    assert waited(lambda: states(up)["vn0317"] == "takes jobs", 40)


@pytest.mark.long
def test_without_waiting_a_worker_is_restarted_and_its_job_is_lost_to_it(up: Tier1) -> None:
    before, running = under("n2", STARTED, "vn0317"), job("vn0317", 600)
    assert up.inv("triumf.worker.restart", "--worker=vn0317", "--host=n2", "--now").code == 0
    assert under("n2", STARTED, "vn0317") != before
    htcondor.in_pool("condor_rm", running.number)


def test_what_an_engine_lacks_is_told_with_its_remedy(up: Tier1) -> None:
    good = up.inv("triumf.worker.preflight")
    assert good.code == 0, good.out
    workers.mounted(ends=-1)
    workers.named(vn0319="192.0.2.9")
    under("n3", sh.text("worker_lacking"))
    try:
        result = up.inv("triumf.worker.up", "--host=n3")
        assert result.code == 4
        for words in (
            "mounts: blocks: found /opt/glite: not there",
            "cvmfs: blocks: found not mounted",
            "CRLs: blocks: found 1 CRLs, 1 too old: authority.r0",
            "port of vn0319: blocks: found held by busybox",
            "DNS of vn0319: blocks: found 192.0.2.9, which is vn0319",
        ):
            assert words in result.out, result.out
        under("n2", "chown 40002 /home/atlas001")
        other = up.inv("triumf.worker.preflight", "--host=n2")
        assert (
            other.code,
            "users of /home: blocks: found atlas001 is 40002 here and 40001 inside" in other.out,
        ) == (4, True), other.out
    finally:
        under("n3", "pkill -x busybox")
        workers.mounted()


@pytest.mark.long
def test_a_line_that_changes_waits_for_jobs_and_the_host_of_no_docker_is_told(up: Tier1) -> None:
    moved = workers.site(up, "moved", first_port=4180)
    running = job("vn0317", 8)
    result = up.inv("triumf.worker.up", "--host=n2", "--json", site=moved, timeout=300)
    assert (result.code, result.steps("n2")["vn0317: drain"]) == (0, "changed")
    assert running.ended_well()
    assert [under("n1", ANSWERS, door) for door in ("n2:4180", "n2:4181", "n2:4080")] == [
        "yes\n",
        "yes\n",
        "no\n",
    ]
    back = up.inv("triumf.worker.up", "--host=n2")
    assert back.code == 0, back.out


@pytest.mark.releases
def test_an_upgrade_goes_one_by_one_and_waits_for_jobs(up: Tier1) -> None:
    workers.publish("2")
    running = job("vn0318", 10)
    result = up.inv("triumf.worker.upgrade", "--batch=1", "--json", timeout=300)
    assert result.code == 0, result.err + result.out
    assert (running.ended_well(), releases()) == (True, dict.fromkeys(ADDRESSES, "2"))
    assert (
        up.inv("triumf.worker.upgrade", "--batch=1", "--json", timeout=300).json["changed"] is False
    )


@pytest.mark.releases
def test_it_stops_at_the_first_that_is_not_well_which_is_back_and_the_others_go_on_working(
    up: Tier1,
) -> None:
    before = {
        name: under(engine, STARTED, name)
        for engine, names in workers.NAMES.items()
        for name in names
    }
    was = releases()
    workers.publish("broken")
    assert up.inv("triumf.worker.drain", "--worker=vn0317", "--host=n2").code == 0
    result = up.inv("triumf.worker.upgrade", "--batch=1", timeout=300)
    assert (result.code, "n3 triumf.worker: skipped" in result.out) == (8, True), result.out
    assert releases() == was
    assert {
        name: under(engine, STARTED, name) == before[name]
        for engine, names in workers.NAMES.items()
        for name in names
    } == {
        "vn0317": False,
        "vn0318": True,
        "vn0319": True,
    }
    assert up.inv("triumf.worker.status").code == 0
    assert states(up) == {"vn0317": "drained", "vn0318": "takes jobs"}


@pytest.mark.releases
def test_the_version_before_comes_back(up: Tier1) -> None:
    workers.publish("3")
    assert up.inv("triumf.worker.drain", "--worker=vn0317", "--host=n2").code == 0
    assert up.inv("triumf.worker.upgrade", timeout=300).code == 0
    assert releases() == dict.fromkeys(ADDRESSES, "3")
    result = up.inv("triumf.worker.rollback", "--batch=1", timeout=300)
    assert result.code == 0, result.err + result.out
    assert set(releases().values()) != {"3"}
    assert up.inv("triumf.worker.status").code == 0


def test_workers_that_run_stop_a_change_of_their_network_which_the_engine_would_not_take_over(
    up: Tier1,
) -> None:
    program = "cat /etc/docker/daemon.json; docker ps -q --no-trunc"
    before = under("n2", program)
    result = up.inv("triumf.up", "--host=n2", site=workers.site(up, "moved", fixed=False))
    assert (
        result.code,
        "n2 triumf.engine: network of what runs: blocks: found 2 run, and bridge, fixed-cidr would "
        "change" in result.out,
    ) == (4, True)
    host = "n2"
    remedy = (
        f"remedy: inv triumf.worker.down --host={host}, which waits for jobs, "
        "and stop what else runs there; then inv triumf.up"
    )
    assert remedy in result.out
    assert under("n2", program) == before


@pytest.mark.long
@pytest.mark.releases
def test_down_leaves_logs_and_up_comes_again(up: Tier1) -> None:
    assert up.inv("triumf.worker.down", "--yes").code == 0
    assert [
        name for host in workers.ENGINES for name in containers(host) if name in ADDRESSES
    ] == []
    assert "MasterLog" in under("n2", "ls /var/log/vn0318").split()
    assert up.inv("triumf.worker.up").code == 0


SIX = {"vn0317": "2001:db8:84::90", "vn0318": "2001:db8:84::91"}


@pytest.fixture
def dual(up: Tier1) -> Iterator[Tier1]:
    """Of n2, whose bridge and whose neighbour n1 have IPv6, the workers are gone."""
    for number in (1, 2):
        under(f"n{number}", f"ip -6 addr add 2001:db8:84::{number}/64 dev br0 nodad")
    workers.named(**{name: f"{ADDRESSES[name]},{address}" for name, address in SIX.items()})
    gone = "docker network rm tier1.lan"
    assert up.inv("triumf.worker.down", "--host=n2", "--now", "--yes").code == 0
    under("n2", gone)
    yield up
    up.inv("triumf.worker.down", "--host=n2", "--now", "--yes")
    under("n2", gone)
    for number in (1, 2):
        under(f"n{number}", f"ip -6 addr del 2001:db8:84::{number}/64 dev br0")
    workers.named()


@pytest.mark.long
def test_workers_have_ipv6_addresses_of_their_own_beside_the_others(dual: Tier1) -> None:
    ranges6 = {"n2": "2001:db8:84::90/124"}
    site = workers.site(dual, "dual", engine={"ipv6": True, "ranges6": ranges6})
    preflight = dual.inv("triumf.worker.preflight", "--host=n2", site=site)
    assert preflight.code == 0, preflight.out
    assert "IPv6 of the link: warns: found docker 20.10.24" in preflight.out
    result = dual.inv("triumf.worker.up", "--host=n2", "--json", site=site, timeout=300)
    assert result.code == 0, result.err + result.out
    assert dual.inv("triumf.worker.up", "--host=n2", "--json", site=site).json["changed"] is False
    shown = "docker exec $1 ip -o addr show dev eth0 | grep -o 'inet6* [^/]*' | grep -v fe80"
    assert {name: under("n2", shown, name).split() for name in SIX} == {
        name: ["inet", ADDRESSES[name], "inet6", address] for name, address in SIX.items()
    }
    heard = "busybox ping6 -c 1 -W 5 $1 >/dev/null 2>&1 && echo yes || echo no"
    assert {name: under("n1", heard, address) for name, address in SIX.items()} == dict.fromkeys(
        SIX, "yes\n"
    )
    rows = dual.inv("triumf.worker.status", "--host=n2", "--json", site=site).rows["n2"]
    assert [row["address6"] for row in rows["fields"]["workers"]] == list(SIX.values())
