"""The address of a container that was made with --net=none: what `pipework BRIDGE CONTAINER ADDRESS@GATEWAY` does, without it.

A pair of interfaces, one end on the bridge, the other as eth0 inside. It goes with the container's network: it is made anew after every start.
"""

from typing import Any

from fairlead.model.plan import Argv, Ask, Fact, Noun, Step
from fairlead.operations.digest import sha256

# ENGINE BRIDGE LINK MAC ADDRESS GATEWAY CONTAINER
_LOOK = r"""engine=$1 bridge=$2 link=$3 mac=$4 address=$5 gateway=$6 name=$7
within() { nsenter --net="/proc/$pid/ns/net" ip "$@"; }
about() { sed -n "s,.* $1 \([^ ]*\) .*,\1,p"; }
paired() { within link show dev eth0 >/dev/null 2>&1 && ip link show dev "$link" >/dev/null 2>&1; }
process() { "$engine" container inspect -f '{{.State.Pid}}' "$name"; }
state() {
  found=$("$engine" container ls -aq --filter "name=^$name\$") || { echo "unknown the engine does not answer"; return; }
  if [ -z "$found" ]; then echo "no-container there is no container $name"; return; fi
  pid=$(process)
  if [ "$pid" = 0 ]; then echo "not-running $name does not run"
  elif ! paired; then echo "detached $name has no interface"
  elif [ "$(ip -o link show dev "$link" | about master)" != "$bridge" ]; then echo "not-on-bridge the interface of $name is not on $bridge"
  elif [ "$(within -4 -o addr show dev eth0 scope global | about inet)" != "$address" ]; then
    echo "addr-differs $name has another address than $address"
  elif ! within -4 route show default | grep -q "^default via $gateway dev eth0"; then echo "no-route $name has no route by $gateway"
  elif [ "$(within -o link show dev eth0 | about link/ether)" != "$mac" ]; then echo "mac-differs the interface of $name is not $mac"
  else echo "ok $address"; fi
}
"""
STATE = _LOOK + "state"
MENDED = frozenset({"detached", "not-on-bridge", "addr-differs", "no-route", "mac-differs"})
ASK = (
    _LOOK
    + f"""said=$(state)
case ${{said%% *}} in
  ok) exit 0 ;;
  {" | ".join(sorted(MENDED))}) exit 1 ;;
  *) echo "${{said#* }}" >&2; exit 2 ;;
esac"""
)
ATTACH = (
    "set -eu\n"
    + _LOOK
    + r"""pid=$(process)
[ "$pid" != 0 ] || { echo "$name does not run" >&2; exit 1; }
mtu=$(ip -o link show dev "$bridge" | about mtu) || :
[ -n "$mtu" ] || { echo "there is no bridge $bridge" >&2; exit 1; }
if ! paired; then
  ip link delete dev "$link" 2>/dev/null || :
  within link delete dev eth0 2>/dev/null || :
  ip link add name "$link" mtu "$mtu" type veth peer name eth0 address "$mac" mtu "$mtu" netns "$pid"
fi
ip link set dev "$link" master "$bridge" up
within -batch - <<END
link set dev lo up
link set dev eth0 address $mac
addr flush dev eth0 scope global
addr add $address brd + dev eth0
link set dev eth0 up
route replace default via $gateway dev eth0
END"""
)
# Frames from port to port of a bridge go through the firewall where the kernel is told so, and Docker's own policy drops them. BRIDGE
FORWARDED = """[ "$(cat /proc/sys/net/bridge/bridge-nf-call-iptables 2>/dev/null || echo 0)" != 0 ] || exit 0
iptables -w 5 -n -L DOCKER-USER >/dev/null 2>&1 || exit 0
iptables -w 5 -C DOCKER-USER -i "$1" -o "$1" -j ACCEPT 2>/dev/null || exit 1"""


class Attached(Noun):
    """How the container hangs on the bridge: a word, and what there is to say."""

    word: str
    said: str


def attach(site: Any) -> Argv:
    """What gives a started container its address; its name stands behind these words."""
    return ("sh", "-c", ATTACH, "address", *_words(site))


def _words(site: Any) -> tuple[str, ...]:
    return ("docker", site.bridge.name, link(site), site.mac, site.address, site.router)


def link(site: Any) -> str:
    """The end of the pair that is on the bridge: at most 15 letters, its own to the container's name."""
    return f"vx{sha256(site.name)[:10]}"


def given(site: Any) -> Step:
    """The container has its address, and nothing else of it changes."""
    words = (*_words(site), site.name)
    return Step(
        name=f"address {site.address}",
        unless=("sh", "-c", ASK, "address", *words),
        do=("sh", "-c", ATTACH, "address", *words),
        undo=("sh", "-c", 'ip link delete dev "$1" 2>/dev/null || :', "address", link(site)),
        timeout=60,
    )


def forwarded(site: Any) -> Step:
    """The firewall lets frames pass from port to port of the bridge, where it sees them at all."""
    rule = ("DOCKER-USER", "-i", site.bridge.name, "-o", site.bridge.name, "-j", "ACCEPT")
    return Step(
        name="forwarding",
        unless=("sh", "-c", FORWARDED, "forwarding", site.bridge.name),
        do=("iptables", "-w", "5", "-I", *rule),
        undo=("iptables", "-w", "5", "-D", *rule),
        timeout=30,
    )


def fact(ask: Ask[Any]) -> Fact:
    """`attached`: the same question, answered in words."""
    return Fact(
        "attached", ("sh", "-c", STATE, "address", *_words(ask.section), ask.section.name), attached
    )


def attached(code: int, text: str) -> Attached:
    word, _, said = text.strip().partition(" ")
    return (
        Attached(word, said)
        if code == 0 and said and "\n" not in said
        else Attached("unknown", "the host did not say")
    )
