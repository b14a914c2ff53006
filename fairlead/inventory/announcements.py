"""What a site has announced elsewhere while hosts are changed: a silence, a downtime."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta
from msgspec.structs import fields

from fairlead.inventory.tree import Tree
from fairlead.inventory.types import NodeSet, SecretName, text
from fairlead.inventory.validation import Hosts, typed
from fairlead.model.errors import SiteError
from fairlead.model.plan import Noun
from fairlead.model.suggest import suggestion

PLACE = re.compile(r"\{([a-z_]+)\}")
CallUrl = Annotated[
    str,
    text(
        r"https?://[^\s\"'<>\\]+",
        "a URL to call",
        "http(s)://HOST/PATH, in which {id} is filled in",
    ),
]


class Values(Noun, kw_only=True):
    """What the texts of a call may name in braces. Times: RFC 3339, and seconds since the epoch."""

    run: str = ""
    verb: str = ""
    who: str = ""
    reason: str = ""
    hosts: str = ""  # a node set
    host_list: str = ""  # "n1","n2"
    host_regex: str = ""  # n1|n2
    begins: str = ""
    ends: str = ""
    begins_epoch: int = 0
    ends_epoch: int = 0
    id: str = ""  # what the call that opened has answered


PLACES = tuple(field.name for field in fields(Values))


class Call(Noun, kw_only=True, forbid_unknown_fields=True):
    """A command of this machine, or a URL: one of both. {run} and the like are filled in."""

    argv: Annotated[
        tuple[str, ...], Meta(description="a command, word for word; no shell reads it")
    ] = ()
    url: Annotated[CallUrl, Meta(description="what is called")] = ""
    method: Annotated[
        Literal["POST", "PUT", "PATCH", "DELETE", "GET"], Meta(description="how it is called")
    ] = "POST"
    body: Annotated[dict[str, Any], Meta(description="what is sent, as JSON")] = {}
    headers: Annotated[dict[str, str], Meta(description="besides")] = {}
    authorization: Annotated[
        SecretName, Meta(description="the secret that is sent as Authorization")
    ] = ""
    ca: Annotated[
        str, Meta(description="a file of the certificates that its own is checked by")
    ] = ""

    def texts(self) -> Iterator[str]:
        """All texts of it in which something may be filled in."""
        yield from (*self.argv, self.url, *self.headers.values())
        yield from _texts(self.body)


class Announcement(Noun, kw_only=True, forbid_unknown_fields=True):
    """What is opened before hosts are changed, and closed after."""

    open: Annotated[Call, Meta(description="how it is opened")]
    close: Annotated[Call, Meta(description="how it is closed")]
    renew: Annotated[
        Call | None,
        Meta(description="how it is made longer while the run lasts; default: it is not"),
    ] = None
    lasts: Annotated[
        float, Meta(gt=0, description="seconds after which it ends by itself: {ends}")
    ] = 7200
    id: Annotated[
        str,
        Meta(description="where {id} stands in the JSON that open answers: silenceID, or a.0.b"),
    ] = ""
    verbs: Annotated[tuple[str, ...], Meta(description="for which verbs")] = (
        *("down", "restart", "upgrade", "rollback"),
    )
    systems: Annotated[tuple[str, ...], Meta(description="for which systems; default: all")] = ()
    hosts: Annotated[NodeSet, Meta(description="for which hosts; default: all")] = ""
    required: Annotated[bool, Meta(description="where it cannot be opened, nothing is changed")] = (
        True
    )
    timeout: Annotated[float, Meta(gt=0, le=600, description="seconds for each call")] = 30


def read_announcements(
    tree: Tree, systems: Mapping[str, object], resolve: Hosts
) -> dict[str, Announcement]:
    """`announcements:` of a site: name -> announcement. Raises SiteError."""
    typed(tree, dict[str, Any], "announcements")
    announcements: dict[str, Announcement] = {}
    for name, part in tree.value.items():
        path = f"announcements.{name}"
        announcements[name] = typed(part.or_empty(), Announcement, path, resolve)
        _check(announcements[name], f"{part.where}: {path}", systems)
    return announcements


def _check(announcement: Announcement, where: str, systems: Mapping[str, object]) -> None:
    for name in announcement.systems:
        if name not in systems:
            raise SiteError(f"{where}.systems", "no such system", suggestion(name, systems))
    for key in ("open", "close", "renew"):
        call: Call | None = getattr(announcement, key)
        if call is not None:
            _check_call(call, f"{where}.{key}")


def _check_call(call: Call, where: str) -> None:
    if bool(call.argv) == bool(call.url):
        raise SiteError(where, "is a command or a URL", "write either argv or url")
    for part in call.texts():
        for name in PLACE.findall(part):
            if name not in PLACES:
                what = f"there is no {{{name}}} to be filled in"
                raise SiteError(where, what, suggestion(name, PLACES))


def _texts(value: object) -> Iterator[str]:
    """All texts in a value of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)
