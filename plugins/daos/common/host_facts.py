"""What the verbs of a component want to know of a host."""

from collections.abc import Iterator
from typing import Any

from fairlead.api import Ask, Fact, checks, lifecycle

from . import (
    agent_certificate,
    compose_files,
    containers,
    hardware,
    recipe,
    remains,
    sessions,
    stack,
)


def facts(ask: Ask[Any], component: str = "") -> Iterator[Fact]:
    """The checkout's files, the container, and for preflight the hardware.

    `component` is empty for what has no container of its own: the base image, and pools.
    """
    launched = component or "admin"  # pools are made where dmg is
    yield from compose_files.facts(ask.section)
    yield from sessions.facts(ask, launched)
    users = "client" if component == "agent" else component
    yield from sessions.open_facts(ask, users, f"daos-{users}")
    if stack.is_launched(ask, launched):
        yield from stack.facts(ask, launched)
    elif component:
        yield from lifecycle.facts(containers.container(ask, component), ask)
        yield from recipe.facts(ask, component)
    if component:
        yield from remains.facts(ask, component)
    yield from agent_certificate.facts(ask, component)
    if component and ask.verb in hardware.VERBS:
        yield from _preflight(ask, component)


def _preflight(ask: Ask[Any], component: str) -> Iterator[Fact]:
    config = getattr(getattr(ask.section, component), "config", "")
    yield from hardware.facts(ask, config if isinstance(config, str) else "")
    yield checks.room_fact("docker")
    yield checks.sockets_fact()
    yield checks.pids_fact("docker", f"daos-{component}")
