"""An inventory of Ansible: hosts with the variables that say the way to them, groups."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from msgspec import Meta

from fairlead.api import Inventory, SourceAccess, SourceSettings, hookimpl

from . import ansible_files
from .ansible_files import Files
from .ansible_variables import Way
from .common import ALL, group_name, left_out, renamed

PLACE = "/etc/ansible/hosts"
UNGROUPED = "ungrouped"


class Settings(SourceSettings, kw_only=True, forbid_unknown_fields=True):
    """Where the inventory lies."""

    file: Annotated[
        str, Meta(description="the inventory, INI or YAML; default: /etc/ansible/hosts")
    ] = ""


@hookimpl
def read_inventory(access: SourceAccess) -> Inventory:
    file = access.file or PLACE
    files = ansible_files.read(access, file)
    variables = _Variables(files, access, file)
    way = Way()
    hosts = {name: way.host(name, variables.of(name)) for name in files.hosts}
    for name in way.by_length(files.hosts, variables.of):
        way.lead(name, variables.of(name), hosts)
    groups, remarks = _groups(files)
    return Inventory(
        hosts=tuple(hosts.values()),
        groups=groups,
        remarks=(*files.remarks, *way.remarks, *remarks),
    )


class _Variables:
    """The variables of each host, those of its groups and of the files beside joined."""

    def __init__(self, files: Files, access: SourceAccess, file: str):
        self.files = files
        self.of_groups = ansible_files.beside(access, file, "group_vars", files)
        self.of_hosts = ansible_files.beside(access, file, "host_vars", files)
        self.parents: dict[str, list[str]] = {}
        for name, group in files.groups.items():
            for child in group.children:
                self.parents.setdefault(child, []).append(name)
        self.depths: dict[str, int] = {}

    def of(self, host: str) -> Mapping[str, Any]:
        """The nearer a group, the more it counts; the host's own count most."""
        names = self._groups(host)
        joined: dict[str, Any] = {}
        for name in names:
            joined |= self.files.groups[name].variables if name in self.files.groups else {}
        for name in names:
            joined |= self.of_groups.get(name, {})
        return joined | self.files.hosts[host] | self.of_hosts.get(host, {})

    def _groups(self, host: str) -> list[str]:
        """Every group of a host, `all` and what is far first."""
        near = [name for name, group in self.files.groups.items() if host in group.hosts]
        names = dict.fromkeys(near)
        for name in near:
            names |= dict.fromkeys(self._above(name, ()))
        names.pop(ALL, None)
        return [ALL, *sorted(names, key=lambda name: (self._depth(name, ()), name))]

    def _above(self, group: str, below: tuple[str, ...]) -> Iterator[str]:
        for parent in self.parents.get(group, ()):
            if parent not in below:
                yield parent
                yield from self._above(parent, (*below, group))

    def _depth(self, group: str, below: tuple[str, ...]) -> int:
        """Of several ways to a group the longest counts."""
        if group not in self.depths:
            parents = [name for name in self.parents.get(group, ()) if name not in below]
            depths = [self._depth(name, (*below, group)) for name in parents]
            self.depths[group] = 1 + max(depths, default=0)
        return self.depths[group]


def _groups(files: Files) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Group -> its hosts and children as a node set, and what is said of the others."""
    names = {name: group_name(name) for name in files.groups if name not in (ALL, UNGROUPED)}
    full = {name for name in names if _has_hosts(files, name, ())}
    groups = {}
    for name in names:
        children = [f"@{names[child]}" for child in files.groups[name].children if child in full]
        if name in full:
            groups[names[name]] = ",".join([*files.groups[name].hosts, *children])
    others = {name: new for name, new in names.items() if name != new and name in full}
    return groups, (*renamed(others), *left_out(name for name in names if name not in full))


def _has_hosts(files: Files, name: str, above: tuple[str, ...]) -> bool:
    group = files.groups[name]
    return bool(group.hosts) or any(
        _has_hosts(files, child, (*above, name)) for child in group.children if child not in above
    )
