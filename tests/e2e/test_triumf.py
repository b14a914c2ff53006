"""A whole Tier-1 by one command: engines, registry, an image from nothing with HTCondor in it,
workers out of the registry; none from an image of somebody else."""

from collections.abc import Iterator

import pytest

from tests.e2e import debian, htcondor, workers
from tests.e2e.depot import Depot
from tests.e2e.ground import containers, sh, under
from tests.e2e.images import Builder, key, mirrored
from tests.e2e.tier1 import REFERENCE
from tests.e2e.workers import DOMAIN, NAMES, RANGES, WORKER

pytestmark = pytest.mark.long

RUNNING = {"n2": {"vn0317": "running", "vn0318": "running"}, "n3": {"vn0319": "running"}}
SEEN = "docker ps -q --no-trunc; docker images -q --no-trunc | sort"
CONDOR = {  # a recipe of a worker
    "release": debian.TRIXIE.suite,
    "stanzas": [
        {"name": "network", "packages": ["iproute2"]},
        {"name": "condor", "packages": ["htcondor"]},
    ],
    "expunge": ["/usr/share/doc", "/usr/share/man", "/usr/share/locale", "/usr/lib/python3.13"],
    "files": [
        {"path": "/etc/condor/config.d/50-pool", "content": htcondor.CONFIG, "mode": "0644"},
        {"path": "/etc/condor/passwords.d/POOL", "content": "a key", "mode": "0600"},
    ],
}


@pytest.fixture(scope="module")
def mirror(depot: Depot) -> Iterator[str]:
    """Where n1 installs a Debian with HTCondor from."""
    with mirrored(depot, debian.TRIXIE) as found:
        yield found


@pytest.fixture(scope="module")
def tier(mirror: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builder]:
    """Three bare hosts, a site that says all of it, and keys."""
    workers.as_made()
    workers.mounted()
    tier = Builder(tmp_path_factory.mktemp("whole"))
    tier.secrets |= {"image.gpg": key()[0], "image.pub": key()[1]}
    tier.site(
        hosts="n[1-3]",
        engine={"bridge": "br0", "port": "eth0", "ranges": RANGES},
        image={
            "hosts": "n1",
            "sign_key": "image.gpg",
            "recipes": {"wn": tier.recipe(mirror, **CONDOR)},
        },
        worker=WORKER | {"image": "wn", "signed": True, "signer": "image.pub"},
    )
    yield tier
    workers.as_made()


def test_from_nothing_to_workers_out_of_the_registry_then_nothing_more_to_do(tier: Builder) -> None:
    result = tier.inv("triumf.up", timeout=1200)
    assert result.code == 0, result.err + result.out
    assert "stanza condor: changed" in result.err
    assert "MB so far" in result.err
    assert {host: containers(host) for host in NAMES} == RUNNING
    assert under("n2", sh.text("worker_inside"), "vn0318").splitlines() == [
        f"vn0318.{DOMAIN}",
        "atlas001:x:40001:4000::/home/atlas001:/bin/bash",
        "/usr/bin/dumb-init /bin/bash /root/init ",
    ]
    assert tier.inv("triumf.worker.status").out.count("takes jobs") == 3
    before = {host: under(host, SEEN) for host in ("n1", "n2", "n3")}
    second = tier.inv("triumf.up", "--json", timeout=300)
    assert (second.code, second.json["changed"]) == (0, False)
    assert {host: under(host, SEEN) for host in ("n1", "n2", "n3")} == before
    search = tier.inv("triumf.registry.search")
    assert (search.code, "wn" in search.out, "latest" in search.out) == (0, True, True)


def test_no_worker_starts_from_an_image_whose_signature_does_not_match(tier: Builder) -> None:
    before = {host: under(host, SEEN) for host in NAMES}
    pushed = under("n1", sh.text("image_other"), f"{REFERENCE}/wn:latest")
    assert pushed.endswith(f"{REFERENCE}/wn:latest\n"), pushed
    result = tier.inv("triumf.worker.upgrade", timeout=300)
    assert (
        result.code,
        f"signature of {REFERENCE}/wn:latest" in result.out,
        "is not signed: inv triumf.image.sign" in result.out,
    ) == (1, True, True), result.out
    assert {host: under(host, "docker ps -q --no-trunc") for host in NAMES} == {
        host: before[host].split("sha256:")[0] for host in NAMES
    }
    assert tier.inv("triumf.worker.down", "--host=n3", "--yes").code == 0
    started = tier.inv("triumf.worker.up", "--host=n3")
    assert (started.code, "is not signed" in started.out, containers("n3")) == (1, True, {}), (
        started.out
    )
