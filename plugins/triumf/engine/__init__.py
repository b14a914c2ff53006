"""`inv triumf.engine.VERB`: a Docker engine for workers."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from fairlead.api import (
    Ask,
    Check,
    Fact,
    FairleadError,
    Session,
    Status,
    Step,
    Steps,
    bridge,
    files,
    hookimpl,
    journald,
    looks_ahead,
    packages,
    script,
)
from fairlead.api import engine as docker

from ..common import advice
from ..sections.engine import Engine
from . import daemon_config, host_facts, next_version, podman, provenance, repository
from .checks import checks
from .host_facts import EngineState

sh = script.beside(__file__)

REPOSITORIES = (
    "name them in engine.packages, and what brings their repository in engine.release; "
    "EL 8 and later have no package docker: Docker's own repository is engine.repository"
)
UNREAD = "inv triumf.engine.up, or does its service not read the files (engine.files)?"
PATIENCE = 60  # seconds in which a new connection has to arrive after the engine was restarted


@hookimpl
def facts(ask: Ask) -> Iterator[Fact]:
    yield from host_facts.facts(ask)
    if looks_ahead(ask):
        yield next_version.fact()


@hookimpl
def preflight(ask: Ask[advice.For]) -> Iterator[Check]:
    """What an engine for workers needs: bridge, address range, storage that is no loopback, room,
    SELinux as the site thinks it is. With --for=docker-29: what is in the way of that version."""
    return next_version.checks(ask) if looks_ahead(ask) else checks(ask)


@hookimpl
def up(ask: Ask) -> Steps:
    """Install the engine, write the site's wishes into its files (shown as a diff), restart it if
    they changed; containers live on."""
    if _is_podman(ask):
        return [*_bridge(ask.section.engine)]
    before = ask.facts.get("files", {})
    after = daemon_config.files(ask.section, ask.target.host, before, ask.engine.server)
    live = _live_restore(ask, before)
    return [
        *_packages(ask),
        *_bridge(ask.section.engine),
        docker.started(),
        _originals({**after, **live}),
        *_reloaded(live, before),
        _files(after, before | live),
        _proved(ask),
    ]


@hookimpl
def restart(ask: Ask) -> Steps:
    """Restart the engine; the containers that ran have to run afterwards. Podman has no daemon to
    restart."""
    if _is_podman(ask):
        return []
    return [
        Step(
            name="engine",
            do=docker.restart(),
            undo=docker.again(),
            timeout=240,
            exclusive=True,
            confirm_within=PATIENCE,
        )
    ]


@hookimpl
def status(ask: Ask) -> Status:
    """The engine, where it keeps images, its bridge and addresses, how many containers."""
    if _is_podman(ask):
        return podman.status(ask)
    state: EngineState | None = ask.facts.get("standing")
    section = ask.section.engine
    bridge_name = section.bridge or "docker0"
    fields: tuple[tuple[str, str], ...] = (
        ("engine", _engine(ask, state)),
        ("data root", state.root if state else ""),
        ("bridge", f"{bridge_name} {ask.facts.get('bridge') or ''}".strip()),
        ("addresses", section.ranges.get(ask.target.host, "the engine's own")),
        ("containers", f"{state.running} of {state.containers} run" if state else ""),
        ("live restore", "yes" if state and state.live else "no"),
    )
    difference = ask.facts.get("differs", "") if state else ""
    if difference:
        fields = (*fields, ("differs", f"{difference}; {UNREAD}"))
    return Status(state is not None and not difference, fields)


def _engine(ask: Ask[Any], state: EngineState | None) -> str:
    """Name and version of the engine, or why it does not answer."""
    if ask.engine.name == "podman":
        return f"podman {ask.engine.server}, by a program called docker"
    if state:
        return f"{ask.engine.name or 'docker'} {ask.engine.server}"
    return ask.engine.error or "none"


@hookimpl
def logs(ask: Ask[journald.Logs]) -> Session | None:
    """What the engine has said."""
    return None if _is_podman(ask) else journald.logs(ask.options, "docker")


def _is_podman(ask: Ask[Any]) -> bool:
    """Do this host's workers run on Podman? Then nothing of Docker's is put there."""
    return bool(ask.section.engine_of(ask.target.host) == "podman")


def _packages(ask: Ask[Any]) -> Iterator[Step]:
    """The packages that bring the repository first, then the engine's; nothing where an engine
    answers, or another package has one."""
    engine, manager = ask.section.engine, ask.facts.get("packages", "")
    if provenance.answers(ask):
        return
    fault = provenance.fault(ask)
    if fault:
        raise FairleadError(ask.target.host, fault, provenance.REMEDY)
    if engine.release and manager != "apt":
        yield packages.installed(manager, engine.release, name="release packages")
    yield from repository.steps(ask)
    names = provenance.names(ask)
    yield packages.installed(manager, names, engine.enablerepo, exactly=True, remedy=REPOSITORIES)


def _bridge(engine: Engine) -> Iterator[Step]:
    """The bridge that takes over the host's own address, where the site names the port.

    Otherwise it has to be there.
    """
    if engine.bridge and engine.port:
        yield bridge.bridge(engine.bridge, engine.port)


def _live_restore(ask: Ask[Any], before: Mapping[str, str]) -> dict[str, str]:
    """daemon.json with live-restore and nothing else new, unless the engine says that it knows it.

    Path -> content; empty where nothing is to be written.
    """
    state: EngineState | None = ask.facts.get("standing")
    if not ask.section.engine.live_restore or (state and state.live):
        return {}
    path = daemon_config.DAEMON
    text = daemon_config.edited(before.get(path, ""), ask.target.host, {"live-restore": True})
    return {path: text}


def _reloaded(live: Mapping[str, str], before: Mapping[str, str]) -> Iterator[Step]:
    """The engine learns of live-restore by a reload.

    Containers that run outlive a restart only where the engine knew that before it. A key that is
    not there any more changes nothing at a reload: it is taken back by the word `false`, before the
    old file is there again.
    """
    if live:
        yield files.texts(
            live,
            "live-restore",
            before,
            docker.reload(True),
            after_undo=("true",),
            before_undo=docker.live_restore_off(daemon_config.DAEMON),
        )


def _originals(paths: Iterable[str]) -> Step:
    """FILE.original, as the document keeps it: what was there before our first change.

    An empty one says that nothing was there.
    """
    return Step(name="originals", unless=sh("kept", *paths), do=sh("originals", *paths))


def _files(after: Mapping[str, str], before: Mapping[str, str]) -> Step:
    """The files, and the restart that makes them count.

    One step, so that neither is there without the other.
    """
    step = files.texts(after, "engine's files", before, docker.restart(), docker.again())
    return msgspec.structs.replace(step, exclusive=True, confirm_within=PATIENCE, timeout=240)


def _proved(ask: Ask[Any]) -> Step:
    """What was asked for is what the engine says of itself."""
    return Step(
        name="as asked",
        do=host_facts.proof(ask),
        read_only=True,
        timeout=60,
        remedy="its service does not read the files that were written: "
        "say files: daemon.json or sysconfig in the site, as its unit has it",
    )
