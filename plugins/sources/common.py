"""What the sources share: memberships that become groups, jump hosts, commands elsewhere."""

import re
import shlex
from collections.abc import Iterable, Mapping
from typing import Annotated

from msgspec import Meta

from fairlead.api import SiteError, SourceHost, SourceSettings, nodesets

ALL = "all"  # in fairlead every host anyhow
_JUMP = re.compile(r"(?:([^@\s]+)@)?(\[[^]]+\]|[^:\s@]+)(?::([0-9]+))?")


class RemoteSettings(SourceSettings, kw_only=True, forbid_unknown_fields=True):
    """Of a source that is a command, here or elsewhere."""

    through: Annotated[
        str,
        Meta(description="where the command is run: a host as ssh knows it; default: here"),
    ] = ""


def command(argv: tuple[str, ...], through: str) -> tuple[str, ...]:
    """The words with which a command is run here, or through ssh."""
    if not through:
        return argv
    return ("ssh", "-o", "BatchMode=yes", "-T", "--", through, shlex.join(argv))


def group_name(text: str) -> str:
    """A name that a group can have: what no letter, digit or . _ - is becomes _."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", text).lstrip(".-")


class Groups:
    """Hosts by group, in the order in which they come; names are made such that a group can have.

    `remarks`: what had to be changed or left out.
    """

    def __init__(self) -> None:
        self._members: dict[str, dict[str, None]] = {}
        self._renamed: dict[str, str] = {}

    def add(self, group: str, *hosts: str) -> None:
        name = group_name(group)
        if name == ALL or not name:
            return
        if name != group:
            self._renamed[group] = name
        self._members.setdefault(name, {}).update(dict.fromkeys(hosts))

    @property
    def node_sets(self) -> Mapping[str, str]:
        return {name: nodesets.fold(hosts) for name, hosts in self._members.items() if hosts}

    @property
    def remarks(self) -> tuple[str, ...]:
        empty = [name for name, hosts in self._members.items() if not hosts]
        return (*renamed(self._renamed), *left_out(empty))


def renamed(names: Mapping[str, str]) -> Iterable[str]:
    """What is said of groups that got another name."""
    return (f"the group {old!r} is called {new!r}" for old, new in names.items())


def left_out(groups: Iterable[str]) -> Iterable[str]:
    """What is said of groups without hosts."""
    return (f"the group {group!r} has no hosts and is left out" for group in groups)


def expanded(text: str, where: str) -> tuple[str, ...]:
    """The names that a node set of another tool stands for. Raises SiteError."""
    return nodesets.expand(text, where, SiteError)


def via(jump: str, hosts: dict[str, SourceHost]) -> str:
    """The host that a ProxyJump (`[user@]host[:port]`, several with commas) leads through at last.

    Those that are no hosts yet become such. Raises ValueError with what cannot be expressed.
    """
    last = ""
    for hop in jump.split(","):
        match = _JUMP.fullmatch(hop.strip())
        if not match:
            raise ValueError(f"the jump host {hop.strip()!r}")
        last = _hop(match, last, jump, hosts)
    return last


def _hop(match: re.Match[str], before: str, jump: str, hosts: dict[str, SourceHost]) -> str:
    user, name, port = match[1] or "", match[2].strip("[]"), int(match[3] or 0)
    known = next((host for host in hosts.values() if name in (host.name, host.address)), None)
    if known is None:
        hosts[name] = SourceHost(name=name, user=user, port=port, via=before)
        return name
    is_other = (user and user != known.user) or (port and port != (known.port or 22))
    if is_other or (before and before != known.via):
        raise ValueError(f"the jump {jump!r}, for {known.name} is reached otherwise itself")
    return known.name
