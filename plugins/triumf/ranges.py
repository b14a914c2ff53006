"""Address ranges of the engines: each owns a part of its chassis' subnet, and nobody else's."""

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from itertools import combinations
from typing import Any

from fairlead.api import Clash

OWN = "give each engine a range of its own"


def clashes(engine: Any, site: Any) -> Iterator[Clash]:
    """What of `ranges` and `chassis` cannot be: the first is what the site is refused for."""
    found = {host: _network(text) for host, text in engine.ranges.items()}
    yield from (
        _crooked(host, engine.ranges[host]) for host, network in found.items() if network is None
    )
    good = {host: network for host, network in found.items() if network}
    for (one, left), (other, right) in combinations(good.items(), 2):
        if left.overlaps(right):
            yield Clash(
                ("engine", "ranges", other),
                f"{right} overlaps {left} of",
                ("engine", "ranges", one),
                OWN,
            )
    for host, network in good.items():
        yield from _held(host, network, site)
    for number, chassis in enumerate(engine.chassis):
        yield from _outside(number, chassis, good, site)


def addresses(network: str) -> tuple[str, ...]:
    """The addresses of a range, in order. The first and the last number too: it is no subnet of its own, but a part of the chassis'."""
    return tuple(map(str, IPv4Network(network)))


def _network(text: str) -> IPv4Network | None:
    try:
        return IPv4Network(text)
    except (AddressValueError, NetmaskValueError, ValueError):
        return None


def _crooked(host: str, text: str) -> Clash:
    return Clash(
        ("engine", "ranges", host),
        f"{text} does not begin where a network of its size does",
        remedy=f"did you mean {IPv4Network(text, strict=False)}?",
    )


def _held(host: str, network: IPv4Network, site: Any) -> Iterator[Clash]:
    """Hosts of the site whose own address lies in the range."""
    for name, other in site.hosts.items():
        try:
            inside = IPv4Address(other.address) in network
        except AddressValueError:
            continue  # a name: only a resolver could tell
        if inside:
            yield Clash(
                ("engine", "ranges", host),
                f"{network} holds the address of the host {name}, {other.address}",
                remedy=OWN,
            )


def _outside(number: int, chassis: Any, good: dict[str, IPv4Network], site: Any) -> Iterator[Clash]:
    subnet, where = (
        IPv4Network(chassis.network, strict=False),
        ("engine", "chassis", number, "network"),
    )
    for host in site.resolve(chassis.hosts):
        if host in good and not good[host].subnet_of(subnet):
            yield Clash(
                ("engine", "ranges", host),
                f"{good[host]} is not in {subnet}, the subnet of its chassis,",
                where,
                "give it a part of that",
            )
