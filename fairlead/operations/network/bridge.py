"""A bridge that takes over a host's own address. It cuts the line we stand on: unless a new connection arrives in time, all is put back.

One `ip -batch` does the whole of it, in a few milliseconds: TCP sessions live on. The order counts, as measured: the port first, then the bridge
up, the address on both for a moment, with what the kernel knows of the neighbours; any other order lost a packet in every second run, this one in
2 of 10 where twice as many programs want the processors as there are (TCP sends it again after 0.2 s). iproute2 is asked, never /sys/class/net,
which may show another namespace. What to put back is written down first. Held by DHCP, an address is refused: its keeper would fetch it again.
"""

from typing import Any

from fairlead.model.plan import Fact, Noun, Step

PATIENCE = 30.0  # seconds in which a new connection has to arrive

# There, by family (4, 6): addresses in the words in which `ip addr add` takes them (whether another has an address was asked when it was new);
# routes likewise, those that others need first.
_LOOK = r"""
there() { ip link show dev "$1" >/dev/null 2>&1; }
about() { ip -d -o link show dev "$2" 2>/dev/null | sed -n "s,.* $1 \([^ ]*\) .*,\1,p"; }
held() { ip "-$1" -o addr show dev "$2" scope global permanent 2>/dev/null |
  sed -n 's/.* inet \(.*\) scope .*/\1/p; s/.* inet6 \(.*\) scope .*/\1 nodad/p'; }
holds() { held "$1" "$2" | grep -q "^$3\( \|$\)"; } # FAMILY DEVICE ADDRESS
goes_by() { routes 4 "$1" | grep -q "^default via $2\( \|$\)"; }
is_up() { [ -n "$(ip -o link show dev "$1" up)" ]; }
sent() { ip "-$1" route show table all dev "$2" 2>/dev/null | grep -vE 'proto (kernel|ra)( |$)|^(local|broadcast|anycast|multicast) ' |
  sed 's/ linkdown//; s/ dead//; s/ *$//'; }
routes() { sent "$1" "$2" | sed '/ via /d'; sent "$1" "$2" | sed -n '/ via /p'; }
is_bridge() { ip -d -o link show dev "$1" | grep -q ' bridge forward_delay '; }
in_a_row() { tr '\n' ' ' | sed 's/ brd [^ ]*//g; s/ $//'; }
state() { # NAME PORT ADDRESS GATEWAY: a word, and what there is to say
  if ! there "$2"; then echo "no-interface there is no interface $2"; return; fi
  master=$(about master "$2")
  both=$({ held 4 "$1"; held 4 "$2"; } | in_a_row)
  if [ -n "$master" ] && [ "$master" != "$1" ]; then echo "elsewhere $2 is a port of $master"
  elif there "$1" && ! is_bridge "$1"; then echo "not-a-bridge $1 is there, and is no bridge"
  elif [ -n "$(ip -4 -o addr show dev "$2" scope global dynamic)" ]; then echo "dynamic $2 has its address by DHCP"
  elif [ -z "$3$both" ]; then echo "nothing neither $1 nor $2 has an address"
  elif [ -n "$3" ] && [ -n "$both" ] && ! holds 4 "$1" "$3" && ! holds 4 "$2" "$3"; then echo "wrong-address there is $both, not $3"
  elif ! there "$1"; then echo "absent there is no $1"
  elif [ -z "$master" ]; then echo "no-port $2 is no port of $1"
  elif [ -n "$(held 4 "$2")" ]; then echo "on-port $2 still has $(held 4 "$2" | in_a_row)"
  elif [ -z "$both" ]; then echo "no-address $1 has no address"
  elif [ -n "$(routes 4 "$2")" ]; then echo "routes-on-port there are routes by $2, which is a port"
  elif [ -n "$4" ] && ! goes_by "$1" "$4"; then echo "no-route there is no route by $4"
  elif ! is_up "$1"; then echo "down $1 is down"
  elif [ "$(about stp_state "$1")$(about forward_delay "$1")" != 00 ] && [ "$(about stp_state "$1")" = 0 ]; then echo "slow $1 has a forwarding delay"
  else echo "ok $both"; fi
}
"""
STATE = _LOOK + 'state "$@"'
MENDED = frozenset(
    {"absent", "no-port", "on-port", "no-address", "routes-on-port", "no-route", "down", "slow"}
)
ASK = (
    _LOOK
    + f"""said=$(state "$@")
case ${{said%% *}} in
  ok) exit 0 ;;
  {" | ".join(sorted(MENDED))}) exit 1 ;;
  *) echo "${{said#* }}" >&2; exit 2 ;;
esac"""
)
_PLACE = "name=$1 port=$2 was=/var/lib/fairlead/backups/net/$1\n"
_LISTING = r"""listing() {
  about master "$port"
  for dev in "$port" "$name"; do
    for family in 4 6; do { held $family "$dev"; routes $family "$dev"; } | sed "s/^/$dev /" | sort; done
  done
}
"""
# NAME PORT ADDRESS GATEWAY
BRIDGE = (
    "set -eu; umask 077\n"
    + _LOOK
    + _PLACE
    + _LISTING
    + r"""
rm -rf "$was" "$was.new"; mkdir -p "$was.new"
listing >"$was.new/listing"
there "$name" && made='' || made=yes
master=$(about master "$port")
links() {
  [ -z "$made" ] || echo "link add name $name address $(about link/ether "$port") mtu $(about mtu "$port") type bridge forward_delay 0 stp_state 0"
  [ -n "$made" ] || [ "$(about stp_state "$name")" != 0 ] || echo "link set dev $name type bridge forward_delay 0"
  [ -n "$master" ] || echo "link set dev $port master $name"
  printf 'link set dev %s up\n' "$port" "$name"
}
unlinks() {
  if [ -n "$made" ]; then echo "link delete dev $name"; return; fi
  [ -n "$master" ] || echo "link set dev $port nomaster"
  is_up "$name" || echo "link set dev $name down"
}
moved() { # FAMILY ADDRESS GATEWAY
  held "$1" "$port" | sed "s/^/addr replace /; s/$/ dev $name/"
  [ -z "$2" ] || holds 4 "$name" "$2" || holds 4 "$port" "$2" || echo "addr replace $2 brd + dev $name"
  ip "-$1" neigh show dev "$port" | sed -n "s/^\([^ ]*\) lladdr \([^ ]*\) .*/neigh replace \1 lladdr \2 nud reachable dev $name/p"
  routes "$1" "$port" | sed "s/^/route replace /; s/$/ dev $name/"
  [ -z "$3" ] || echo "route replace default via $3 dev $name"
  echo "addr flush dev $port scope global"
}
back() { # FAMILY ADDRESS GATEWAY
  if [ -z "$made" ]; then held "$1" "$port" | while read -r one rest; do holds "$1" "$name" "$one" || echo "addr delete $one dev $name"; done; fi
  [ -z "$2" ] || holds 4 "$name" "$2" || echo "addr delete $2 dev $name"
  [ -z "$3" ] || goes_by "$name" "$3" || echo "route delete default via $3 dev $name"
  held "$1" "$port" | sed "s/^/addr replace /; s/$/ dev $port/"
  routes "$1" "$port" | sed "s/^/route replace /; s/$/ dev $port/"
}
{ links; moved 4 "$3" "$4"; } >"$was.new/go4"
moved 6 '' '' >"$was.new/go6"
{ back 4 "$3" "$4"; unlinks; } >"$was.new/back4"
back 6 '' '' >"$was.new/back6"
sync "$was.new/back4" 2>/dev/null || sync
mv "$was.new" "$was"
ip -4 -batch "$was/go4"
[ "$(wc -l <"$was/go6")" = 1 ] || ip -6 -batch "$was/go6"
said=$(state "$@")
[ "${said%% *}" = ok ] || { echo "${said#* }" >&2; exit 1; }"""
)
# NAME PORT
UNBRIDGE = (
    _LOOK
    + _PLACE
    + _LISTING
    + r"""[ -d "$was" ] || exit 0
ip -4 -force -batch "$was/back4" 2>"$was/said"
ip -6 -force -batch "$was/back6" 2>>"$was/said"
[ "$(listing)" = "$(cat "$was/listing")" ] || { cat "$was/said" >&2; echo "$port is not as it was; $was/listing says how it was" >&2; exit 1; }
rm -rf "$was" """
)


# Two programs are called arping: Thomas Habets' says 0 where somebody answers; that of iputils (and busybox) with -D says 0 where nobody does. Where
# there is neither, whoever is spoken to is in the kernel's own table. DEVICE ADDRESS: free, taken or unknown
TAKEN = r"""taken() {
  ip link show dev "$1" >/dev/null 2>&1 || { echo unknown; return; }
  if ! command -v arping >/dev/null 2>&1; then
    ip neigh flush to "$2" dev "$1" 2>/dev/null
    ping -c 1 -W 1 -I "$1" "$2" >/dev/null 2>&1 || bash -c 'echo >"/dev/udp/$1/9"' poke "$2" 2>/dev/null
    sleep 0.5
    if ip neigh show to "$2" dev "$1" | grep -q lladdr; then echo taken; else echo free; fi
    return
  fi
  if arping -h 2>&1 | grep -qi habets; then arping -q -c 2 -w 2 -i "$1" "$2" >/dev/null 2>&1; rc=$?
  else arping -D -q -c 2 -w 2 -I "$1" "$2" >/dev/null 2>&1; rc=$?; [ $rc -gt 1 ] || rc=$((1 - rc)); fi
  case $rc in 0) echo taken ;; 1) echo free ;; *) echo unknown ;; esac
}
"""


class Bridged(Noun):
    """How a bridge stands. `word`: ok, one of MENDED, or another: then `said` says what is in the way."""

    word: str
    said: str

    @property
    def mends(self) -> bool:
        return self.word in MENDED


def _words(name: str, port: str, address: str, gateway: str) -> tuple[str, ...]:
    return ("bridge", name, port, address, gateway)


def bridge(
    name: str, port: str, address: str = "", *, gateway: str = "", patience: float = PATIENCE
) -> Step:
    """The Step that makes the bridge `name`, without forwarding delay, with the interface `port` in it and the host's addresses and routes on it.

    `address` (ADDRESS/BITS): what has to be among them; "": whatever the port has. `gateway`: the host's own, where it has to have one. What is half
    there is mended. Refused by name: an interface that is not there or a port of another bridge, a `name` that is no bridge, another address, DHCP.
    Unless a new connection arrives within `patience` seconds everything is put back (exit 8).
    """
    words = _words(name, port, address, gateway)
    return Step(
        name=f"bridge {name}",
        unless=("sh", "-c", ASK, *words),
        do=("sh", "-c", BRIDGE, *words),
        undo=("sh", "-c", UNBRIDGE, *words[:3]),
        timeout=60,
        exclusive=True,
        confirm_within=patience,
        gate=True,
    )


def fact(name: str, port: str, address: str = "", *, gateway: str = "") -> Fact:
    """`bridged`: how the bridge stands; what the engine's own question would answer."""
    return Fact("bridged", ("sh", "-c", STATE, *_words(name, port, address, gateway)), bridged)


def bridged(code: int, text: str) -> Bridged:
    word, _, said = text.strip().partition(" ")
    known: Any = word if code == 0 and word and "\n" not in text.strip() else ""
    return Bridged(
        known or "unknown",
        said if known else (text.strip().splitlines() or ["iproute2 did not answer"])[-1],
    )
