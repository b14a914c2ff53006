"""Pools: `dmg pool`, run where the admin is."""

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta

from fairlead.api import Argv, Ask, Command, Fact, Session, Step, Steps, hookimpl, not_, text, verb

from .common import asked, containers, lines
from .site import Word

Size = Annotated[
    str,
    text(
        r"[0-9]+(?:\\.[0-9]+)?(?:%|[KMGTP]i?B?|B)?(?:,[0-9.]+(?:%|[KMGTP]i?B?|B)?)?",
        "a size",
        "100% or 2TB",
    ),
]
Owner = Annotated[
    str, text(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}", "a user or group", "a name or a number")
]
# NAME WORD...: is it in the first column of what the words print?
LISTED = """name=$1; shift; all=$("$@") || exit 2
printf '%s\\n' "$all" | awk -v name="$name" '$1 == name { n = 1 } END { exit !n }'"""


class Create(msgspec.Struct, frozen=True):
    name: Annotated[Word, Meta(description="of the pool")]
    size: Annotated[Size, Meta(description="of all free space, or of this size")] = "100%"
    user: Annotated[Owner, Meta(description="who owns it; default: the client's uid")] = ""
    group: Annotated[Owner, Meta(description="which group owns it; default: the client's gid")] = ""


class Name(msgspec.Struct, frozen=True):
    name: Annotated[Word, Meta(description="of the pool")]


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    return asked.facts(ask)


@verb
def create(ask: Ask[Create]) -> Steps:
    """Make a pool, unless there is one of this name."""
    given, client = ask.options, ask.section.client
    words = lines.pool_create(
        given.name, given.size, given.user or str(client.uid), given.group or str(client.gid)
    )
    return _once(
        ask,
        Step(
            name=f"pool {given.name}",
            unless=_has(ask),
            do=_dmg(ask, words),
            timeout=1800,
            progress=True,
        ),
    )


@verb(destroys="the pool {name} with all its containers, by dmg")
def destroy(ask: Ask[Name]) -> Steps:
    """Take a pool away with all that is in it; asks for the site's name."""
    return _once(
        ask,
        Step(
            name=f"no pool {ask.options.name}",
            unless=not_(_has(ask)),
            do=_dmg(ask, lines.pool_destroy(ask.options.name)),
            timeout=1800,
        ),
    )


@verb(changes=False)
def query(ask: Ask[Name]) -> Session:
    """What is in a pool, and how it is."""
    return containers.session(ask, "admin", *lines.pool_query(ask.options.name))


@verb(changes=False)
def list_(ask: Ask) -> Session:
    """Every pool, and how full it is."""
    return containers.session(ask, "admin", *lines.POOLS)


def _once(ask: Ask, step: Step) -> tuple[Step, ...]:
    """Of several hosts with dmg the first does it."""
    return (step,) if ask.target.host == ask.target.peers[0] else ()


def _dmg(ask: Ask, words: Argv) -> Argv:
    return containers.words(ask, "admin", *words)


def _has(ask: Ask) -> Command:
    return ("sh", "-c", LISTED, "listed", ask.options.name, *_dmg(ask, lines.POOLS))
