"""What the verbs of a component want to know of a host."""

from collections.abc import Iterator
from typing import Any

from fairlead.api import Ask, Fact, checks, lifecycle

from . import containers, examples, hardware, stack


def facts(ask: Ask[Any], component: str = "") -> Iterator[Fact]:
    """The checkout's files, the container, and for preflight the hardware."""
    yield from examples.fact(ask.section)
    if stack.launches(ask, component or "admin"):
        yield from stack.facts(ask, component or "admin")
    elif component:
        yield from lifecycle.facts(containers.container(ask, component), ask)
    if component and ask.verb in hardware.VERBS:
        config = getattr(getattr(ask.section, component), "config", "")
        yield from hardware.fact(ask, config if isinstance(config, str) else "")
        yield checks.room_fact("docker")
        yield checks.sockets_fact()
        yield checks.pids_fact("docker", f"daos-{component}")
