"""A worker of a real pool on Podman: its whole way on one host, whichever release that has. The
registry and the central manager are Docker's, on n1."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e import htcondor, workers
from tests.e2e.ground import each, eventually, sh, under
from tests.e2e.inv import NETWORK, Said
from tests.e2e.tier1 import Tier1
from tests.e2e.workers import job

RELEASE = 'podman exec "$1" cat /etc/condor/release'
STANDS = "podman ps -a --format '{{.Names}} {{.Status}}' | cut -d' ' -f1,2 | sort"
ADDRESS = 'podman exec "$1" ip -4 -o addr show dev eth0 | sed "s,.* inet \\([^/]*\\).*,\\1,"'
IS_ENABLED = 'systemctl is-enabled "$1"'


@dataclass(frozen=True)
class Place:
    """One worker on one host; `address`: its own, "" for one of Podman's network."""

    host: str
    worker: str
    address: str = ""

    @property
    def ranges(self) -> dict[str, str]:
        return {self.host: f"{self.address}/28"} if self.address else {}

    def site(self, tier: Tier1) -> Path:
        engine = {"bridge": "br0", "port": "eth0", "ranges": self.ranges} if self.address else {}
        options: dict[str, Any] = {
            "engine": "podman",
            "hosts": self.host,
            "names": {self.host: [self.worker]},
            **({} if self.address else {"fixed": False, "port": "none"}),
        }
        hosts = f"n1,{self.host}"
        return tier.site(hosts=hosts, engine=engine, worker=workers.WORKER | options)

    def inv(self, tier: Tier1, verb: str, *words: str) -> Said:
        said = tier.inv(f"triumf.{verb}", f"--host={self.host}", *words, timeout=300)
        assert said.code == 0, f"{verb}: {said.code}\n{said.err}\n{said.out}"
        return said

    def is_at(self, release: str) -> None:
        assert under(self.host, RELEASE, self.worker) == f"{release}\n"


@contextmanager
def tier1(folder: Path, place: Place) -> Iterator[Tier1]:
    """A Tier-1: registry and central manager on n1, the worker to be on a host with Podman."""
    _clear(place)
    tier = Tier1(folder)
    place.site(tier)
    each(sh.text("worker_mounted"), workers.crl(), f"{NETWORK}.1", hosts=(place.host,))
    workers.named()
    said = tier.inv("triumf.registry.up", "triumf.trust.up", timeout=300)
    assert said.code == 0, said.err + said.out
    workers.publish("1")
    htcondor.manager()
    yield tier
    _clear(place)


def _clear(place: Place) -> None:
    for host in ("n1", place.host):
        under(host, sh.text("worker_unmounted"), NETWORK, host)
    under(place.host, sh.text("podman_clear"))
    workers.tier1.as_made("n1", place.host)


def whole_way(tier: Tier1, place: Place) -> None:
    """Up, a job, versions, a boot, away; nothing is done twice, and Docker is asked for nothing."""
    docker = under(place.host, "docker ps -aq")
    place.inv(tier, "engine.up")
    assert not place.inv(tier, "trust.up", "--json").json["changed"]
    checks = {
        check["name"]: check["ok"]
        for check in place.inv(tier, "worker.preflight", "--json").rows[place.host]["checks"]
    }
    assert (checks["engine"], checks["at boot"], checks["mounts"]) == (True, True, True)
    place.inv(tier, "worker.up")
    again = place.inv(tier, "worker.up", "--json")
    assert not again.json["changed"], again.steps(place.host)
    assert under(place.host, STANDS) == f"{place.worker} Up\n"
    assert not place.address or under(place.host, ADDRESS, place.worker).strip() == place.address
    row = place.inv(tier, "worker.status", "--json").rows[place.host]["fields"]["workers"][0]
    assert (row["state"], row["port"]) == ("takes jobs", "none")
    assert job(place.worker, 2).ended_well()
    _versions(tier, place)
    _boot(tier, place)
    place.inv(tier, "worker.down", "--yes")
    unit = f"fairlead-{place.worker}.service"
    assert (under(place.host, STANDS).count(" Up"), under(place.host, IS_ENABLED, unit)) == (
        0,
        "disabled\n",
    )
    assert under(place.host, "docker ps -aq") == docker


def _versions(tier: Tier1, place: Place) -> None:
    workers.publish("2")
    running = job(place.worker, 8)
    place.inv(tier, "worker.upgrade")
    place.is_at("2")
    assert running.ended_well()
    assert not place.inv(tier, "worker.upgrade", "--json").json["changed"]
    workers.publish("broken")
    broken = tier.inv("triumf.worker.upgrade", f"--host={place.host}", timeout=300)
    assert broken.code == 8, broken.err + broken.out
    place.is_at("2")
    place.inv(tier, "worker.rollback")
    place.is_at("1")
    assert job(place.worker, 1).ended_well()


def _boot(tier: Tier1, place: Place) -> None:
    """The one in service comes back, and no other. The lab keeps no bridge over a boot: where there
    is one, the worker is started anew behind our back, and has its address."""
    if place.address:
        under(place.host, 'podman restart -t 1 "$1"', place.worker)
        assert under(place.host, ADDRESS, place.worker).strip() == place.address
        return
    for state in ("off", "on"):
        said = tier.inv("lab.power", f"--host={place.host}", f"--state={state}", "--yes")
        assert said.code == 0, said.err
    eventually(lambda: under(place.host, RELEASE, place.worker) == "1\n", 30)
    assert under(place.host, STANDS).count(" Up") == 1
