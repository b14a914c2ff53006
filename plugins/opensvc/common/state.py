"""How a service stands on a node, in the agent's own JSON. Three generations, three shapes; exit codes tell nothing."""

import json
from collections.abc import Iterator
from typing import Any

from fairlead.api import Noun

FINE = frozenset({"up", "stdby up", "n/a"})  # a folder as a file system is n/a, never up
STILL = frozenset({"down", "stdby down", "n/a"})


class Resource(Noun):
    """One line of the agent's tree, with the remarks behind its #."""

    rid: str
    status: str
    label: str
    notes: tuple[str, ...] = ()


class Instance(Noun):
    """A service on one node. `frozen`: None where the JSON does not tell (2014)."""

    overall: str
    avail: str
    resources: tuple[Resource, ...]
    frozen: bool | None = None

    @property
    def up(self) -> bool:
        return self.overall == "up"

    @property
    def still(self) -> bool:
        """Nothing of it runs here."""
        return all(
            resource.status in STILL
            for resource in self.resources
            if resource.rid.partition("#")[0] in ("container", "fs", "ip")
        )

    def fine(self, rid: str) -> bool:
        return any(resource.rid == rid and resource.status in FINE for resource in self.resources)


def parse(code: int, text: str) -> Instance | None:
    """None: no agent, no such service, or what it printed is no status."""
    found = _status(text)
    if found is None:
        return None
    return Instance(
        overall=str(found["overall"]),
        avail=str(found.get("avail", "")),
        resources=tuple(
            _resource(rid, value)
            for rid, value in found["resources"].items()
            if isinstance(value, dict)
        ),
        frozen=_frozen(found),
    )


def _status(text: str) -> dict[str, Any] | None:
    """The first map that has `overall` and `resources`, whatever was printed before it and whatever it is wrapped in."""
    try:
        whole, _ = json.JSONDecoder().raw_decode(text[text.index("{") :])
    except ValueError:
        return None
    return next(
        (
            one
            for one in _maps(whole)
            if "overall" in one and isinstance(one.get("resources"), dict)
        ),
        None,
    )


def _maps(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for part in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from _maps(part)


def _resource(rid: str, value: dict[str, Any]) -> Resource:
    return Resource(
        rid,
        str(value.get("status", "")),
        str(value.get("label", "")),
        tuple(_notes(value.get("log"))),
    )


def _notes(log: Any) -> Iterator[str]:
    """2014: a text. 2.1: a list of "level: words". 3: a list of maps."""
    match log:
        case str():
            yield from filter(None, map(str.strip, log.splitlines()))
        case list():
            yield from (
                str(part.get("message", "")) if isinstance(part, dict) else str(part)
                for part in log
            )


def _frozen(found: dict[str, Any]) -> bool | None:
    if "frozen_at" in found:
        return bool(found["frozen_at"]) and not str(found["frozen_at"]).startswith("0001-")
    return bool(found["frozen"]) if "frozen" in found else None
