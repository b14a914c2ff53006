"""Hosts and groups of elsewhere as keys of a site file: hosts alike under one node set."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fairlead.inventory import nodesets
from fairlead.inventory.hosts import HostSpec, read_groups, read_hosts
from fairlead.inventory.tree import Tree
from fairlead.inventory.validation import typed
from fairlead.model.errors import SiteError
from fairlead.model.plan import Noun
from fairlead.model.sources import Inventory, SourceHost

_NUMBER = re.compile(r"[0-9]+")


class Fragment(Noun):
    """What a site file would hold: node set -> its keys, group -> node set; and what it cannot."""

    hosts: Mapping[str, Mapping[str, Any]]
    groups: Mapping[str, str]
    remarks: tuple[str, ...]


def fragment(
    inventory: Inventory,
    known: Iterable[str] = (),
) -> Fragment:
    """The inventory as a site file has it, without the hosts and groups that are `known` there.

    What a site file cannot hold is left out, and said.
    """
    fitting, remarks = _fitting(inventory.hosts)
    names = {host.name for host in fitting}
    groups, left_out = _groups(inventory.groups, names)
    new = [host for host in fitting if host.name not in known]
    return Fragment(
        hosts=dict(_folded(new)),
        groups=groups,
        remarks=(*inventory.remarks, *remarks, *left_out),
    )


def keys(host: SourceHost) -> dict[str, Any]:
    """The keys of one host that it has a value for."""
    fields = ("address", "user", "port", "via", "sudo", "transport", "identity")
    values = {name: getattr(host, name) for name in fields}
    return {name: value for name, value in values.items() if value}


def _fitting(hosts: Iterable[SourceHost]) -> tuple[list[SourceHost], list[str]]:
    """The hosts that a site file can hold, and what is said of the others."""
    fitting: list[SourceHost] = []
    remarks: list[str] = []
    for host in hosts:
        problem = _problem(host)
        if problem:
            remarks.append(f"the host {host.name!r} is left out: {problem}")
        elif host.name != nodesets.LOCAL:
            fitting.append(host)
    names = {host.name for host in fitting}
    for host in list(fitting):
        if host.via and host.via not in names:
            fitting.remove(host)
            remarks.append(f"the host {host.name!r} is left out: its way leads by {host.via!r}")
    return fitting, remarks


def _problem(host: SourceHost) -> str:
    """What a site file would say to this host; "" where it takes it."""
    where = "import:1"
    spec = {key: value for key, value in keys(host).items() if key != "via"}
    tree = Tree({key: Tree(value, where, str(value)) for key, value in spec.items()}, where)
    try:
        typed(tree, HostSpec, "host")
        read_hosts(Tree({host.name: tree}, where))
    except SiteError as error:
        return error.what
    is_one = re.fullmatch(nodesets.NAME, host.name, re.ASCII)
    return "" if is_one else "that is no name of a host"


def _groups(
    groups: Mapping[str, str],
    hosts: set[str],
) -> tuple[dict[str, str], list[str]]:
    """The groups that name these hosts alone, folded where they name no group."""
    where = "import:1"
    known = {name: Tree({}, where) for name in hosts}
    every = read_hosts(Tree(known, where))
    fitting: dict[str, str] = {}
    remarks: list[str] = []
    for name, text in groups.items():
        try:
            members = nodesets.members([text], groups, name, SiteError)
            nodesets.resolve([text], tuple(every), groups, name, SiteError)
            whole = text if "@" in text else nodesets.fold(members)
            tree = {name: Tree(whole, where, whole)}
            read_groups(Tree(tree | _trees(groups, where, name), where), every)
            fitting[name] = whole
        except SiteError as error:
            remarks.append(f"the group {name!r} is left out: {error.what}")
    return fitting, remarks


def _trees(
    groups: Mapping[str, str],
    where: str,
    name: str,
) -> dict[str, Tree]:
    """The groups beside `name` that it may name."""
    text = groups[name]
    names = [other for other in groups if other != name and f"@{other}" in text]
    return {other: Tree(groups[other], where, groups[other]) for other in names}


def _folded(hosts: list[SourceHost]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Node set -> keys: hosts whose names are alike and whose keys are, but for the number."""
    patterns = Counter(pattern for host in hosts for pattern in set(_patterns(host)))
    alike: dict[tuple[Any, ...], list[str]] = {}
    for host in hosts:
        pattern = max(_patterns(host), key=lambda text: patterns[text])
        if patterns[pattern] == 1:
            pattern = host.address
        spec = keys(host) | ({"address": pattern} if pattern else {})
        is_own = bool(pattern) and "%" not in pattern
        stem = host.name if is_own else _NUMBER.sub("#", host.name)
        alike.setdefault((stem, *spec.items()), []).append(host.name)
    for (_, *items), names in alike.items():
        yield nodesets.fold(names), dict(items)


def _patterns(host: SourceHost) -> list[str]:
    """The ways to write its address, with the last number of its name as % or %03 in one place."""
    numbers = _NUMBER.findall(host.name)
    patterns = [host.address]
    for match in _NUMBER.finditer(host.address) if numbers else ():
        digits = match[0]
        width = f"0{len(digits)}" if digits.startswith("0") and 1 < len(digits) < 10 else ""
        if int(digits) == int(numbers[-1]) and (width or str(int(digits)) == digits):
            start, end = host.address[: match.start()], host.address[match.end() :]
            patterns.append(f"{start}%{width}{end}")
    return patterns
