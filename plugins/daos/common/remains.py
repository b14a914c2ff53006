"""What versions of a component leave on a host: images, containers of before, dumps."""

from collections.abc import Iterator
from typing import Any

from fairlead.api import Ask, Fact, Status, Step, leftovers

from . import containers, sessions


def facts(ask: Ask[Any], component: str) -> Iterator[Fact]:
    """What sessions begin from, and began from before, is for a rollback."""
    tags = sessions.tags(component) if component in sessions.COMPONENTS else ()
    yield from leftovers.facts(containers.container(ask, component), ask, keeping=tags)


def prune(ask: Ask[leftovers.PruneOptions], component: str) -> Iterator[Step]:
    yield from leftovers.prune(containers.container(ask, component), ask)


def du(ask: Ask[Any], component: str) -> Status:
    return leftovers.du(containers.container(ask, component), ask)
