"""What the manager's verbs want to know of the host."""

import re
from collections.abc import Iterator
from typing import Any

from fairlead.api import Ask, Fact, Noun, bridge, checks, docker, lifecycle, persistence, veth

from . import commands

LIGHT = frozenset({"exec", "logs", "attach"})  # they need no more than the container's name
APPARMOR = "cat /sys/module/apparmor/parameters/enabled 2>/dev/null || echo N"
# NUMBER: which of /dev/loop0... are missing, and whether one is free
LOOPS = """losetup -f >/dev/null 2>&1 && echo free
i=0; while [ $i -lt "$1" ]; do [ -b /dev/loop$i ] || echo $i; i=$((i + 1)); done"""
# BRIDGE PORT ADDRESS
TAKEN = (
    bridge.TAKEN
    + r"""dev=$1; ip link show dev "$dev" >/dev/null 2>&1 || dev=$2
[ -z "$(ip -4 -o addr show to "$3/32")" ] || { echo taken; exit; }
taken "$dev" "$3" """
)
# ADDRESS: whoever is spoken to is in the kernel's own table
ANSWERS = r"""ping -c 1 -W 1 "$1" >/dev/null 2>&1 && exit 0
ip neigh flush to "$1" 2>/dev/null
bash -c 'echo >"/dev/udp/$1/9"' poke "$1" 2>/dev/null
sleep 0.5
ip neigh show to "$1" | grep -q lladdr"""
ARCHITECTURE = """[ -n "$("$1" image ls -q "$2")" ] || exit 0; "$1" image inspect --format '{{.Architecture}}' "$2" """


class Loops(Noun):
    """Loop devices: is one free, and which numbers have no node in /dev."""

    free: bool
    missing: tuple[int, ...]


def facts(ask: Ask[Any]) -> Iterator[Fact]:
    if ask.verb in LIGHT:
        return
    site, c = ask.section, commands.manager(ask)
    yield from lifecycle.facts(c, ask)
    yield Fact("apparmor", ("sh", "-c", APPARMOR), lambda code, text: text.strip() == "Y")
    if site.network != "host":
        yield commands.bridged(ask)
        yield persistence.fact(site.bridge.name, site.bridge.interface)
    if site.network == "bare":
        yield veth.fact(ask)
    if ask.verb == "preflight":
        yield from _of_preflight(ask)
    if ask.verb == "status":
        yield Fact(
            "answers",
            ("sh", "-c", ANSWERS, "answers", site.own),
            lambda code, text: code == 0,
            timeout=15,
        )
        yield Fact("nodes", docker.inside(c, *commands.COUNT), nodes, timeout=20)


def _of_preflight(ask: Ask[Any]) -> Iterator[Fact]:
    site, b = ask.section, ask.section.bridge
    yield checks.room_fact("docker")
    yield Fact("loops", ("sh", "-c", LOOPS, "loops", str(site.loop_devices)), loops)
    yield Fact(
        "image",
        ("sh", "-c", ARCHITECTURE, "image", "docker", commands.image(ask)),
        lambda code, text: text.strip() if code == 0 else "",
    )
    if site.network == "host":
        yield checks.sockets_fact()
        yield checks.pids_fact("docker", site.name)
        yield Fact("addresses", ("ip", "-4", "-o", "addr", "show", "scope", "global"), addresses)
    else:
        yield Fact(
            "taken", ("sh", "-c", TAKEN, "taken", b.name, b.interface, site.own), taken, timeout=15
        )


def loops(code: int, text: str) -> Loops:
    return Loops(
        "free" in text.split(), tuple(int(word) for word in text.split() if word.isdigit())
    )


def taken(code: int, text: str) -> bool | None:
    """Does somebody have the address? None: it could not be asked."""
    return {"taken": True, "free": False}.get(text.strip())


def nodes(code: int, text: str) -> int | None:
    """How many node definitions; None where xcatd did not say."""
    return int(text) if code == 0 and text.strip().isdigit() else None


def addresses(code: int, text: str) -> tuple[str, ...]:
    """ADDRESS/BITS of every interface."""
    return tuple(re.findall(r" inet ([0-9./]+)", text)) if code == 0 else ()
