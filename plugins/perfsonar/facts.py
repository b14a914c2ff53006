"""What a test point's verbs want to know of the host."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.api import (
    Ask,
    Container,
    Fact,
    boot,
    checks,
    leftovers,
    lifecycle,
    looks_ahead,
    script,
)
from fairlead.api import facts as probes

from . import advice, health, host, host_checks, osg, watchdog
from .commands import testpoint
from .remotes import listing

# these verbs need no more than the container's name
LIGHT = frozenset({"exec", "logs", "troubleshoot", "throughput", "list", "add", "delete"})

sh = script.beside(__file__)


def facts(ask: Ask[Any]) -> Iterator[Fact]:
    if ask.verb in LIGHT:
        return
    c = testpoint(ask)
    if ask.verb in leftovers.VERBS:
        yield from leftovers.facts(c, ask)
        return
    yield from probes.engine_facts(c.engine)
    for fact in lifecycle.facts(c, ask):
        yield health.with_words(fact) if fact.name == "healthy" else fact
    yield from osg.facts(ask)
    if ask.verb in ("up", "down", "status"):
        yield watchdog.fact(c)
    yield from host.facts(c, ask)
    if not ask.section.image:
        words = (ask.section.state, ask.section.engine)
        yield Fact("images", sh("repositories", *words), lambda code, text: tuple(text.split()))
    yield Fact("name", sh("host_name", ask.section.hostname), _name)
    if ask.verb == "status" or (ask.verb == "up" and ask.section.psconfig_only):
        yield Fact("remotes", listing(c), remotes, timeout=20)
    if ask.verb == "preflight" and looks_ahead(ask):
        yield checks.room_fact(c.engine)
        yield from advice.facts(c, ask)
    elif ask.verb == "preflight":
        yield from _of_preflight(c)
        yield from host_checks.facts(ask)
    if ask.verb == "status":
        yield from _of_status(c)


def _of_preflight(c: Container) -> Iterator[Fact]:
    yield checks.clock_fact()
    yield checks.sockets_fact()
    yield checks.pids_fact(c.engine, c.name)
    yield checks.room_fact(c.engine)
    yield from boot.facts(c.engine, c.name)
    yield checks.ipv6_fact()


def _of_status(c: Container) -> Iterator[Fact]:
    yield from probes.core("host")  # for the age of an image
    yield Fact("image", sh("image", c.engine, c.name), _image)
    yield health.metrics_fact(c)


def _name(code: int, text: str) -> Mapping[str, Any]:
    resolves, address, full = ([line.strip() for line in text.splitlines()] + [""] * 3)[:3]
    return {"resolves": resolves == "yes", "address": address or "127.0.0.1", "full": full}


def _image(code: int, text: str) -> Mapping[str, str]:
    """id, created (RFC 3339) and digest of the image that runs; empty where none does."""
    parts = text.strip().split(" ", 2)
    if code or len(parts) < 3 or not parts[2].startswith(("[", "null")):
        return {}
    digests = json.loads(parts[2]) or [""]
    return {"id": parts[0], "created": parts[1].strip('"'), "digest": digests[0].partition("@")[2]}


def remotes(code: int, text: str) -> tuple[str, ...] | None:
    """The URLs of `psconfig remote list`; None where it could not be asked."""
    return None if code else tuple(dict.fromkeys(re.findall(r'"url"\s*:\s*"([^"]+)"', text)))
