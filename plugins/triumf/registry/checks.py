"""Preflight of the registry."""

from collections.abc import Iterator
from typing import Any

from fairlead.api import Ask, Check

from ..facts import Mount
from . import serving

PROGRAMS = ("docker-registry", "registry", "docker-registr")  # the kernel keeps 15 letters


def checks(ask: Ask[Any]) -> Iterator[Check]:
    registry = ask.section.registry
    yield _address(ask)
    if not registry.tls.certificate_secret:
        yield _certificate(ask)
    if not registry.tls.key_secret:
        yield _key(ask)
    yield _port(ask)
    yield _room(registry, ask.facts.get("mount"))


def _address(ask: Ask[Any]) -> Check:
    found = serving.address(ask)
    return Check(
        name="address",
        ok=bool(found),
        wanted=f"an IPv4 address for {ask.section.registry.name}",
        found=found or "none",
        why="it listens there, and nowhere else",
        remedy="enter the name in DNS, or give registry.address",
    )


def _certificate(ask: Ask[Any]) -> Check:
    tls, found = ask.section.registry.tls, serving.shown(ask)
    return Check(
        name="certificate",
        ok=not found.fault,
        wanted=f"{tls.certificate}, for {ask.section.registry.name}, signed by {tls.ca or 'an authority that clients know'}",
        found=found.fault or f"good for {found.days(serving.now(ask))} days",
        why="no engine talks to a registry that it cannot check",
        remedy="have one issued for this name, or name the secrets that hold it (certificate_secret, key_secret, ca_secret)",
    )


def _key(ask: Ask[Any]) -> Check:
    where, found = serving.place(ask), ask.facts.get("key", "none")
    readable = found == "yes" or (found == "no" and where.user == "root")
    return Check(
        name="key",
        ok=readable,
        wanted=f"{ask.section.registry.tls.key}, which {where.user} may read",
        found={"yes": "it may", "no": "it may" if readable else "it may not"}.get(
            found, "not there"
        ),
        why="the registry's service reads it",
        remedy=f"setfacl -m u:{where.user}:r {ask.section.registry.tls.key}, or key_secret",
    )


def _port(ask: Ask[Any]) -> Check:
    registry, held = ask.section.registry, ask.facts.get("sockets")
    others = [
        s
        for s in held or ()
        if s.protocol == "tcp"
        and s.port == registry.port
        and s.process
        and s.process not in PROGRAMS
    ]
    return Check(
        name="port",
        ok=not others,
        wanted=f"{registry.port}/tcp free, or the registry's already",
        found=f"held by {others[0].process} (pid {others[0].pid})"
        if others
        else "free, or its own",
        why="the registry listens there",
        remedy=f"stop {others[0].process}, or give registry.port another" if others else "",
    )


def _room(registry: Any, found: Mount | None) -> Check:
    return Check(
        name="room",
        ok=found is not None and found.free >= 1024,
        wanted=f"1 GiB free at {registry.root}",
        found=f"{found.free} MiB" if found else "not known",
        why="a push that finds no room fails in the middle",
        remedy="make room: inv triumf.registry.gc, or a larger file system there",
        blocks=False,
    )
