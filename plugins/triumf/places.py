"""Which worker is where: on which engine, behind which port, at which address."""

from collections.abc import Iterator
from typing import Any

from fairlead.api import Clash, Noun

from .ranges import addresses

ORDER = "workers have them in the order of their names"


class Place(Noun):
    """A worker on an engine. `port`: outside; `address`: "" where the engine gives one; `hostname`: with its domain."""

    name: str
    hostname: str
    port: int
    address: str = ""


def places(site: Any, host: str) -> tuple[Place, ...]:
    """The workers of an engine, in order."""
    w = site.worker
    names = w.names.get(host, ())
    own = addresses(site.engine.ranges[host]) if site.is_fixed(host) else ("",) * len(names)
    full = (f"{name}.{w.domain}" if w.domain else name for name in names)
    return tuple(
        Place(name, f, w.first_port + n, a)
        for n, (name, f, a) in enumerate(zip(names, full, own, strict=False))
    )


def clashes(site: Any, all_of_it: Any) -> Iterator[Clash]:
    """A name twice; an engine without workers, or workers without an engine; more of them than addresses or ports."""
    w = site.worker
    hosts = set(all_of_it.resolve(w.hosts or site.hosts))
    seen: dict[str, str] = {}
    for host, names in w.names.items():
        where = ("worker", "names", host)
        for name in names:
            if name in seen:
                yield Clash(
                    where,
                    f"{name} is a worker of {seen[name]} too",
                    remedy="a worker has one engine",
                )
            seen[name] = host
        yield from _of(site, host, names, where)
        if host not in hosts:
            yield Clash(
                where,
                f"{host} is none of the engines that have workers",
                remedy="name it in worker.hosts",
            )
    for host in sorted(hosts - set(w.names)):
        yield Clash(
            ("worker", "names"),
            f"{host} has no workers",
            remedy="name them, or leave it out of worker.hosts",
        )


def _of(site: Any, host: str, names: tuple[str, ...], where: tuple[Any, ...]) -> Iterator[Clash]:
    w = site.worker
    if not names:
        yield Clash(where, f"{host} has no workers", remedy="name them, or leave it out")
    if w.first_port + len(names) - 1 > 65535:
        yield Clash(
            where,
            f"{len(names)} workers have no ports from {w.first_port} on",
            remedy="a smaller first_port",
        )
    if site.is_fixed(host) and len(names) > len(addresses(site.engine.ranges[host])):
        yield Clash(
            where,
            f"{len(names)} workers are more than {site.engine.ranges[host]} has addresses",
            ("engine", "ranges", host),
            ORDER,
        )
    if site.is_fixed(host) and not w.domain:
        remedy = "name worker.domain: Docker's own DNS answers NAME.NETWORK for an address, and the network is called as the domain; or say fixed: false"
        yield Clash(where, "workers with addresses of their own need a domain", remedy=remedy)
