"""`inv triumf.worker.VERB`: condor's workers, each a container."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from fairlead.api import (
    Ask,
    Check,
    Container,
    Fact,
    Phase,
    SecretSpec,
    Session,
    Status,
    Step,
    Steps,
    hookimpl,
    leftovers,
    lifecycle,
    looks_ahead,
    script,
    state,
    steps,
    verb,
)
from fairlead.api import upgrade as upgrades

from ..common import advice
from ..image import signing
from ..places import Place, places
from . import checks, condor, containers, host_facts, next_version, tokens
from .condor import Condor

sh = script.beside(__file__)


class WorkerOptions(msgspec.Struct, frozen=True):
    worker: Annotated[str, Meta(description="this one alone, such as vn0317")] = ""


class StopOptions(WorkerOptions, frozen=True):
    now: Annotated[bool, Meta(description="without waiting for jobs: they are lost")] = False


class LogOptions(WorkerOptions, frozen=True):
    follow: Annotated[bool, Meta(description="go on until Ctrl-C")] = False
    tail: Annotated[int, Meta(ge=0, description="how many lines from the end")] = 100
    container: Annotated[
        bool, Meta(description="what the container itself has said, /root/init before condor")
    ] = False


@hookimpl
def facts(ask: Ask) -> Iterator[Fact]:
    yield from host_facts.facts(ask)
    if looks_ahead(ask):
        yield next_version.fact(ask.section.worker.engine, _names(ask))


@hookimpl
def needs(ask: Ask) -> Iterator[SecretSpec]:
    """The key that signatures have to match, and the token by which workers join their pool, where
    the site names them."""
    if ask.verb in ("up", "upgrade", "secrets"):
        yield from signing.needs(ask)
        yield from tokens.needs(ask)


@hookimpl
def preflight(ask: Ask[advice.For]) -> Iterator[Check]:
    """What workers need of their engine: Docker, cvmfs that stays, users as in the image, fresh
    CRLs, free ports, names that DNS agrees on. With --for=htcondor-25: what is in the way of that
    version."""
    if looks_ahead(ask):
        return next_version.checks(ask, _names(ask))
    return checks.checks(ask)


def _names(ask: Ask[Any]) -> tuple[str, ...]:
    return tuple(place.name for place in places(ask.section, ask.target.host))


@hookimpl
def pull(ask: Ask[upgrades.PullOptions]) -> Steps:
    """Fetch the image of the workers ahead of time, the same one on all engines; jobs go on."""
    workers = containers.containers(ask)
    return upgrades.pull(workers[0], ask) if workers else []


@hookimpl
def up(ask: Ask[lifecycle.UpOptions]) -> Steps:
    """Start this engine's workers as the site says. One whose line has changed gives way, one after
    the other, when its jobs have ended."""
    workers = containers.containers(ask)
    if not workers:
        return []
    staying = [c for c in workers if not containers.changes(c, ask)]
    changing = [c for c in workers if containers.changes(c, ask)]
    first = [
        *(steps.image(workers[0], ask), *_checked(ask)),
        *(*_token(ask), *containers.network(ask)),
    ]
    for c in staying:
        first += containers.with_name(c, containers.started(c, ask))
    return [
        Phase("workers", tuple(first)),
        *containers.one_by_one((c, containers.started(c, ask)) for c in changing),
    ]


@hookimpl
def secrets(ask: Ask) -> Steps:
    """Put the token of the pool on the engine; workers that run take it over (--deliver). The key
    of signatures is asked for when workers start, and stays nowhere."""
    return [*_token(ask)]


@hookimpl
def down(ask: Ask[StopOptions]) -> Steps:
    """Wait until jobs have ended, stop the workers and take their containers away; logs and what
    was mounted stay."""
    workers = _chosen(ask)
    stopped = [step for c in workers for step in containers.with_name(c, lifecycle.down(c, ask))]
    return [*_emptied(ask, workers), *stopped]


@hookimpl
def restart(ask: Ask[StopOptions]) -> Steps:
    """Stop and start the workers, one after the other, each when its jobs have ended."""
    return [*containers.one_by_one((c, _restarted(c, ask)) for c in _chosen(ask))]


@verb
def drain(ask: Ask[WorkerOptions]) -> Steps:
    """Take no new jobs and wait until those that run have ended; `up` takes jobs again."""
    return [*_drained(ask, _chosen(ask))]


@hookimpl
def upgrade(ask: Ask[upgrades.ShipOptions]) -> Steps:
    """Bring the newest image into service, one worker after the other, each when its jobs have
    ended; it stops where one is not healthy. One that is not there yet is started on it."""
    workers = containers.containers(ask)
    if not workers:
        return []
    is_whole = all(state.container_state(c, ask) for c in workers)
    network = () if is_whole else tuple(containers.network(ask))
    return [
        *upgrades.pull(workers[0], ask),
        Phase("checked", (*_checked(ask), *_token(ask), *network)),
        *containers.one_by_one([(c, tuple(containers.replaced(c, ask))) for c in workers], ask),
    ]


@hookimpl
def rollback(ask: Ask) -> Steps:
    """Return to the version before the last upgrade, one worker of an engine after the other, each
    when its jobs have ended."""
    workers = containers.containers(ask)
    return [*containers.one_by_one([(c, _previous(c, ask)) for c in workers])]


@hookimpl
def prune(ask: Ask[leftovers.PruneOptions]) -> Steps:
    """Take away old images of the workers that nobody needs (--days, --keep); what a rollback of
    any of them needs is named, and stays."""
    workers = containers.containers(ask)
    return [*leftovers.prune(workers[0], ask)] if workers else []


@hookimpl
def du(ask: Ask) -> Status:
    """What the workers' images and earlier versions take on their engine, and what each is for."""
    workers = containers.containers(ask)
    return leftovers.du(workers[0], ask) if workers else Status(True, ())


@hookimpl
def status(ask: Ask) -> Status:
    """Each worker: its container, whether condor_master lives and jobs are taken, how many run."""
    here = places(ask.section, ask.target.host)
    states = [_state(ask, c) for c in containers.containers(ask)]
    rows = [
        {"worker": place.name, **fields, "port": place.port or "none", **_addresses(place)}
        for place, (_, fields) in zip(here, states, strict=True)
    ]
    return Status(all(is_well for is_well, _ in states), (("workers", rows),) if rows else ())


def _addresses(place: Place) -> dict[str, str]:
    """Its own, of IPv6 where it has one."""
    own6 = {"address6": place.address6} if place.address6 else {}
    return {"address": place.address, **own6}


@hookimpl
def logs(ask: Ask[LogOptions]) -> Session | None:
    """The ends of condor's logs of all workers of an engine, which lie on it."""
    options, workers = ask.options, _chosen(ask)
    if not workers:
        return None
    if options.container:
        return lifecycle.logs(workers[0], str(options.tail), options.follow)
    folders = [f"{ask.section.worker.logs}/{c.name}" for c in workers]
    flag = "-F" if options.follow else ""
    argv = sh("condor_logs", str(options.tail), flag, *folders)
    return Session(argv, follow=options.follow)


@hookimpl
def exec_(ask: Ask[WorkerOptions]) -> Session | None:
    """A shell in the engine's first worker (or --worker), or the words after --, such as `--
    condor_who`."""
    workers = _chosen(ask)
    return lifecycle.session(workers[0], ask.argv) if workers else None


def _checked(ask: Ask[Any]) -> tuple[Step, ...]:
    """No worker starts from an image whose signature does not match, where the site asks for
    signatures."""
    return tuple(signing.checked(ask, containers.image(ask.section)))


def _token(ask: Ask[Any]) -> Iterator[Step]:
    """The token by which workers join, where the site names one; those that run take it over."""
    return tokens.delivered(ask, tuple(c.name for c in containers.containers(ask)))


def _chosen(ask: Ask[Any]) -> tuple[Container, ...]:
    """All workers of the engine, or the one that was asked for; none where that is another
    engine's."""
    return containers.containers(ask, ask.options.worker)


def _emptied(ask: Ask[Any], workers: Iterable[Container]) -> Iterator[Step]:
    """Before they stop: their jobs have ended, or are not waited for (--now)."""
    workers = tuple(workers)
    for c in workers:
        yield from condor.drained_before(c.engine, c.name, containers.inside(c, ask))
    if not getattr(ask.options, "now", False):
        yield from _drained(ask, workers)


def _drained(ask: Ask[Any], workers: Iterable[Container]) -> Iterator[Step]:
    names = tuple(c.name for c in workers)
    if names:
        yield condor.drain(ask.section.worker.engine, names, ask.section.worker.drain)


def _restarted(c: Container, ask: Ask[Any]) -> tuple[Step, ...]:
    """Its jobs have ended, then it is stopped and started."""
    return (*_emptied(ask, [c]), *lifecycle.restart(c, ask))


def _previous(c: Container, ask: Ask[Any]) -> tuple[Step, ...]:
    """Its jobs have ended, then the version before is back."""
    (phase,) = upgrades.rollback(c, ask)
    return (*_emptied(ask, [c]), *phase.steps)


def _state(ask: Ask[Any], c: Container) -> tuple[bool, dict[str, Any]]:
    """Is it well; its state in words, and how many jobs it has."""
    present = state.container_state(c, ask)
    if not present or not present.running:
        words = present.state + lifecycle.restarted(present) if present else "no container"
        return False, {"state": words, "jobs": 0}
    inside = containers.inside(c, ask)
    reach = _reach(ask, c.name)
    words = _of_condor(inside) + reach + lifecycle.restarted(present)
    return inside.is_well and not reach, {"state": words, "jobs": inside.jobs}


def _reach(ask: Ask[Any], name: str) -> str:
    """What keeps the pool from a worker without a port, in words; begins with `, `."""
    if ask.section.worker.is_published:
        return ""
    called: tuple[str, ...] | None = ask.facts.get("called")
    if called is None:
        return ", not known whether the pool can call it"
    return "" if name in called else ", the pool's collector does not call it back"


def _of_condor(inside: Condor) -> str:
    """What it does, in words; a drain of somebody else's with its reason."""
    if not inside.master:
        return "condor_master does not run"
    if not inside.startd:
        return "condor_startd does not run"
    if not inside.slots:
        return "condor_startd does not answer"
    if inside.takes_jobs:
        return "takes jobs"
    state = "drained" if inside.is_drained else "draining"
    return state if inside.is_ours else f"{state} ({inside.reason})"
