"""Docker's network over a bridge that the host has already: containers in it have addresses of the facility's own subnet, and fixed ones (`--ip`).

The bridge's address is the network's gateway, so that the engine changes nothing of it; an engine keeps a bridge that it did not make. Two networks
cannot hold one subnet: an engine whose own default network is on that bridge makes none over it ("Pool overlaps").
"""

from ipaddress import ip_interface

from fairlead.model.plan import Argv, Command, Noun, Step, either, not_, same, then
from fairlead.operations.argv.docker import SPEC
from fairlead.operations.digest import sha256

# BRIDGE ADDRESS: Docker would quietly make a second bridge of this name, or of a misspelt one.
HOLDS = """ip -4 -o addr show dev "$1" 2>/dev/null | grep -q " inet $2 " && exit
echo "$1 does not hold $2: Docker would make a bridge of its own" >&2; exit 1"""
# ENGINE NAME SPEC WHOSE: 0 it is there and as asked, 1 it is not there, 2 it is other.
STANDS = """is=$("$1" network ls --format '{{.Name}} {{.Label "fairlead.spec"}}') || exit 2
is=$(printf '%s\\n' "$is" | awk -v name="$2" '$1 == name')
[ -n "$is" ] || exit 1
[ "$is" = "$2 $3" ] || { echo "Docker has a network $2 with other settings: inv $4.down, docker network rm $2, inv $4.up" >&2; exit 2; }"""


class Network(Noun, kw_only=True):
    """`address`: of the bridge, with its length. `router`: where containers' way out leads; "": to the bridge itself."""

    name: str
    bridge: str
    address: str
    addresses: str  # the part of the subnet out of which the engine gives addresses by itself
    router: str = ""
    mtu: int = 0


def line(n: Network) -> Argv:
    own = n.address.partition("/")[0]
    other = ("--aux-address", f"DefaultGatewayIPv4={n.router}") if n.router not in ("", own) else ()
    words = (
        *(
            "docker",
            "network",
            "create",
            "-d",
            "bridge",
            "--subnet",
            str(ip_interface(n.address).network),
            "--gateway",
            own,
        ),
        *("--ip-range", n.addresses, *other),
        *(
            "-o",
            f"com.docker.network.bridge.name={n.bridge}",
            "-o",
            "com.docker.network.bridge.enable_ip_masquerade=false",
        ),
        *(("-o", f"com.docker.network.driver.mtu={n.mtu}") if n.mtu else ()),
    )
    return (*words, "--label", f"{SPEC}={sha256(repr(words))[:16]}", n.name)


def made(n: Network, whose: str) -> Step:
    """It is there; refused where there is another of its name, or no bridge that holds the gateway. `whose`: SYSTEM, or SYSTEM.COMPONENT."""
    words = line(n)
    return Step(
        name=f"network {n.name}",
        unless=(
            "sh",
            "-c",
            STANDS,
            "network",
            "docker",
            n.name,
            words[-2].partition("=")[2],
            whose,
        ),
        do=then(("sh", "-c", HOLDS, "network", n.bridge, n.address), words),
        undo=either(not_(_is_there(n)), _remove(n)),
        timeout=60,
    )


def gone(n: Network) -> Step:
    there = _is_there(n)
    return Step(
        name=f"no network {n.name}",
        unless=not_(there),
        do=_remove(n),
        undo=either(there, line(n)),
        timeout=60,
    )


def _remove(n: Network) -> Argv:
    return ("docker", "network", "rm", n.name)


def _is_there(n: Network) -> Command:
    return same(
        (
            "docker",
            "network",
            "ls",
            "--filter",
            f"name=^{n.name}$",
            "--filter",
            f"label={SPEC}",
            "--format",
            "{{.Name}}",
        ),
        n.name,
    )
