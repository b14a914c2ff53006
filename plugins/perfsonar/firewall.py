"""The host's firewall: one table of ours in nftables, under the dead man's switch.

OSG's begins with `flush ruleset`, which takes an engine's rules along; ours leaves all other tables
alone. Tables are one behind the other: what any of them drops is dropped, so ours opens nothing
that firewalld closes, and is refused where that runs. Sources: nft(8), systemd.unit(5),
perfSONAR-install-nftables.sh of OSG.
"""

import ipaddress
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from typing import Any

from fairlead.api import Ask, Check, Fact, FairleadError, Noun, Step, files, packages, script

from . import ports
from .site import Firewall

TABLE = "fairlead_perfsonar"
RULES = "/etc/nftables/fairlead-perfsonar.nft"
UNIT = "/etc/systemd/system/fairlead-perfsonar-firewall.service"
KEPT = "/var/lib/fairlead/backups/net/firewall"
SSH = 22  # where sshd does not say
WORDS = (RULES, UNIT, TABLE)
# Bridges of engines, by which containers ask their host (Podman's resolver, for one)
ENGINES = ("docker*", "br-*", "podman*", "cni*", "virbr*")
# As Debian's nftables.service, behind it
SERVICE = f"""# Written by fairlead.
[Unit]
Description=Firewall of perfSONAR, a table of its own
Wants=network-pre.target
Before=network-pre.target shutdown.target
After=nftables.service
Conflicts=shutdown.target
DefaultDependencies=no

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f {RULES}

[Install]
WantedBy=sysinit.target
"""
# That one flushes all tables when it is started or reloaded later on. (Jobs of units that only
# follow it may run before it has: seen with systemd 252.)
BESIDE = "/etc/systemd/system/nftables.service.d/fairlead-perfsonar.conf"
DROP_IN = f"""# Written by fairlead: what this service flushes is there again.
[Service]
ExecStartPost=-/usr/sbin/nft -f {RULES}
ExecReload=-/usr/sbin/nft -f {RULES}
"""

sh = script.beside(__file__)


class FirewallState(Noun):
    """What a host says of it. `words`: nft, table, enabled, stands, firewalld, as they are so.

    `clients`: from where we come; `ports`: where sshd listens; `closing`: other chains that drop
    what comes in; `rules`: those of our file.
    """

    words: frozenset[str] = frozenset()
    clients: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    closing: tuple[str, ...] = ()
    rules: str = ""

    @property
    def is_there(self) -> bool:
        """Is anything of ours on the host?"""
        return bool(self.rules) or bool(self.words & {"table", "enabled"})


def facts(ask: Ask[Any]) -> Iterator[Fact]:
    """`firewall`, where the site wants one or one may have to go."""
    if ask.verb in ("up", "down", "status", "preflight"):
        word = "wanted" if ask.section.firewall else ""
        yield Fact("firewall", sh("firewall_state", *WORDS, word), state)
    if ask.verb == "preflight" and ask.section.firewall:
        yield packages.manager_fact()


def state(code: int, text: str) -> FirewallState:
    """The lines of shell/firewall_state.sh."""
    rows = [line.partition(" ") for line in text.splitlines()]

    def values(word: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value for key, _, value in rows if key == word))

    return FirewallState(
        words=frozenset(key for key, _, value in rows if key and not value),
        clients=values("client"),
        ports=tuple(sorted(int(port) for port in values("port"))),
        closing=values("closes"),
        rules="".join(b64decode(value).decode("utf-8", "replace") for value in values("rules")),
    )


# The rules


def rules(firewall: Firewall, has_acme: bool, ssh_ports: Iterable[int]) -> str:
    """The file: it takes the place of the table that is there, at once."""
    body = "".join(f"\t\t{line}\n" for line in _lines(firewall, has_acme, ssh_ports))
    return (
        f"# Written by fairlead: inv perfsonar.up.\ntable inet {TABLE}\ndelete table inet {TABLE}\n"
        f"table inet {TABLE} {{\n\tchain input {{\n{body}\t}}\n}}\n"
    )


def _lines(firewall: Firewall, has_acme: bool, ssh_ports: Iterable[int]) -> Iterator[str]:
    yield "type filter hook input priority filter; policy drop;"
    yield "ct state established,related accept"
    yield 'iifname "lo" accept'
    yield from (f'iifname "{name}" accept' for name in ENGINES)
    yield "meta l4proto { icmp, ipv6-icmp } accept"
    yield "udp sport 67 udp dport 68 accept"  # DHCP
    yield "ip6 saddr fe80::/10 udp dport 546 accept"
    ssh = ", ".join(str(port) for port in sorted(set(ssh_ports)) or (SSH,))
    yield from (f"{source}tcp dport {{ {ssh} }} accept" for source in _sources(firewall))
    acme = ports.OPEN_TO_ACME if has_acme else ()
    everything = (*ports.OPEN, *acme, *firewall.more)
    for protocol in ("tcp", "udp"):
        yield f"{protocol} dport {{ {ports.spans(everything, protocol)} }} accept"


def _sources(firewall: Firewall) -> Iterator[str]:
    """From where ssh is open: everywhere, or a match for each family."""
    if not firewall.ssh:
        yield ""
    for version, word in ((4, "ip"), (6, "ip6")):
        networks = [network for network in firewall.networks if network.version == version]
        if networks:
            merged = ipaddress.collapse_addresses(networks)  # type: ignore[type-var]
            yield f"{word} saddr {{ {', '.join(map(str, merged))} }} "


def rules_of(ask: Ask[Any], known: FirewallState) -> str:
    """The rules that the site wants on this host."""
    return rules(ask.section.firewall, bool(ask.section.acme), known.ports)


# Steps


def steps(ask: Ask[Any]) -> Iterator[Step]:
    """The table as the site says, after a boot too. Raises FairleadError where it cannot help."""
    known: FirewallState | None = ask.facts.get("firewall")
    if known:
        _refuse(ask, known)
    known = known or FirewallState()
    text = rules_of(ask, known)
    yield files.put(RULES, text, name="firewall's rules", before=known.rules)
    yield files.put(UNIT, SERVICE, name="firewall's unit")
    yield files.put(BESIDE, DROP_IN, name="firewall beside nftables.service")
    yield Step(
        name="firewall",
        unless=sh("firewalled", *WORDS),
        do=sh("firewall", *WORDS, KEPT),
        undo=sh("unfirewall", *WORDS, KEPT),
        timeout=60,
        exclusive=True,
        confirm_within=ask.section.reconnect,
        gate=True,
        remedy="perfsonar.firewall.ssh has to have the network that we come from",
        after=("firewall's rules", "firewall's unit"),
    )


def _refuse(ask: Ask[Any], known: FirewallState) -> None:
    """preflight says the same; `up --skip-preflight` is refused here."""
    for complaint, remedy in _obstacles(ask.section.firewall, known):
        raise FairleadError(ask.target.host, complaint, remedy)


def gone(ask: Ask[Any]) -> Iterator[Step]:
    """No table of ours is there; nothing to do where none was."""
    known = ask.facts.get("firewall")
    if known and known.is_there:
        yield Step(
            name="no firewall",
            do=sh("firewall_gone", *WORDS, KEPT, BESIDE),
            undo=sh("firewall_again", *WORDS, KEPT, BESIDE),
            timeout=60,
            exclusive=True,
        )


def described(ask: Ask[Any]) -> Iterator[tuple[str, str, bool]]:
    """For status: a field, what it says, and whether it is as the site wants it."""
    known: FirewallState | None = ask.facts.get("firewall")
    if ask.section.firewall:
        is_so = bool(known and "stands" in known.words and known.rules == rules_of(ask, known))
        yield "firewall", "ours" if is_so else "not as the site says: inv perfsonar.up", is_so
    elif known and known.is_there:
        yield "firewall", "ours, and the site has none: inv perfsonar.up takes it away", False


# Preflight


def _obstacles(firewall: Firewall, known: FirewallState) -> Iterator[tuple[str, str]]:
    """What speaks against it, and the remedy."""
    if "nft" not in known.words:
        yield "there is no nft", "install the package nftables (preflight --fix does)"
    if "firewalld" in known.words:
        yield (
            "firewalld runs: what its zones close, a table of ours does not open",
            "leave firewall out of the site and open the ports in its zone, "
            "or systemctl disable --now firewalld",
        )
    for client in known.clients:
        if firewall.ssh and not _is_in(client, firewall):
            yield (
                f"we come from {client}, from where ssh would be closed",
                "name its network in perfsonar.firewall.ssh",
            )


def _is_in(client: str, firewall: Firewall) -> bool:
    try:
        address = ipaddress.ip_address(re.sub("%.*", "", client))
    except ValueError:
        return False
    return any(address in network for network in firewall.networks)


def checks(ask: Ask[Any]) -> Iterator[Check]:
    if not ask.section.firewall:
        yield _left_alone()
        return
    known: FirewallState = ask.facts.get("firewall") or FirewallState()
    obstacles = list(_obstacles(ask.section.firewall, known))
    lacks_nft = "nft" not in known.words
    yield Check(
        name="firewall",
        ok=not obstacles,
        wanted="nftables, no firewalld, and ssh open to us",
        found="; ".join(complaint for complaint, _ in obstacles) or "nftables",
        why="the site wants a table of its own",
        remedy="; ".join(remedy for _, remedy in obstacles),
        fix=(packages.installed(ask.facts.get("packages") or "", ("nftables",)),)
        if lacks_nft
        else (),
    )
    yield _others(known)


def _others(known: FirewallState) -> Check:
    return Check(
        name="other firewalls",
        ok=not known.closing,
        wanted="none that drops what comes in",
        found=", ".join(known.closing) or "none",
        why="what one table drops, no other opens",
        remedy="open the ports of docs/perfsonar.md there too, or take it away",
        blocks=False,
    )


def _left_alone() -> Check:
    return Check(
        name="firewall",
        ok=True,
        wanted="the ports above open to your partners",
        found="left alone: it belongs to the host",
        why="the container has no permission to run iptables",
        remedy="firewall in the site, or the package perfsonar-toolkit-security on the host, "
        "sets the rules that perfSONAR needs",
        blocks=False,
    )
