"""Pools: `dmg pool`, run where the admin is."""

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta

from fairlead.hookspecs import hookimpl, verb
from fairlead.plan import Ask, Fact, Session

from . import asked, containers, lines
from .site import Word


class Name(msgspec.Struct, frozen=True):
    name: Annotated[Word, Meta(description="of the pool")]


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    return asked.facts(ask)


@verb(changes=False)
def query(ask: Ask[Name]) -> Session:
    """What is in a pool, and how it is."""
    return containers.session(ask, "admin", *lines.pool_query(ask.options.name))


@verb(changes=False)
def list(ask: Ask) -> Session:
    """Every pool, and how full it is."""
    return containers.session(ask, "admin", *lines.POOLS)
