"""A DAOS server, whose pools outlive it. It takes huge pages, which are the machine's."""

from contextlib import AbstractContextManager
from typing import ClassVar

from tests.e2e.daos import STATE as DAOS_STATE
from tests.e2e.daos import Cluster
from tests.e2e.faults.arena import Arena
from tests.e2e.ground import clear
from tests.e2e.hugepages import huge_pages


class Daos(Arena):
    name, host, names, state = "DAOS server", "n1", ("daos-server",), DAOS_STATE
    verbs, questions = "daos.server", "round_daos"
    packages: ClassVar[dict[str, list[str]]] = {}  # values of a site, by a depot that serves

    def prepare(self) -> None:
        clear(self.host)
        self.clear()
        self.cluster = Cluster(
            self.folder,
            self.packages,
            client={"mode": "separate-agent"},
            admin={"hosts": "n1", "config": {"hostlist": ["n1"]}},
        )
        self.done("daos.secrets", "--generate")

    @property
    def environment(self) -> dict[str, str]:
        return self.cluster.environment

    def lent(self) -> AbstractContextManager[object]:
        return huge_pages(4096)

    @property
    def upgrade(self) -> tuple[str, ...]:
        return ("daos.upgrade", "--yes")

    def rebuild(self) -> None:
        self.cluster.say(version="2.4.0-2.el8")
        self.done("daos.build", "daos.up")
        self.done("daos.admin.exec", "--", "dmg", "storage", "format")
        self.done("daos.pool.create", "--name=tank")

    def fits(self, release: str) -> bool:
        return release == "2.4.0-2.el8"

    def offer(self, *, broken: bool) -> str:
        version = "2.4.2-1.el8" if broken else "2.4.1-1.el8"
        self.cluster.say(version=version)
        return version
