"""The systems whose upgrades are broken."""

from tests.e2e.faults.arena import Arena
from tests.e2e.faults.daos_arena import Daos
from tests.e2e.faults.perfsonar_arena import PerfSonar, PerfSonarCompose, PerfSonarPodman
from tests.e2e.faults.worker_arena import Worker
from tests.e2e.faults.xcat_arena import XCat

# What a seed draws from; DAOS, which takes huge pages of the machine, is played where it is named.
DRAWN: tuple[type[Arena], ...] = (PerfSonar, PerfSonarCompose, PerfSonarPodman, XCat, Worker)
BY_NAME: dict[str, type[Arena]] = {arena.name: arena for arena in (*DRAWN, Daos)}
