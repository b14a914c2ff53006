"""Sections that a system proposes for single hosts become one, where the hosts agree."""

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.inventory import nodesets
from fairlead.inventory.yamlfile import inline
from fairlead.model.plan import Noun

HOSTS = "hosts"
REMEDY = "leave them out, or give them a site of their own"
Section = Mapping[str, Any]
Sections = Mapping[str, Section]  # of each host


class Folded(Noun):
    """One section, the hosts that are in it, and what is said of the others."""

    section: Section
    hosts: tuple[str, ...]
    remarks: tuple[str, ...]


def folded(sections: Sections, name: str) -> Folded:
    """The sections of hosts as one; `name`: of the system.

    A map with `hosts`, or with a host's own name as a key, is a part; a map of maps has names of
    things as keys. Each part and each thing is of the hosts that say the same of it, and those that
    are most make the section. What another host says is a remark, and left out.
    """
    fold = _Fold()
    section = fold.part(sections, name) if sections else {}
    members = set(_members(section)) or fold.agreeing
    hosts = tuple(host for host in sections if host in members)
    return Folded(section, hosts, tuple(fold.remarks))


class _Fold:
    """`agreeing`: the hosts of which something is in the section."""

    def __init__(self) -> None:
        self.remarks: list[str] = []
        self.agreeing: set[str] = set()

    def part(self, sections: Sections, path: str) -> dict[str, Any]:
        """One map of the section, and those below it."""
        if not all(map(_has_names, sections.values())):
            sections = self._alike(sections, path)
        merged: dict[str, Any] = {}
        for key in dict.fromkeys(key for section in sections.values() for key in section):
            values = {host: section[key] for host, section in sections.items() if key in section}
            merged[key] = self._value(values, key, path)
        return merged

    def _value(self, values: Mapping[str, Any], key: str, path: str) -> Any:
        if key == HOSTS:
            return nodesets.fold(values)
        if any(_is_part(value, host) for host, value in values.items()):
            return self.part(values, f"{path}.{key}")
        return next(iter(self._alike(values, f"{path}.{key}").values()))

    def _alike(self, sections: Mapping[str, Any], path: str) -> dict[str, Any]:
        """Those of the hosts that say the same as most; a remark on each of the others."""
        groups: dict[str, list[str]] = {}
        for host, section in sections.items():
            groups.setdefault(inline(_values(section, host)), []).append(host)
        most = max(groups.values(), key=len)
        for hosts in groups.values():
            if hosts is not most:
                words = ", ".join(_differences(sections, hosts[0], most[0]))
                names, others = nodesets.fold(hosts), nodesets.fold(most)
                what = f"{names} and {others} differ ({words}): {names} is left out"
                self.remarks.append(f"{path}: {what}; {REMEDY}")
        self.agreeing |= set(most)
        return {host: sections[host] for host in most}


def _values(section: Any, host: str) -> Any:
    """What has to be the same on all hosts."""
    if not isinstance(section, Mapping):
        return section
    own = (key for key in sorted(section) if key not in (HOSTS, host))
    return {key: section[key] for key in own if not _is_part(section[key], host)}


def _differences(sections: Mapping[str, Any], host: str, other: str) -> Iterator[str]:
    ours, theirs = _values(sections[host], host), _values(sections[other], other)
    if not isinstance(ours, Mapping) or not isinstance(theirs, Mapping):
        yield f"{inline(ours)}, {inline(theirs)}"
        return
    for key in dict.fromkeys((*ours, *theirs)):
        if ours.get(key) != theirs.get(key):
            yield f"{key}: {_shown(ours, key)}, {_shown(theirs, key)}"


def _shown(values: Section, key: str) -> str:
    return inline(values[key]) if key in values else "nothing"


def _is_part(value: object, host: str) -> bool:
    if not isinstance(value, Mapping) or not value:
        return False
    names_host = HOSTS in value or host in value
    return names_host or _has_names(value) or any(_is_part(v, host) for v in value.values())


def _has_names(section: Section) -> bool:
    """Are its keys names of things, each with what is said of it?"""
    return all(isinstance(value, Mapping) for value in section.values())


def _members(section: Section) -> Iterator[str]:
    """Every host that is named under `hosts`."""
    for key, value in section.items():
        if key == HOSTS:
            yield from nodesets.expand(value, HOSTS)
        elif isinstance(value, Mapping):
            yield from _members(value)
