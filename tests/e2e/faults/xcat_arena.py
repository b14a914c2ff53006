"""xCAT in a container of one docker host, as a host of the cluster's network."""

import itertools

from tests.e2e import xcat
from tests.e2e.faults.arena import Arena
from tests.e2e.ground import publish, site_with, under

MARK = "current/etc/xcat/mark"


class XCat(Arena):
    name, host, names, state, verbs = "xCAT", "n1", ("xcatmn",), "/var/lib/xcat-docker", "xcat"
    questions, address = "round_xcat", xcat.CONTAINER
    image = "xcat/xcat-ubuntu-x86_64"

    def prepare(self) -> None:
        self._numbers = itertools.count(12)
        publish("2.11.0", image=self.image)
        xcat.prepare()
        xcat.plain()
        self.site = site_with(self.folder, xcat=xcat.SECTION | {"patience": 10})

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
        self.mark(f"{self.state}/{MARK}")

    def offer(self, *, broken: bool) -> str:
        release = f"2.{next(self._numbers)}.0"
        publish(release, image=self.image, broken=broken)
        return release
