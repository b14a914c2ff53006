"""What hangs on the name of an interface and that nobody moves when a bridge takes its place: rules
of firewalls, and programs that are bound to it. Preflight lists it, and blocks where a rule would
open what is closed.
"""

from collections.abc import Iterator

from fairlead.model.plan import Check, Fact, Noun
from fairlead.operations import script
from fairlead.operations.network import firewall
from fairlead.operations.network.bridge import BridgeState
from fairlead.operations.network.firewall import Rule

sh = script.beside(__file__)

MOST = 8  # rules that are shown
MOVES = frozenset({"absent", "no-port", "on-port"})  # states in which the port loses its address


class Hanging(Noun):
    """What names the interface; `known`: the host has answered."""

    rules: tuple[Rule, ...] = ()
    sockets: tuple[str, ...] = ()
    known: bool = True


def fact(
    name: str,
    port: str,
) -> Fact:
    """`hanging`: what would not mean the same once the bridge `name` has the address of `port`."""
    return Fact(
        "hanging", sh("hanging", port), lambda code, text: read_hanging(code, text, name, port), 20
    )


def read_hanging(
    code: int,
    text: str,
    name: str,
    port: str,
) -> Hanging:
    """The lines of shell/hanging.sh, read."""
    rows = [line.partition(" ") for line in text.splitlines()]
    tables = [line for line in text.splitlines() if line.startswith(("iptables ", "ip6tables "))]
    nft = [line for word, _, line in rows if word == "nft"]
    rules = (
        *firewall.of_iptables(tables, port, name),
        *firewall.of_nft(nft, port, name, skips_iptables=bool(tables)),
    )
    sockets = tuple(" ".join(line.split()) for word, _, line in rows if word == "socket")
    return Hanging(rules, sockets, code == 0)


def checks(
    hanging: Hanging | None,
    state: BridgeState | None,
    name: str,
    port: str,
) -> Iterator[Check]:
    """Preflight's; none where it was not asked. A rule blocks while the address has yet to move."""
    if hanging is None:
        return
    moves = bool(state and state.word in MOVES)
    yield _firewall(hanging, moves, name, port)
    if hanging.sockets:
        yield Check(
            name="programs",
            ok=False,
            wanted=f"none that is bound to {port}",
            found="; ".join(hanging.sockets[:MOST]),
            why=f"what arrives there belongs to {name} then, and they hear nothing more",
            remedy=f"tell them to use {name}, and start them anew after up",
            blocks=False,
        )


def _firewall(
    hanging: Hanging,
    moves: bool,
    name: str,
    port: str,
) -> Check:
    rules = sorted(hanging.rules, key=lambda rule: not rule.opens)
    dangerous = [rule for rule in rules if rule.opens]
    shown = [f"{rule.text}{' (may open)' if rule.opens else ''}" for rule in rules[:MOST]]
    if len(rules) > MOST:
        shown.append(f"and {len(rules) - MOST} more")
    return Check(
        name="firewall",
        ok=hanging.known and not rules,
        wanted=f"no rule that means {port} and not {name}",
        found="; ".join(shown) or ("none" if hanging.known else "not known"),
        why=f"what came by {port} comes by {name} then: a rule for {port} alone does not meet it",
        remedy=f"write each for {name} too, where the firewall's rules are kept",
        blocks=bool(dangerous) and moves,
    )
