"""`inv perfsonar.psconfig.VERB`: the remote templates of all test points at once."""

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta

from fairlead.api import Ask, Fact, Session, Steps, Url, hookimpl, verb

from . import commands, remotes
from . import facts as facts_


class Remote(msgspec.Struct, frozen=True):
    url: Annotated[Url, Meta(description="of the pSConfig template")]


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    return facts_.facts(ask)


@verb
def add(ask: Ask[Remote]) -> Steps:
    """Add a remote template, where it is not there yet."""
    return [remotes.add(commands.testpoint(ask), remotes.Entry(ask.options.url))]


@verb(changes=False)
def list_(ask: Ask) -> Session:
    """The remote templates of each test point."""
    c = commands.testpoint(ask)
    if ask.section.psconfig_secret:
        return Session(argv=remotes.listing_unsigned(c))
    return Session(argv=remotes.listing(c))


@verb
def delete(ask: Ask[Remote]) -> Steps:
    """Take a remote template away."""
    return [remotes.delete(commands.testpoint(ask), ask.options.url)]
