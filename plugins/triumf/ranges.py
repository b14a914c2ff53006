"""Address ranges of the engines: each owns a part of its chassis' subnet, and nobody else's.

It stands beside the packages, not in worker/, because the section (site.py) refuses what it finds
here, and importing worker/ would run its verbs first, which need the section.
"""

from collections.abc import Iterator, Mapping
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from itertools import combinations
from typing import TYPE_CHECKING

from fairlead.api import Clash

from .sections.engine import Chassis, Engine

if TYPE_CHECKING:
    from fairlead.api import Site

OWN = "give each engine a range of its own"


def clashes(engine: Engine, site: "Site") -> Iterator[Clash]:
    """What of `ranges` and `chassis` cannot be: the first is what the site is refused for."""
    networks: dict[str, IPv4Network] = {}
    for host, text in engine.ranges.items():
        network = _network(text)
        if network:
            networks[host] = network
        else:
            yield _unaligned(host, text)
    yield from _overlapping(networks)
    for host, network in networks.items():
        yield from _hosts_inside(host, network, site)
    for number, chassis in enumerate(engine.chassis):
        yield from _outside(number, chassis, networks, site)


def addresses(network: str) -> tuple[str, ...]:
    """The addresses of a range, in order.

    The first and the last number too: it is no subnet of its own, but a part of the chassis'.
    """
    return tuple(map(str, IPv4Network(network)))


def _network(text: str) -> IPv4Network | None:
    try:
        return IPv4Network(text)
    except (AddressValueError, NetmaskValueError, ValueError):
        return None


def _unaligned(host: str, text: str) -> Clash:
    return Clash(
        ("engine", "ranges", host),
        f"{text} does not begin where a network of its size does",
        remedy=f"did you mean {IPv4Network(text, strict=False)}?",
    )


def _overlapping(networks: Mapping[str, IPv4Network]) -> Iterator[Clash]:
    for (host, network), (other, of_other) in combinations(networks.items(), 2):
        if network.overlaps(of_other):
            yield Clash(
                ("engine", "ranges", other),
                f"{of_other} overlaps {network} of",
                ("engine", "ranges", host),
                OWN,
            )


def _hosts_inside(host: str, network: IPv4Network, site: "Site") -> Iterator[Clash]:
    """Hosts of the site whose own address lies in the range."""
    for name, spec in site.hosts.items():
        try:
            inside = IPv4Address(spec.address) in network
        except AddressValueError:
            continue  # a name: only a resolver could tell
        if inside:
            problem = f"{network} holds the address of the host {name}, {spec.address}"
            yield Clash(("engine", "ranges", host), problem, remedy=OWN)


def _outside(
    number: int, chassis: Chassis, networks: Mapping[str, IPv4Network], site: "Site"
) -> Iterator[Clash]:
    """Ranges of a chassis' engines that are no part of its subnet."""
    subnet = IPv4Network(chassis.network, strict=False)
    for host in site.resolve(chassis.hosts):
        network = networks.get(host)
        if network and not network.subnet_of(subnet):
            yield Clash(
                ("engine", "ranges", host),
                f"{network} is not in {subnet}, the subnet of its chassis,",
                ("engine", "chassis", number, "network"),
                "give it a part of that",
            )
