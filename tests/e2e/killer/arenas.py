"""The systems that the killer strikes: each on one host, with an older version that runs, a newer
one to come, and marks in its state that nobody may lose.
"""

import itertools
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import ClassVar

from tests.e2e import inv as commands
from tests.e2e import workers, xcat
from tests.e2e.daos import STATE as DAOS_STATE
from tests.e2e.daos import Cluster
from tests.e2e.ground import NAME, REMOTE, STATE, clear, publish, sh, site_with, under
from tests.e2e.hugepages import huge_pages
from tests.e2e.inv import NETWORK, ROOT, SITE, Said
from tests.e2e.tier1 import Tier1


class Arena:
    """One system. `names`: its containers; `state`: the folder of the host that it keeps things in;
    `patience`: seconds in which it is healthy after a start; `is_small`: its state lies on the
    small file system.
    """

    name: ClassVar[str]
    host: ClassVar[str]
    names: ClassVar[tuple[str, ...]]
    state: ClassVar[str]
    verbs: ClassVar[str]  # what stands before .up, .status
    patience: ClassVar[float] = 45
    registry_host: ClassVar[str] = ""  # "": the lab's own registry

    def __init__(self, folder: Path):
        self.folder, self.is_small = folder, False
        folder.mkdir(parents=True, exist_ok=True)
        self.prepare()

    @property
    def environment(self) -> dict[str, str]:
        return {"FAIRLEAD_SITE": SITE}

    def inv(self, *argv: str, timeout: float = 300) -> Said:
        return commands.inv(*argv, timeout=timeout, **self.environment)

    def on(self, verb: str) -> tuple[str, ...]:
        """A verb of this system on this host."""
        return (f"{self.verbs}.{verb}", f"--host={self.host}")

    def done(self, *argv: str) -> Said:
        result = self.inv(*argv)
        assert result.code == 0, f"{argv}: {result.code}\n{result.err}\n{result.out}"
        return result

    def clear(self) -> None:
        """None of its containers stands, nothing lies in its state. Its images stay."""
        under(self.host, sh.text("killer_roomy"), self.state, "/var/lib/fairlead")
        under(self.host, sh.text("killer_clear"), *self.names)
        under(self.host, 'rm -rf "$1"', self.state)
        self.is_small = False

    def small(self, size: str) -> None:
        """What it keeps from now on lies, beside what fairlead keeps, on a file system of this
        size."""
        under(self.host, sh.text("killer_small"), size, self.state, "/var/lib/fairlead")
        self.is_small = True

    def lent(self) -> AbstractContextManager[object]:
        """What of the machine it needs while it is played."""
        return nullcontext()

    def booted(self) -> None:
        """What the host's own boot brings that a lab's host does not."""

    def leave(self) -> None:
        """Hosts as they were."""
        self.clear()

    @property
    def upgrade(self) -> tuple[str, ...]:
        return (*self.on("upgrade"), "--yes")

    # Each of its own

    def prepare(self) -> None:
        """Once: what all rounds need."""

    def rebuild(self) -> None:
        """From nothing: the older version runs, with marks in its state."""
        raise NotImplementedError

    def offer(self, *, broken: bool) -> str:
        """A newer version appears; its release."""
        raise NotImplementedError

    def fits(self, release: str) -> bool:
        """May what runs be the older version of a round?"""
        return True

    def healthy(self) -> bool:
        """By its own word, asked inside."""
        raise NotImplementedError

    def release(self) -> str:
        """What runs now; "" where nothing does."""
        raise NotImplementedError

    def marks(self) -> str:
        """What must not be lost, as it lies on the disk."""
        raise NotImplementedError


class PerfSonar(Arena):
    name, host, names, state, verbs = "perfSONAR", "n2", (NAME,), STATE, "perfsonar"

    def prepare(self) -> None:
        self._numbers = itertools.count(1)
        self.site = site_with(self.folder, perfsonar={"hosts": self.host, "patience": 12})
        clear(self.host)

    @property
    def environment(self) -> dict[str, str]:
        return {"FAIRLEAD_SITE": self.site}

    def rebuild(self) -> None:
        self._numbers = itertools.count(1)
        under(self.host, "docker images -q | xargs -r docker rmi -f")
        publish("5.0.0")
        self.done(*self.on("up"))
        under(self.host, 'docker exec "$1" psconfig remote add "$2"', NAME, REMOTE)
        under(self.host, 'docker exec "$1" pscheduler task throughput --dest localhost', NAME)

    def offer(self, *, broken: bool) -> str:
        release = f"5.{next(self._numbers)}.0"
        publish(release, broken=broken)
        return release

    def healthy(self) -> bool:
        return under(self.host, sh.text("killer_answers"), NAME) == "yes\n"

    def release(self) -> str:
        words = under(self.host, 'timeout 10 docker exec "$1" pscheduler version', NAME).split()
        return words[1] if len(words) > 1 else ""

    def marks(self) -> str:
        return under(self.host, sh.text("killer_perfsonar"), f"{STATE}/current")


class XCat(Arena):
    name, host, names, state, verbs = "xCAT", "n1", ("xcatmn",), "/var/lib/xcat-docker", "xcat"
    image = "xcat/xcat-ubuntu-x86_64"

    def prepare(self) -> None:
        self._numbers = itertools.count(12)
        publish("2.11.0", image=self.image)
        xcat.prepare()
        xcat.plain()
        self.site = site_with(self.folder, xcat=xcat.SECTION)

    @property
    def environment(self) -> dict[str, str]:
        return {"FAIRLEAD_SITE": self.site}

    def clear(self) -> None:
        super().clear()
        xcat.plain()

    def leave(self) -> None:
        self.clear()
        xcat.leave()

    def rebuild(self) -> None:
        self._numbers = itertools.count(14)
        under(self.host, "docker images -q | xargs -r docker rmi -f")
        publish("2.11.0", image=self.image)
        self.done(*self.on("up"))
        under(self.host, "docker exec xcatmn /opt/xcat/bin/mkdef -t node cn1 cn2 cn3")

    def offer(self, *, broken: bool) -> str:
        release = f"2.{next(self._numbers)}.0"
        publish(release, image=self.image, broken=broken)
        return release

    def healthy(self) -> bool:
        """xcatd answers inside, and the container is a host of the cluster's network."""
        asked = sh.text("killer_xcat")
        return under(self.host, asked, f"{NETWORK}.101") == "yes\n"

    def release(self) -> str:
        asked = "timeout 10 docker exec xcatmn cat /etc/xcat/version"
        return under(self.host, asked).strip()

    def marks(self) -> str:
        return under(
            self.host,
            "cut -d, -f1 \"$1\" | grep -v '^#'",
            f"{self.state}/current/etc/xcat/nodelist.csv",
        )


class Daos(Arena):
    name, host, names, state = "DAOS server", "n1", ("daos-server",), DAOS_STATE
    verbs = "daos.server"
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

    def healthy(self) -> bool:
        return under(self.host, sh.text("killer_daos")) == "yes\n"

    def release(self) -> str:
        words = under(self.host, sh.text("daos_server")).split()
        return words[2] if len(words) > 2 else ""

    def marks(self) -> str:
        metadata = f"{DAOS_STATE}/server/current{DAOS_STATE}/metadata/stand-in.json"
        return under(self.host, "grep -E 'uuid|tank' \"$1\"", metadata)


class Worker(Arena):
    name, host, names, state = "TRIUMF worker", "n2", ("vn0317",), "/var/log/vn0317"
    verbs, registry_host = "triumf.worker", "n1"

    def prepare(self) -> None:
        self._numbers = itertools.count(1)
        workers.as_made()
        clear("n1", "n2")
        self.tier = Tier1(self.folder)
        names = {"names": {"n2": ["vn0317"]}, "hosts": "n2"}
        self.tier.site(hosts="n[1-2]", worker=workers.WORKER | names)
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
        under(self.host, 'echo kept >"$1/mark"', self.state)

    def offer(self, *, broken: bool) -> str:
        release = f"{'broken' if broken else ''}{next(self._numbers)}"
        workers.publish(release)
        return release

    def healthy(self) -> bool:
        return under(self.host, sh.text("killer_worker"), self.names[0]) == "yes\n"

    def release(self) -> str:
        return under(
            self.host, 'timeout 10 docker exec "$1" cat /etc/condor/release', self.names[0]
        ).strip()

    def marks(self) -> str:
        return under(self.host, 'cat "$1/mark"', self.state)


ARENAS: tuple[type[Arena], ...] = (PerfSonar, XCat, Daos, Worker)
BY_NAME: dict[str, type[Arena]] = {arena.name: arena for arena in ARENAS}
LAB = ("sh", f"{ROOT}/lib/lab.sh", str(ROOT), NETWORK)
