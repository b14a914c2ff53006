"""Docker's network over a bridge that is there: containers have addresses of the facility's own network, and keep them.

A network of one's own is the only one in which Docker gives a container the address that it is told (`--ip`). No other network of this engine may
hang on the same bridge, its default one neither.
"""

from hashlib import sha256
from ipaddress import ip_interface

from fairlead.commands.docker import SPEC
from fairlead.plan import Argv, Noun, Step, not_, same, then

# BRIDGE ADDRESS: Docker would quietly make a second bridge of this name, or of a misspelt one.
HOLDS = """ip -4 -o addr show dev "$1" 2>/dev/null | grep -q " inet $2 " && exit
echo "$1 does not hold $2: Docker would make a bridge of its own" >&2; exit 1"""
# NAME SPEC: 0 it is there and as asked, 1 it is not there, 2 it is other.
IS = """is=$(docker network ls --filter "name=^$1\\$" --format '{{.Name}} {{.Label "fairlead.spec"}}') || exit 2
[ -n "$is" ] || exit 1
[ "$is" = "$1 $2" ] || { echo "Docker has a network $1 with other settings: take down what uses it, then docker network rm $1" >&2; exit 2; }"""


class Network(Noun, kw_only=True):
    """Over which bridge, and what it may give out: `address` is the bridge's own with its length, `router` the way out where that is not the host."""

    name: str
    bridge: str
    address: str
    range: str
    router: str = ""
    mtu: int = 0


def line(n: Network) -> Argv:
    """The line that makes it. It hides nobody's address, and gives out none but those of its range."""
    host = n.address.partition("/")[0]
    other = ("--aux-address", f"DefaultGatewayIPv4={n.router}") if n.router not in ("", host) else ()
    mtu = ("-o", f"com.docker.network.driver.mtu={n.mtu}") if n.mtu else ()
    words = (
        *("docker", "network", "create", "-d", "bridge", "--subnet", str(ip_interface(n.address).network), "--gateway", host),
        *("--ip-range", n.range, *other),
        *("-o", f"com.docker.network.bridge.name={n.bridge}", "-o", "com.docker.network.bridge.enable_ip_masquerade=false", *mtu),
    )
    return (*words, "--label", f"{SPEC}={sha256(repr(words).encode()).hexdigest()[:16]}", n.name)


def there(n: Network) -> Step:
    """It is there; refused where there is another of its name, or no bridge that holds the address."""
    made = line(n)
    spec = made[-2].partition("=")[2]
    return Step(
        name=f"network {n.name}",
        unless=("sh", "-c", IS, "network", n.name, spec),
        do=then(("sh", "-c", HOLDS, "network", n.bridge, n.address), made),
        undo=gone(n).do,
        timeout=60,
    )


def gone(n: Network) -> Step:
    found = same(("docker", "network", "ls", "--filter", f"name=^{n.name}$", "--filter", f"label={SPEC}", "--format", "{{.Name}}"), n.name)
    return Step(name=f"no network {n.name}", unless=not_(found), do=("docker", "network", "rm", n.name), undo=line(n), timeout=60)
