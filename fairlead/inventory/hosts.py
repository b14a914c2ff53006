"""The hosts of a site: node sets with address patterns -> one Host each; groups; gateways."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from fairlead.inventory import nodesets
from fairlead.inventory.sources import Groups
from fairlead.inventory.tree import Tree
from fairlead.inventory.types import LoginName, NodeSet, OneHost, Port
from fairlead.inventory.validation import typed
from fairlead.model.errors import SiteError
from fairlead.model.plan import Noun
from fairlead.model.suggest import suggestion

MANY = 20  # hosts, from which on an error does not list them all

_PATTERN = re.compile(r"%(?:0([1-9]))?")
_NAME = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}(?:\.[A-Za-z0-9_-]{1,63}){0,40}\.?", re.ASCII
)  # names in ssh_config may hold _
_GROUP = re.compile(nodesets.NAME, re.ASCII)

Transport = Literal["ssh", "openssh", "local"]


class HostSpec(Noun, kw_only=True, forbid_unknown_fields=True):
    """What the site says of the hosts of one key."""

    address: Annotated[
        str,
        Meta(
            description="IP address or name; % is the last number of the host's name, "
            "%03 the same with three digits"
        ),
    ] = ""
    user: Annotated[
        LoginName, Meta(description="who logs in; default: ssh_config's, else yours")
    ] = ""
    port: Annotated[Port, Meta(description="of sshd")] = 22
    via: Annotated[OneHost, Meta(description="the host of this site that is the way there")] = ""
    sudo: Annotated[bool, Meta(description="become root by sudo")] = False
    transport: Annotated[
        Transport,
        Meta(
            description="ssh: built in; openssh: the ssh command (Kerberos, hardware keys); "
            "local: this machine"
        ),
    ] = "ssh"
    identity: Annotated[str, Meta(description="private key; relative to the site file")] = ""


class Host(Noun):
    """One machine and the way there.

    `user` "": whoever ssh_config says, else the operator. `identity` "": ssh's own choice.
    `has_port`: the site names the port, so ssh_config's does not count. `gateways`: of the tree
    that carries what is said to it, the first one first; (): none does.
    """

    name: str
    address: str
    user: str = ""
    port: int = 22
    via: str = ""
    sudo: bool = False
    transport: Transport = "ssh"
    identity: str = ""
    offline: bool = False
    has_port: bool = False
    gateways: tuple[str, ...] = ()


def read_hosts(tree: Tree) -> dict[str, Host]:
    """Every host of the `hosts:` map in its order, and this machine as `local`."""
    if not isinstance(tree.value, dict):
        remedy = 'write n[1-3]: {address: "10.0.3.%"}, or n[1-3]: {}'
        raise SiteError(f"{tree.where}: hosts", "wanted a map", remedy)
    hosts: dict[str, Host] = {}
    places: dict[str, str] = {}
    for key, part in tree.value.items():
        for host in _hosts(key, part):
            if host.name in hosts:
                what = f"the host {host.name!r} stands twice"
                first = f"the first is at {places[host.name]}"
                raise SiteError(f"{part.where}: hosts.{key}", what, first)
            hosts[host.name], places[host.name] = host, part.where
    _check_gateways(hosts, places)
    this_machine = Host(nodesets.LOCAL, "127.0.0.1", transport="local")
    return hosts if nodesets.LOCAL in hosts else hosts | {nodesets.LOCAL: this_machine}


def read_groups(
    tree: Tree,
    hosts: Mapping[str, Host],
    elsewhere: Groups | None = None,
) -> dict[str, str]:
    """Every group of the `groups:` map, its text checked; groups may name groups, and those that
    are known `elsewhere`.
    """
    if not isinstance(tree.value, dict):
        raise SiteError(f"{tree.where}: groups", "wanted a map", 'write io: "n[1-3]"')
    groups = {name: _group(name, part) for name, part in tree.value.items()}
    every = elsewhere.beside(groups) if elsewhere is not None else groups
    for name, part in tree.value.items():
        where = f"{part.where}: groups.{name}"
        nodesets.resolve([groups[name]], tuple(hosts), every, where, SiteError)
    return groups


def beside(file: str, path: str) -> str:
    """A path as the site file means it: ~ is the home, a relative one begins beside the file."""
    return str(Path(file).parent / os.path.expanduser(path)) if path else ""


def _group(name: str, tree: Tree) -> str:
    if not _GROUP.fullmatch(name):
        where = f"{tree.where}: groups"
        raise SiteError(where, f"{name!r} is no group name", "write letters, digits and . _ -")
    return str(typed(tree, NodeSet, f"groups.{name}"))


def _hosts(key: str, tree: Tree) -> list[Host]:
    """The hosts of one key."""
    where = f"{tree.where}: hosts.{key}"
    names = nodesets.expand(key, f"{tree.where}: hosts", SiteError)
    spec = typed(tree.or_empty(), HostSpec, f"hosts.{key}")
    if len(names) > 1 and spec.address and "%" not in spec.address:
        what = f"{len(names)} hosts with one address"
        remedy = f"write % for the number, or one key each: {nodesets.fold(names)}"
        raise SiteError(f"{where}.address", what, remedy)
    identity = beside(tree.where.rpartition(":")[0], spec.identity)
    has_port = "port" in tree.or_empty().value
    return [_host(name, spec, identity, has_port, where) for name in names]


def _host(
    name: str,
    spec: HostSpec,
    identity: str,
    has_port: bool,
    where: str,
) -> Host:
    return Host(
        name=name,
        address=_address(name, spec.address, f"{where}.address"),
        user=spec.user,
        port=spec.port,
        via=spec.via,
        sudo=spec.sudo,
        transport="local" if name == nodesets.LOCAL else spec.transport,
        identity=identity,
        has_port=has_port,
    )


def _address(name: str, pattern: str, where: str) -> str:
    numbers = re.findall(r"\d+", name)
    if "%" in pattern and not numbers:
        what = f"{pattern!r} wants a number and the name {name!r} has none"
        raise SiteError(where, what, "write the address out")
    address = _PATTERN.sub(lambda mark: f"{int(numbers[-1]):0{mark[1] or 1}d}", pattern) or name
    if not _is_address(address):
        raise SiteError(where, f"{address!r} is no address", "wanted a host name or an IP address")
    return address


def _is_address(address: str) -> bool:
    if ":" in address or re.fullmatch(r"[0-9.]+", address):
        from ipaddress import ip_address

        try:
            return bool(ip_address(address))
        except ValueError:
            return False
    return bool(_NAME.fullmatch(address))


def _check_gateways(hosts: Mapping[str, Host], places: Mapping[str, str]) -> None:
    """Raise SiteError where `via` names no host, or the way leads in a circle."""
    for host in hosts.values():
        way = [host.name]
        while via := hosts[way[-1]].via:
            where = f"{places[way[-1]]}: hosts.{way[-1]}.via"
            if via not in hosts:
                remedy = suggestion(via, tuple(hosts)) if len(hosts) < MANY else ""
                raise SiteError(where, f"no such host {via!r}", remedy)
            if via in way:
                raise SiteError(where, "the way leads in a circle", " > ".join([*way, via]))
            way.append(via)
