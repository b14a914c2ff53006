"""Who keeps an interface over a reboot, and the bridge that takes its place: nouns, and how files
say them.
"""

import re
from collections.abc import Mapping

from fairlead.model.plan import Noun


class InterfaceConfig(Noun):
    """Who keeps an interface over a reboot, and how.

    `keeper`: ifupdown, networkd, NetworkManager or none; `files`: path -> text; `mac`: the hardware
    address; `settings`: NetworkManager's, by their names in nmcli; `mtu`: in bytes, "" for the
    usual one; `sysctls`: lines of the host's files of settings that name the interface.
    """

    keeper: str
    files: Mapping[str, str]
    mac: str = ""
    settings: Mapping[str, str] = {}
    mtu: str = ""
    sysctls: tuple[str, ...] = ()


class BridgeSpec(Noun):
    """The bridge `name` with `port` in it. `address` is ADDRESS/BITS; `gateway` may be ""."""

    name: str
    port: str
    address: str
    gateway: str = ""


def named_as(
    bridge: BridgeSpec,
    line: str,
) -> str:
    """A line that speaks of the interface, for the bridge."""
    port = re.escape(bridge.port)
    line = re.sub(rf"(?<=conf[./]){port}(?=[./])|(?<=neigh[./]){port}(?=[./])", bridge.name, line)
    return re.sub(rf"(?<![\w.-]){port}(?![\w.-])", bridge.name, line)


def lines(**values: str) -> str:
    return "".join(f"{key}={value}\n" for key, value in values.items() if value)


def ini(**sections: str) -> str:
    return "\n".join(f"[{name}]\n{lines}" for name, lines in sections.items())
