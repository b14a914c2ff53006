"""What the verbs of the engine want to know of a host."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.api import Argv, Ask, Fact, Noun, packages, port_checks, script
from fairlead.api import bridge as net

from ..common import facts as common
from ..site import Triumf
from . import podman
from .daemon_config import DAEMON, MAIN, NETWORK, STORAGE

sh = script.beside(__file__)

# The columns of `docker info` by which an EngineState is read.
COLUMNS = (
    "{{.LiveRestoreEnabled}}",
    "{{.ContainersRunning}}",
    "{{.Containers}}",
    "{{.Images}}",
    "{{.Swarm.LocalNodeState}}",
    "{{.DockerRootDir}}",
    "{{json .DriverStatus}}",
)
WITHOUT_ADDRESS = "there"  # what stands for a bridge that has none


class EngineState(Noun):
    """An engine that answers. `driver`: what its storage driver says of itself, as JSON."""

    live: bool
    running: int
    containers: int
    images: int
    swarm: str
    root: str
    driver: str


def facts(ask: Ask[Any]) -> Iterator[Fact]:
    """`differs` (for status), `files`, `standing`, `packages`, `owners`, `bridge`, `bridged`,
    `mount` and `volumes`."""
    section: Triumf = ask.section
    engine = section.engine
    bridge_fact = Fact("bridge", sh("bridge", engine.bridge or "docker0"), bridge)
    if section.engine_of(ask.target.host) == "podman":
        yield from podman.facts(ask, bridge_fact)
        return
    if ask.verb in ("restart", "logs"):
        return
    yield common.files(DAEMON, MAIN, NETWORK, STORAGE)
    yield Fact("standing", ("docker", "info", "--format", "\t".join(COLUMNS)), standing)
    if ask.verb == "status":
        yield Fact("differs", proof(ask), differs)
    yield packages.manager_fact()
    yield Fact("owners", sh("owners", "docker", "dockerd"), owners)
    yield bridge_fact
    if engine.bridge and engine.port:
        yield net.fact(engine.bridge, engine.port)
        if ask.verb == "preflight":
            yield port_checks.fact(engine.bridge, engine.port)
    yield common.file_system(engine.data_root)
    yield Fact("volumes", sh("volumes"), volumes)


def standing(code: int, text: str) -> EngineState | None:
    """The columns of the first line that has all of them; None: no engine answers."""
    rows = (line.split("\t") for line in text.splitlines())
    row = next((row for row in rows if len(row) == len(COLUMNS)), None)
    if code or not row or not all(word.isdigit() for word in row[1:4]):
        return None
    live, running, containers, images, swarm, root, driver = row
    return EngineState(
        live == "true", int(running), int(containers), int(images), swarm, root, driver
    )


def proof(ask: Ask[Any]) -> Argv:
    """Does the engine say of itself what the site asks for?"""
    section: Triumf = ask.section
    engine = section.engine
    bridge_name = "" if section.is_fixed(ask.target.host) else engine.bridge
    return sh("proved", engine.data_root, "live" if engine.live_restore else "", bridge_name)


def differs(code: int, text: str) -> str:
    """What the engine says otherwise than the site; "" where all is as asked."""
    return text.strip().rpartition("\n")[2] if code else ""


def owners(code: int, text: str) -> Mapping[str, str]:
    """Program -> the package that it belongs to, "" for none; of programs that are there."""
    rows = (line.split() for line in text.splitlines())
    return {row[0]: "" if row[1] == "-" else row[1] for row in rows if len(row) == 2}


def bridge(code: int, text: str) -> str:
    """The bridge's address with its length, `there` for one without, "" for no such interface."""
    words = text.split()
    if words and common.is_address(words[0]):
        return words[0]
    return WITHOUT_ADDRESS if WITHOUT_ADDRESS in words else ""


def volumes(code: int, text: str) -> Mapping[str, float]:
    """Volume group -> GiB free in it."""
    rows = re.findall(r"^\s*(\S+)\s+<?([0-9.]+)g\s*$", text, re.M)
    return {name: float(free) for name, free in rows}
