"""The JSON Schema of a site file, for editors."""

from collections.abc import Mapping
from typing import Any

import msgspec

from fairlead.inventory.announcements import Announcement
from fairlead.inventory.hosts import HostSpec
from fairlead.inventory.site import Ssh
from fairlead.inventory.windows import Window
from fairlead.model.plan import System

DIALECT = "https://json-schema.org/draft/2020-12/schema"
NOTHING = {"type": "null"}  # a key without a value is an empty map


def schema(
    systems: Mapping[str, System],
    stores: Mapping[str, type] = {},
    sources: Mapping[str, type] = {},
) -> dict[str, Any]:
    """The JSON Schema of a site file with these systems, stores of secrets and sources."""
    structs = [
        HostSpec,
        Ssh,
        Window,
        Announcement,
        *(system.section_type for system in systems.values()),
    ]
    (host, ssh, window, announcement, *sections), parts = msgspec.json.schema_components(
        structs, ref_template="#/$defs/{name}"
    )
    properties = _own(
        host,
        ssh,
        window,
        announcement,
        {name: _store(kind) for name, kind in stores.items()},
        [*map(_source, sources.items())],
    )
    for (name, system), section in zip(systems.items(), sections, strict=True):
        properties[name] = {"anyOf": [section, NOTHING], "description": system.about}
    top = {"title": "a fairlead site", "type": "object", "properties": properties}
    defs = {name: _closed(part) for name, part in parts.items()}
    whole = {"$schema": DIALECT} | _closed(top) | {"$defs": defs}
    return msgspec.json.decode(msgspec.json.encode(whole))  # defaults as JSON has them


def _own(
    host: dict[str, Any],
    ssh: dict[str, Any],
    window: dict[str, Any],
    announcement: dict[str, Any],
    stores: dict[str, Any],
    sources: list[dict[str, Any]],
) -> dict[str, dict[str, Any]]:
    """The keys of a site file that are no systems."""
    return {
        "extends": {
            "type": "string",
            "description": "a file whose keys hold where this one does not say otherwise",
        },
        "hosts": {"type": "object", "additionalProperties": {"anyOf": [host, NOTHING]}},
        "groups": {"type": "object", "additionalProperties": {"type": "string"}},
        "sources": {
            "type": "object",
            "description": "where groups are known elsewhere: @NAME:GROUP",
            "additionalProperties": {"anyOf": [*sources, NOTHING]},
        },
        "offline": {"type": "string", "description": "hosts to leave out"},
        "ssh": ssh,
        "secrets": {
            "type": "object",
            "description": "stores of secrets besides the age store",
            "properties": stores,
            "additionalProperties": False,
        },
        "windows": {
            "type": "object",
            "description": "when hosts may be changed",
            "additionalProperties": {"anyOf": [window, NOTHING]},
        },
        "require_reason": {
            "type": "boolean",
            "description": "what changes anything wants --reason",
        },
        "announcements": {
            "type": "object",
            "description": "what is opened elsewhere while hosts are changed: silences, downtimes",
            "additionalProperties": announcement,
        },
        "syslog": {
            "type": "boolean",
            "description": "journals are copied to syslog, on the hosts and here",
        },
    }


def _store(settings: type) -> dict[str, Any]:
    """The settings of one store of secrets."""
    defs = msgspec.json.schema(settings)["$defs"]
    return {"anyOf": [_closed(defs[settings.__name__]), NOTHING]}


def _source(item: tuple[str, type]) -> dict[str, Any]:
    """The settings of one kind of source of groups; `from` names the kind."""
    name, settings = item
    part = msgspec.json.schema(settings)["$defs"][settings.__name__]
    return _closed(part | {"properties": {"from": {"const": name}, **part["properties"]}})


def _closed(part: dict[str, Any]) -> dict[str, Any]:
    """No unknown keys, but those of the user's own; the description without the source's lines."""
    if "properties" not in part:
        return part
    paragraphs = part.get("description", "").split("\n\n")
    description = "\n\n".join(" ".join(text.split()) for text in paragraphs)
    closed = part | {"additionalProperties": False, "patternProperties": {"^x-": {}}}
    return closed | ({"description": description} if description else {})
