"""An engine's network over a bridge that the host has already: containers in it have addresses of
the facility's own subnet, and fixed ones (`--ip`).

Docker: the bridge's address is the network's gateway, so that the engine changes nothing of it; an
engine keeps a bridge that it did not make. Two networks cannot hold one subnet: an engine whose own
default network is on that bridge makes none over it ("Pool overlaps").

Podman: from netavark 1.14 on (Podman 5.4) a network may be of the mode `unmanaged`, and the bridge,
its addresses and the firewall are left alone; older ones take the bridge for their own. Some
releases refuse to make one of a subnet that the host is in, and take its file all the same
(podman-network-create(1): /etc/containers/networks). No port is published by such a network.
"""

import json
from ipaddress import ip_interface, ip_network

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Argv, Ask, Check, Command, Noun, Step, either, not_, same, then
from fairlead.operations import script
from fairlead.operations.argv.docker import SPEC
from fairlead.operations.digest import sha256
from fairlead.operations.facts import at_least

sh = script.beside(__file__)

BRIDGE = "com.docker.network.bridge"
DRIVER = "com.docker.network.driver"
UNMANAGED = "netavark 1.14"  # the first that leaves a bridge to the host


class Network(Noun, kw_only=True):
    """A network of an engine over a bridge of the host.

    `address`: of the bridge, with its length. `router`: where containers' way out leads; "": to the
    bridge itself. `address6`, `addresses6` and `router6`: the same of IPv6, "" for none.
    """

    name: str
    bridge: str
    address: str
    addresses: str  # the part of the subnet out of which the engine gives addresses by itself
    router: str = ""
    mtu: int = 0
    engine: str = "docker"
    address6: str = ""
    addresses6: str = ""
    router6: str = ""

    @property
    def own(self) -> str:
        """The bridge's address alone."""
        return self.address.partition("/")[0]

    @property
    def subnet(self) -> str:
        return str(ip_interface(self.address).network)


def create(n: Network) -> Argv:
    """The line that makes it, with a label that tells one setting from another."""
    if n.engine == "podman":
        return sh("lay_network", n.name, _file(n, _spec(_file(n))))
    words = _create(n)
    return (*words, "--label", f"{SPEC}={_spec(words)}", n.name)


def spec(n: Network) -> str:
    """A hash of all that makes the network what it is."""
    return _spec(_file(n) if n.engine == "podman" else _create(n))


def _spec(words: Argv | str) -> str:
    return sha256(repr(words))[:16]


def _create(n: Network) -> Argv:
    has_router = n.router not in ("", n.own)
    return (
        *("docker", "network", "create", "-d", "bridge", "--subnet", n.subnet, "--gateway", n.own),
        *("--ip-range", n.addresses),
        *(("--aux-address", f"DefaultGatewayIPv4={n.router}") if has_router else ()),
        *_ipv6(n),
        *("-o", f"{BRIDGE}.name={n.bridge}", "-o", f"{BRIDGE}.enable_ip_masquerade=false"),
        *(("-o", f"{DRIVER}.mtu={n.mtu}") if n.mtu else ()),
    )


def _file(n: Network, spec: str = "") -> str:
    """The file by which Podman knows it, as podman-network-create(1) writes one."""
    addresses = ip_network(n.addresses)
    range_ = {"start_ip": str(addresses[0]), "end_ip": str(addresses[-1])}
    subnet = {"subnet": n.subnet, "gateway": n.router or n.own, "lease_range": range_}
    mtu = {"mtu": str(n.mtu)} if n.mtu else {}
    content = {
        "name": n.name,
        "id": sha256(n.name),
        "driver": "bridge",
        "network_interface": n.bridge,
        "created": "2026-01-01T00:00:00Z",
        "subnets": [subnet],
        "ipv6_enabled": False,
        "internal": False,
        "dns_enabled": False,
        "labels": {SPEC: spec},
        "options": {"mode": "unmanaged", **mtu},
        "ipam_options": {"driver": "host-local"},
    }
    return json.dumps(content, indent=2)


def _ipv6(n: Network) -> Argv:
    """The words of a network that has IPv6 beside the other."""
    if not n.address6:
        return ()
    own = n.address6.partition("/")[0]
    has_router = n.router6 not in ("", own)
    return (
        *("--ipv6", "--subnet", str(ip_interface(n.address6).network), "--gateway", own),
        *("--ip-range", n.addresses6),
        *(("--aux-address", f"DefaultGatewayIPv6={n.router6}") if has_router else ()),
    )


def made(n: Network, whose: str) -> Step:
    """The Step that makes it; `whose`: SYSTEM, or SYSTEM.COMPONENT.

    Refused where there is another of its name, or no bridge that holds the gateway.
    """
    return Step(
        name=f"network {n.name}",
        unless=sh("network_stands", n.engine, n.name, spec(n), whose),
        do=then(*_held(n), create(n)),
        undo=either(not_(_is_there(n)), _remove(n)),
        timeout=60,
    )


def _held(n: Network) -> tuple[Command, ...]:
    """The questions whether the bridge holds its addresses."""
    return tuple(sh("holds", n.engine, n.bridge, own) for own in (n.address, n.address6) if own)


def gone(n: Network) -> Step:
    """The Step that takes it away."""
    return Step(
        name=f"no network {n.name}",
        unless=not_(_is_there(n)),
        do=_remove(n),
        undo=either(_is_there(n), create(n)),
        timeout=60,
    )


def _remove(n: Network) -> Argv:
    return (n.engine, "network", "rm", n.name)


def _is_there(n: Network) -> Command:
    filters = ("--filter", f"name=^{n.name}$", "--filter", f"label={SPEC}")
    return same((n.engine, "network", "ls", *filters, "--format", "{{.Name}}"), n.name)


def can_be(ask: Ask, engine: str) -> bool:
    """Can this engine lay a network over a bridge that is the host's?"""
    if engine == "docker":
        return True
    backend, _, version = ask.engine.network.partition(" ")
    return backend == "netavark" and at_least(version, UNMANAGED.partition(" ")[2])


def check(ask: Ask, engine: str, remedy: str) -> Check:
    """The engine can lay it; `remedy`: what the site can say instead."""
    return Check(
        name="network over the bridge",
        ok=can_be(ask, engine),
        wanted=f"{UNMANAGED} or newer, of Podman 5.4",
        found=ask.engine.network or "not known",
        why="older ones take the bridge for their own: they give it addresses and a firewall, "
        "and take it away with the last container",
        remedy=remedy,
        blocks=bool(ask.engine.network),
    )


def refuse(ask: Ask, engine: str, remedy: str) -> None:
    """Raises FairleadError where this engine cannot lay it."""
    if not can_be(ask, engine):
        what = f"its Podman cannot lay a network over a bridge of the host: {UNMANAGED} can"
        raise FairleadError(ask.target.host, what, remedy)
