"""perfSONAR: `docker run`, Compose, and Podman, each on a host of its own."""

import itertools
from typing import Any, ClassVar

from tests.e2e.faults.arena import Arena
from tests.e2e.ground import NAME, REMOTE, STATE, publish, site_with, under

FORGOTTEN = '"$1" images -q | xargs -r "$1" rmi -f'
INSIDE = '"$1" exec "$2" psconfig remote add "$3"'
SCHEDULED = '"$1" exec "$2" pscheduler task throughput --dest localhost'
CURRENT = f"{STATE}/current"
MARK = f"{CURRENT}/etc/perfsonar/psconfig/archives.d/mark.json"


class PerfSonar(Arena):
    name, host, names, state, verbs = "perfSONAR", "n4", (NAME,), STATE, "perfsonar"
    questions = "round_perfsonar"
    section: ClassVar[dict[str, Any]] = {"flavor": "supervisord"}

    def prepare(self) -> None:
        self._numbers = itertools.count(1)
        section = {"hosts": self.host, "patience": 8} | self.section
        self.site = site_with(self.folder, perfsonar=section)
        self.clear()

    @property
    def environment(self) -> dict[str, str]:
        return {"FAIRLEAD_SITE": self.site}

    def rebuild(self) -> None:
        self._numbers = itertools.count(1)
        under(self.host, FORGOTTEN, self.engine)
        publish("5.0.0")
        self.done(*self.on("up"))
        under(self.host, INSIDE, self.engine, NAME, REMOTE)
        under(self.host, SCHEDULED, self.engine, NAME)
        self.mark(MARK)

    def offer(self, *, broken: bool) -> str:
        release = f"5.{next(self._numbers)}.0"
        publish(release, broken=broken)
        return release


class PerfSonarCompose(PerfSonar):
    name, host = "perfSONAR by Compose", "n5"
    section: ClassVar[dict[str, Any]] = {"flavor": "supervisord", "launch": "compose"}


class PerfSonarPodman(PerfSonar):
    name, host, engine = "perfSONAR in Podman", "n6", "podman"
    # a host of the lab may have no controller of processes
    section: ClassVar[dict[str, Any]] = {"flavor": "supervisord", "engine": "podman", "pids": 0}
