"""A bridge that is there after a reboot too: written into the files of whatever keeps the host's
network.

The host's own lines for the interface become those of the bridge, so that name servers and routes
stay. Sources: interfaces(5), systemd.netdev(5), systemd.network(5), nm-settings-keyfile(5). Nothing
is reloaded: what runs was made already, and the files are read at the next boot.
"""

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from uuid import NAMESPACE_DNS, uuid5

import msgspec

from fairlead.model.plan import Fact, Noun, Step
from fairlead.operations import script
from fairlead.operations.files import PlacedFile, difference, together

sh = script.beside(__file__)


class InterfaceConfig(Noun):
    """Who keeps an interface over a reboot, and how.

    `keeper`: ifupdown, networkd, NetworkManager or none; `files`: path -> text; `mac`: the hardware
    address; `settings`: NetworkManager's, by their names in nmcli.
    """

    keeper: str
    files: Mapping[str, str]
    mac: str = ""
    settings: Mapping[str, str] = {}


class BridgeSpec(Noun):
    """The bridge `name` with `port` in it. `address` is ADDRESS/BITS; `gateway` may be ""."""

    name: str
    port: str
    address: str
    gateway: str = ""


def fact(name: str, port: str) -> Fact:
    """`keeping`: who keeps the interface over a reboot, and in which files."""
    return Fact("keeping", sh("keeper", name, port), interface_config)


def interface_config(code: int, text: str) -> InterfaceConfig:
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


def rendered(bridge: BridgeSpec, config: InterfaceConfig) -> Mapping[str, str]:
    """path -> text of the files that make the bridge at a boot; {} where nobody known keeps the
    interface.
    """
    writers = {"ifupdown": ifupdown, "networkd": networkd, "NetworkManager": network_manager}
    return writers[config.keeper](bridge, config) if config.keeper in writers else {}


# ifupdown: the interface's stanzas become the bridge's


def ifupdown(bridge: BridgeSpec, config: InterfaceConfig) -> dict[str, str]:
    """The files that speak of the interface, changed; none where one of them has the bridge
    already.
    """
    if any(_has_stanza(bridge.name, text) for text in config.files.values()):
        return {}
    return {
        path: _ifupdown_file(bridge, text, config.mac)
        for path, text in config.files.items()
        if _has_stanza(bridge.port, text)
    }


def _has_stanza(interface: str, text: str) -> bool:
    return re.search(rf"^\s*iface\s+{re.escape(interface)}\s", text, re.M) is not None


def _ifupdown_file(bridge: BridgeSpec, text: str, mac: str) -> str:
    lines = (new for line in text.splitlines() for new in _ifupdown_lines(bridge, line, mac))
    return "".join(f"{line}\n" for line in lines)


def _ifupdown_lines(bridge: BridgeSpec, line: str, mac: str) -> Iterator[str]:
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
        yield from _made_by_iproute2(bridge, mac)
    elif line.lstrip().startswith("#"):
        yield line
    else:
        yield re.sub(rf"(?<![\w.-]){re.escape(bridge.port)}(?![\w.-])", bridge.name, line)


def _made_by_iproute2(bridge: BridgeSpec, mac: str) -> Iterator[str]:
    """By iproute2 alone: bridge_ports would need another package.

    The hardware address is the port's, so that nobody has to learn a new one.
    """
    name, address = bridge.name, f"address {mac} " if mac else ""
    yield (
        f"    pre-up ip link show dev {name} >/dev/null 2>&1 || "
        f"ip link add name {name} {address}type bridge forward_delay 0 stp_state 0"
    )
    yield f"    pre-up ip link set dev {bridge.port} up master {name}"
    yield f"    post-down ip link delete dev {name}"


# networkd: the first file that matches is the one that counts


def networkd(bridge: BridgeSpec, config: InterfaceConfig) -> dict[str, str]:
    """A bridge, its port, and the network file of the interface under the bridge's name."""
    base = f"/etc/systemd/network/00-fairlead-{bridge.name}"
    network = f"{base}.network"
    theirs = [text for path, text in config.files.items() if not path.startswith(base)]
    device = _ini(
        NetDev=_lines(Name=bridge.name, Kind="bridge", MACAddress=config.mac),
        Bridge=_lines(ForwardDelaySec="0", STP="no"),
    )
    port = _ini(Match=_lines(Name=bridge.port), Network=_lines(Bridge=bridge.name))
    return {
        f"{base}.netdev": device,
        network: config.files.get(network) or _networkd_network(bridge, "".join(theirs[:1])),
        f"{base}-port.network": port,
    }


def _networkd_network(bridge: BridgeSpec, text: str) -> str:
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
    default = _ini(Network=_lines(Address=bridge.address, Gateway=bridge.gateway))
    return "\n".join((_ini(Match=_lines(Name=bridge.name)), settings or default))


# NetworkManager: profiles of our own, which come before all others of the interface


def network_manager(bridge: BridgeSpec, config: InterfaceConfig) -> dict[str, str]:
    """Two keyfiles. One that is there and has the address stays as it is."""
    base = f"/etc/NetworkManager/system-connections/fairlead-{bridge.name}"
    profile, port = f"{base}.nmconnection", f"{base}-port.nmconnection"
    today = config.files.get(profile, "")
    port_settings = {
        "autoconnect-priority": "999",
        "master": bridge.name,
        "slave-type": "bridge",
    }
    return {
        profile: today if bridge.address in today else _bridge_profile(bridge, config),
        port: _profile(bridge.port, "ethernet", port_settings),
    }


def _bridge_profile(bridge: BridgeSpec, config: InterfaceConfig) -> str:
    return "\n".join(
        (
            _profile(
                bridge.name,
                "bridge",
                {},
            ),
            _bridge_settings(bridge, config),
        )
    )


def _profile(interface: str, kind: str, more: Mapping[str, str]) -> str:
    name = f"fairlead-{interface}"
    settings = {
        "id": name,
        "uuid": str(uuid5(NAMESPACE_DNS, name)),
        "type": kind,
        "interface-name": interface,
        **more,
    }
    return _ini(connection=_lines(**settings))


def _bridge_settings(bridge: BridgeSpec, config: InterfaceConfig) -> str:
    """The settings of the interface as a keyfile has them; of each list a numbered key an entry."""
    settings = config.settings
    addresses = _entries(settings.get("ipv4.addresses", "")) or [bridge.address]
    routes = [route.replace(" ", ",") for route in _entries(settings.get("ipv4.routes", ""))]
    ipv4 = {
        "method": "manual",
        **{f"address{number}": address for number, address in enumerate(addresses, 1)},
        "gateway": settings.get("ipv4.gateway") or bridge.gateway,
        "dns": _joined(settings.get("ipv4.dns", "")),
        "dns-search": _joined(settings.get("ipv4.dns-search", "")),
        **{f"route{number}": route for number, route in enumerate(routes, 1)},
    }
    link = {"mac-address": config.mac, "stp": "false", "forward-delay": "0"}
    sections = (
        _ini(bridge=_lines(**link)),
        _ini(ipv4=_lines(**ipv4)),
        _ini(ipv6=_lines(method="auto")),
    )
    return "\n".join(sections)


def _entries(text: str) -> list[str]:
    """A list as nmcli prints it: its entries."""
    return [entry.strip() for entry in text.split(",") if entry.strip()]


def _joined(text: str) -> str:
    """A list as a keyfile has it."""
    return "".join(f"{part};" for part in re.split(r"[,\s]+", text) if part)


def _lines(**values: str) -> str:
    return "".join(f"{key}={value}\n" for key, value in values.items() if value)


def _ini(**sections: str) -> str:
    return "\n".join(f"[{name}]\n{lines}" for name, lines in sections.items())
