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
    lifecycle,
    steps,
    verb,
)
from fairlead.api import state as container_state
from fairlead.api import upgrade as upgrades

from ..image import signing
from ..places import places
from . import checks, condor, containers
from .condor import Condor

# LINES FLAG FOLDER...: the ends of condor's own logs.
TAIL = """lines=$1 flag=$2; shift 2
for folder; do for file in "$folder"/*Log; do [ ! -f "$file" ] || set -- "$@" "$file"; done; shift; done
[ $# -gt 0 ] || { echo "condor has written no logs there" >&2; exit 1; }
exec tail -n "$lines" ${flag:+"$flag"} -- "$@" """


class One(msgspec.Struct, frozen=True):
    worker: Annotated[str, Meta(description="this one alone, such as vn0317")] = ""


class Stop(One, frozen=True):
    now: Annotated[bool, Meta(description="without waiting for jobs: they are lost")] = False


class Logs(One, frozen=True):
    follow: Annotated[bool, Meta(description="go on until Ctrl-C")] = False
    tail: Annotated[int, Meta(ge=0, description="how many lines from the end")] = 100
    container: Annotated[
        bool, Meta(description="what the container itself has said, /root/init before condor")
    ] = False


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    return checks.facts(ask)


@hookimpl
def needs(ask: Ask) -> Iterable[SecretSpec]:
    """The key that signatures have to match, where the site asks for them."""
    return signing.needs(ask) if ask.verb in ("up", "upgrade", "secrets") else ()


@hookimpl
def preflight(ask: Ask) -> Iterator[Check]:
    """What workers need of their engine: Docker, cvmfs that stays, users as in the image, fresh CRLs, free ports, names that DNS agrees on."""
    return checks.checks(ask)


@hookimpl
def up(ask: Ask) -> Steps:
    """Start this engine's workers as the site says. One whose line has changed gives way, one after the other, when its jobs have ended."""
    found = containers.nodes(ask)
    stay, go = (
        [c for c in found if not containers.changes(c, ask)],
        [c for c in found if containers.changes(c, ask)],
    )
    if not found:
        return []
    begun = (step for c in stay for step in containers.of(c, containers.started(c, ask)))
    return [
        Phase("workers", (steps.image(found[0]), *_checked(ask), *containers.net(ask), *begun)),
        *containers.one_by_one((c, containers.started(c, ask)) for c in go),
    ]


@hookimpl
def secrets(ask: Ask) -> Steps:
    """The key of signatures is asked for when workers start, and stays nowhere."""
    return []


@hookimpl
def down(ask: Ask[Stop]) -> Steps:
    """Wait until jobs have ended, stop the workers and take their containers away; logs and what was mounted stay."""
    found = _some(ask)
    return [
        *_drained(ask, found),
        *(step for c in found for step in containers.of(c, lifecycle.down(c, ask))),
    ]


@hookimpl
def restart(ask: Ask[Stop]) -> Steps:
    """Stop and start the workers, one after the other, each when its jobs have ended."""
    return [
        *containers.one_by_one(
            (c, (*_drained(ask, [c]), *lifecycle.restart(c, ask))) for c in _some(ask)
        )
    ]


@verb
def drain(ask: Ask[One]) -> Steps:
    """Take no new jobs and wait until those that run have ended; `up` takes jobs again."""
    return [*_drained(ask, _some(ask))]


@hookimpl
def upgrade(ask: Ask) -> Steps:
    """Bring the newest image into service, one worker after the other, each when its jobs have ended; it stops where one is not healthy."""
    found = containers.nodes(ask)
    if not found:
        return []
    resolve, pull, _ = upgrades.upgrade(found[0], ask)
    return [
        *(resolve, pull, Phase("checked", _checked(ask))),
        *containers.one_by_one([(c, tuple(containers.replaced(c, ask))) for c in found]),
    ]


@hookimpl
def rollback(ask: Ask) -> Steps:
    """Return to the version before the last upgrade, one worker of an engine after the other, each when its jobs have ended."""
    return [
        *containers.one_by_one(
            [(c, (*_drained(ask, [c]), *_back(c, ask))) for c in containers.nodes(ask)]
        )
    ]


@hookimpl
def status(ask: Ask) -> Status:
    """Each worker: its container, whether condor_master lives and jobs are taken, how many run."""
    here = places(ask.section, ask.target.host)
    found = [_state(ask, c) for c in containers.nodes(ask)]
    rows = [
        {"worker": place.name, **said, "port": place.port, "address": place.address}
        for place, (_, said) in zip(here, found, strict=True)
    ]
    return Status(all(well for well, _ in found), (("workers", rows),) if rows else ())


@hookimpl
def logs(ask: Ask[Logs]) -> Session | None:
    """The ends of condor's logs of all workers of an engine, which lie on it."""
    options = ask.options
    found = _some(ask)
    if not found:
        return None
    if options.container:
        return lifecycle.logs(found[0], str(options.tail), options.follow)
    folders = (f"{ask.section.worker.logs}/{c.name}" for c in found)
    return Session(
        ("sh", "-c", TAIL, "logs", str(options.tail), "-F" if options.follow else "", *folders),
        follow=options.follow,
    )


@hookimpl
def exec_(ask: Ask[One]) -> Session | None:
    """A shell in the engine's first worker (or --worker), or the words after --, such as `-- condor_who`."""
    found = _some(ask)
    return lifecycle.session(found[0], ask.argv) if found else None


def _checked(ask: Ask[Any]) -> tuple[Step, ...]:
    """No worker starts from an image whose signature does not match, where the site asks for signatures."""
    return tuple(signing.checked(ask, containers.image(ask.section)))


def _some(ask: Ask[Any]) -> tuple[Container, ...]:
    """All workers of the engine, or the one that was asked for; none where that is another engine's."""
    return containers.nodes(ask, getattr(ask.options, "worker", ""))


def _drained(ask: Ask[Any], found: Iterable[Container]) -> Iterator[Step]:
    names = tuple(c.name for c in found)
    if names and not getattr(ask.options, "now", False):
        yield condor.drain(names, ask.section.worker.drain)


def _back(c: Container, ask: Ask[Any]) -> tuple[Step, ...]:
    (phase,) = upgrades.rollback(c, ask)
    return phase.steps


def _state(ask: Ask[Any], c: Container) -> tuple[bool, dict[str, Any]]:
    """Is it well; how it stands, and how many jobs it has."""
    there, inside = (
        container_state.standing(c, ask),
        (ask.facts.get("condor") or {}).get(c.name, Condor()),
    )
    if not there or not there.running:
        return False, {"state": there.state if there else "no container", "jobs": 0}
    state = (
        "takes jobs"
        if inside.startd
        else "drained"
        if inside.master
        else "condor_master does not run"
    )
    return inside.master and inside.startd, {"state": state, "jobs": inside.jobs}
