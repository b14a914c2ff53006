"""sites/*.yml -> typed, frozen values; every error names file, line, key path and remedy. Sole user of yaml.

YAML 1.2: 22:30, yes and on are text; true and false are the only switches. The events of the parser are read one by one, so that depth and
number of values are bounded before anything is built (the composer of libyaml overflows the stack on a file of brackets).
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta

from fairlead.inventory import hosts as inventory
from fairlead.inventory import nodesets
from fairlead.inventory.hosts import Host, HostSpec
from fairlead.inventory.types import (
    AbsolutePath,
    ContainerName,
    HostName,
    ImageName,
    NodeSet,
    OneHost,
    Port,
    Tag,
    TimeZone,
    Tree,
    Url,
    UserName,
    Version,
    keys,
    nearest,
    refuse,
    text,
    typed,
    value,
)
from fairlead.model.errors import CommandLineError, SiteError
from fairlead.model.plan import Noun, System

__all__ = [
    "AbsolutePath", "ContainerName", "Host", "HostName", "ImageName", "NodeSet", "OneHost", "Port", "Site", "Ssh", "Tag", "TimeZone",
    "Url", "UserName", "Version", "find", "keys", "load", "schema", "text", "value",
]  # fmt: skip

VALUES = 20_000  # that one file may hold, those that aliases repeat included
DEEPEST = 60
LARGEST = 1 << 20  # bytes
OWN = ("extends", "hosts", "groups", "offline", "ssh", "secrets")

_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})", re.ASCII)
_BROKEN = re.compile(
    r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]{0,17})(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?", re.ASCII
)
_WORDS = (
    dict.fromkeys(("", "~", "null", "Null", "NULL"))
    | dict.fromkeys(("true", "True", "TRUE"), True)
    | dict.fromkeys(("false", "False", "FALSE"), False)
)


class Ssh(Noun, kw_only=True, forbid_unknown_fields=True):
    """How hosts are reached. Paths are relative to the site file; `connect_timeout` in seconds."""

    config: Annotated[str, Meta(description="an ssh_config to read; default: ~/.ssh/config")] = ""
    known_hosts: Annotated[
        str, Meta(description="host keys of this site, read beside your own and the system's")
    ] = ""
    connect_timeout: Annotated[
        float, Meta(gt=0, le=600, description="seconds until a host counts as unreachable")
    ] = 10


class Site(Noun, kw_only=True):
    """What is where, in the order of the file. `hosts` with `local` (this machine); `sections`: system -> its typed Struct, `stores` likewise."""

    name: str
    path: str
    hosts: Mapping[str, Host]
    groups: Mapping[str, str]
    sections: Mapping[str, Any]
    ssh: Ssh = Ssh()
    stores: Mapping[str, Any] = {}

    def resolve(self, *texts: str, where: str = "--host") -> tuple[str, ...]:
        """The hosts that an operator's texts name together. Raises CommandLineError."""
        return nodesets.resolve(texts, tuple(self.hosts), self.groups, where)

    def hosts_of(self, system: str, component: str = "") -> tuple[str, ...]:
        """Where a component belongs: the `hosts` of its own part of the section, else those of the section. Offline hosts are among them.

        A component whose part is left out, or has no hosts where the section itself has no such key, belongs nowhere.
        """
        if system not in self.sections:
            raise SiteError(
                self.path, f"has no section {system!r}", nearest(system, tuple(self.sections))
            )
        section = self.sections[system]
        if component and getattr(section, component, self) is None:
            return ()
        own = getattr(getattr(section, component, None), "hosts", None) if component else None
        if own is not None and not own and not hasattr(section, "hosts"):
            return ()
        texts, path = (
            (own, f"{system}.{component}.hosts")
            if own
            else (getattr(section, "hosts", None), f"{system}.hosts")
        )
        if not texts:
            raise SiteError(
                f"{self.path}: {path}",
                "no hosts are named",
                "add the key hosts, for instance n[1-3]",
            )
        return nodesets.resolve(
            [texts] if isinstance(texts, str) else texts,
            tuple(self.hosts),
            self.groups,
            f"{self.path}: {path}",
            SiteError,
        )


def find(option: str, environment: Mapping[str, str], folder: Path, configured: str = "") -> Path:
    """The site file: --site, FAIRLEAD_SITE, invoke.yaml's `fairlead: {site: ...}` (`configured`), the only one in folder/sites.

    A bare name is sites/NAME.yml. Raises CommandLineError, or SiteError where there is none at all.
    """
    for asked, where in (
        (option, "--site"),
        (environment.get("FAIRLEAD_SITE", ""), "FAIRLEAD_SITE"),
        (configured, "invoke.yaml: fairlead.site"),
    ):
        if asked:
            return _asked(asked, where, folder)
    there = _sites(folder)
    if not there:
        raise SiteError(
            str(Path(_shown(folder), "sites")),
            "no site file here",
            "copy sites/example.yml to sites/NAME.yml and fill it in",
        )
    if len(there) > 1:
        raise CommandLineError(
            "--site",
            f"which one? there are {', '.join(path.stem for path in there)}",
            f"for instance --site={there[0].stem}",
        )
    return there[0]


def load(path: Path, systems: Mapping[str, System], stores: Mapping[str, type] = {}) -> Site:
    """The site, everything in it checked: hosts, groups, every section by the Struct of its system (and of its store), every `hosts` in them."""
    tree = _file(Path(path), ())
    for key, part in tree.what.items():
        if key not in OWN and key not in systems:
            raise SiteError(
                f"{part.where}: {key}", "no such section", nearest(key, (*OWN, *systems))
            )
    nothing = Tree({}, tree.where)
    hosts = inventory.hosts(tree.what.get("hosts", nothing))
    groups = inventory.groups(tree.what.get("groups", nothing), hosts)
    hosts = _offline(tree.what.get("offline"), hosts, groups)

    def names(text: str, where: str) -> tuple[str, ...]:
        return nodesets.resolve([text], tuple(hosts), groups, where, SiteError)

    sections = {
        key: typed(_map(part), systems[key].section, key, names)
        for key, part in tree.what.items()
        if key not in OWN
    }
    site = Site(
        name=Path(path).stem,
        path=_shown(path),
        hosts=hosts,
        groups=groups,
        sections=sections,
        ssh=_ssh(tree.what.get("ssh", nothing)),
        stores=_stores(_map(tree.what.get("secrets", nothing)), stores),
    )
    for key, section in sections.items():
        for clash in section.clashes(site) if hasattr(section, "clashes") else ():
            raise refuse(clash, tree.what[key], key)
    return site


def schema(systems: Mapping[str, System], stores: Mapping[str, type] = {}) -> dict[str, Any]:
    """The JSON Schema of a site file with these systems, for editors."""
    import msgspec

    kinds = [HostSpec, Ssh, *(system.section for system in systems.values())]
    (entry, ssh, *sections), parts = msgspec.json.schema_components(
        kinds, ref_template="#/$defs/{name}"
    )
    kept = {
        name: {
            "anyOf": [_closed(msgspec.json.schema(kind)["$defs"][kind.__name__]), {"type": "null"}]
        }
        for name, kind in stores.items()
    }
    properties = {
        "extends": {
            "type": "string",
            "description": "a file whose keys hold where this one does not say otherwise",
        },
        "hosts": {"type": "object", "additionalProperties": {"anyOf": [entry, {"type": "null"}]}},
        "groups": {"type": "object", "additionalProperties": {"type": "string"}},
        "offline": {"type": "string", "description": "hosts to leave out"},
        "ssh": ssh,
        "secrets": {
            "type": "object",
            "description": "stores of secrets besides the age store",
            "properties": kept,
            "additionalProperties": False,
        },
    } | {
        name: {"anyOf": [section, {"type": "null"}], "description": systems[name].about}
        for name, section in zip(systems, sections, strict=True)
    }
    top = {"title": "a fairlead site", "type": "object", "properties": properties}
    defs = {name: _closed(part) for name, part in parts.items()}
    whole = (
        {"$schema": "https://json-schema.org/draft/2020-12/schema"} | _closed(top) | {"$defs": defs}
    )
    return msgspec.json.decode(msgspec.json.encode(whole))  # defaults as JSON has them


def _closed(part: dict[str, Any]) -> dict[str, Any]:
    """No unknown keys, but those of the user's own."""
    return (
        part | {"additionalProperties": False, "patternProperties": {"^x-": {}}}
        if "properties" in part
        else part
    )


def _asked(asked: str, where: str, folder: Path) -> Path:
    bare = "/" not in asked and not asked.endswith((".yml", ".yaml"))
    tries = (
        [folder / "sites" / f"{asked}.yml"]
        if bare
        else [folder / asked, *([folder / "sites" / asked] if "/" not in asked else [])]
    )
    for path in tries:
        if path.is_file():
            return path
    there = ", ".join(path.stem for path in _sites(folder)) or "none"
    raise CommandLineError(
        where, f"no such site {asked!r}: {_shown(tries[-1])} is not there", f"there are: {there}"
    )


def _sites(folder: Path) -> list[Path]:
    """The sites of a folder: not the example, and not what another one extends."""
    files = sorted(path for path in (folder / "sites").glob("*.yml") if path.name != "example.yml")
    said = [
        re.findall(
            r"^extends:\s*[\"']?([^\s\"'#]+)", path.read_text(errors="replace"), re.MULTILINE
        )
        for path in files
    ]
    bases = {
        (path.parent / name).resolve()
        for path, names in zip(files, said, strict=True)
        for name in names
    }
    return [path for path in files if path.resolve() not in bases]


def _ssh(tree: Tree) -> Ssh:
    ssh = typed(_map(tree), Ssh, "ssh")
    at = {key: part.where.rpartition(":")[0] for key, part in _map(tree).what.items()}
    return Ssh(
        config=inventory.beside(at.get("config", ""), ssh.config),
        known_hosts=inventory.beside(at.get("known_hosts", ""), ssh.known_hosts),
        connect_timeout=ssh.connect_timeout,
    )


def _stores(tree: Tree, stores: Mapping[str, type]) -> dict[str, Any]:
    """Where secrets are kept besides the age store: name -> settings, in the order of the file."""
    typed(tree, dict[str, Any], "secrets")
    for name, part in tree.what.items():
        if name not in stores:
            raise SiteError(f"{part.where}: secrets.{name}", "no such store", nearest(name, stores))
    return {
        name: typed(_map(part), stores[name], f"secrets.{name}") for name, part in tree.what.items()
    }


def _offline(
    tree: Tree | None, hosts: dict[str, Host], groups: Mapping[str, str]
) -> dict[str, Host]:
    if tree is None:
        return hosts
    names = nodesets.resolve(
        [typed(tree, str, "offline")], tuple(hosts), groups, f"{tree.where}: offline", SiteError
    )
    from msgspec.structs import replace

    return {name: replace(host, offline=name in names) for name, host in hosts.items()}


def _map(tree: Tree) -> Tree:
    """A section that is only named is an empty one."""
    return Tree({}, tree.where) if tree.what is None else tree


def _shown(path: Path | str) -> str:
    """A path as an operator would type it from here."""
    near = os.path.relpath(path)
    return str(path) if near.startswith("..") else near


def _file(path: Path, above: tuple[Path, ...]) -> Tree:
    """A file over what it extends: maps merge, anything else replaces."""
    tree = _Yaml(_shown(path), path).document()
    if "extends" not in tree.what:
        return tree
    base = tree.what["extends"]
    where = f"{base.where}: extends"
    other = path.parent / typed(base, str, "extends")
    chain = (*above, path.resolve())
    if other.resolve() in chain:
        raise SiteError(
            where, f"{base.what!r} extends this file in turn", "take one of the two away"
        )
    if not other.is_file():
        raise SiteError(
            where, f"no such file {_shown(other)!r}", "the path is relative to this file"
        )
    return _overlay(
        _file(other, chain),
        Tree({key: part for key, part in tree.what.items() if key != "extends"}, tree.where),
    )


def _overlay(base: Tree, over: Tree) -> Tree:
    if not isinstance(base.what, dict) or not isinstance(over.what, dict):
        return over
    return Tree(
        base.what
        | {
            key: _overlay(base.what[key], part) if key in base.what else part
            for key, part in over.what.items()
        },
        over.where,
    )


class _Yaml:
    """One file, read event by event into a Tree."""

    def __init__(self, file: str, path: Path):
        import yaml

        self.file, self.errors = file, yaml.YAMLError
        self.events = yaml.parse(
            self._text(path), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        )
        self.left = VALUES
        self.anchors: dict[str, tuple[Tree, int]] = {}
        self.path: list[str] = []

    def document(self) -> Tree:
        """The map that the file is."""
        event = self._next()
        while type(event).__name__ in ("StreamStartEvent", "DocumentStartEvent"):
            event = self._next()
        tree = (
            Tree(None, f"{self.file}:1")
            if type(event).__name__ == "StreamEndEvent"
            else self._node(event)
        )
        if not isinstance(tree.what, dict):
            raise SiteError(
                tree.where,
                "wanted a map of hosts and systems" if tree.what else "is empty",
                "sites/example.yml shows one",
            )
        if any(type(event).__name__ == "DocumentStartEvent" for event in self._rest()):
            raise SiteError(self.file, "holds a second document", "take the line --- away")
        return tree

    def _text(self, path: Path) -> str:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise SiteError(
                self.file, f"cannot be read: {error.strerror}", "give the path of a site file"
            ) from error
        if len(data) > LARGEST:
            raise SiteError(self.file, "is larger than 1 MiB", "a site file is smaller")
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise SiteError(
                f"{self.file}:{data.count(10, 0, error.start) + 1}",
                "is not UTF-8",
                "save it as UTF-8",
            ) from error

    def _next(self) -> Any:
        try:
            return next(self.events)
        except self.errors as error:
            mark = getattr(error, "problem_mark", None)
            where = f"{self.file}:{mark.line + 1}" if mark else self.file
            raise SiteError(
                where,
                f"is not YAML: {getattr(error, 'problem', None) or getattr(error, 'reason', error)}",
                self._hint(error),
            ) from error

    def _hint(self, error: Exception) -> str:
        said = str(error)
        if "start any token" in said or "alias" in said or "anchor" in said:
            return "indent with spaces, and quote a value that begins with @ % ` & or *"
        return (
            "quote a value that holds `: `"
            if "mapping values" in said
            else "see the line above too"
        )

    def _rest(self) -> Iterator[Any]:
        while type(event := self._next()).__name__ != "StreamEndEvent":
            yield event

    def _node(self, event: Any) -> Tree:
        kind, before = type(event).__name__, self.left
        self._spend(event, 1)
        if kind == "AliasEvent":
            return self._alias(event)
        tree = {
            "ScalarEvent": self._scalar,
            "MappingStartEvent": self._mapping,
            "SequenceStartEvent": self._sequence,
        }[kind](event)
        if event.anchor:
            self.anchors[event.anchor] = (tree, before - self.left)
        return tree

    def _alias(self, event: Any) -> Tree:
        if event.anchor not in self.anchors:
            raise self._error(
                event, f"no such anchor '&{event.anchor}' above", "quote a value that begins with *"
            )
        tree, size = self.anchors[event.anchor]
        self._spend(event, size)
        return tree

    def _scalar(self, event: Any) -> Tree:
        if event.tag not in (None, "!", "tag:yaml.org,2002:str"):
            raise self._error(event, f"the tag {event.tag!r} is refused", "write plain values")
        is_plain = event.tag is None and event.implicit[0]
        return Tree(
            _meant(event.value) if is_plain else event.value, self._where(event), event.value
        )

    def _sequence(self, event: Any) -> Tree:
        self._inside(event)
        parts = []
        while type(item := self._next()).__name__ != "SequenceEndEvent":
            parts.append(self._within(f"[{len(parts)}]", item))
        return Tree(tuple(parts), self._where(event))

    def _mapping(self, event: Any) -> Tree:
        self._inside(event)
        found: dict[str, Tree] = {}
        merged: dict[str, Tree] = {}
        while type(key := self._next()).__name__ != "MappingEndEvent":
            name, where = self._key(key), self._where(key)
            part = self._within(f".{name}", self._next())
            if name == "<<" and key.implicit[0]:
                merged = self._merge(key, part) | merged
            elif name in found:
                raise self._error(
                    key,
                    f"the key {name!r} stands twice",
                    f"the first is at line {found[name].where.rpartition(':')[2]}",
                )
            else:
                found[name] = Tree(part.what, where, part.written)
        return Tree(
            {key: part for key, part in (merged | found).items() if not key.startswith("x-")},
            self._where(event),
        )

    def _merge(self, key: Any, part: Tree) -> dict[str, Tree]:
        parts = part.what if isinstance(part.what, tuple) else (part,)
        if not all(isinstance(one.what, dict) for one in parts):
            raise self._error(key, "<< wants a map", "write <<: *ANCHOR")
        return {key: value for one in reversed(parts) for key, value in one.what.items()}

    def _key(self, event: Any) -> str:
        self._spend(event, 1)
        if type(event).__name__ != "ScalarEvent" or not event.value or event.tag:
            raise self._error(event, "a key has to be text", "quote it")
        return event.value

    def _within(self, name: str, event: Any) -> Tree:
        self.path.append(name)
        tree = self._node(event)
        self.path.pop()
        return tree

    def _inside(self, event: Any) -> None:
        if event.tag not in (None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
            raise self._error(event, f"the tag {event.tag!r} is refused", "write plain values")
        if len(self.path) > DEEPEST:
            raise self._error(event, f"more than {DEEPEST} levels deep", "write it flatter")

    def _spend(self, event: Any, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise SiteError(
                self._where(event),
                f"more than {VALUES:,} values",
                "a site is smaller; do aliases repeat aliases?",
            )

    def _where(self, event: Any) -> str:
        return f"{self.file}:{event.start_mark.line + 1}"

    def _error(self, event: Any, what: str, remedy: str) -> SiteError:
        path = "".join(self.path[:12]).lstrip(".")
        return SiteError(self._where(event) + (f": {path}" if path else ""), what, remedy)


def _meant(written: str) -> Any:
    """A plain scalar by the core rules of YAML 1.2, numbers with leading zeros left as text."""
    if written in _WORDS:
        return _WORDS[written]
    if _WHOLE.fullmatch(written):
        return int(written)
    return float(written) if _BROKEN.fullmatch(written) else written
