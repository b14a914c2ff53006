"""What a site file says at first of hosts and systems, made of their types: to be filled in.

What has to be said stands there; every other key stands behind a # with its default, and each with
what its type says of it.
"""

from collections.abc import Iterable, Iterator
from typing import Any, get_args

import msgspec

from fairlead.inventory import kinds, nodesets
from fairlead.inventory.hosts import HostSpec
from fairlead.inventory.yamlfile import inline
from fairlead.model.plan import Noun, System

COLUMN = 32  # where the remarks begin
DEEPEST = 5  # maps within maps
# A site of no hosts yet, to which `inv site.import --write` adds some.
NO_HOSTS = (
    'hosts: {}                       # such as  "n[1-3]": {address: "10.0.3.%", user: root}\n'
)
NOTHING: tuple[object, ...] = (None, "", (), [], {})


class Draft(Noun):
    """Whose hosts stand in it: a node set, and the first of it where only one can."""

    hosts: str
    host: str

    def of_hosts(self) -> str:
        """The map `hosts:`."""
        lines = [
            Line(0, "hosts:", "what there is, and the way to each"),
            Line(1, f"{inline(self.hosts)}:", "n[1-3] are three; what is said holds for each"),
            *self._keys(HostSpec, 2, 2),
        ]
        return _text(lines)

    def of_system(self, system: System) -> str:
        """The section of a system."""
        has_own = "hosts" in kinds.fields(system.section_type)
        parts = () if has_own else system.components
        keys = self._keys(system.section_type, 1, 0, parts)
        return _text([Line(0, f"{system.name}:", system.about), *keys])

    def _keys(
        self, kind: type[msgspec.Struct], depth: int, hidden: int, parts: Iterable[str] = ()
    ) -> "Iterator[Line]":
        """The keys of one map; `hidden`: the depth from which on all is a remark, 0: none is.

        `parts`: the components whose keys name hosts, where the section itself has none.
        """
        for name, field in kinds.fields(kind).items():
            if field.required or (not hidden and name == "hosts"):
                yield Line(depth, self._filled(name, field.type), _about(field.type), hidden)
            else:
                is_open = not hidden and name in parts and _has_hosts(field)
                yield from self._below(name, field, depth, 0 if is_open else hidden or depth)

    def _below(self, name: str, field: Any, depth: int, hidden: int) -> "Iterator[Line]":
        """A key that need not be there, with all below it."""
        struct = _struct(field)
        if struct is None or depth == DEEPEST:
            yield Line(depth, _defaulted(name, field), _about(field.type), hidden)
            return
        yield Line(depth, f"{name}:", _about(field.type), hidden)
        yield from self._keys(struct, depth + 1, hidden)

    def _filled(self, name: str, kind: Any) -> str:
        names = kinds.words(kind).get("names", name)
        value = {"hosts": self.hosts, "host": self.host}.get(names)
        return f"{name}: {inline(value)}" if value else f"{name}:"


def of(hosts: str) -> Draft:
    """Drafts with these hosts. Raises CommandLineError."""
    return Draft(hosts, nodesets.expand(hosts, "--host")[0])


class Line(Noun):
    """One key; `hidden`: the depth at which its # stands, 0: it has none."""

    depth: int
    key: str
    about: str
    hidden: int = 0

    @property
    def text(self) -> str:
        before = "  " * (self.hidden or self.depth)
        if self.hidden:
            before += "# " + "  " * (self.depth - self.hidden)
        start = f"{before}{self.key}"
        return f"{start:{COLUMN - 1}} # {self.about}" if self.about else start


def _text(lines: Iterable[Line]) -> str:
    return "".join(f"{line.text}\n" for line in lines)


def _has_hosts(field: Any) -> bool:
    struct = _struct(field)
    return struct is not None and "hosts" in kinds.fields(struct)


def _struct(field: Any) -> type[msgspec.Struct] | None:
    """The map that a key has, where it can be no other."""
    structs = [part for part in kinds.members(field.type) if kinds.is_struct(part)]
    return structs[0] if len(structs) == 1 else None


def _defaulted(name: str, field: Any) -> str:
    """A key with its default, alone where it has none that a file could say."""
    value = field.default
    if value is msgspec.NODEFAULT:
        value = field.default_factory()
    data = msgspec.to_builtins(value)
    return f"{name}:" if data in NOTHING else f"{name}: {inline(data)}"


def _about(kind: Any) -> str:
    """What is said of a key: the last description, and the choices that it does not name."""
    descriptions = [meta.description for meta in _metas(kind) if meta.description]
    text = " ".join(descriptions[-1].split()) if descriptions else ""
    choices = [choice for choice in kinds.choices(kind) if choice]
    if all(choice in text for choice in choices):
        return text
    return " | ".join([*choices]) + (f": {text}" if text else "")


def _metas(kind: Any) -> Iterator[msgspec.Meta]:
    for part in get_args(kind):
        yield from getattr(part, "__metadata__", ())
    yield from getattr(kind, "__metadata__", ())
