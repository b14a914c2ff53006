"""Which worker is where: on which engine, behind which port, at which address.

It stands beside the packages, not in worker/, because the section (site.py) refuses what it finds
here, and importing worker/ would run its verbs first, which need the section.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from fairlead.api import Clash, Noun

from .ranges import addresses
from .sections.engine import Engine
from .sections.worker import Worker

if TYPE_CHECKING:
    from fairlead.api import Site

ORDER = "workers have them in the order of their names"
DOMAIN = (
    "name worker.domain: Docker's own DNS answers NAME.NETWORK for an address, "
    "and the network is called as the domain; or say fixed: false"
)
LAST_PORT = 65535

Keys = tuple[str | int, ...]  # where something stands below the section


class Section(Protocol):
    """What of the section `triumf` says where workers are."""

    @property
    def hosts(self) -> str: ...

    @property
    def engine(self) -> Engine: ...

    @property
    def worker(self) -> Worker | None: ...

    def is_fixed(self, host: str) -> bool: ...


class Place(Noun):
    """A worker on an engine.

    `port`: outside, 0 for none; `address`: "" where the engine gives one; `hostname`: with its
    domain; `address6`: beside the other, "" for none of its own.
    """

    name: str
    hostname: str
    port: int
    address: str = ""
    address6: str = ""


def places(section: Section, host: str) -> tuple[Place, ...]:
    """The workers of an engine, in order."""
    worker = section.worker
    names = worker.names.get(host, ()) if worker else ()
    if not worker or not names:
        return ()
    own, own6 = own_addresses(section, host, len(names))
    return tuple(
        Place(
            name,
            f"{name}.{worker.domain}" if worker.domain else name,
            worker.first_port + number if _has_port(worker, own) else 0,
            own[number] if own else "",
            own6[number] if own6 else "",
        )
        for number, name in enumerate(names[: _fewest(own, own6)])
    )


def _has_port(worker: Worker, own: tuple[str, ...]) -> bool:
    """Has each a port of its engine? Podman publishes none of a network over the host's bridge."""
    return worker.is_published and not (own and worker.engine == "podman")


def _fewest(*own: tuple[str, ...]) -> int | None:
    """How many of the workers have an address; None: all, as none has one of its own."""
    return min(filter(None, map(len, own)), default=None)


def own_addresses(
    section: Section, host: str, number: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The addresses of so many workers of an engine, IPv4 and IPv6; () where they have none of
    their own."""
    engine = section.engine
    if not section.is_fixed(host):
        return (), ()
    range6 = engine.ranges6.get(host)
    return addresses(engine.ranges[host], number), addresses(range6, number) if range6 else ()


def clashes(section: Section, site: "Site") -> Iterator[Clash]:
    """A name twice; engines without workers, or workers without an engine; more of them than there
    are addresses or ports."""
    worker = section.worker
    if not worker:
        return
    hosts = set(site.resolve(worker.hosts or section.hosts))
    engine_of: dict[str, str] = {}
    for host, names in worker.names.items():
        where = ("worker", "names", host)
        yield from _twice(names, host, engine_of, where)
        yield from _on_engine(section, worker, host, where)
        if host not in hosts:
            problem = f"{host} is none of the engines that have workers"
            yield Clash(where, problem, remedy="name it in worker.hosts")
    for host in sorted(hosts - set(worker.names)):
        remedy = "name them, or leave it out of worker.hosts"
        yield Clash(("worker", "names"), f"{host} has no workers", remedy=remedy)


def _twice(
    names: tuple[str, ...], host: str, engine_of: dict[str, str], where: Keys
) -> Iterator[Clash]:
    """Names that another engine, or this one, has already; notes in `engine_of` whose they are."""
    for name in names:
        if name in engine_of:
            problem = f"{name} is a worker of {engine_of[name]} too"
            yield Clash(where, problem, remedy="a worker has one engine")
        engine_of[name] = host


def _on_engine(section: Section, worker: Worker, host: str, where: Keys) -> Iterator[Clash]:
    """What of one engine's workers cannot be."""
    number = len(worker.names[host])
    if not number:
        yield Clash(where, f"{host} has no workers", remedy="name them, or leave it out")
    if worker.is_published and worker.first_port + number - 1 > LAST_PORT:
        problem = f"{number} workers have no ports from {worker.first_port} on"
        yield Clash(where, problem, remedy="a smaller first_port")
    if not section.is_fixed(host):
        return
    for key in ("ranges", "ranges6"):
        network = getattr(section.engine, key).get(host)
        if network and number > len(addresses(network, number)):
            problem = f"{number} workers are more than {network} has addresses"
            yield Clash(where, problem, ("engine", key, host), ORDER)
    if not worker.domain:
        problem = "workers with addresses of their own need a domain"
        yield Clash(where, problem, remedy=DOMAIN)
