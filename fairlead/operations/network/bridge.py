"""A bridge that takes over a host's own address.

It cuts the connection we stand on: unless a new one arrives in time, all is put back.

One `ip -batch` does the whole of it, in a few milliseconds: TCP sessions live on (what a packet
costs is in shell/bridge.sh; TCP sends it again after 0.2 s). What to put back is written down
first. Held by DHCP, an address is refused: its keeper would fetch it again.
"""

from fairlead.model.plan import Fact, Noun, Step
from fairlead.operations import script

sh = script.beside(__file__)

PATIENCE = 30.0  # seconds in which a new connection has to arrive
MENDED = frozenset(
    {
        *("absent", "no-port", "on-port", "no-address", "routes-on-port", "rules-on-port"),
        *("no-route", "down", "slow"),
    }
)
TAKEN = sh.text("taken")  # sh: `taken DEVICE ADDRESS` prints free, taken or unknown


class BridgeState(Noun):
    """How a bridge stands.

    `word`: ok, one of MENDED, or another: then `reason` says what is in the way.
    """

    word: str
    reason: str

    @property
    def mends(self) -> bool:
        """Is it something that `bridge` makes right?"""
        return self.word in MENDED


def bridge(
    name: str,
    port: str,
    address: str = "",
    *,
    gateway: str = "",
    patience: float = PATIENCE,
) -> Step:
    """The Step that makes the bridge `name` with the interface `port` in it.

    It has no forwarding delay, and the host's addresses and routes are on it. `address`
    (ADDRESS/BITS): what has to be among them; "": whatever the port has. `gateway`: the host's own,
    where it has to have one. What is half there is mended. Refused by name: an interface that is
    not there or a port of another bridge, a `name` that is no bridge, another address, DHCP.
    Unless a new connection arrives within `patience` seconds everything is put back (exit 8).
    """
    words = (name, port, address, gateway)
    return Step(
        name=f"bridge {name}",
        unless=sh("bridge_ask", " ".join(sorted(MENDED)), *words),
        do=sh("bridge", *words),
        undo=sh("unbridge", name, port),
        proof=sh("bridge_answers", name),
        proof_within=PATIENCE,
        timeout=60,
        exclusive=True,
        confirm_within=patience,
        gate=True,
    )


def fact(
    name: str,
    port: str,
    address: str = "",
    *,
    gateway: str = "",
) -> Fact:
    """`bridged`: how the bridge stands; what the engine's own question would answer."""
    return Fact("bridged", sh("bridge_state", name, port, address, gateway), bridge_state)


def bridge_state(code: int, text: str) -> BridgeState:
    """The state in "WORD what there is to say"; of any other answer `unknown` and its last line."""
    answer = text.strip()
    word, _, reason = answer.partition(" ")
    if code == 0 and word and "\n" not in answer:
        return BridgeState(word, reason)
    lines = answer.splitlines() or ["iproute2 did not answer"]
    return BridgeState("unknown", lines[-1])
