"""A worker of a Tier-1: its registry is on another host, with a password."""

import itertools

from tests.e2e import workers
from tests.e2e.faults.arena import Arena
from tests.e2e.ground import clear
from tests.e2e.tier1 import PASSWORD, Tier1


class Worker(Arena):
    name, host, names, state = "TRIUMF worker", "n2", ("vn0317",), "/var/log/vn0317"
    verbs, registry_host, hosts = "triumf.worker", "n1", ("n1",)
    questions = "round_worker"
    words = (PASSWORD,)
    own = "dprintf_failure.*"  # HTCondor's, of a log without room
    sizes = Arena.sizes | {"images": "1500m"}

    def prepare(self) -> None:
        self._numbers = itertools.count(1)
        workers.as_made()
        clear("n1", "n2")
        self.tier = Tier1(self.folder)
        names = {"names": {"n2": ["vn0317"]}, "hosts": "n2"}
        self.tier.site(hosts="n[1-2]", worker=workers.WORKER | names | {"patience": 15})
        self.booted()
        self.done("triumf.registry.up", "triumf.trust.up")

    @property
    def environment(self) -> dict[str, str]:
        return {"FAIRLEAD_SITE": str(self.folder / "tier1.yml")} | self.tier.environment

    def booted(self) -> None:
        """/cvmfs and the name server."""
        workers.mounted()

    def leave(self) -> None:
        self.clear()
        workers.as_made()

    def rebuild(self) -> None:
        self.booted()
        workers.publish("0")
        self.done("triumf.up")
        self.mark(f"{self.state}/mark")

    def offer(self, *, broken: bool) -> str:
        release = f"{'broken' if broken else ''}{next(self._numbers)}"
        workers.publish(release)
        return release
