"""The hosts of a site: node sets with address patterns -> one frozen Host each; groups; gateways."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, structs

from fairlead.inventory import nodesets
from fairlead.inventory.types import OneHost, Port, Tree, UserName, nearest, typed
from fairlead.model.errors import SiteError
from fairlead.model.plan import Noun

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
            description="IP address or name; % is the last number of the host's name, %03 the same with three digits"
        ),
    ] = ""
    user: Annotated[
        UserName, Meta(description="who logs in; default: ssh_config's, else yours")
    ] = ""
    port: Annotated[Port, Meta(description="of sshd")] = 22
    via: Annotated[OneHost, Meta(description="the host of this site that is the way there")] = ""
    sudo: Annotated[bool, Meta(description="become root by sudo")] = False
    transport: Annotated[
        Transport,
        Meta(
            description="ssh: built in; openssh: the ssh command (Kerberos, hardware keys); local: this machine"
        ),
    ] = "ssh"
    identity: Annotated[str, Meta(description="private key; relative to the site file")] = ""


class Host(Noun):
    """One machine and the way there. `user` "": whoever ssh_config says, else the operator; `identity` "": ssh's own choice."""

    name: str
    address: str
    user: str = ""
    port: int = 22
    via: str = ""
    sudo: bool = False
    transport: Transport = "ssh"
    identity: str = ""
    offline: bool = False


def hosts(tree: Tree) -> dict[str, Host]:
    """Every host of the `hosts:` map in its order, and this machine as `local`."""
    if not isinstance(tree.what, dict):
        raise SiteError(
            f"{tree.where}: hosts",
            "wanted a map",
            'write n[1-3]: {address: "10.0.3.%"}, or n[1-3]: {}',
        )
    found: dict[str, Host] = {}
    places: dict[str, str] = {}
    for key, entry in tree.what.items():
        for host in _entry(key, entry):
            if host.name in found:
                raise SiteError(
                    f"{entry.where}: hosts.{key}",
                    f"the host {host.name!r} stands twice",
                    f"the first is at {places[host.name]}",
                )
            found[host.name], places[host.name] = host, entry.where
    _gateways(found, places)
    return (
        found
        if nodesets.LOCAL in found
        else found | {nodesets.LOCAL: Host(nodesets.LOCAL, "127.0.0.1", transport="local")}
    )


def groups(tree: Tree, known: Mapping[str, Host]) -> dict[str, str]:
    """Every group, its text checked; groups may name groups."""
    if not isinstance(tree.what, dict):
        raise SiteError(f"{tree.where}: groups", "wanted a map", 'write io: "n[1-3]"')
    found = {name: _group(name, part) for name, part in tree.what.items()}
    for name, part in tree.what.items():
        nodesets.resolve(
            [found[name]], tuple(known), found, f"{part.where}: groups.{name}", SiteError
        )
    return found


def beside(file: str, path: str) -> str:
    """A path as the site file means it: ~ is the home, a relative one begins in the file's folder."""
    return str(Path(file).parent / os.path.expanduser(path)) if path else ""


def _group(name: str, tree: Tree) -> str:
    if not _GROUP.fullmatch(name):
        raise SiteError(
            f"{tree.where}: groups", f"{name!r} is no group name", "write letters, digits and . _ -"
        )
    return typed(tree, str, f"groups.{name}")


def _entry(key: str, tree: Tree) -> list[Host]:
    where = f"{tree.where}: hosts.{key}"
    names = nodesets.expand(key, f"{tree.where}: hosts", SiteError)
    entry = typed(tree if tree.what is not None else Tree({}, tree.where), HostSpec, f"hosts.{key}")
    if len(names) > 1 and entry.address and "%" not in entry.address:
        raise SiteError(
            f"{where}.address",
            f"{len(names)} hosts with one address",
            f"write % for the number, or one key each: {nodesets.fold(names)}",
        )
    identity = beside(tree.where.rpartition(":")[0], entry.identity)
    return [
        Host(
            name,
            _address(name, entry.address, f"{where}.address"),
            **_rest(name, entry) | {"identity": identity},
        )
        for name in names
    ]


def _rest(name: str, entry: HostSpec) -> dict[str, object]:
    rest = structs.asdict(entry)
    del rest["address"]
    return rest | ({"transport": "local"} if name == nodesets.LOCAL else {})


def _address(name: str, pattern: str, where: str) -> str:
    numbers = re.findall(r"\d+", name)
    if "%" in pattern and not numbers:
        raise SiteError(
            where,
            f"{pattern!r} wants a number and the name {name!r} has none",
            "write the address out",
        )
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


def _gateways(found: Mapping[str, Host], places: Mapping[str, str]) -> None:
    for host in found.values():
        way = [host.name]
        while via := found[way[-1]].via:
            where = f"{places[way[-1]]}: hosts.{way[-1]}.via"
            if via not in found:
                raise SiteError(
                    where,
                    f"no such host {via!r}",
                    nearest(via, tuple(found)) if len(found) < 20 else "",
                )
            if via in way:
                raise SiteError(where, "the way leads in a circle", " > ".join([*way, via]))
            way.append(via)
