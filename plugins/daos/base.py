"""The image that all the others are made from."""

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta

from fairlead.api import Ask, Fact, Steps, hookimpl

from .common import host_facts, images


class Build(msgspec.Struct, frozen=True):
    bust_cache: Annotated[bool, Meta(description="anew, with what the repositories have today")] = (
        False
    )


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    return host_facts.facts(ask)


@hookimpl
def build(ask: Ask[Build]) -> Steps:
    """Build the base image: the repositories of DAOS, its base package, the client's user."""
    return images.steps(ask, "base", ask.options.bust_cache)
