"""What a facility knows of its hosts elsewhere: an inventory, and how a source reads it."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from msgspec import Meta

from fairlead.model.plan import Noun


class SourceHost(Noun, kw_only=True):
    """A host as another tool knows it; "" and 0: that tool says nothing of it."""

    name: str
    address: str = ""
    user: str = ""
    port: int = 0
    via: str = ""
    sudo: bool = False
    transport: str = ""
    identity: str = ""


class Inventory(Noun, kw_only=True):
    """Hosts and groups.

    `groups`: name -> node set of these hosts, which may name other groups of them: n[1-3],@io.
    `remarks`: sentences on what could not be expressed.
    """

    hosts: tuple[SourceHost, ...] = ()
    groups: Mapping[str, str] = {}
    remarks: tuple[str, ...] = ()


class SourceSettings(Noun, kw_only=True, forbid_unknown_fields=True):
    """What a site says of every source."""

    timeout: Annotated[
        float, Meta(gt=0, le=600, description="seconds in which it has to answer")
    ] = 10
    cache: Annotated[
        float, Meta(ge=0, le=86400, description="seconds for which an answer does")
    ] = 300


class SourceAccess(Noun, kw_only=True):
    """With what a source answers: its settings, and the ways out of fairlead.

    `file`: what --file or the site names, "" for the usual place. `group`: the only group that is
    needed, "" for all. `read`: the text of a file. `glob`: the files of a pattern. `run`: what a
    command prints. The last two raise SiteError, which says what went wrong.
    """

    settings: Any
    file: str
    read: Callable[[str], str]
    glob: Callable[[str], tuple[str, ...]]
    run: Callable[[tuple[str, ...]], str]
    group: str = ""
