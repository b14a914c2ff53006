"""YAML read strictly, and configuration files written so that people like to read them.

Sole user of yaml. YAML 1.2: 22:30, yes and on are text; true and false are the only switches. The
events of the parser are read one by one, so that depth and number of values are bounded before
anything is built (the composer of libyaml overflows the stack on a file of brackets).
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from fairlead.inventory.tree import Tree
from fairlead.model.errors import FairleadError, SiteError

VALUES = 20_000  # that one text may hold, those that aliases repeat included
DEEPEST = 60

_WHOLE = r"[-+]?(?:0|[1-9][0-9]{0,17})"
_BROKEN = r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]{0,17})(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?"
_CONSTANTS = (
    dict.fromkeys(("", "~", "null", "Null", "NULL"))
    | dict.fromkeys(("true", "True", "TRUE"), True)
    | dict.fromkeys(("false", "False", "FALSE"), False)
)
_TEXT_TAGS = (None, "!", "tag:yaml.org,2002:str")
_HOLDER_TAGS = (None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_/.+;-]*(?:[:+;][A-Za-z0-9_/.+;-]+)*", re.ASCII)
_UNPRINTABLE = (
    "[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]"  # what YAML refuses, or takes for a line's end
)
_NOT_PLAIN = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


class Event(Protocol):
    """What is used of an event of yaml's parser; each kind of event has some of it."""

    anchor: str | None
    tag: str | None
    implicit: tuple[bool, bool]
    value: str
    start_mark: Any


def read(text: str, file: str, error: type[FairleadError] = SiteError) -> Tree:
    """The one document of a YAML text, each value with its place `file:line`. Raises `error`.

    Keys stand once and are text; those that begin with `x-` are the user's own and left out.
    Plain data are its `plain()`.
    """
    return _Reader(text, file, error).document()


class _Reader:
    """One text, read event by event into a Tree."""

    def __init__(self, text: str, file: str, error: type[FairleadError]):
        import yaml

        self.file, self.error, self.parser_error = file, error, yaml.YAMLError
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.events: Iterator[Any] = yaml.parse(text, Loader=loader)
        self.values_left = VALUES
        self.anchors: dict[str, tuple[Tree, int]] = {}  # name -> its value, how many it holds
        self.path: list[str] = []
        self.makers: Mapping[str, Callable[[Event], Tree]] = {
            "ScalarEvent": self._scalar,
            "MappingStartEvent": self._mapping,
            "SequenceStartEvent": self._sequence,
        }

    def document(self) -> Tree:
        """The value of the only document; of an empty text, nothing."""
        event = self._next()
        while _kind(event) in ("StreamStartEvent", "DocumentStartEvent"):
            event = self._next()
        if _kind(event) == "StreamEndEvent":
            return Tree(None, f"{self.file}:1")
        tree = self._node(event)
        if any(_kind(event) == "DocumentStartEvent" for event in self._rest()):
            raise self.error(self.file, "holds a second document", "take the line --- away")
        return tree

    def _next(self) -> Event:
        try:
            return next(self.events)
        except self.parser_error as error:
            mark = getattr(error, "problem_mark", None)
            where = f"{self.file}:{mark.line + 1}" if mark else self.file
            reason = getattr(error, "reason", error)
            problem = getattr(error, "problem", None) or reason
            raise self.error(where, f"is not YAML: {problem}", _hint(str(error))) from error

    def _rest(self) -> Iterator[Event]:
        while _kind(event := self._next()) != "StreamEndEvent":
            yield event

    def _node(self, event: Event) -> Tree:
        values_before = self.values_left
        self._spend(event, 1)
        if _kind(event) == "AliasEvent":
            return self._alias(event)
        tree = self.makers[_kind(event)](event)
        if event.anchor:
            self.anchors[event.anchor] = (tree, values_before - self.values_left)
        return tree

    def _alias(self, event: Event) -> Tree:
        if event.anchor not in self.anchors:
            remedy = "quote a value that begins with *"
            raise self._refusal(event, f"no such anchor '&{event.anchor}' above", remedy)
        tree, size = self.anchors[event.anchor]
        self._spend(event, size)
        return tree

    def _scalar(self, event: Event) -> Tree:
        if event.tag not in _TEXT_TAGS:
            raise self._refusal(event, f"the tag {event.tag!r} is refused", "write plain values")
        is_plain = event.tag is None and event.implicit[0]
        value = _constant(event.value) if is_plain else event.value
        return Tree(value, self._where(event), event.value)

    def _sequence(self, event: Event) -> Tree:
        self._enter(event)
        parts: list[Tree] = []
        while _kind(item := self._next()) != "SequenceEndEvent":
            parts.append(self._within(f"[{len(parts)}]", item))
        return Tree(tuple(parts), self._where(event))

    def _mapping(self, event: Event) -> Tree:
        self._enter(event)
        own: dict[str, Tree] = {}
        merged: dict[str, Tree] = {}
        while _kind(key := self._next()) != "MappingEndEvent":
            name = self._key(key)
            part = self._within(f".{name}", self._next())
            if name == "<<" and key.implicit[0]:
                merged = self._merged(key, part) | merged
            elif name in own:
                first = own[name].where.rpartition(":")[2]
                what = f"the key {name!r} stands twice"
                raise self._refusal(key, what, f"the first is at line {first}")
            else:
                own[name] = Tree(part.value, self._where(key), part.written)
        whole = {key: part for key, part in (merged | own).items() if not key.startswith("x-")}
        return Tree(whole, self._where(event))

    def _merged(self, key: Event, part: Tree) -> dict[str, Tree]:
        """What `<<` brings: of several maps the first that has a key."""
        maps = part.value if isinstance(part.value, tuple) else (part,)
        merged: dict[str, Tree] = {}
        for source in reversed(maps):
            if not isinstance(source.value, dict):
                raise self._refusal(key, "<< wants a map", "write <<: *ANCHOR")
            merged |= source.value
        return merged

    def _key(self, event: Event) -> str:
        self._spend(event, 1)
        if _kind(event) != "ScalarEvent" or not event.value or event.tag:
            raise self._refusal(event, "a key has to be text", "quote it")
        if not event.value.isprintable():
            what = f"the key {event.value!r} has what cannot be printed"
            raise self._refusal(event, what, "take it away")
        return event.value

    def _within(self, name: str, event: Event) -> Tree:
        self.path.append(name)
        tree = self._node(event)
        self.path.pop()
        return tree

    def _enter(self, event: Event) -> None:
        """Raise where a map or list has a tag, or stands too deep."""
        if event.tag not in _HOLDER_TAGS:
            raise self._refusal(event, f"the tag {event.tag!r} is refused", "write plain values")
        if len(self.path) > DEEPEST:
            raise self._refusal(event, f"more than {DEEPEST} levels deep", "write it flatter")

    def _spend(self, event: Event, size: int) -> None:
        self.values_left -= size
        if self.values_left < 0:
            remedy = "a site is smaller; do aliases repeat aliases?"
            raise self.error(self._where(event), f"more than {VALUES:,} values", remedy)

    def _where(self, event: Event) -> str:
        return f"{self.file}:{event.start_mark.line + 1}"

    def _refusal(self, event: Event, what: str, remedy: str) -> FairleadError:
        path = "".join(self.path[:12]).lstrip(".")
        where = self._where(event)
        return self.error(f"{where}: {path}" if path else where, what, remedy)


def _kind(event: Event) -> str:
    return type(event).__name__


def _hint(complaint: str) -> str:
    """The remedy for what the parser says."""
    if any(words in complaint for words in ("start any token", "alias", "anchor")):
        return "indent with spaces, and quote a value that begins with @ % ` & or *"
    if "mapping values" in complaint:
        return "quote a value that holds `: `"
    return "see the line above too"


def _constant(text: str) -> bool | int | float | str | None:
    """A plain scalar by the core rules of YAML 1.2, numbers with leading zeros left as text."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if re.fullmatch(_WHOLE, text, re.ASCII):
        return int(text)
    return float(text) if re.fullmatch(_BROKEN, text, re.ASCII) else text


def write(data: Mapping[str, Any], head: str = "") -> str:
    """The text of a YAML file: a map, keys in their order; `head` becomes remarks above it."""
    lines = (*(f"# {line}" for line in head.splitlines()), *_map(data, ""))
    return "".join(f"{line}\n" for line in lines)


def pair(key: str, value: object) -> str:
    """A key and its value on one line: n1: {address: 10.0.3.1}."""
    return f"{_scalar(key)}: {inline(value)}"


def _map(data: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, value in data.items():
        yield from _entry(f"{indent}{_scalar(key)}:", value, indent)


def _entry(start: str, value: object, indent: str) -> Iterator[str]:
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
            yield f"{start} {inline(value)}"


def _item(item: object, indent: str) -> Iterator[str]:
    """One item of a list: its first line begins with a dash."""
    lines = [f"{indent}  {inline(item)}"]
    if isinstance(item, Mapping) and item:
        lines = list(_map(item, f"{indent}  "))
    yield f"{indent}- {lines[0].lstrip()}"
    yield from lines[1:]


def inline(value: object) -> str:
    """A value as it stands on one line."""
    match value:
        case list() | tuple():
            return f"[{', '.join(map(inline, value))}]"
        case Mapping():
            pairs = (f"{_scalar(key)}: {inline(item)}" for key, item in value.items())
            return "{" + ", ".join(pairs) + "}"
    return _scalar(value)


def _scalar(value: object) -> str:
    """A text that YAML could read as something else is quoted, as JSON quotes it."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _NOT_PLAIN:
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return re.sub(_UNPRINTABLE, lambda mark: f"\\u{ord(mark[0]):04x}", quoted)
