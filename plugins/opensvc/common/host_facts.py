"""What is asked of a node. An agent takes seconds for each answer, so only what is needed."""

import re
from collections.abc import Iterator
from typing import Any

from fairlead.api import Ask, Fact, bridge, script

from ..site import OpenSvc
from .agents import ANSWER, choose
from .instance import parse
from .sections import Service
from .service_on_host import container_filter, engine_argv, frozen_note

LIGHT = frozenset({"docker", "exec", "logs"})  # verbs that ask the engine alone
SETTINGS = "/etc/docker/daemon.json"
FREEZE = "/opt/opensvc/var/FROZEN."  # 2014: this file, with the service's name

sh = script.beside(__file__)


def _generation(code: int, text: str) -> str:
    """Which agent is there; "none" where no answer says so."""
    word = text.strip() if code == 0 else ""
    return word or "none"


def agent() -> Fact:
    """`agent`: the generation of the agent, or none."""
    return Fact("agent", sh("generation"), _generation)


def of_node(ask: Ask[Any]) -> Iterator[Fact]:
    """For the component `agent`: `boot`, `daemon.json` ("": none) and `docker is wrapped`."""
    yield agent()
    yield Fact("boot", sh("docker_at_boot"), lambda code, text: tuple(text.split()))
    settings = ("sh", "-c", '[ ! -e "$1" ] || cat "$1"', "settings", SETTINGS)
    yield Fact("daemon.json", settings, lambda code, text: text if code == 0 else None)
    yield Fact("docker is wrapped", sh("docker_is_wrapped"), lambda code, text: code == 0)


def of_services(ask: Ask[Any]) -> Iterator[Fact]:
    """For the component `service`: of each that can run on this host, the file and the status.

    Some verbs ask more, some only the engine.
    """
    site: OpenSvc = ask.section
    services = site.of(ask.target.host, getattr(ask.options, "service", ""))
    if ask.verb in LIGHT:
        yield from (_running(name, service) for name, service in services.items())
        return
    yield agent()
    for name, service in services.items():
        yield from _usage(name, service) if ask.verb == "chargeback" else _state(name)
        if ask.verb == "status":
            yield _restarts(name, service)
    if ask.verb in ("preflight", "takeover"):
        facts = (fact for service in services.values() for fact in _surroundings(service))
        yield from {fact.name: fact for fact in facts}.values()


def _state(name: str) -> Iterator[Fact]:
    """`file NAME`, `status NAME`, `frozen NAME` and `frozen by us NAME`."""
    yield Fact(
        f"file {name}",
        choose(lambda agent: ("cat", agent.file(name))),
        lambda code, text: text if code == 0 else None,
    )
    status = choose(lambda agent: agent.status(name))
    yield Fact(f"status {name}", status, parse, timeout=ANSWER + 8)
    is_frozen = ("test", "-e", f"{FREEZE}{name}")
    yield Fact(f"frozen {name}", is_frozen, lambda code, text: code == 0)
    by_us = ("test", "-e", frozen_note(name))
    yield Fact(f"frozen by us {name}", by_us, lambda code, text: code == 0)


def _running(name: str, service: Service) -> Fact:
    """`containers NAME`: the names of those that run, in the engine of the service.

    None where that does not run.
    """
    words = ("docker", "container", "ls", "--filter", container_filter(name))
    return Fact(
        f"containers {name}",
        engine_argv(name, service, (*words, "--format", "{{.Names}}")),
        lambda code, text: tuple(text.split()) if code == 0 else None,
    )


def _restarts(name: str, service: Service) -> Fact:
    """`restarts NAME`: resource -> how often its container was started anew by its engine."""
    argv = engine_argv(name, service, sh("restarts", container_filter(name)))
    return Fact(f"restarts {name}", argv, parse_restarts)


def parse_restarts(code: int, text: str) -> dict[str, int]:
    """Of lines NAME.container.N COUNT; nothing where the engine does not run."""
    counts = re.findall(r"\.container\.(\d+) (\d+)$", text, re.M) if code == 0 else []
    return {f"container#{number}": int(count) for number, count in counts}


def _surroundings(service: Service) -> Iterator[Fact]:
    """`ip NAME`, `vg NAME` and `device PATH`: what a service needs of a node."""
    for address in service.ip:
        text = bridge.TAKEN + sh.text("address_state")
        yield Fact(
            f"ip {address.name}",
            ("sh", "-c", text, "address_state", address.name, address.dev),
            lambda code, text: tuple(text.split()),
            timeout=15,
        )
    for disk in service.disks:
        yield Fact(
            f"vg {disk.vg}",
            sh("volume_group", disk.vg),
            lambda code, text: (code, text.strip()),
            timeout=30,
        )
    for fs in service.fs:
        question = ("sh", "-c", '[ -e "$1" ] && echo there || echo missing', "device", fs.dev)
        yield Fact(f"device {fs.dev}", question, lambda code, text: text.strip())


def _usage(name: str, service: Service) -> Iterator[Fact]:
    """`used NAME` and `data NAME`."""
    argv = engine_argv(name, service, sh("usage"))
    yield Fact(f"used {name}", argv, _parse_usage, timeout=50)
    if service.docker_data_dir:
        size = sh("data_size", service.docker_data_dir)
        yield Fact(f"data {name}", size, _number, timeout=58)


def _parse_usage(code: int, text: str) -> tuple[int, ...] | None:
    """images, containers, their bytes; None where the engine does not run."""
    numbers = [int(word) for word in re.findall(r"^\s*(\d+)\s*$", text, re.M)]
    return tuple(numbers) if code == 0 and len(numbers) == 4 else None


def _number(code: int, text: str) -> int | None:
    return int(text) if code == 0 and text.strip().isdigit() else None
