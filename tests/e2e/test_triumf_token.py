"""Workers that join a real pool of HTCondor by a token of the store, from a network that nobody can
call into: nothing is published, and the collector calls back."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import htcondor, workers
from tests.e2e.ground import containers, sh, under
from tests.e2e.tier1 import Tier1
from tests.e2e.workers import job

DAY = 86400
NAMES = ("vn0317", "vn0318")
TOKEN = "/etc/condor/tokens.d/condor.token"
# Of the image there is no key by which it could join: the token is all that a worker has
ENV = {"_CONDOR_SEC_PASSWORD_DIRECTORY": "/nowhere"}


@pytest.fixture(scope="module")
def tier(lab: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tier1]:
    """A Tier-1: registry and central manager on n1, two workers to be on n2, behind docker0."""
    workers.as_made()
    tier = Tier1(tmp_path_factory.mktemp("token"))
    site(tier)
    workers.mounted()
    under("n2", "mount --make-rshared /cvmfs")
    first = tier.inv("triumf.registry.up", "triumf.trust.up", timeout=300)
    assert first.code == 0, first.err + first.out
    workers.publish("1")
    htcondor.manager()
    yield tier
    under("n2", f"umount /cvmfs/atlas; rm -rf {TOKEN}")
    workers.as_made()


def site(tier: Tier1) -> Path:
    options = {
        "hosts": "n2",
        "names": {"n2": list(NAMES)},
        "fixed": False,
        "port": "none",
        "token_secret": "condor.token",
        "env": ENV,
        "ulimits": {"nofile": 4096},
        "shm_size": "128m",
        "propagation": {"/cvmfs": "rshared"},
    }
    return tier.site(hosts="n[1-2]", worker=workers.WORKER | options)


def test_a_token_of_another_pool_lets_no_worker_in_and_a_new_one_lets_those_in_that_run(
    tier: Tier1,
) -> None:
    tier.secrets["condor.token"] = htcondor.token(DAY, "the key of another pool")
    result = tier.inv("triumf.worker.up", timeout=300)
    assert result.code == 0, result.err + result.out
    assert containers("n2") == dict.fromkeys(NAMES, "running")
    time.sleep(15)
    assert htcondor.members() == set()
    refused = tier.inv("triumf.worker.status")
    assert refused.code == 1
    assert refused.out.count("takes jobs, the pool's collector does not call it back") == 2
    begun = under("n2", "docker inspect -f '{{.State.StartedAt}}' vn0317 vn0318")

    tier.secrets["condor.token"] = htcondor.token(30 * DAY)
    delivered = tier.inv("triumf.worker.secrets", "--deliver", "--json", timeout=120)
    assert (delivered.code, delivered.steps("n2")["IDTOKEN"]) == (0, "changed"), delivered.out
    htcondor.until("both are in the pool", lambda: htcondor.members() == set(NAMES))
    assert under("n2", "docker inspect -f '{{.State.StartedAt}}' vn0317 vn0318") == begun
    assert tier.inv("triumf.worker.status").code == 0
    again = tier.inv("triumf.worker.up", "--json", timeout=300)
    assert (again.code, again.json["changed"]) == (0, False), again.out


def test_nothing_is_published_and_a_job_runs_all_the_same(tier: Tier1) -> None:
    ports = under("n2", "docker port vn0317; docker port vn0318; ss -tlnH sport = :4080")
    running = job("vn0317", 5)
    assert (ports, running.ended_well()) == ("", True)
    fields = tier.inv("triumf.worker.status", "--json").rows["n2"]["fields"]
    assert [row["port"] for row in fields["workers"]] == ["none", "none"]


def test_a_token_is_rotated_while_a_job_runs(tier: Tier1) -> None:
    running = job("vn0317", 15)
    tier.secrets["condor.token"] = htcondor.token(30 * DAY)
    delivered = tier.inv("triumf.worker.secrets", "--deliver", "--json", timeout=120)
    assert (delivered.code, delivered.steps("n2")["IDTOKEN"]) == (0, "changed"), delivered.out
    assert running.ended_well()
    assert job("vn0317", 1).ended_well()


def test_the_token_is_roots_alone_and_stands_in_nothing_that_is_shown(tier: Tier1) -> None:
    token = tier.secrets["condor.token"]
    place = under("n2", f"stat -c '%a %U' {TOKEN}; cat {TOKEN}")
    inspected = under("n2", "docker inspect vn0317; cat /var/lib/fairlead/journal* 2>/dev/null; :")
    shown = tier.inv("triumf.secrets", "--name=condor.token", "--json")
    (row,) = shown.json["secrets"]
    assert (place, row["state"], row["days"]) == (f"600 root\n{token}\n", "ok", 29)
    whole = inspected + shown.out + tier.inv("triumf.worker.up", "--dry-run", "--json").out
    assert [part for part in token.split(".") if part in whole] == []


def test_one_that_has_expired_is_refused_before_any_host_changes(tier: Tier1) -> None:
    good = tier.secrets["condor.token"]
    tier.secrets["condor.token"] = htcondor.token(1)
    time.sleep(2)
    result = tier.inv("triumf.worker.up")
    shown = tier.inv("triumf.secrets", "--name=condor.token")
    tier.secrets["condor.token"] = good
    assert (result.code, shown.code, "(expired)" in shown.out) == (7, 7, True), shown.out
    assert "secrets/condor.token: has expired: the pool takes no worker by it" in result.err
    assert under("n2", f"cat {TOKEN}").strip() == good


def test_what_a_site_gives_its_workers_is_so_inside(tier: Tier1) -> None:
    limits = htcondor.inside("n2", "vn0317", "sh", "-c", "ulimit -n; df -k --output=size /dev/shm")
    assert limits.split() == ["4096", "1K-blocks", "131072"]
    under("n2", sh.text("worker_tree"))
    assert htcondor.inside("n2", "vn0318", "ls", "/cvmfs/atlas") == "x\n"
    under("n2", "umount /cvmfs/atlas")
    assert htcondor.inside("n2", "vn0318", "ls", "/cvmfs/atlas") == ""


def test_a_job_runs_through_an_upgrade_and_the_new_worker_joins_by_the_same_token(
    tier: Tier1,
) -> None:
    workers.publish("2")
    running = job("vn0318", 10)
    result = tier.inv("triumf.worker.upgrade", "--batch=1", "--json", timeout=300)
    assert result.code == 0, result.err + result.out
    assert running.ended_well()
    htcondor.until("both are in the pool", lambda: htcondor.members() == set(NAMES))
    assert job("vn0318", 1).ended_well()
    second = tier.inv("triumf.worker.upgrade", "--json", timeout=300)
    assert (second.code, second.json["changed"]) == (0, False)


def test_a_mount_that_is_private_blocks_before_docker_would_refuse_it(tier: Tier1) -> None:
    under("n2", "mount --make-rprivate /cvmfs")
    result = tier.inv("triumf.worker.preflight")
    under("n2", "mount --make-rshared /cvmfs")
    assert result.code == 4
    assert "propagation of /cvmfs: blocks: found private" in result.out, result.out


def test_what_is_in_the_way_of_the_next_version_is_asked_of_real_ones(tier: Tier1) -> None:
    """HTCondor 23.9.6 has each of these as its package and the lab have them."""
    result = tier.inv("triumf.worker.preflight", "--for=htcondor-25")
    assert result.code == 0, result.out
    asked = tier.inv("triumf.worker.preflight", "--for=htcondor-25", "--json")
    checks = {check["name"]: check for check in asked.rows["n2"]["checks"]}
    assert checks["condor"]["found"] == "23.9.6"
    assert [name for name, check in checks.items() if check["found"] == "not known"] == []
    under("n2", "docker exec vn0317 sh -c 'chown root $(condor_config_val EXECUTE)'")
    blocked = tier.inv("triumf.worker.preflight", "--for=htcondor-25")
    under("n2", "docker exec vn0317 sh -c 'chown condor $(condor_config_val EXECUTE)'")
    assert (blocked.code, "EXECUTE: blocks: found EXECUTE is root's" in blocked.out) == (4, True)
    engine = tier.inv("triumf.engine.preflight", "--host=n2", "--for=docker-29")
    assert engine.code in (0, 4)
    assert "open files: warns: found 1024 for each process of a worker" not in engine.out
