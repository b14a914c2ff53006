"""`inv triumf.worker.VERB`: condor's workers, one container each, as many on an engine as the site says."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from fairlead.commands import network, service, steps
from fairlead.commands import upgrade as upgrades
from fairlead.commands.docker import SPEC, Container, spec
from fairlead.commands.standing import standing
from fairlead.errors import CommandLineError
from fairlead.hookspecs import Steps, hookimpl, verb
from fairlead.plan import Ask, Check, Fact, Phase, SecretSpec, Session, Status, Step, either
from fairlead.values import text

from . import signing, worker_checks, workers

Name = Annotated[str, text(r"(?:[A-Za-z0-9][A-Za-z0-9_.-]{1,62})?", "a worker of the site", "vn0317")]
File = Annotated[str, text(r"(?:[A-Za-z0-9][A-Za-z0-9_.-]{0,62})?", "one of condor's logs", "MasterLog, StartLog or StarterLog.slot1")]


class Which(msgspec.Struct, frozen=True):
    worker: Annotated[Name, Meta(description="this one alone; default: all of the host")] = ""


class Down(Which, frozen=True):
    now: Annotated[bool, Meta(description="do not wait for jobs: they are lost")] = False


class Logs(Which, frozen=True):
    follow: Annotated[bool, Meta(description="go on until Ctrl-C")] = False
    tail: Annotated[int, Meta(ge=0, description="how many lines from the end")] = 100
    file: Annotated[File, Meta(description="one of condor's own logs; default: what the container has said")] = ""


@hookimpl
def facts(ask: Ask) -> Iterator[Fact]:
    if ask.verb in ("exec", "logs", "drain", "resume"):
        return
    names = workers.names(ask)
    if ask.verb == "preflight":
        yield from worker_checks.facts(ask)
    if names:
        yield workers.standing_fact(names)
    if names and ask.verb == "status":
        yield workers.seen_fact(names)
    if ask.section.worker.fixed:
        yield workers.bridge_fact(ask.section)


@hookimpl
def needs(ask: Ask) -> Iterable[SecretSpec]:
    """The key that signatures have to match, where the site wants them."""
    return signing.needs(ask) if ask.verb in ("up", "upgrade", "secrets") else ()


@hookimpl
def preflight(ask: Ask) -> Iterator[Check]:
    """What a worker needs of its engine: what it lends, cvmfs that stays mounted, uids, CRLs, ports, names in DNS."""
    return worker_checks.checks(ask)


@hookimpl
def up(ask: Ask) -> Steps:
    """Start the workers as the site says; one that has to change is drained first, and comes back where the new one is not healthy."""
    found = [workers.worker(ask, name) for name in workers.names(ask)]
    if not found:
        return []
    own = (network.there(workers.network(ask)),) if ask.section.worker.fixed else ()
    return [*own, steps.image(found[0]), *_checked(ask), *(step for c in found for step in _up(c, ask))]


@hookimpl
def secrets(ask: Ask) -> Steps:
    """The key of signatures is asked for whenever a worker starts, and left nowhere."""
    return []


@hookimpl
def down(ask: Ask[Down]) -> Steps:
    """Drain the workers, stop them and take them away; their logs stay."""
    given = ask.options or Down()
    names = _chosen(ask, given.worker)
    off = () if given.now else workers.drain(ask, names)
    gone = (network.gone(workers.network(ask)),) if ask.section.worker.fixed and set(names) == set(workers.names(ask)) else ()
    return [*off, *(step for name in names for step in _of(name, service.down(workers.worker(ask, name), ask))), *gone]


@hookimpl
def restart(ask: Ask[Down]) -> Steps:
    """Drain each worker, stop it and start it, one after the other."""
    given = ask.options or Down()
    return [step for name in _chosen(ask, given.worker) for step in _restart(ask, name, given.now)]


@hookimpl
def upgrade(ask: Ask) -> Steps:
    """Bring the newest image into service: pulled everywhere first; then worker by worker drained and replaced, until one is not healthy."""
    found = [workers.worker(ask, name) for name in workers.names(ask)]
    if not found:
        return []
    pulled = upgrades.upgrade(found[0], ask)[:-1]
    signature = tuple(_checked(ask))
    return [*pulled, *((Phase("signature", signature),) if signature else ()), *(_replaced(n, c, ask) for n, c in enumerate(found, 1))]


@hookimpl
def rollback(ask: Ask) -> Steps:
    """Return to the image before the last upgrade, worker by worker, each drained first."""
    found = [workers.worker(ask, name) for name in workers.names(ask)]
    return [
        Phase(f"return worker {number}", (*workers.drain(ask, (c.name,)), *_of(c.name, upgrades.rollback(c, ask)[-1].steps)), rolling=True)
        for number, c in enumerate(found, 1)
    ]


@hookimpl
def status(ask: Ask) -> Status:
    """Each worker: its container, whether condor_master lives and takes jobs, how many run, its port, its address, the name it has given itself."""
    seen, names = ask.facts.get("seen") or {}, workers.names(ask)
    rows = [_row(ask, name, seen.get(name)) for name in names]
    return Status(all(name in seen and seen[name].master for name in names), (("image", workers.reference(ask.section)), ("workers", rows)))


@hookimpl
def logs(ask: Ask[Logs]) -> Session | None:
    """What a worker has said, or with --file one of condor's own logs."""
    given = ask.options or Logs()
    name = _one(ask, given.worker)
    if not name:
        return None
    if given.file:
        path = f"{ask.section.worker.logs}/{name}/{given.file}"
        return Session(("tail", "-n", str(given.tail), *(("-F",) if given.follow else ()), path), follow=given.follow)
    return service.logs(workers.worker(ask, name), str(given.tail), given.follow)


@hookimpl
def exec(ask: Ask[Which]) -> Session | None:
    """A shell in a worker, or the words after --, such as `-- condor_who`."""
    name = _one(ask, ask.options.worker if ask.options else "")
    return service.session(workers.worker(ask, name), ask.argv) if name else None


@verb
def drain(ask: Ask[Which]) -> Steps:
    """Let running jobs end and no new ones begin (condor_off -peaceful), and wait for it; the containers stay up."""
    return [*workers.drain(ask, _chosen(ask, ask.options.worker if ask.options else ""))]


@verb
def resume(ask: Ask[Which]) -> Steps:
    """Let workers that were drained take jobs again (condor_on)."""
    names = _chosen(ask, ask.options.worker if ask.options else "")
    return [workers.resume(names)] if names else []


def _up(c: Container, ask: Ask[Any]) -> Iterator[Step]:
    """The image is there already."""
    there = standing(c, ask)
    if there and not (there.ours and there.labels.get(SPEC) == spec(c)):
        yield from workers.drain(ask, (c.name,))
    yield from _of(c.name, service.up(c, ask)[1:])


def _checked(ask: Ask[Any]) -> Iterator[Step]:
    """No worker starts from an image whose signature does not match."""
    return signing.checked(ask, workers.reference(ask.section))


def _replaced(number: int, c: Container, ask: Ask[Any]) -> Phase:
    """A change of its own: the workers before it stay in service, whatever becomes of it."""
    words = (workers.COUNT, c.name)
    idle = either(upgrades.current(c), ("sh", "-c", workers.DRAINED, "drained", *words))
    return Phase(f"worker {number}", (*workers.drain(ask, (c.name,), idle), *_of(c.name, upgrades.upgrade(c, ask)[-1].steps)), rolling=True)


def _restart(ask: Ask[Any], name: str, now: bool) -> Iterator[Step]:
    yield from () if now else workers.drain(ask, (name,))
    yield from _of(name, service.restart(workers.worker(ask, name), ask))


def _of(name: str, found: Iterable[Step]) -> Iterator[Step]:
    """Steps with the worker's name before their own."""
    return (replace(step, name=f"{name}: {step.name}") for step in found)


def _chosen(ask: Ask[Any], one: str) -> tuple[str, ...]:
    """The workers of this host, or that one where it is here. Raises CommandLineError."""
    known = [name for names in ask.section.worker.names.values() for name in names]
    if one and one not in known:
        raise CommandLineError("--worker", f"the site has no worker {one}", f"it has {', '.join(known)}")
    return tuple(name for name in workers.names(ask) if one in ("", name))


def _one(ask: Ask[Any], one: str) -> str:
    """The worker that is meant; "" where it is on another host. Raises CommandLineError."""
    found = _chosen(ask, one)
    if len(found) > 1:
        raise CommandLineError("--worker", f"{ask.target.host} has {', '.join(found)}", f"name one: --worker={found[0]}")
    return found[0] if found else ""


def _row(ask: Ask[Any], name: str, seen: workers.Seen | None) -> dict[str, Any]:
    there = standing(workers.worker(ask, name), ask)
    master = ("takes jobs" if seen.startd else "drained") if seen and seen.master else "dead"
    return {
        "worker": name,
        "container": there.state if there else "none",
        "condor": master if seen else "",
        "jobs": seen.jobs if seen else "",
        "port": workers.port(ask.section, ask.target.host, name),
        "address": seen.address if seen else workers.address(ask.section, ask.target.host, name),
        "hostname": seen.hostname if seen else "",
    }
