"""A host whose workers run on Podman: there is no daemon, and no file of one is written.

What is left of the component `engine` is the bridge that workers have their addresses from.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from fairlead.api import Ask, Check, Fact, Status
from fairlead.api import bridge as net
from fairlead.api import checks as preflight
from fairlead.api import facts as probes

from ..sections.engine import Engine

# Keys of the section that are about hosts, the bridge and what lies on it
OF_BRIDGE = frozenset({"hosts", "bridge", "port", "mtu", "ranges", "chassis"})


def facts(ask: Ask[Any], bridge: Fact) -> Iterator[Fact]:
    """`engine` of Podman, `bridge`, and `bridged` where the site names the port."""
    engine: Engine = ask.section.engine
    if ask.verb in ("restart", "logs"):
        return
    yield from probes.engine_facts("podman")
    yield bridge
    if engine.bridge and engine.port:
        yield net.fact(engine.bridge, engine.port)


def checks(ask: Ask[Any], bridge: Iterator[Check]) -> Iterator[Check]:
    yield preflight.engine(ask, "podman")
    if ask.section.is_fixed(ask.target.host):
        yield from bridge
    keys = _of_daemon(ask.section.engine)
    if keys:
        yield _unread(keys)


def _of_daemon(engine: Engine) -> tuple[str, ...]:
    """What the site asks of a daemon: keys that are not as they are where it says nothing."""
    silent = Engine()
    names = (field.name for field in msgspec.structs.fields(Engine))
    others = (name for name in names if name not in OF_BRIDGE)
    return tuple(name for name in others if getattr(engine, name) != getattr(silent, name))


def _unread(keys: tuple[str, ...]) -> Check:
    return Check(
        name="keys of Docker's daemon",
        ok=False,
        wanted="none for a host whose workers run on Podman",
        found=f"{', '.join(keys)}: nothing reads them here",
        why="Podman has no daemon: these are of Docker's files",
        remedy="registries.conf and containers.conf of the host, which are the site's own; "
        "or leave them out",
        blocks=False,
    )


def status(ask: Ask[Any]) -> Status:
    """Podman's version, the bridge and addresses."""
    engine: Engine = ask.section.engine
    is_well = ask.engine.name == "podman" and not ask.engine.error
    fields = (
        ("engine", f"podman {ask.engine.server}" if is_well else ask.engine.error or "none"),
        ("bridge", f"{engine.bridge} {ask.facts.get('bridge') or ''}".strip() or "Podman's own"),
        ("addresses", engine.ranges.get(ask.target.host, "the engine's own")),
    )
    return Status(is_well, fields)
