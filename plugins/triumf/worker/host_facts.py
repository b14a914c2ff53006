"""What the verbs of workers want to know of their engine."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from fairlead.api import Ask, Fact, adoption, boot, checks, leftovers, script, state
from fairlead.api import facts as engine_facts

from ..common import firewall
from ..places import Place, places
from ..sections.worker import Worker
from ..site import Triumf
from . import condor, containers, options, tokens

sh = script.beside(__file__)

# Engine -> what it says of SELinux
SECURITY = {
    "docker": ("docker", "info", "--format", "{{json .SecurityOptions}}"),
    "podman": ("podman", "info", "--format", "{{.Host.Security.SELinuxEnabled}}"),
}

Crl = tuple[str, float]  # file, until when it is good: seconds since the epoch, 0 if not known


def facts(ask: Ask[Any]) -> Iterator[Fact]:
    """`container`, `condor`, `uplink`, `uplink6`; for status also `called`, for du and prune
    `leftovers`, for preflight those of `_preflight`."""
    section: Triumf = ask.section
    here = places(section, ask.target.host)
    if ask.verb in state.WITHOUT_FACTS or not here:
        return
    names = tuple(place.name for place in here)
    engine = section.worker.engine if section.worker else "docker"
    yield from engine_facts.engine_facts(engine)
    yield from _containers(engine, names, ask)
    yield condor.fact(engine, names)
    if ask.verb in leftovers.VERBS:
        first, *others = containers.containers(ask)
        yield from leftovers.facts(first, ask, *others)
    if section.is_fixed(ask.target.host):
        yield containers.uplink_fact(section)
        if section.engine.ranges6.get(ask.target.host):
            yield containers.uplink6_fact(section)
    if ask.verb == "status" and section.worker and not section.worker.is_published:
        yield tokens.called_fact(engine, names)
    if ask.verb == "preflight":
        yield from _preflight(section, here)


def _containers(engine: str, names: tuple[str, ...], ask: Ask[Any]) -> Iterator[Fact]:
    """`container`: those of these names, with what an upgrade keeps beside them; `kept`, `details`:
    what goes with one, and what does not."""
    yield state.containers_fact(engine, state.names(*names))
    yield from adoption.facts(engine, state.names(*names), state.FORMAT, ask)


def _preflight(section: Triumf, here: tuple[Place, ...]) -> Iterator[Fact]:
    """`absent`, `confined`, `cvmfs`, `homes`, `users`, `crls`, `published`, `sockets`, `dns`,
    `closed`, `dns6`, and those of `_options`."""
    worker = section.worker
    assert worker
    names = tuple(place.name for place in here)
    yield Fact("absent", sh("absent", *worker.mounts, *options.device_files(worker)), absent)
    yield Fact("confined", SECURITY[worker.engine], confined)
    yield from _options(worker)
    yield Fact("cvmfs", sh("cvmfs"), cvmfs)
    yield Fact("homes", sh("homes"), homes)
    yield Fact("users", sh("users", worker.engine, *names), users)
    yield Fact("crls", sh("crls"), crls, timeout=60)
    yield Fact("published", sh("published", worker.engine, *names), published)
    yield from boot.facts(worker.engine, *names)
    yield checks.sockets_fact()
    hostnames = [place.hostname for place in here]
    yield Fact("dns", sh("dns", *hostnames), dns, timeout=30)
    if worker.is_published:
        yield firewall.fact("published", "", [place.port for place in here])
    if section.engine.ipv6:
        yield Fact("dns6", sh("dns6", *hostnames), dns, timeout=30)


def _options(worker: Worker) -> Iterator[Fact]:
    """`userns`, `propagation`, where the site has options that need it."""
    if worker.security_opt:
        yield Fact("userns", sh("userns"), userns)
    if worker.propagation:
        yield Fact("propagation", sh("propagation", *worker.propagation), propagation)


def userns(code: int, text: str) -> tuple[str, ...] | None:
    """The settings that forbid user namespaces: NAME = VALUE; None: not known."""
    return None if code else tuple(line.replace(" ", " = ") for line in text.splitlines())


def propagation(code: int, text: str) -> Mapping[str, str]:
    """Path -> the propagation of the mount that it lies in: private, shared, shared,slave ..."""
    rows = (line.split() for line in text.splitlines())
    return {row[0]: row[1] for row in rows if len(row) == 2 and row[1] != "-"}


def confined(code: int, text: str) -> bool:
    """Does the engine confine containers by SELinux?"""
    return "name=selinux" in text or text.strip() == "true"


def absent(code: int, text: str) -> tuple[str, ...]:
    """Paths that are not there."""
    return tuple(text.splitlines())


def cvmfs(code: int, text: str) -> tuple[tuple[str, ...], ...]:
    """(type, options) of each mount of /cvmfs or below."""
    return tuple(tuple(line.split(" ", 1)) for line in text.splitlines())


def homes(code: int, text: str) -> Mapping[str, int]:
    """Folder of /home -> uid."""
    rows = (line.rsplit(" ", 1) for line in text.splitlines())
    return {row[0]: int(row[1]) for row in rows if len(row) == 2 and row[1].isdigit()}


def users(code: int, text: str) -> Mapping[str, int] | None:
    """Name -> uid inside a worker; None: there is no worker yet."""
    return None if code else passwd(text.splitlines())


def passwd(lines: Iterable[str]) -> Mapping[str, int]:
    """Name -> uid, of lines of a passwd file."""
    rows = (line.split(":") for line in lines)
    return {row[0]: int(row[2]) for row in rows if len(row) > 2 and row[2].isdigit()}


def crls(code: int, text: str) -> tuple[Crl, ...] | None:
    """What there is; None: nobody can read them, as openssl is not there."""
    return None if code else tuple(_crl(line) for line in text.splitlines())


def _crl(line: str) -> Crl:
    name, _, date = line.partition(" ")
    try:
        until = datetime.strptime(date, "nextUpdate=%b %d %H:%M:%S %Y GMT")
    except ValueError:
        return name, 0
    return name, until.replace(tzinfo=UTC).timestamp()


def published(code: int, text: str) -> Mapping[int, str]:
    """Port of the host -> the container that has it."""
    rows = (line.partition(" ") for line in text.splitlines())
    return {int(port): name for name, _, ports in rows for port in re.findall(r":(\d+)->", ports)}


def dns(code: int, text: str) -> Mapping[str, tuple[str, str]]:
    """Name -> its address, and the name that this has; "" for nothing."""
    rows = (line.replace(" -", " ").split(" ") for line in text.splitlines())
    return {row[0]: (row[1], row[2]) for row in rows if len(row) == 3}
