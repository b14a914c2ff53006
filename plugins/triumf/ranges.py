"""Address ranges of the engines: each owns a part of its chassis' subnet, and nobody else's; of
IPv6 too, where the site has it.

It stands beside the packages, not in worker/, because the section (site.py) refuses what it finds
here, and importing worker/ would run its verbs first, which need the section.
"""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from itertools import combinations
from typing import TYPE_CHECKING

from fairlead.api import Clash

from .sections.engine import Engine

if TYPE_CHECKING:
    from fairlead.api import Site

OWN = "give each engine a range of its own"
HOST_BITS = (1 << 64) - 1  # of an IPv6 address in a subnet of the usual size

IPNetwork = IPv4Network | IPv6Network
Networks = Mapping[str, IPNetwork]


def clashes(engine: Engine, site: "Site") -> Iterator[Clash]:
    """What of `ranges`, `ranges6` and `chassis` cannot be: the first is what the site is refused
    for."""
    yield from _of_family(engine, site, "ranges", "network")
    yield from _of_family(engine, site, "ranges6", "network6")
    if engine.ranges6 and not engine.ipv6:
        yield Clash(
            ("engine", "ranges6"),
            "containers have no IPv6",
            remedy="say ipv6: true, or leave it out",
        )


def _of_family(engine: Engine, site: "Site", key: str, subnet_key: str) -> Iterator[Clash]:
    """Those of one family: IPv4 or IPv6."""
    networks: dict[str, IPNetwork] = {}
    for host, text in getattr(engine, key).items():
        network = _network(text)
        if network:
            networks[host] = network
        else:
            yield _no_network(key, host, text)
    yield from _overlapping(key, networks)
    for host, network in networks.items():
        yield from _hosts_inside(key, host, network, site)
    for number, chassis in enumerate(engine.chassis):
        where = ("engine", "chassis", number, subnet_key)
        subnet = _network(getattr(chassis, subnet_key), strict=False)
        if subnet:
            hosts = site.resolve(chassis.hosts)
            yield from _outside(key, subnet, where, {h: networks.get(h) for h in hosts})
        elif getattr(chassis, subnet_key):
            yield Clash(where, f"{getattr(chassis, subnet_key)} is no network", remedy="mend it")


def addresses(network: str, number: int) -> tuple[str, ...]:
    """The first addresses of a range, as many as there are up to this number.

    The first number of an IPv4 range too: it is no subnet of its own, but a part of the chassis'.
    The first of an IPv6 subnet is every router's (RFC 4291, 2.6.1).
    """
    whole = ip_network(network)
    first = int(whole.version == 6 and not int(whole.network_address) & HOST_BITS)
    return tuple(str(whole[first + n]) for n in range(min(number, whole.num_addresses - first)))


def _network(text: str, strict: bool = True) -> IPNetwork | None:
    try:
        return ip_network(text, strict)
    except ValueError:
        return None


def _no_network(key: str, host: str, text: str) -> Clash:
    whole = _network(text, strict=False)
    where = ("engine", key, host)
    if not whole:
        return Clash(where, f"{text} is no network", remedy="such as 2001:db8:3::90/124")
    problem = f"{text} does not begin where a network of its size does"
    return Clash(where, problem, remedy=f"did you mean {whole}?")


def _overlapping(key: str, networks: Networks) -> Iterator[Clash]:
    for (host, network), (other, of_other) in combinations(networks.items(), 2):
        if network.overlaps(of_other):
            yield Clash(
                ("engine", key, other),
                f"{of_other} overlaps {network} of",
                ("engine", key, host),
                OWN,
            )


def _hosts_inside(key: str, host: str, network: IPNetwork, site: "Site") -> Iterator[Clash]:
    """Hosts of the site whose own address lies in the range."""
    for name, spec in site.hosts.items():
        try:
            inside = ip_address(spec.address) in network
        except ValueError:
            continue  # a name: only a resolver could tell
        if inside:
            problem = f"{network} holds the address of the host {name}, {spec.address}"
            yield Clash(("engine", key, host), problem, remedy=OWN)


def _outside(
    key: str,
    subnet: IPNetwork,
    where: tuple[str | int, ...],
    networks: Mapping[str, IPNetwork | None],
) -> Iterator[Clash]:
    """Ranges of a chassis' engines that are no part of its subnet."""
    for host, network in networks.items():
        if network and not _is_part(network, subnet):
            yield Clash(
                ("engine", key, host),
                f"{network} is not in {subnet}, the subnet of its chassis,",
                where,
                "give it a part of that",
            )


def _is_part(network: IPNetwork, subnet: IPNetwork) -> bool:
    return network.prefixlen >= subnet.prefixlen and network.network_address in subnet
