"""The variables of Ansible that say the way to a host, as fairlead's keys."""

import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from fairlead.api import SourceHost

from .common import via

_NAMES = {
    "address": ("ansible_host", "ansible_ssh_host"),
    "user": ("ansible_user", "ansible_ssh_user"),
    "port": ("ansible_port", "ansible_ssh_port"),
    "identity": ("ansible_ssh_private_key_file", "ansible_private_key_file"),
    "connection": ("ansible_connection",),
    "become": ("ansible_become",),
    "method": ("ansible_become_method",),
    "become_user": ("ansible_become_user",),
}
_ARGUMENTS = ("ansible_ssh_common_args", "ansible_ssh_extra_args")
_PASSWORDS = re.compile(r"ansible_(?:ssh_|sudo_|become_)?pass(?:word)?")
_KNOWN = {*_ARGUMENTS, *(name for names in _NAMES.values() for name in names)}
_SSH = (
    "ssh",
    "smart",
    "paramiko",
    "paramiko_ssh",
    "ansible.builtin.ssh",
    "ansible.builtin.paramiko",
)
_LOCAL = ("local", "ansible.builtin.local")
_PROXY = re.compile(r"ssh\s+(?:-q\s+)?-W\s+\[?%h\]?:%p\s+(?:-q\s+)?([^\s-]\S*)")
_TRUE = ("true", "yes", "on", "1", "y", "t")


class Way:
    """Makes hosts of variables. `remarks`: what could not be expressed, with the hosts' number."""

    def __init__(self) -> None:
        self._hosts_of: dict[str, list[str]] = {}

    @property
    def remarks(self) -> tuple[str, ...]:
        return tuple(
            f"{names[0] if len(names) == 1 else f'{names[0]} and {len(names) - 1} more'}: {text}"
            for text, names in self._hosts_of.items()
        )

    def _say(self, name: str, text: str) -> None:
        names = self._hosts_of.setdefault(text, [])
        if name not in names:
            names.append(name)

    def host(self, name: str, variables: Mapping[str, Any]) -> SourceHost:
        """A host without the one that it is reached through."""
        values = {key: self._value(name, variables, names) for key, names in _NAMES.items()}
        self._say_what_is_left(name, variables)
        connection = values["connection"] or "ssh"
        if connection not in (*_SSH, *_LOCAL):
            self._say(name, f"the connection {connection!r} is none of fairlead's; it gets ssh")
        address, port = values["address"], values["port"]
        if port and not port.isdigit():
            self._say(name, f"the port {port!r} is no number")
            port = ""
        return SourceHost(
            name=name,
            address="" if address == name else address,
            user=values["user"],
            port=int(port or 0),
            identity=values["identity"],
            sudo=self._becomes_root(name, values),
            transport="local" if connection in _LOCAL else "",
        )

    def _value(self, name: str, variables: Mapping[str, Any], keys: tuple[str, ...]) -> str:
        value = next((str(variables[key]) for key in keys if variables.get(key) is not None), "")
        if "{{" in value:
            self._say(name, f"the template {keys[0]}={value} is not taken")
            return ""
        return value

    def _becomes_root(self, name: str, values: Mapping[str, str]) -> bool:
        if values["become"].lower() not in _TRUE:
            return False
        method, user = values["method"] or "sudo", values["become_user"] or "root"
        if method not in ("sudo", "ansible.builtin.sudo") or user != "root":
            self._say(name, f"becomes {user} by {method}; fairlead becomes root by sudo")
            return False
        return True

    def _say_what_is_left(self, name: str, variables: Mapping[str, Any]) -> None:
        for key in variables:
            if _PASSWORDS.fullmatch(key):
                self._say(name, f"the password in {key} is not taken: use keys")
            elif key not in _KNOWN:
                self._say(name, f"the variable {key} is not taken: it says no way to a host")

    def by_length(
        self, names: Iterable[str], variables: Callable[[str], Mapping[str, Any]]
    ) -> list[str]:
        """Names with short ways first: a longer one leads over hosts whose own is known then."""

        def hops(name: str) -> int:
            own = variables(name)
            return sum(str(own.get(key, "")).count(",") for key in _ARGUMENTS)

        return sorted(names, key=hops)

    def lead(self, name: str, variables: Mapping[str, Any], hosts: dict[str, SourceHost]) -> None:
        """Set the host that it is reached through, where the arguments of ssh say one."""
        for key in _ARGUMENTS:
            text = self._value(name, variables, (key,))
            jump = self._jump(name, key, text) if text else ""
            if not jump:
                continue
            try:
                hosts[name] = replace(hosts[name], via=via(jump, hosts))
            except ValueError as error:
                self._say(name, f"{error} cannot be expressed; write its `via`")

    def _jump(self, name: str, key: str, text: str) -> str:
        """The jump hosts in arguments of ssh; of what else stands there is said."""
        words = list(_options(text))
        jump = ""
        for option in words:
            keyword, _, value = re.sub(r"^(\w+)\s*[= ]\s*", r"\1=", option).partition("=")
            proxy = _PROXY.fullmatch(value.strip("'\""))
            if keyword.lower() in ("j", "proxyjump"):
                jump = value
            elif keyword.lower() == "proxycommand" and proxy:
                jump = proxy[1]
            else:
                self._say(name, f"the argument {option!r} of {key} is not taken: see ssh_config")
        return jump


def _options(text: str) -> list[str]:
    """The options in arguments of ssh: `J=gate`, `ProxyJump=gate`, `C`."""
    try:
        words = shlex.split(text)
    except ValueError:
        return [text]
    options: list[str] = []
    while words:
        word = words.pop(0)
        if word in ("-o", "-J") and words:
            options.append(words.pop(0) if word == "-o" else f"J={words.pop(0)}")
        elif word.startswith("-J"):
            options.append(f"J={word[2:]}")
        else:
            options.append(word.removeprefix("-o").lstrip("-") if word.startswith("-") else word)
    return options
