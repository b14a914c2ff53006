"""What the manager's verbs want to know of the host."""

import re
from collections.abc import Iterator
from typing import Any

from fairlead.api import (
    Argv,
    Ask,
    Fact,
    boot,
    bridge,
    checks,
    docker,
    leftovers,
    lifecycle,
    looks_ahead,
    persistence,
    port_checks,
    script,
    veth,
)
from fairlead.api import facts as engine_facts

from . import commands, preview, recipe
from .checks import Loops
from .site import XCat

LIGHT = frozenset({"exec", "logs", "attach"})  # they need no more than the container's name
APPARMOR = "cat /sys/module/apparmor/parameters/enabled 2>/dev/null || echo N"

sh = script.beside(__file__)


def facts(ask: Ask[Any]) -> Iterator[Fact]:
    if ask.verb in LIGHT:
        return
    site, c = ask.section, commands.manager(ask)
    yield from engine_facts.engine_facts(c.engine)
    if ask.verb in leftovers.VERBS:
        yield from leftovers.facts(c, ask)
        return
    yield from lifecycle.facts(c, ask)
    yield Fact("apparmor", ("sh", "-c", APPARMOR), lambda code, text: text.strip() == "Y")
    if site.network != "host":
        yield commands.bridged(ask)
        yield persistence.fact(site.bridge.name, site.bridge.interface)
    if site.network == "bare":
        yield veth.fact(ask)
    if looks_ahead(ask):
        yield from _of_preflight(preview.of(ask))
        yield from preview.facts(ask, c)
    elif ask.verb == "preflight":
        yield from _of_preflight(ask)
    if ask.verb == "status":
        yield Fact("answers", sh("answers", site.own), lambda code, text: code == 0, timeout=15)
        yield Fact("nodes", docker.inside(c, *sh("node_count")), nodes, timeout=20)


def _of_preflight(ask: Ask[Any]) -> Iterator[Fact]:
    site: XCat = ask.section
    yield checks.room_fact(site.engine)
    yield from boot.facts(site.engine, site.name)
    yield Fact("loops", sh("loop_devices", str(site.loop_devices)), loops)
    yield from recipe.facts(site) if site.recipe else (_architecture(ask),)
    if site.network == "host":
        yield checks.sockets_fact()
        yield checks.pids_fact(site.engine, site.name)
        yield Fact("addresses", ("ip", "-4", "-o", "addr", "show", "scope", "global"), addresses)
    else:
        yield Fact("taken", _is_taken(site), taken, timeout=15)
        yield port_checks.fact(site.bridge.name, site.bridge.interface)


def _architecture(ask: Ask[Any]) -> Fact:
    return Fact(
        "image",
        sh("architecture", ask.section.engine, commands.image(ask)),
        lambda code, text: text.strip() if code == 0 else "",
    )


def _is_taken(site: XCat) -> Argv:
    """The core's question, of the bridge or of the port that is to be in it."""
    program = bridge.TAKEN + sh.text("address_is_taken")
    return ("sh", "-c", program, "taken", site.bridge.name, site.bridge.interface, site.own)


def loops(code: int, text: str) -> Loops:
    words = text.split()
    return Loops("free" in words, tuple(int(word) for word in words if word.isdigit()))


def taken(code: int, text: str) -> bool | None:
    """Does somebody have the address? None: it could not be asked."""
    return {"taken": True, "free": False}.get(text.strip())


def nodes(code: int, text: str) -> int | None:
    """How many node definitions; None where xcatd did not say."""
    return int(text) if code == 0 and text.strip().isdigit() else None


def addresses(code: int, text: str) -> tuple[str, ...]:
    """ADDRESS/BITS of every interface."""
    return tuple(re.findall(r" inet ([0-9./]+)", text)) if code == 0 else ()
