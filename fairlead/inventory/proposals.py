"""Sections that a system proposes for single hosts become one, where the hosts agree."""

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.inventory import nodesets
from fairlead.inventory.yamlfile import inline
from fairlead.model.plan import Noun

HOSTS = "hosts"
Section = Mapping[str, Any]


class Folded(Noun):
    """One section, the hosts that are in it, and what is said of the others."""

    section: Section
    hosts: tuple[str, ...]
    remarks: tuple[str, ...]


def folded(sections: Mapping[str, Section], name: str) -> Folded:
    """The sections of hosts as one; `name`: of the system.

    A map with `hosts` is a part: it holds for the hosts that say the same in it, and those that are
    most make the section. What another host says is a remark, and that part of it is left out.
    """
    remarks: list[str] = []
    section = _part(sections, name, remarks)
    members = set(_members(section))
    hosts = tuple(host for host in sections if host in members)
    return Folded(section, hosts, tuple(remarks))


def _part(sections: Mapping[str, Section], path: str, remarks: list[str]) -> dict[str, Any]:
    """One map of the section, and those below it."""
    agreeing = _agreeing(sections, path, remarks)
    merged: dict[str, Any] = {}
    for host, section in agreeing.items():
        own = {key: value for key, value in section.items() if not _is_part(value)}
        merged |= {key: value for key, value in own.items() if key not in merged}
        if HOSTS in own:
            merged[HOSTS] = nodesets.fold(
                host for host, section in agreeing.items() if HOSTS in section
            )
    for key in dict.fromkeys(key for section in agreeing.values() for key in section):
        parts = {host: section[key] for host, section in agreeing.items() if key in section}
        if any(map(_is_part, parts.values())):
            merged[key] = _part(parts, f"{path}.{key}", remarks)
    return merged


def _agreeing(sections: Mapping[str, Section], path: str, remarks: list[str]) -> dict[str, Section]:
    """Those of the hosts that say the same as most; a remark on each of the others."""
    groups: dict[str, list[str]] = {}
    for host, section in sections.items():
        groups.setdefault(inline(_values(section)), []).append(host)
    most = max(groups.values(), key=len)
    for hosts in groups.values():
        if hosts is not most:
            words = ", ".join(_differences(sections[hosts[0]], sections[most[0]]))
            names = f"{nodesets.fold(hosts)} and {nodesets.fold(most)}"
            left_out = f"{nodesets.fold(hosts)} is"
            remedy = "leave them out, or give them a site of their own"
            remarks.append(f"{path}: {names} differ ({words}): {left_out} left out; {remedy}")
    return {host: section for host, section in sections.items() if host in most}


def _values(section: Section) -> dict[str, Any]:
    """What has to be the same on all hosts."""
    values = {k: v for k, v in section.items() if k != HOSTS and not _is_part(v)}
    return dict(sorted(values.items()))


def _differences(section: Section, other: Section) -> Iterator[str]:
    ours, theirs = _values(section), _values(other)
    for key in dict.fromkeys((*ours, *theirs)):
        if ours.get(key) != theirs.get(key):
            yield f"{key}: {_shown(ours, key)}, {_shown(theirs, key)}"


def _shown(values: Section, key: str) -> str:
    return inline(values[key]) if key in values else "nothing"


def _is_part(value: object) -> bool:
    return isinstance(value, Mapping) and (HOSTS in value or any(map(_is_part, value.values())))


def _members(section: Section) -> Iterator[str]:
    """Every host that is named."""
    for key, value in section.items():
        if key == HOSTS:
            yield from nodesets.expand(value, HOSTS)
        elif _is_part(value):
            yield from _members(value)
