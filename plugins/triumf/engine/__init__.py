"""`inv triumf.engine.VERB`: a Docker engine for workers."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from fairlead.api import (
    Ask,
    Check,
    Fact,
    Session,
    Status,
    Step,
    Steps,
    bridge,
    files,
    hookimpl,
    journald,
    packages,
)
from fairlead.api import engine as docker

from .. import daemon_config
from .. import facts as wanted
from ..facts import Engine
from .checks import checks

NAMES = {"apt": ("docker.io",), "dnf": ("docker",), "yum": ("docker",)}
KEPT = 'for file; do [ -e "$file.original" ] || exit 1; done'
KEEP = """umask 022; for file; do
  [ ! -e "$file.original" ] || continue
  mkdir -p "${file%/*}"
  if [ -e "$file" ]; then cp -p "$file" "$file.original"; else : >"$file.original"; fi || exit
done"""
PATIENCE = 60  # seconds in which a new connection has to arrive after the engine was restarted


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    return wanted.engine(ask)


@hookimpl
def preflight(ask: Ask) -> Iterator[Check]:
    """What an engine for workers needs: bridge, address range, storage that is no loopback, room, SELinux as the site thinks it is."""
    return checks(ask)


@hookimpl
def up(ask: Ask) -> Steps:
    """Install the engine, write the site's wishes into its files (shown as a diff), restart it if they changed; containers live on."""
    before = ask.facts.get("files", {})
    after = daemon_config.files(ask.section, ask.target.host, before, ask.engine.server)
    live = _live_restore(ask, before)
    return [
        *_packages(ask),
        *_bridge(ask.section.engine),
        docker.started(),
        _originals({**after, **live}),
        *_told(live, before),
        _files(after, before | live),
    ]


@hookimpl
def restart(ask: Ask) -> Steps:
    """Restart the engine; the containers that ran have to run afterwards."""
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
    found: Engine | None = ask.facts.get("standing")
    own = ask.section.engine.ranges.get(ask.target.host, "the engine's own")
    fields = (
        (
            "engine",
            f"{ask.engine.name or 'docker'} {ask.engine.server}"
            if found
            else ask.engine.error or "none",
        ),
        ("data root", found.root if found else ""),
        (
            "bridge",
            f"{ask.section.engine.bridge or 'docker0'} {ask.facts.get('bridge') or ''}".strip(),
        ),
        ("addresses", own),
        ("containers", f"{found.running} of {found.containers} run" if found else ""),
        ("live restore", "yes" if found and found.live else "no"),
    )
    return Status(found is not None, fields)


@hookimpl
def logs(ask: Ask[journald.Logs]) -> Session:
    """What the engine has said."""
    return journald.said(ask.options, "docker")


def _packages(ask: Ask[Any]) -> Iterator[Step]:
    """The packages that bring the repository first, then the engine's."""
    engine, manager = ask.section.engine, ask.facts.get("packages", "")
    if engine.release and manager != "apt":
        yield packages.installed(manager, engine.release, name="release packages")
    yield packages.installed(
        manager, engine.packages or NAMES.get(manager, ("docker",)), engine.enablerepo
    )


def _bridge(engine: Any) -> Iterator[Step]:
    """The bridge that takes over the host's own address, where the site names the port; otherwise it has to be there."""
    if engine.bridge and engine.port:
        yield bridge.bridge(engine.bridge, engine.port)


def _live_restore(ask: Ask[Any], before: Mapping[str, str]) -> dict[str, str]:
    """daemon.json with live-restore and nothing else new, unless the engine has said that it knows it."""
    found: Engine | None = ask.facts.get("standing")
    if not ask.section.engine.live_restore or (found and found.live):
        return {}
    return {
        daemon_config.DAEMON: daemon_config.written(
            daemon_config.read(before.get(daemon_config.DAEMON, ""), ask.target.host)
            | {"live-restore": True}
        )
    }


def _told(live: Mapping[str, str], before: Mapping[str, str]) -> Iterator[Step]:
    """Containers that run outlive a restart only where the engine knew that before it: it is told by a reload."""
    if live:
        yield files.texts(live, "live-restore", before, docker.reload(True), docker.reload(False))


def _originals(paths: Iterable[str]) -> Step:
    """FILE.original, as the document keeps it: what was there before our first change (empty: nothing was)."""
    return Step(
        name="originals",
        unless=("sh", "-c", KEPT, "originals", *paths),
        do=("sh", "-c", KEEP, "originals", *paths),
    )


def _files(after: Mapping[str, str], before: Mapping[str, str]) -> Step:
    """The files, and the restart that makes them count: one step, so that neither is there without the other."""
    step = files.texts(after, "engine's files", before, docker.restart(), docker.again())
    return msgspec.structs.replace(step, exclusive=True, confirm_within=PATIENCE, timeout=240)
