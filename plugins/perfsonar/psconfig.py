"""`inv perfsonar.psconfig.VERB`: the remote templates of all test points at once."""

import re
from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta

from fairlead.api import Ask, Fact, NameList, Session, Steps, Url, hookimpl, verb

from . import commands, remotes
from . import facts as facts_

KIND = "perfsonar.remotes"
LISTED = re.compile(r'"(https?://[^"@]*)"')


class New(msgspec.Struct, frozen=True):
    url: Annotated[Url, Meta(description="of the pSConfig template", extra={"completes": KIND})]


class Gone(msgspec.Struct, frozen=True):
    url: Annotated[
        Url,
        Meta(
            description="of the pSConfig template",
            extra={"completes": KIND, "ends": "yes"},
        ),
    ]


URLS = NameList(KIND, LISTED.findall)


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    return facts_.facts(ask)


@verb
def add(ask: Ask[New]) -> Steps:
    """Add a remote template, where it is not there yet."""
    return [remotes.add(commands.testpoint(ask), remotes.Entry(ask.options.url))]


@verb(changes=False)
def list_(ask: Ask) -> Session:
    """The remote templates of each test point."""
    c = commands.testpoint(ask)
    if ask.section.psconfig_secret:
        return Session(argv=remotes.listing_unsigned(c), lists=URLS)
    return Session(argv=remotes.listing(c), lists=URLS)


@verb
def delete(ask: Ask[Gone]) -> Steps:
    """Take a remote template away."""
    return [remotes.delete(commands.testpoint(ask), ask.options.url)]
