"""Docker's network over a bridge that the host has already: containers in it have addresses of the
facility's own subnet, and fixed ones (`--ip`).

The bridge's address is the network's gateway, so that the engine changes nothing of it; an engine
keeps a bridge that it did not make. Two networks cannot hold one subnet: an engine whose own
default network is on that bridge makes none over it ("Pool overlaps").
"""

from ipaddress import ip_interface

from fairlead.model.plan import Argv, Command, Noun, Step, either, not_, same, then
from fairlead.operations import script
from fairlead.operations.argv.docker import SPEC
from fairlead.operations.digest import sha256

sh = script.beside(__file__)

BRIDGE = "com.docker.network.bridge"
DRIVER = "com.docker.network.driver"


class Network(Noun, kw_only=True):
    """A network of Docker over a bridge of the host.

    `address`: of the bridge, with its length. `router`: where containers' way out leads; "": to the
    bridge itself. `address6`, `addresses6` and `router6`: the same of IPv6, "" for none.
    """

    name: str
    bridge: str
    address: str
    addresses: str  # the part of the subnet out of which the engine gives addresses by itself
    router: str = ""
    mtu: int = 0
    address6: str = ""
    addresses6: str = ""
    router6: str = ""


def create(n: Network) -> Argv:
    """The line that makes it, with a label that tells one setting from another."""
    words = _create(n)
    return (*words, "--label", f"{SPEC}={_spec(words)}", n.name)


def spec(n: Network) -> str:
    """A hash of all that makes the network what it is."""
    return _spec(_create(n))


def _spec(words: Argv) -> str:
    return sha256(repr(words))[:16]


def _create(n: Network) -> Argv:
    own = n.address.partition("/")[0]
    subnet = str(ip_interface(n.address).network)
    has_router = n.router not in ("", own)
    return (
        *("docker", "network", "create", "-d", "bridge", "--subnet", subnet, "--gateway", own),
        *("--ip-range", n.addresses),
        *(("--aux-address", f"DefaultGatewayIPv4={n.router}") if has_router else ()),
        *_ipv6(n),
        *("-o", f"{BRIDGE}.name={n.bridge}", "-o", f"{BRIDGE}.enable_ip_masquerade=false"),
        *(("-o", f"{DRIVER}.mtu={n.mtu}") if n.mtu else ()),
    )


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
        unless=sh("network_stands", "docker", n.name, spec(n), whose),
        do=then(*_held(n), create(n)),
        undo=either(not_(_is_there(n)), _remove(n)),
        timeout=60,
    )


def _held(n: Network) -> tuple[Command, ...]:
    """The questions whether the bridge holds its addresses."""
    return tuple(sh("holds", n.bridge, own) for own in (n.address, n.address6) if own)


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
    return ("docker", "network", "rm", n.name)


def _is_there(n: Network) -> Command:
    filters = ("--filter", f"name=^{n.name}$", "--filter", f"label={SPEC}")
    return same(("docker", "network", "ls", *filters, "--format", "{{.Name}}"), n.name)
