"""A bridge that is there after a reboot too: written into the files of whatever keeps the host's
network.

The host's own lines for the interface become those of the bridge, so that name servers and routes
stay. Sources: interfaces(5), systemd.netdev(5), systemd.network(5), nm-settings-keyfile(5). Nothing
is reloaded: what runs was made already, and the files are read at the next boot.
"""

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping

import msgspec

from fairlead.model.plan import Fact, Step
from fairlead.operations import script
from fairlead.operations.files import PlacedFile, difference, together
from fairlead.operations.network.interface import (
    BridgeSpec,
    InterfaceConfig,
    ini,
    lines,
    named_as,
)
from fairlead.operations.network.network_manager import network_manager

sh = script.beside(__file__)


def fact(
    name: str,
    port: str,
) -> Fact:
    """`keeping`: who keeps the interface over a reboot, and in which files."""
    return Fact("keeping", sh("keeper", name, port), interface_config)


def interface_config(
    code: int,
    text: str,
) -> InterfaceConfig:
    """The lines of shell/keeper.sh, read; of a failure that nobody keeps the interface."""
    if code:
        return InterfaceConfig("none", {})
    rows = [line.partition(" ") for line in text.splitlines()]
    words = {word: value for word, _, value in rows}
    pairs = [value.partition(" ") for word, _, value in rows if word == "set"]
    return InterfaceConfig(
        words.get("keeper", "none"),
        dict(_file(value) for word, _, value in rows if word == "file"),
        words.get("mac", ""),
        {key: value for key, _, value in pairs},
        words.get("mtu", ""),
        tuple(value for word, _, value in rows if word == "sysctl"),
    )


def _file(value: str) -> tuple[str, str]:
    """PATH BASE64 as path and text."""
    path, _, encoded = value.partition(" ")
    try:
        return path, b64decode(encoded).decode("utf-8", "surrogateescape")
    except ValueError:
        return path, ""


def step(
    name: str,
    port: str,
    address: str,
    gateway: str,
    config: InterfaceConfig,
) -> Step | None:
    """The Step that writes the bridge into the host's own files.

    None where they have it, or nobody known keeps the interface.
    """
    files = rendered(BridgeSpec(name, port, address, gateway), config)
    if all(config.files.get(path) == text for path, text in files.items()):
        return None
    mode = 0o600 if config.keeper == "NetworkManager" else 0o644  # it reads no other
    placed = (
        PlacedFile(
            path,
            _bytes(text),
            mode,
        )
        for path, text in files.items()
    )
    diffs = (
        difference(
            config.files.get(path, ""),
            text,
            path,
        )
        for path, text in files.items()
    )
    write = together(placed, f"{name} after a reboot ({config.keeper})")
    return msgspec.structs.replace(write, diff="".join(diffs))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def rendered(
    bridge: BridgeSpec,
    config: InterfaceConfig,
) -> Mapping[str, str]:
    """path -> text of the files that make the bridge at a boot; {} where nobody known keeps the
    interface.
    """
    writers = {"ifupdown": ifupdown, "networkd": networkd, "NetworkManager": network_manager}
    if config.keeper not in writers:
        return {}
    return writers[config.keeper](bridge, config) | _sysctl(bridge, config)


def _sysctl(
    bridge: BridgeSpec,
    config: InterfaceConfig,
) -> dict[str, str]:
    """The host's settings of the interface, for the bridge; read when it appears (systemd's udev)
    and by `sysctl --system`.
    """
    path = f"/etc/sysctl.d/90-fairlead-{bridge.name}.conf"
    lines = (named_as(bridge, line) for line in config.sysctls)
    theirs = [line for line in config.sysctls if named_as(bridge, line) != line]
    return {path: "".join(f"{line}\n" for line in lines)} if theirs else {}


# ifupdown: the interface's stanzas become the bridge's


def ifupdown(
    bridge: BridgeSpec,
    config: InterfaceConfig,
) -> dict[str, str]:
    """The files that speak of the interface, changed; none where one of them has the bridge
    already.
    """
    if any(_has_stanza(bridge.name, text) for text in config.files.values()):
        return {}
    return {
        path: _ifupdown_file(bridge, text, config)
        for path, text in config.files.items()
        if _has_stanza(bridge.port, text)
    }


def _has_stanza(
    interface: str,
    text: str,
) -> bool:
    return re.search(rf"^\s*iface\s+{re.escape(interface)}\s", text, re.M) is not None


def _ifupdown_file(
    bridge: BridgeSpec,
    text: str,
    config: InterfaceConfig,
) -> str:
    lines = (new for line in text.splitlines() for new in _ifupdown_lines(bridge, line, config))
    return "".join(f"{line}\n" for line in lines)


def _ifupdown_lines(
    bridge: BridgeSpec,
    line: str,
    config: InterfaceConfig,
) -> Iterator[str]:
    """What a line of the file becomes."""
    words = line.split()
    if (
        words[:1]
        and words[0] in ("auto", "allow-hotplug", "allow-auto")
        and bridge.port in words[1:]
    ):
        others = [word for word in words[1:] if word != bridge.port]
        if others:
            yield " ".join([words[0], *others])
        yield f"auto {bridge.name}"
    elif words[:3] == ["iface", bridge.port, "inet"]:
        yield f"iface {bridge.port} inet manual"
        yield ""
        yield f"iface {bridge.name} {' '.join(words[2:])}"
        yield from _made_by_iproute2(bridge, config)
    elif line.lstrip().startswith("#"):
        yield line
    else:
        yield named_as(bridge, line)


def _made_by_iproute2(
    bridge: BridgeSpec,
    config: InterfaceConfig,
) -> Iterator[str]:
    """By iproute2 alone: bridge_ports would need another package.

    The hardware address is the port's, so that nobody has to learn a new one.
    """
    name, address = bridge.name, f"address {config.mac} " if config.mac else ""
    mtu = f"mtu {config.mtu} " if config.mtu else ""
    yield (
        f"    pre-up ip link show dev {name} >/dev/null 2>&1 || "
        f"ip link add name {name} {address}{mtu}type bridge forward_delay 0 stp_state 0"
    )
    yield f"    pre-up ip link set dev {bridge.port} {mtu}up master {name}"
    yield f"    post-down ip link delete dev {name}"


# networkd: the first file that matches is the one that counts


def networkd(
    bridge: BridgeSpec,
    config: InterfaceConfig,
) -> dict[str, str]:
    """A bridge, its port, and the network file of the interface under the bridge's name."""
    base = f"/etc/systemd/network/00-fairlead-{bridge.name}"
    network = f"{base}.network"
    theirs = [_whole(text) for path, text in config.files.items() if _is_theirs(path, base)]
    device = ini(
        NetDev=lines(Name=bridge.name, Kind="bridge", MACAddress=config.mac, MTUBytes=config.mtu),
        Bridge=lines(ForwardDelaySec="0", STP="no"),
    )
    link = {"Link": lines(MTUBytes=config.mtu)} if config.mtu else {}
    match = lines(Name=bridge.port)
    port = ini(Match=match, **link, Network=lines(Bridge=bridge.name))
    return {
        f"{base}.netdev": device,
        network: config.files.get(network) or _networkd_network(bridge, "".join(theirs)),
        f"{base}-port.network": port,
    }


def _is_theirs(
    path: str,
    base: str,
) -> bool:
    """Is it a file of the interface, or one laid over it (.d)?"""
    return not path.startswith((base, "/etc/sysctl.d/"))


def _whole(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"


def _networkd_network(
    bridge: BridgeSpec,
    text: str,
) -> str:
    """What the file of the interface says, but for whom, and of the interface itself."""
    sections = [
        part
        for part in re.split(
            r"^(?=\[)",
            text,
            flags=re.M,
        )
        if part.startswith("[")
    ]
    kept = [part for part in sections if not re.match(r"\[(Match|Link)\]", part)]
    settings = "".join(part if part.endswith("\n") else f"{part}\n" for part in kept)
    default = ini(Network=lines(Address=bridge.address, Gateway=bridge.gateway))
    return "\n".join((ini(Match=lines(Name=bridge.name)), settings or default))
