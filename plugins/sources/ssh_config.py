"""What ssh knows: the names of an ssh_config, and of each what `ssh -G` makes of it."""

import re
import shlex
from collections.abc import Container, Iterator, Mapping
from typing import Annotated

from msgspec import Meta
from msgspec.structs import replace

from fairlead.api import Inventory, SiteError, SourceAccess, SourceHost, SourceSettings, hookimpl

from .common import via

PLACE = "~/.ssh/config"
DEEPEST = 16  # files that include files, as ssh has it
_KEYWORD = re.compile(r"\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*?)\s*")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


class Settings(SourceSettings, kw_only=True, forbid_unknown_fields=True):
    """Where the file lies."""

    file: Annotated[str, Meta(description="the ssh_config; default: ~/.ssh/config")] = ""


@hookimpl
def read_inventory(access: SourceAccess) -> Inventory:
    file = access.file or PLACE
    config = _Config(access)
    names = config.names(file)
    if not names:
        raise SiteError(file, "names no host", "patterns alone (Host *) tell of none")
    usual = _answers(access, "/dev/null", names[0])
    hosts = {name: SourceHost(name=name) for name in names}
    remarks = dict.fromkeys(config.remarks)
    answers = {name: _answers(access, file, name) for name in names}
    for name in names:
        hosts[name] = _host(name, answers[name], usual, config.users)
        command = answers[name].get("proxycommand", "none")
        if command != "none":
            remarks[f"{name}: ProxyCommand {command!r} is not taken; ssh still does it"] = None
    jumps = {name: answers[name].get("proxyjump", "") for name in names}
    for name in sorted(names, key=lambda name: jumps[name].count(",")):
        _set_via(name, jumps[name], hosts, remarks)
    return Inventory(hosts=tuple(hosts.values()), remarks=tuple(remarks))


class _Config:
    """The names of a file and of what it includes."""

    def __init__(self, access: SourceAccess):
        self.access = access
        self.remarks: list[str] = []
        self.users: dict[str, None] = {}

    def names(self, file: str, depth: int = 0) -> tuple[str, ...]:
        names: dict[str, None] = {}
        for number, keyword, words in self._lines(file):
            if keyword == "include" and depth < DEEPEST:
                for included in self._included(words, file):
                    names |= dict.fromkeys(self.names(included, depth + 1))
            elif keyword == "host":
                names |= dict.fromkeys(self._of_host(words, f"{file}:{number}"))
            elif keyword == "user":
                self.users |= dict.fromkeys(words)
            elif keyword == "match":
                text = " ".join(words)
                self.remarks.append(f"{file}:{number}: Match {text}: holds where ssh says so")
        return tuple(names)

    def _lines(self, file: str) -> Iterator[tuple[int, str, list[str]]]:
        for number, line in enumerate(self.access.read(file).splitlines(), 1):
            match = _KEYWORD.fullmatch(line)
            if match and not line.lstrip().startswith("#"):
                yield number, match[1].lower(), _words(match[2])

    def _included(self, patterns: list[str], file: str) -> Iterator[str]:
        folder = "/etc/ssh" if file.startswith("/etc/ssh/") else "~/.ssh"
        for pattern in patterns:
            is_whole = pattern.startswith(("/", "~"))
            yield from self.access.glob(pattern if is_whole else f"{folder}/{pattern}")

    def _of_host(self, patterns: list[str], where: str) -> Iterator[str]:
        for pattern in patterns:
            if _NAME.fullmatch(pattern):
                yield pattern
            elif pattern != "*" and not pattern.startswith("!"):
                self.remarks.append(f"{where}: the pattern {pattern!r} names no host of its own")


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text, comments=True)
    except ValueError:
        return text.split()


def _answers(access: SourceAccess, file: str, name: str) -> Mapping[str, str]:
    """What ssh would do for a name: keyword -> value, of several the first."""
    text = access.run(("ssh", "-G", "-F", file, "--", name))
    answers: dict[str, str] = {}
    for line in text.splitlines():
        keyword, _, value = line.partition(" ")
        answers.setdefault(keyword, value)
    return answers


def _host(
    name: str, answers: Mapping[str, str], usual: Mapping[str, str], users: Container[str]
) -> SourceHost:
    """What differs from what ssh does for a name of which nothing is said.

    A user who is written is meant, even where it is the one who asks.
    """

    def own(keyword: str) -> str:
        value = answers.get(keyword, "")
        return "" if value == usual.get(keyword) else value

    address, user = answers.get("hostname", name), answers.get("user", "")
    return SourceHost(
        name=name,
        address="" if address == name else address,
        user=user if user in users else own("user"),
        port=int(own("port") or 0),
        identity=own("identityfile"),
    )


def _set_via(name: str, jump: str, hosts: dict[str, SourceHost], remarks: dict[str, None]) -> None:
    if jump in ("", "none"):
        return
    try:
        gateway = via(jump, hosts)
    except ValueError as error:
        remarks[f"{name}: {error} cannot be expressed; write its `via`"] = None
        return
    hosts[name] = replace(hosts[name], via=gateway)
