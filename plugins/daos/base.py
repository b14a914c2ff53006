"""The image that all the others are made from."""

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta

from fairlead.api import Ask, Check, Fact, Steps, hookimpl, looks_ahead

from .common import host_facts, images, preview, upcoming


class Build(msgspec.Struct, frozen=True):
    bust_cache: Annotated[bool, Meta(description="anew, with what the repositories have today")] = (
        False
    )


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    yield from host_facts.facts(ask)
    yield from upcoming.base_facts(ask)


@hookimpl
def preflight(ask: Ask[preview.For]) -> Iterable[Check]:
    """With --for: whether that version is known, and its packages are to be had."""
    return upcoming.told(ask, upcoming.base) if looks_ahead(ask) else ()


@hookimpl
def build(ask: Ask[Build]) -> Steps:
    """Build the base image: the repositories of DAOS, its base package, the client's user."""
    return images.steps(ask, "base", ask.options.bust_cache)
