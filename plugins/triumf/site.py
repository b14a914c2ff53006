"""The section `triumf` of a site: a part for each component."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

from fairlead.api import Clash, NodeSet, Noun

from . import places, ranges
from .sections.engine import Engine
from .sections.image import Image
from .sections.registry import Registry
from .sections.worker import Worker

if TYPE_CHECKING:
    from fairlead.api import Site


class Triumf(Noun, kw_only=True, forbid_unknown_fields=True):
    """A Tier-1: engines, their registry, images, workers."""

    hosts: Annotated[NodeSet, Meta(description="the engines")]
    engine: Annotated[Engine, Meta(description="Docker on each of them")] = Engine()
    registry: Annotated[Registry | None, Meta(description="the site's own; default: none")] = None
    image: Annotated[Image | None, Meta(description="what is built; default: nothing")] = None
    worker: Annotated[Worker | None, Meta(description="what runs; default: nothing")] = None

    @property
    def trust(self) -> Engine | None:
        """Where the registry has to be believed: on the engines, where there is one."""
        return self.engine if self.registry else None

    @property
    def users(self) -> Registry | None:
        """Where the tool `users` works: on the registry's host."""
        return self.registry

    def engine_of(self, host: str) -> str:
        """Which engine this host is one of: Podman where its workers run on it."""
        worker = self.worker
        return worker.engine if worker and host in worker.names else "docker"

    def is_fixed(self, host: str) -> bool:
        """Have workers on this engine addresses of their own?

        Then their network holds the bridge's subnet, and the engine's default one does not.
        """
        return bool(
            self.worker
            and self.worker.fixed
            and self.engine.bridge
            and self.engine.ranges.get(host)
            and host in self.worker.names
        )

    def has_default_ipv6(self, host: str) -> bool:
        """Has the engine's own network IPv6? Not where workers have theirs in another one: it would
        want a subnet of its own, and containers in it have no use for one."""
        return self.engine.ipv6 and not (self.is_fixed(host) and host in self.engine.ranges6)

    def clashes(self, site: "Site") -> Iterator[Clash]:
        """Ranges that overlap, leave their chassis, or hold the address of a host; what of the
        registry or the workers does not fit."""
        yield from ranges.clashes(self.engine, site)
        yield from self.engine.clashes()
        yield from self._two_bridges(site)
        if self.registry:
            yield from self.registry.clashes()
        if self.image:
            for name, recipe in self.image.recipes.items():
                yield from recipe.clashes(name)
        if self.worker:
            yield from self._unsigned(self.worker)
            yield from self.worker.clashes()
            yield from places.clashes(self, site)
            yield from self._builds_on_podman()
            yield from self._ipv6_on_podman(self.worker)

    def _two_bridges(self, site: "Site") -> Iterator[Clash]:
        """An address of docker0 where another bridge takes its place: dockerd refuses both."""
        engine = self.engine
        hosts = site.resolve(engine.hosts or self.hosts)
        if engine.bip and engine.bridge and not all(self.is_fixed(host) for host in hosts):
            yield Clash(
                ("engine", "bip"),
                f"{engine.bip} is of docker0, in whose place containers have {engine.bridge}",
                remedy="say bridge: '' for the engine's own bridge, or leave bip out",
            )

    def _builds_on_podman(self) -> Iterator[Clash]:
        """A host that builds images, which is no engine of Docker's."""
        if self.image and self.engine_of(self.image.hosts) == "podman":
            yield Clash(
                ("image", "hosts"),
                "images are built by Docker, and Podman is asked for by",
                ("worker", "engine"),
                "let another host build",
            )

    def _ipv6_on_podman(self, worker: Worker) -> Iterator[Clash]:
        """Addresses of IPv6 for workers of Podman, whose network has those of IPv4 alone."""
        for host in worker.names:
            if worker.engine == "podman" and self.is_fixed(host) and host in self.engine.ranges6:
                yield Clash(
                    ("engine", "ranges6", host),
                    "is for workers, and those of Podman have IPv4 addresses alone:",
                    ("worker", "engine"),
                    "take it out, or keep these workers on Docker",
                )

    def _unsigned(self, worker: Worker) -> Iterator[Clash]:
        """Workers that want signatures, with nothing to check them by."""
        if worker.signed and not (worker.signer and self.registry):
            yield Clash(
                ("worker", "signed"),
                "asks for signatures and names no key, or there is no registry that has them",
                remedy="name the registry, and the secret that is the public key: worker.signer",
            )
