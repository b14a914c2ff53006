"""A whole Tier-1 by one command: engines, registry, an image from nothing, workers out of the
registry; none from an image of somebody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import workers
from tests.e2e.ground import containers, sh, under
from tests.e2e.images import Builder, key
from tests.e2e.tier1 import REFERENCE
from tests.e2e.workers import DOMAIN, NAMES, RANGES, WORKER

CONDOR = Path(__file__).with_name("condor")
RUNNING = {"n2": {"vn0317": "running", "vn0318": "running"}, "n3": {"vn0319": "running"}}
SEEN = "docker ps -q --no-trunc; docker images -q --no-trunc | sort"


@pytest.fixture(scope="module")
def tier(mirror: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builder]:
    """Three bare hosts, a site that says all of it, and keys; the stand-in for condor is part of
    the site."""
    workers.as_made()
    workers.mounted()
    tier = Builder(tmp_path_factory.mktemp("whole"))
    tier.secrets |= {"image.gpg": key()[0], "image.pub": key()[1]}
    programs = [
        {"path": f"/usr/sbin/{file.name}", "content": file.read_text(), "mode": "0755"}
        for file in CONDOR.iterdir()
        if file.name != "init"
    ]
    tier.site(
        hosts="n[1-3]",
        engine={"bridge": "br0", "port": "eth0", "ranges": RANGES},
        image={
            "hosts": "n1",
            "sign_key": "image.gpg",
            "recipes": {"wn": tier.recipe(mirror, files=programs)},
        },
        worker=WORKER | {"image": "wn", "signed": True, "signer": "image.pub"},
    )
    yield tier
    workers.as_made()


def test_from_nothing_to_workers_out_of_the_registry_then_nothing_more_to_do(tier: Builder) -> None:
    result = tier.inv("triumf.up", timeout=600)
    assert result.code == 0, result.err + result.out
    assert "stanza network: changed" in result.err
    assert "MB so far" in result.err
    assert {host: containers(host) for host in NAMES} == RUNNING
    assert under("n2", sh.text("worker_inside"), "vn0318").splitlines() == [
        f"vn0318.{DOMAIN}",
        "atlas001:x:40001:4000::/home/atlas001:/bin/bash",
        "/usr/bin/dumb-init /bin/bash /root/init ",
    ]
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
