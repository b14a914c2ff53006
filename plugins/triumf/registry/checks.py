"""Preflight of the registry."""

from collections.abc import Iterator
from typing import Any

from fairlead.api import Ask, Check
from fairlead.api import checks as preflight

from ..common import firewall
from ..common.facts import FileSystem
from ..sections.registry import Registry
from . import container, serving

PROGRAMS = ("docker-registry", "registry", "docker-registr")  # the kernel keeps 15 letters
LEAST_ROOM = 1024  # MiB


def checks(ask: Ask[Any]) -> Iterator[Check]:
    registry = ask.section.registry
    yield from container.checks(ask)
    yield _address(ask)
    if not registry.tls.certificate_secret:
        yield _certificate(ask)
    if not registry.tls.key_secret:
        yield _key(ask)
    yield _port(ask)
    yield _firewall(ask)
    yield _room(registry, ask.facts.get("mount"))


def _address(ask: Ask[Any]) -> Check:
    address = serving.address(ask)
    return Check(
        name="address",
        ok=bool(address),
        wanted=f"an address for {ask.section.registry.name}",
        found=address or "none",
        why="it listens there, and nowhere else",
        remedy="enter the name in DNS, or give registry.address",
    )


def _certificate(ask: Ask[Any]) -> Check:
    registry, certificate = ask.section.registry, serving.certificate(ask)
    tls = registry.tls
    authority = tls.ca or "an authority that clients know"
    return Check(
        name="certificate",
        ok=not certificate.fault,
        wanted=f"{tls.certificate}, for {registry.name}, signed by {authority}",
        found=certificate.fault or f"good for {certificate.days(ask.host.time)} days",
        why="no engine talks to a registry that it cannot check",
        remedy="have one issued for this name, or name the secrets that hold it "
        "(certificate_secret, key_secret, ca_secret)",
    )


def _key(ask: Ask[Any]) -> Check:
    user, readable = serving.layout(ask).user, ask.facts.get("key", "none")
    is_readable = readable == "yes" or (readable == "no" and user == "root")
    words = "it may" if is_readable else "it may not"
    return Check(
        name="key",
        ok=is_readable,
        wanted=f"{ask.section.registry.tls.key}, which {user} may read",
        found=words if readable in ("yes", "no") else "not there",
        why="the registry's service reads it",
        remedy=f"setfacl -m u:{user}:r {ask.section.registry.tls.key}, or key_secret",
    )


def _port(ask: Ask[Any]) -> Check:
    port, sockets = ask.section.registry.port, ask.facts.get("sockets") or ()
    ours = ask.facts.get("pids") or frozenset()
    holders = (s for s in sockets if s.protocol == "tcp" and s.port == port and s.process)
    other = next((s for s in holders if s.process not in PROGRAMS and s.pid not in ours), None)
    return Check(
        name="port",
        ok=not other,
        wanted=f"{port}/tcp free, or the registry's already",
        found=f"held by {other.process} (pid {other.pid})" if other else "free, or its own",
        why="the registry listens there",
        remedy=f"stop {preflight.stoppable(other.process)}, or give registry.port another"
        if other
        else "",
    )


def _firewall(ask: Ask[Any]) -> Check:
    why = "engines pull and push there"
    ports = f"{ask.section.registry.port}/tcp"
    return firewall.check("listens", ports, ask.facts.get("closed"), why)


def _room(registry: Registry, file_system: FileSystem | None) -> Check:
    return Check(
        name="room",
        ok=file_system is not None and file_system.free >= LEAST_ROOM,
        wanted=f"1 GiB free at {registry.root}",
        found=f"{file_system.free} MiB" if file_system else "not known",
        why="a push that finds no room fails in the middle",
        remedy="make room: inv triumf.registry.gc, or a larger file system there",
        blocks=False,
    )
