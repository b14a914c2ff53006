"""Configuration files in YAML, rendered from data so that people like to read them."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_/.+;-]*(?:[:+;][A-Za-z0-9_/.+;-]+)*", re.ASCII)
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def rendered(content: Mapping[str, Any], head: str = "") -> str:
    """A map as a YAML file, keys in their order; `head` becomes comment lines above it."""
    return "".join(f"# {line}\n" for line in head.splitlines()) + "".join(
        f"{line}\n" for line in _map(content, "")
    )


def _map(content: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, value in content.items():
        yield from _entry(f"{indent}{_scalar(key)}:", value, indent)


def _entry(start: str, value: Any, indent: str) -> Iterator[str]:
    """What stands behind `start`: on its line, or below it."""
    match value:
        case Mapping() if value:
            yield start
            yield from _map(value, indent + "  ")
        case list() | tuple() if any(isinstance(item, (Mapping, list, tuple)) for item in value):
            yield start
            for item in value:
                yield from _item(item, indent + "  ")
        case _:
            yield f"{start} {_inline(value)}"


def _item(item: Any, indent: str) -> Iterator[str]:
    """One item of a list: its first line begins with a dash."""
    lines = (
        list(_map(item, indent + "  "))
        if isinstance(item, Mapping) and item
        else [f"{indent}  {_inline(item)}"]
    )
    yield f"{indent}- {lines[0].lstrip()}"
    yield from lines[1:]


def _inline(value: Any) -> str:
    match value:
        case list() | tuple():
            return f"[{', '.join(map(_inline, value))}]"
        case Mapping():
            return (
                "{"
                + ", ".join(f"{_scalar(key)}: {_inline(item)}" for key, item in value.items())
                + "}"
            )
    return _scalar(value)


def _scalar(value: Any) -> str:
    """A text that YAML could read as something else is quoted, as JSON quotes it."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)
