"""A container that was started with --rm is gone when it stops, with what it holds inside: none can
take its place by steps that may be undone. What to type, so that one stands there that stays.

Quadlets start theirs so (podman-systemd.unit(5)), and units of `podman generate systemd --new`.
"""

import re
import shlex
from collections.abc import Iterator
from typing import Any

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Ask
from fairlead.operations.argv.docker import Container
from fairlead.operations.container import adoption, units
from fairlead.operations.container.adoption import Details
from fairlead.operations.container.options import Inspected, options, site_decides
from fairlead.operations.container.state import ContainerState

HOME = "/root"  # where what is kept of it lies
VARIABLES = "{{range .Config.Env}}{{println .}}{{end}}"
NAMELESS = re.compile("[0-9a-f]{64}")  # a volume without a name goes with its container
OF_ENGINE = ("", "default", "bridge", "podman")  # networks that it gets by itself
DECIDED = ("--user=", "--workdir=")


def require(c: Container, ask: Ask[Any], old: ContainerState) -> None:
    """Is it still there when it has stopped? Raises FairleadError."""
    known = adoption.details_of(c, ask)
    if not known or not known.removes_itself:
        return
    typed = "; ".join((*_typed(c, old, known), ask.target.typed("up")))
    raise FairleadError(
        ask.target.host,
        f"{c.name} was started with --rm: once it stops, it is gone with what it holds inside",
        f"copy out what is to stay of that ({c.engine} cp), then type, on its host: {typed}",
    )


def _typed(c: Container, old: ContainerState, known: Details) -> Iterator[str]:
    """What is to stay is kept, what starts it goes, it ends, and the same is started to stay."""
    moved = dict(_nameless(c, known.inspected))
    for volume, name in moved.items():
        yield from _kept_volume(c, volume, name)
    if known.variables:
        shown = f"{c.engine} inspect --format {shlex.quote(VARIABLES)} {c.name}"
        yield f"(umask 077; {shown} >{HOME}/{c.name}.env)"
    yield from _ended(c, known)
    yield shlex.join(_run(c, old, known, moved))


def _nameless(c: Container, inspected: Inspected) -> Iterator[tuple[str, str]]:
    """Each volume without a name, and the name that it gets."""
    mounts = inspected.container.get("mounts") or ()
    names = (mount.get("Name") or "" for mount in mounts)
    for number, volume in enumerate(filter(NAMELESS.fullmatch, names), 1):
        yield volume, f"{c.name}-{number}"


def _kept_volume(c: Container, volume: str, name: str) -> Iterator[str]:
    """Its content in a volume that has a name, with owners and modes."""
    yield f"{c.engine} volume create {name}"
    if c.engine == "podman":
        yield f"podman volume export {volume} | podman volume import {name} -"
        return
    place = "$(docker volume inspect -f '{{.Mountpoint}}' %s)"
    yield f'cp -a "{place % volume}/." "{place % name}/"'


def _ended(c: Container, known: Details) -> Iterator[str]:
    """It stops, and nothing starts it anew."""
    quadlets = [unit for unit in known.starters if unit.enabled == units.GENERATED]
    for unit in quadlets:
        yield f"systemctl stop {unit.name}"
        yield f"mv {units.quadlet(unit)} {HOME}/"
        yield "systemctl daemon-reload"
    for unit in known.starters:
        if unit not in quadlets:
            yield f"systemctl disable --now {unit.name}"
    if not quadlets:
        yield f"{c.engine} stop {c.name}"
    # engines take it away a moment later
    yield f"while {c.engine} container inspect {c.name} >/dev/null 2>&1; do sleep 1; done"


def _run(c: Container, old: ContainerState, known: Details, moved: dict[str, str]) -> list[str]:
    """The line that starts the same without --rm."""
    network = known.inspected.host.get("NetworkMode") or ""
    decided = (word for word in site_decides(known.inspected, ()) if word.startswith(DECIDED))
    entrypoint, words = _words(known.inspected)
    return [
        *(c.engine, "run", "-d", "--name", c.name, "--restart=always"),
        *(() if network in OF_ENGINE else (f"--network={network}",)),
        *(_renamed(word, moved) for word in options(known.inspected, c.engine)),
        *((f"--env-file={HOME}/{c.name}.env",) if known.variables else ()),
        *decided,
        *((f"--entrypoint={entrypoint}",) if entrypoint else ()),
        old.reference,
        *words,
    ]


def _words(inspected: Inspected) -> tuple[str, list[str]]:
    """Its entry point, where that is not the image's, and the words behind the image."""
    own = inspected.own("entrypoint") or []
    program, *rest = own.split() if isinstance(own, str) else own or [""]
    words = inspected.container.get("cmd") if program else inspected.own("cmd")
    return program, [*rest, *(words or ())]


def _renamed(word: str, moved: dict[str, str]) -> str:
    """A mount of a volume that has a name now."""
    volume, colon, rest = word.removeprefix("--volume=").partition(":")
    return f"--volume={moved[volume]}{colon}{rest}" if volume in moved else word
