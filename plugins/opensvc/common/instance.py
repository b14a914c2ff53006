"""How a service stands on a node, in the agent's own JSON.

Three generations have three shapes; exit codes tell nothing.
"""

import json
from collections.abc import Iterator
from typing import Any

from fairlead.api import Noun

FINE = frozenset({"up", "stdby up", "n/a"})  # a folder as a file system is n/a, never up
STILL = frozenset({"down", "stdby down", "n/a"})
RUNNING_KINDS = ("container", "fs", "ip")  # a volume group alone may be active anywhere


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
    def is_up(self) -> bool:
        """All that is available is up: `overall` tells of files that no other node has, too."""
        return self.avail == "up"

    @property
    def is_still(self) -> bool:
        """Nothing of it runs here."""
        return all(
            resource.status in STILL
            for resource in self.resources
            if resource.rid.partition("#")[0] in RUNNING_KINDS
        )

    def is_fine(self, rid: str) -> bool:
        """Is this resource up?"""
        return any(resource.rid == rid and resource.status in FINE for resource in self.resources)


def parse(code: int, text: str) -> Instance | None:
    """None: no agent, no such service, or what it printed is no status."""
    status = _status(text)
    if status is None:
        return None
    resources = status.get("resources", {}).items()
    return Instance(
        overall=str(status["overall"]),
        avail=str(status.get("avail", "")),
        resources=tuple(_resource(rid, value) for rid, value in resources if _is_map(value)),
        frozen=_frozen(status),
    )


def _is_map(value: Any) -> bool:
    return isinstance(value, dict)


def _status(text: str) -> dict[str, Any] | None:
    """The first map of what was printed; for agent 3 its `status`, beside node and configuration.

    It does not matter what was printed before it. A service without resources may have no such key.
    """
    try:
        first, _ = json.JSONDecoder().raw_decode(text[text.index("{") :])
    except ValueError:
        return None
    status = first["status"] if _is_map(first.get("status")) else first
    is_status = "overall" in status and _is_map(status.get("resources", {}))
    return status if is_status else None


def _resource(rid: str, value: dict[str, Any]) -> Resource:
    status, label = str(value.get("status", "")), str(value.get("label", ""))
    return Resource(rid, status, label, tuple(_notes(value.get("log"))))


def _notes(log: Any) -> Iterator[str]:
    """2014: a text of lines "# words". 2.1: a list of "level: words". 3: a list of maps."""
    if isinstance(log, str):
        yield from filter(None, (line.strip("# ") for line in log.splitlines()))
    elif isinstance(log, list):
        for part in log:
            yield str(part.get("message", "") if _is_map(part) else part)


def _frozen(status: dict[str, Any]) -> bool | None:
    """Whether it is frozen; today's agents tell since when, "0001-..." for never."""
    if "frozen_at" in status:
        return bool(status["frozen_at"]) and not str(status["frozen_at"]).startswith("0001-")
    return bool(status["frozen"]) if "frozen" in status else None
