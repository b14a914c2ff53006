"""Several interfaces, each with a gateway of its own: what comes to an address leaves from where it
came.

A table of routes and a rule for each, by the numbers of OSG's own script, so that what that has
made is taken over; one default route; rp_filter 2; and what keeps one from answering for another
where two are in one network. Under the dead man's switch, and written into the files of whatever
keeps the host's network. Sources: ip-rule(8), perfSONAR's manage_dual_xface, OSG's
perfSONAR-pbr-nm.sh, interfaces(5), systemd.network(5), nm-settings-nmcli(5).
"""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from fairlead.api import Ask, Check, Fact, Noun, Step, files, persistence, script

from . import nics_files
from .site import Nic

KEPT = "/var/lib/fairlead/backups/net/nics"
BEFORE = f"{KEPT}.before"
MENDED = "no-rule no-table setting more default"  # words of shell/nics_lib.sh

sh = script.beside(__file__)


class NicsState(Noun):
    """How they stand: `ok`, a word of MENDED, or another; then `reason` says what is in the way."""

    word: str
    reason: str

    @property
    def mends(self) -> bool:
        """Is it something that `nics` makes right?"""
        return self.word in MENDED.split()


def of_host(ask: Ask[Any]) -> tuple[Nic, ...]:
    """The interfaces of this host, the default first."""
    return tuple(ask.section.nics.get(ask.target.host, ()))


def _words(nics: Sequence[Nic]) -> Iterator[str]:
    """As shell/nics_lib.sh has them."""
    networks = [_network(nic) for nic in nics]
    for nic, network in zip(nics, networks, strict=True):
        shared = "shared" if networks.count(network) > 1 else "alone"
        yield from (nic.name, nic.address, nic.gateway, str(network), shared)


def _network(nic: Nic) -> ipaddress.IPv4Network:
    return ipaddress.IPv4Interface(nic.address).network


# Facts


def facts(ask: Ask[Any]) -> Iterator[Fact]:
    """`nics made`: those of our last `up`; `nics`: how they stand; `keeping NAME`: who keeps it."""
    if ask.verb not in ("up", "down", "status", "preflight"):
        return
    nics = of_host(ask)
    yield Fact("nics made", ("cat", nics_files.SETTINGS), made)
    if nics:
        yield Fact("nics", sh("nics_state", "0", *_words(nics)), state)
    if nics and ask.verb in ("up", "preflight"):
        yield from map(keeping, nics)


def keeping(nic: Nic) -> Fact:
    return msgspec.structs.replace(persistence.fact(nic.name, nic.name), name=f"keeping {nic.name}")


def made(code: int, text: str) -> tuple[Nic, ...]:
    """Those that our file of settings tells of."""
    rows = (line.split() for line in text.splitlines() if line.startswith(nics_files.NIC))
    return tuple(Nic(name=row[2], address=row[3], gateway=row[4]) for row in rows if len(row) == 5)


def state(code: int, text: str) -> NicsState:
    """The state in "WORD what there is to say"; of any other answer `unknown` and its last line."""
    word, _, reason = text.strip().partition(" ")
    if code == 0 and word and "\n" not in text.strip():
        return NicsState(word, reason)
    return NicsState("unknown", (text.splitlines() or ["iproute2 did not answer"])[-1])


# Steps


def steps(ask: Ask[Any]) -> Iterator[Step]:
    """They are as the site says, after a boot too; of none is anything left that has none."""
    nics, before = of_host(ask), ask.facts.get("nics made") or ()
    words = (str(len(before)), *_words(nics))
    yield Step(
        name="interfaces",
        unless=sh("nics_ask", MENDED, *words),
        do=sh("nics", KEPT, BEFORE, *words),
        undo=sh("unnics", KEPT, BEFORE),
        timeout=60,
        exclusive=True,
        confirm_within=ask.section.reconnect,
        gate=True,
        remedy="check perfsonar.nics in the site against: ip addr; ip route",
    )
    left = {nic.name for nic in before} - {nic.name for nic in nics}
    if left:
        yield _forgotten("other interfaces", sorted(left))
    yield from _lasting(ask, nics)
    networks = [_network(nic) for nic in nics]
    shared = [nic for nic in nics if networks.count(_network(nic)) > 1]
    text = nics_files.settings(nics, shared)
    yield files.put(nics_files.SETTINGS, text, name="settings of interfaces")


def gone(ask: Ask[Any]) -> Iterator[Step]:
    """All is as it was before the first of our steps; nothing to do where none was."""
    before = ask.facts.get("nics made") or ()
    if before:
        yield Step(
            name="no interfaces",
            do=sh("nics_gone", KEPT, BEFORE, str(len(before)), *_words(before)),
            undo=sh("unnics", KEPT, BEFORE),
            timeout=60,
            exclusive=True,
            confirm_within=ask.section.reconnect,
            gate=True,
        )
        yield _forgotten("interfaces after a reboot", [nic.name for nic in before])


def _forgotten(name: str, interfaces: Sequence[str]) -> Step:
    kept = f"{KEPT}.files"
    return Step(
        name=name,
        do=sh("nics_forget", kept, nics_files.SETTINGS, *interfaces),
        undo=sh("nics_remember", kept),
        timeout=60,
    )


def _lasting(ask: Ask[Any], nics: Sequence[Nic]) -> Iterator[Step]:
    """Writes them down for the next boot; nothing where nobody is known who keeps them."""
    configs = {nic.name: _config(ask, nic) for nic in nics}
    texts = nics_files.texts(nics, configs)
    before = {path: text for config in configs.values() for path, text in config.files.items()}
    if texts:
        yield files.texts(texts, "interfaces after a reboot", before, ("true",))
    for number, nic in enumerate(nics, 1):
        config = configs[nic.name]
        settings = nics_files.profile(nic, number, config)
        if settings:
            yield _profile(nic, settings, config.settings)


def _profile(nic: Nic, settings: Mapping[str, str], before: Mapping[str, str]) -> Step:
    pairs = [word for pair in settings.items() for word in pair]
    old = [word for key in settings for word in (key, before.get(key, "").strip())]
    return Step(
        name=f"{nic.name} after a reboot (NetworkManager)",
        do=sh("nm_modify", nic.name, *pairs),
        undo=sh("nm_modify", nic.name, *old),
        timeout=60,
    )


def _config(ask: Ask[Any], nic: Nic) -> persistence.InterfaceConfig:
    return ask.facts.get(f"keeping {nic.name}") or persistence.InterfaceConfig("none", {})


# Status and preflight


def _state(ask: Ask[Any]) -> NicsState:
    return ask.facts.get("nics") or NicsState("unknown", "not known")


def described(ask: Ask[Any]) -> Iterator[tuple[str, str, bool]]:
    """For status: a field, what it says, and whether it is as the site wants it."""
    if of_host(ask):
        yield "interfaces", _state(ask).reason, _state(ask).word == "ok"
    elif ask.facts.get("nics made"):
        yield "interfaces", "ours, and the site has none: inv perfsonar.up takes that back", False


def checks(ask: Ask[Any]) -> Iterator[Check]:
    if of_host(ask):
        yield _routes(_state(ask))
        yield _lasts(ask)


def _routes(state: NicsState) -> Check:
    return Check(
        name="interfaces",
        ok=state.word == "ok" or state.mends,
        wanted="the addresses of perfsonar.nics on their interfaces, and no other default route",
        found=f"{state.reason}; up makes it so" if state.mends else state.reason,
        why="what comes to an address has to leave from where it came",
        remedy="check perfsonar.nics in the site against: ip addr; ip route",
    )


def _lasts(ask: Ask[Any]) -> Check:
    keepers = {nic.name: _config(ask, nic).keeper for nic in of_host(ask)}
    lost = [name for name, keeper in keepers.items() if keeper == "none"]
    return Check(
        name="interfaces after a reboot",
        ok=not lost,
        wanted="networkd, NetworkManager or ifupdown keeps them",
        found=f"none of them keeps {', '.join(lost)}"
        if lost
        else ", ".join(dict.fromkeys(keepers.values())),
        why="up writes their routes and rules into its files",
        remedy="inv perfsonar.up after each reboot",
        blocks=False,
    )
