"""Pools: `dmg pool`, run where the admin is."""

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from fairlead.api import (
    Argv,
    Ask,
    Command,
    Fact,
    Session,
    Step,
    Steps,
    hookimpl,
    not_,
    script,
    text,
    verb,
)

from .common import commands, containers, host_facts, pool_names
from .common.pool_names import PoolName

Size = Annotated[
    str,
    text(
        r"[0-9]+(?:\.[0-9]+)?(?:%|[KMGTP]i?B?|B)?(?:,[0-9.]+(?:%|[KMGTP]i?B?|B)?)?",
        "a size",
        "100% or 2TB",
    ),
]
Owner = Annotated[
    str, text(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}", "a user or group", "a name or a number")
]

sh = script.beside(__file__)


class Create(msgspec.Struct, frozen=True):
    name: Annotated[PoolName, Meta(description="of the pool")]
    size: Annotated[Size, Meta(description="of all free space, or of this size")] = "100%"
    user: Annotated[Owner, Meta(description="who owns it; default: the client's uid")] = ""
    group: Annotated[Owner, Meta(description="which group owns it; default: the client's gid")] = ""


class Name(msgspec.Struct, frozen=True):
    name: Annotated[PoolName, Meta(description="of the pool")]


class Gone(msgspec.Struct, frozen=True):
    name: Annotated[PoolName, Meta(description="of the pool", extra={"ends": "yes"})]


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    return host_facts.facts(ask)


@verb
def create(ask: Ask[Create]) -> Steps:
    """Make a pool, unless there is one of this name."""
    options, client = ask.options, ask.section.client
    user, group = options.user or str(client.uid), options.group or str(client.gid)
    step = Step(
        name=f"pool {options.name}",
        unless=_exists(ask),
        do=_dmg(ask, commands.pool_create(options.name, options.size, user, group)),
        timeout=1800,
        progress=True,
    )
    return _on_first_host(ask, step)


@verb(destroys="the pool {name} with all its containers, by dmg")
def destroy(ask: Ask[Gone]) -> Steps:
    """Take a pool away with all that is in it; asks for the site's name."""
    step = Step(
        name=f"no pool {ask.options.name}",
        unless=not_(_exists(ask)),
        do=_dmg(ask, commands.pool_destroy(ask.options.name)),
        timeout=1800,
    )
    return _on_first_host(ask, step)


@verb(changes=False)
def query(ask: Ask[Name]) -> Session | None:
    """What is in a pool, and how it is."""
    return containers.session(ask, "admin", *commands.pool_query(ask.options.name))


@verb(changes=False)
def list_(ask: Ask) -> Session | None:
    """Every pool, and how full it is."""
    return pool_names.listed(containers.session(ask, "admin", *commands.POOLS))


def _on_first_host(ask: Ask, step: Step) -> tuple[Step, ...]:
    """Of several hosts with dmg the first does it."""
    return (step,) if ask.target.host == ask.target.peers[0] else ()


def _dmg(ask: Ask, words: commands.Words) -> Argv:
    return containers.command(ask, "admin", *words)


def _exists(ask: Ask[Any]) -> Command:
    """Is there a pool of this name?"""
    return sh("pool_listed", ask.options.name, *_dmg(ask, commands.POOLS))
