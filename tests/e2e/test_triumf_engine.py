"""Engines for workers on real hosts: their files change, they are restarted, and what runs in them
lives on."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import tier1
from tests.e2e.ground import sh, under
from tests.e2e.inv import NETWORK
from tests.e2e.tier1 import Tier1

DAEMON = "/etc/docker/daemon.json"
RHEL_7 = """==> docker <==
OPTIONS='-g /var/lib/docker --selinux-enabled'
BLOCK_REGISTRY='--block-registry docker.io'
DOCKER_TMPDIR=/var/tmp

==> docker-network <==
DOCKER_NETWORK_OPTIONS="--ipv6=false"

==> docker-storage-setup <==
VG=vg1

==> docker.original <==
OPTIONS='--selinux-enabled'
"""


@pytest.fixture(scope="module", autouse=True)
def put_back(lab: None) -> Iterator[None]:
    """Other tests find the engines as the lab made them."""
    tier1.as_made("n1", "n2")
    yield
    tier1.as_made("n1", "n2")


@pytest.fixture
def tier(lab: None, tmp_path: Path) -> Tier1:
    """Engines n1 and n2 as the lab made them; a registry is no part of the site."""
    tier1.as_made("n1", "n2")
    tier = Tier1(tmp_path)
    tier.site(registry=None)
    return tier


def daemon(host: str = "n1") -> str:
    return under(host, 'cat "$1"', DAEMON)


@pytest.mark.releases
def test_wishes_are_shown_as_a_diff_then_written_and_then_so(tier: Tier1) -> None:
    before = daemon()
    site = tier.site(
        registry=None,
        engine={
            "ranges": {"n1": "10.99.0.144/28", "n2": "10.99.0.160/28"},
            "insecure_registry": ["old.example.org:5000"],
        },
    )
    dry = tier.inv("triumf.engine.up", "--host=n[1-2]", "--dry-run", site=site)
    assert '+  "fixed-cidr": "10.99.0.144/28"' in dry.out
    assert daemon() == before
    result = tier.inv("triumf.engine.up", "--host=n[1-2]", site=site)
    assert result.code == 0, result.err
    assert 'n2 triumf.engine: engine\'s files: +  "fixed-cidr": "10.99.0.160/28"' in result.err
    after = json.loads(daemon())
    assert after == json.loads(before) | {
        "ipv6": False,
        "fixed-cidr": "10.99.0.144/28",
        "data-root": "/var/lib/docker",
        "insecure-registries": ["old.example.org:5000"],
        "live-restore": True,
    }
    assert under("n1", "cat /etc/docker/daemon.json.original") == before
    second = tier.inv("triumf.engine.up", "--host=n[1-2]", "--json", site=site)
    assert {step for host in ("n1", "n2") for step in second.steps(host).values()} == {"ok"}


@pytest.mark.releases
def test_what_runs_lives_on_though_the_engine_did_not_know_of_live_restore(tier: Tier1) -> None:
    under("n1", sh.text("tier1_worker"))
    before = under("n1", sh.text("tier1_runs"))
    assert len(before.splitlines()) == 2
    result = tier.inv("triumf.engine.up", "--host=n1", "--json")
    assert result.steps("n1")["live-restore"] == result.steps("n1")["engine's files"] == "changed"
    assert under("n1", sh.text("tier1_runs")) == before
    assert tier.inv("triumf.engine.restart", "--host=n1").code == 0
    assert under("n1", sh.text("tier1_runs")) == before


def test_the_files_of_rhel_7_are_written_where_they_are(tier: Tier1) -> None:
    """This engine reads none of them; what is proved is that they are written together, with one
    restart, once."""
    site = tier.site(
        registry=None,
        engine={"volume_group": "vg1", "block_registry": ["docker.io"], "live_restore": False},
    )
    under("n1", sh.text("tier1_rhel_7"))
    try:
        result = tier.inv("triumf.engine.up", "--host=n1", "--skip-preflight", site=site)
        assert (result.code, result.out) == (
            0,
            "n1 triumf.engine: changed: originals, engine's files\n",
        )
        assert (
            under(
                "n1",
                "cd /etc/sysconfig; head docker docker-network docker-storage-setup "
                "docker.original",
            )
            == RHEL_7
        )
        second = tier.inv("triumf.engine.up", "--host=n1", "--skip-preflight", "--json", site=site)
        assert second.json["changed"] is False
    finally:
        under("n1", "rm -rf /etc/sysconfig")


@pytest.mark.releases
def test_an_engine_that_refuses_its_file_has_the_old_one_back_and_what_ran_still_runs(
    tier: Tier1,
) -> None:
    assert tier.inv("triumf.engine.up", "--host=n1").code == 0
    under("n1", sh.text("tier1_worker"))
    file, before = daemon(), under("n1", sh.text("tier1_runs"))
    bad = tier.site("bad", registry=None, engine={"insecure_registry": ["x.example.org:99999"]})
    result = tier.inv("triumf.engine.up", "--host=n1", site=bad)
    assert (result.code, result.out) == (
        1,
        "n1 triumf.engine: rolled-back: engine's files: the engine does not start: failed to start "
        "daemon: "
        'insecure registry x.example.org:99999 is not valid: invalid port "99999"; what was begun '
        "is undone; its status now: well\n",
    )
    assert (daemon(), under("n1", sh.text("tier1_runs"))) == (file, before)
    assert under("n1", "docker info -f '{{.Name}}'") == "n1\n"


def test_the_first_up_that_fails_leaves_file_and_live_restore_as_they_were(tier: Tier1) -> None:
    under("n1", sh.text("tier1_bip"), DAEMON)
    file = daemon()
    assert under("n1", "docker info -f '{{.LiveRestoreEnabled}}'") == "false\n"
    site = tier.site(registry=None, engine={"bridge": "br0"})
    result = tier.inv("triumf.engine.up", "--host=n1", "--skip-preflight", "--json", site=site)
    assert (result.code, result.rows["n1"]["state"]) == (1, "rolled-back")
    assert daemon() == file
    assert under("n1", "stat -c %F /etc/docker/daemon.json") == "symbolic link\n"
    assert under("n1", "docker info -f '{{.LiveRestoreEnabled}}'") == "false\n"


@pytest.mark.releases
def test_workers_are_on_the_bridge_with_an_address_of_their_engines_range_and_others_reach_them(
    tier: Tier1,
) -> None:
    own = f"{NETWORK}.144/28"
    refused = tier.inv(
        "triumf.engine.up",
        "--host=n1",
        site=tier.site("none", registry=None, engine={"bridge": "br0", "ranges": {"n1": own}}),
    )
    assert (refused.code, "bridge: blocks: found no br0" in refused.out) == (4, True)
    site = tier.site(registry=None, engine={"bridge": "br0", "port": "eth0", "ranges": {"n1": own}})
    try:
        result = tier.inv("triumf.engine.up", "--host=n1", "--json", site=site)
        assert (result.code, result.steps("n1")["bridge br0"]) == (0, "changed")
        under("n1", sh.text("tier1_worker"))
        address = under("n1", "docker inspect -f '{{.NetworkSettings.IPAddress}}' worker").strip()
        assert address == f"{NETWORK}.144"
        assert (
            under("n2", "curl -s -m 5 -o /dev/null -w '%{http_code}' http://$1:4080/", address)
            == "404"
        )
        assert (
            tier.inv("triumf.engine.up", "--host=n1", "--json", site=site).json["changed"] is False
        )
    finally:
        under("n1", sh.text("tier1_unbridged"), f"{NETWORK}.1/24")


def test_ranges_that_overlap_are_refused_before_anything_is_touched(tier: Tier1) -> None:
    before = daemon()
    site = tier.site(
        registry=None, engine={"ranges": {"n1": "10.99.0.144/28", "n2": "10.99.0.128/27"}}
    )
    lines = site.read_text().splitlines()
    first, other = (
        next(number for number, line in enumerate(lines, 1) if f"{host}: 10.99" in line)
        for host in ("n1", "n2")
    )
    result = tier.inv("triumf.up", site=site)
    assert (result.code, result.err) == (
        3,
        f"fairlead: {site}:{other}: triumf.engine.ranges.n2: 10.99.0.128/27 overlaps "
        f"10.99.0.144/28 of triumf.engine.ranges.n1 ({site}:{first}); "
        "give each engine a range of its own\n",
    )
    assert daemon() == before
