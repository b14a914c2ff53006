"""Preflight of an engine for workers. The reasons are the document's."""

import re
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address
from typing import Any

from fairlead.api import Ask, Check, boot, docker_network, limits
from fairlead.api import checks as preflight

from ..common import firewall
from ..places import Place, places
from . import containers, ipv6_checks, option_checks, tokens
from .condor import Condor
from .host_facts import Crl, passwd

SHOWN = 3  # of many


def checks(ask: Ask[Any]) -> Iterator[Check]:
    mounts = ask.section.worker.mounts
    yield from _of_engine(ask)
    yield _mounts(ask, _absent(ask))
    if "/cvmfs" in mounts:
        yield _cvmfs(ask.facts.get("cvmfs") or ())
    if "/home" in mounts:
        yield _homes(ask)
    if "/etc/grid-security" in mounts:
        yield _crls(ask.facts.get("crls"), ask.host.time)
    yield from _promises(ask)
    yield from option_checks.checks(ask)
    yield from tokens.checks(ask)
    yield from ipv6_checks.checks(ask)
    here = places(ask.section, ask.target.host)
    if ask.section.worker.is_published and here:
        yield _firewall(ask, here)
    for place in here:
        if place.port:
            yield _port(ask, place)
        yield _dns(ask, place)
        if ask.section.engine.ipv6:
            yield _dns6(ask, place)


def _of_engine(ask: Ask[Any]) -> Iterator[Check]:
    """It answers, starts workers at boot, can limit them as the site says, and give them addresses
    of their own."""
    worker, workers = ask.section.worker, containers.containers(ask)
    engine = worker.engine
    yield preflight.engine(ask, engine) if engine == "podman" else _docker(ask)
    if workers:
        yield from limits.check(ask, engine, workers[0].options)
    yield from boot.check(ask, engine, *(c.name for c in workers))
    if engine == "podman" and ask.section.is_fixed(ask.target.host):
        yield docker_network.check(ask, engine, containers.UNFIXED)


def _docker(ask: Ask[Any]) -> Check:
    is_docker = ask.engine.name == "docker" and not ask.engine.error
    fault = ask.engine.error or "This is not a docker server"
    return Check(
        name="engine",
        ok=is_docker,
        wanted="Docker that answers",
        found=f"docker {ask.engine.server}" if is_docker else fault,
        why="workers are its containers",
        remedy=f"inv triumf.engine.up --host={ask.target.host}, or see journalctl -u docker",
    )


def _absent(ask: Ask[Any]) -> tuple[str, ...]:
    """Those of the mounts that are not there."""
    mounts = ask.section.worker.mounts
    return tuple(path for path in ask.facts.get("absent") or () if path in mounts)


# What an engine makes of a mount that is not there
ABSENT = {
    "docker": "of what is not there Docker makes an empty folder, and jobs that want it fail there",
    "podman": "Podman starts no container with a mount that is not there",
}


def _mounts(ask: Ask[Any], absent: tuple[str, ...]) -> Check:
    first = absent[0] if absent else "it"
    return Check(
        name="mounts",
        ok=not absent,
        wanted="every folder and file of worker.mounts",
        found=f"{', '.join(absent)}: not there" if absent else "all there",
        why=ABSENT[ask.section.worker.engine],
        remedy=f"bring {first} to {ask.target.host}, or take it out of worker.mounts",
    )


def _cvmfs(mounts: Iterable[tuple[str, str]]) -> Check:
    """`mounts`: (type, options) of each mount there."""
    state = _cvmfs_state(tuple(mounts))
    return Check(
        name="cvmfs",
        ok=state in ("automounted, trees stay", "mounted"),
        wanted="/cvmfs mounted, and never unmounted",
        found=state,
        why="a tree that the engine unmounts is gone inside, "
        "and one that it mounts anew does not come back there",
        remedy="/cvmfs /etc/auto.cvmfs --timeout 0 in /etc/auto.master, "
        "then systemctl restart autofs",
    )


def _cvmfs_state(mounts: tuple[tuple[str, str], ...]) -> str:
    """How /cvmfs is mounted, in words."""
    autofs = [options for kind, options in mounts if kind == "autofs"]
    if any(re.search(r"\btimeout=0\b", options) for options in autofs):
        return "automounted, trees stay"
    if autofs:
        return "automounted, trees go after a time"
    return "mounted" if mounts else "not mounted"


def _homes(ask: Ask[Any]) -> Check:
    homes: Mapping[str, int] = ask.facts.get("homes") or {}
    inside = _users_inside(ask)
    wrong = _other_uids(homes, inside or {})
    state = f"{len(homes)} folders, none of another uid"
    if inside is None:
        state = "not known before the first worker stands"
    remedy = "inv triumf.worker.preflight again after up"
    if wrong:
        remedy = "the same numbers in the image (recipes.passwd) and on the engine"
    return Check(
        name="users of /home",
        ok=inside is not None and not wrong,
        wanted="uids as in the image",
        found=_first_of(wrong) if wrong else state,
        why="jobs write there as users of the image",
        remedy=remedy,
        blocks=bool(wrong),
    )


def _other_uids(homes: Mapping[str, int], inside: Mapping[str, int]) -> list[str]:
    """The folders whose owner has another uid inside, in words."""
    return [
        f"{name} is {uid} here and {inside[name]} inside"
        for name, uid in homes.items()
        if inside.get(name, uid) != uid
    ]


def _first_of(items: list[str]) -> str:
    words = ", ".join(items[:SHOWN])
    return f"{words} and {len(items) - SHOWN} more" if len(items) > SHOWN else words


def _users_inside(ask: Ask[Any]) -> Mapping[str, int] | None:
    """The users of the image: as a worker has them, else as its recipe says; None: not known."""
    users = ask.facts.get("users")
    if users:
        return users
    section = ask.section
    recipe = section.image.recipes.get(section.worker.image) if section.image else None
    return passwd(recipe.passwd) if recipe and recipe.passwd else None


def _crls(crls: tuple[Crl, ...] | None, now: float) -> Check:
    old = [name for name, until in crls or () if until < now]
    remedy = "fetch-crl, and its timer or cron job"
    if crls is None:
        remedy = "install the package openssl"
    return Check(
        name="CRLs",
        ok=bool(crls) and not old,
        wanted="CRLs of the grid's authorities, none too old",
        found=_crl_state(crls, old),
        why="the engine manages them for its workers; "
        "with one too old, all certificates of that authority are refused",
        remedy=remedy,
        blocks=bool(crls) and len(old) == len(crls or ()),
    )


def _crl_state(crls: tuple[Crl, ...] | None, old: list[str]) -> str:
    """The CRLs in words."""
    if crls is None:
        return "not known: openssl is not there"
    if not crls:
        return "none in /etc/grid-security/certificates"
    words = f"{len(crls)} CRLs"
    if not old:
        return words
    more = " ..." if len(old) > SHOWN else ""
    return f"{words}, {len(old)} too old: {', '.join(old[:SHOWN])}{more}"


def _promises(ask: Ask[Any]) -> Iterator[Check]:
    """How long workers that run let jobs go on when they drain."""
    workers: Mapping[str, Condor] = ask.facts.get("condor") or {}
    promises = [(slot.promise, name) for name, c in workers.items() for slot in c.slots]
    if promises:
        (seconds, name), wanted = min(promises), ask.section.worker.drain
        yield Check(
            name="time of jobs",
            ok=seconds > wanted,
            wanted=f"MAXJOBRETIREMENTTIME of more than the {wanted} s of worker.drain",
            found=f"{seconds} s in {name}",
            why="a job that has run for longer is ended at once where its worker drains, so that "
            "down, restart, upgrade and drain are refused while it runs",
            remedy="MAXJOBRETIREMENTTIME in a file of the image below /etc/condor/config.d: the "
            "length of jobs and worker.drain together",
            blocks=False,
        )


def _port(ask: Ask[Any], place: Place) -> Check:
    container = (ask.facts.get("published") or {}).get(place.port, "")
    holder = f"the container {container}" if container else _process_at(ask, place.port)
    return Check(
        name=f"port of {place.name}",
        ok=container == place.name or not holder,
        wanted=f"{place.port} free",
        found=f"held by {holder}" if holder else "free",
        why="condor's shared port is reached by it",
        remedy=f"stop {holder or 'what holds it'}, or another worker.first_port",
    )


def _firewall(ask: Ask[Any], here: tuple[Place, ...]) -> Check:
    first, last = here[0].port, here[-1].port
    ports = f"{first}/tcp" if first == last else f"{first} to {last}/tcp"
    why = "the pool calls workers there"
    return firewall.check("published", ports, ask.facts.get("closed"), why)


def _process_at(ask: Ask[Any], port: int) -> str:
    """The process of the host that listens there, in words; "" for none."""
    sockets = ask.facts.get("sockets") or ()
    listening = (s for s in sockets if s.port == port and s.protocol == "tcp")
    socket = next(listening, None)
    return f"{socket.process or 'a process'} (pid {socket.pid})" if socket else ""


def _dns(ask: Ask[Any], place: Place) -> Check:
    address, back = (ask.facts.get("dns") or {}).get(place.hostname, ("", ""))
    name = back.rstrip(".")
    is_named = bool(address) and name in (place.hostname, place.name)
    remedy = f"enter {place.hostname} with {place.address or 'an address'} in DNS, both ways"
    if place.address:
        remedy += "; addresses go by the order of names"
    return Check(
        name=f"DNS of {place.name}",
        ok=is_named and place.address in ("", address),
        wanted=f"{place.hostname} and {place.address or 'its address'}, forward and reverse",
        found=_dns_state(address, name),
        why="a worker takes its host name from DNS, by its address",
        remedy=remedy,
        blocks=bool(place.address),
    )


def _dns6(ask: Ask[Any], place: Place) -> Check:
    address, back = (ask.facts.get("dns6") or {}).get(place.hostname, ("", ""))
    name = back.rstrip(".")
    own = place.address6
    is_own = bool(address) and (not own or ip_address(address) == ip_address(own))
    return Check(
        name=f"AAAA of {place.name}",
        ok=is_own and name in (place.hostname, place.name),
        wanted=f"{own or 'an IPv6 address'} of {place.hostname}, forward and reverse",
        found=_dns_state(address, name),
        why="engine.ipv6 gives containers IPv6, and who calls a worker by its name takes IPv4 "
        "alone where it has no AAAA",
        remedy=f"enter {place.hostname} with {own or 'its IPv6 address'} in DNS, both ways",
        blocks=bool(own),
    )


def _dns_state(address: str, name: str) -> str:
    """What DNS has, in words."""
    if name:
        return f"{address or 'no address'}, which is {name}"
    return f"{address}, which has no name" if address else "no address"
