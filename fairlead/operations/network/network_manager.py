"""A bridge as NetworkManager keeps it: profiles of our own, which come before all others of the
interface. Sources: nm-settings-keyfile(5), nm-settings-nmcli(5).
"""

import re
from collections.abc import Mapping
from uuid import NAMESPACE_DNS, uuid5

from fairlead.operations.network.interface import (
    BridgeSpec,
    InterfaceConfig,
    ini,
    lines,
    named_as,
)


def network_manager(
    bridge: BridgeSpec,
    config: InterfaceConfig,
) -> dict[str, str]:
    """Two keyfiles. One that is there and has the address stays as it is."""
    base = f"/etc/NetworkManager/system-connections/fairlead-{bridge.name}"
    profile, port = f"{base}.nmconnection", f"{base}-port.nmconnection"
    today = config.files.get(profile, "")
    port_settings = {
        "autoconnect-priority": "999",
        "master": bridge.name,
        "slave-type": "bridge",
    }
    wire = _wire(config)
    return {
        profile: today if bridge.address in today else _bridge_profile(bridge, config),
        port: "\n".join((_profile(bridge.port, "ethernet", port_settings), *wire)),
    }


def _wire(config: InterfaceConfig) -> tuple[str, ...]:
    """How long frames are, of the port and of the bridge."""
    mtu = config.settings.get("802-3-ethernet.mtu", "").replace("auto", "") or config.mtu
    return (ini(ethernet=lines(mtu=mtu)),) if mtu.strip("0") else ()


def _bridge_profile(
    bridge: BridgeSpec,
    config: InterfaceConfig,
) -> str:
    zone = {"zone": config.settings.get("connection.zone", "")}
    link = {"mac-address": config.mac, "stp": "false", "forward-delay": "0"}
    sections = (
        _profile(bridge.name, "bridge", zone),
        *_wire(config),
        ini(bridge=lines(**link)),
        ini(ipv4=lines(**_ipv4(bridge, config.settings))),
        ini(ipv6=lines(**_ipv6(bridge, config.settings))),
    )
    return "\n".join(sections)


def _profile(
    interface: str,
    kind: str,
    more: Mapping[str, str],
) -> str:
    name = f"fairlead-{interface}"
    settings = {
        "id": name,
        "uuid": str(uuid5(NAMESPACE_DNS, name)),
        "type": kind,
        "interface-name": interface,
        **more,
    }
    return ini(connection=lines(**settings))


def _ipv4(
    bridge: BridgeSpec,
    settings: Mapping[str, str],
) -> dict[str, str]:
    """The address is written down in any case, whoever gave it."""
    today = _family("ipv4", bridge, settings)
    addresses = {} if "address1" in today else {"address1": bridge.address}
    gateway = today.pop("gateway", "") or bridge.gateway
    named = {key: value for key, value in today.items() if key.startswith("address")}
    rest = {key: value for key, value in today.items() if key not in named}
    return {"method": "manual", **addresses, **named, "gateway": gateway, **rest}


def _ipv6(
    bridge: BridgeSpec,
    settings: Mapping[str, str],
) -> dict[str, str]:
    method = settings.get("ipv6.method", "") or "auto"
    own = ("ipv6.addr-gen-mode", "ipv6.ip6-privacy", "ipv6.token")
    more = {key.removeprefix("ipv6."): _meant(settings, key) for key in own}
    return {"method": method, **_family("ipv6", bridge, settings), **more}


_WORDS = ("dns-priority", "route-metric", "route-table")
_FLAGS = ("never-default", "ignore-auto-routes", "ignore-auto-dns", "may-fail")
_BY_ITSELF = {  # what nmcli says of a setting that nobody made
    "may-fail": "yes",
    "ip6-privacy": "-1",
    "addr-gen-mode": "default",
}


def _meant(
    settings: Mapping[str, str],
    key: str,
) -> str:
    """A setting as a keyfile has it; "" where nobody made it."""
    value = settings.get(key, "").strip()
    word = value.split(" ")[0]  # nmcli puts the meaning of a number behind it
    if word in (_BY_ITSELF.get(key.partition(".")[2]), "--"):
        return ""
    return {"yes": "true", "no": "false"}.get(word, word)


def _family(
    family: str,
    bridge: BridgeSpec,
    settings: Mapping[str, str],
) -> dict[str, str]:
    """The settings of a family as a keyfile has them; of each list a numbered key an entry."""
    addresses = _entries(settings.get(f"{family}.addresses", ""))
    rules = _entries(named_as(bridge, settings.get(f"{family}.routing-rules", "")))
    words = {key: _meant(settings, f"{family}.{key}") for key in _WORDS}
    flags = {key: _meant(settings, f"{family}.{key}") for key in _FLAGS}
    usual = {"dns-priority": "0", "route-metric": "-1", "route-table": "0"}
    return {
        **{f"address{number}": address for number, address in enumerate(addresses, 1)},
        "gateway": settings.get(f"{family}.gateway", "").replace("--", ""),
        "dns": _joined(settings.get(f"{family}.dns", "")),
        "dns-search": _joined(settings.get(f"{family}.dns-search", "")),
        "dns-options": _joined(settings.get(f"{family}.dns-options", "")),
        **{key: value for key, value in words.items() if value != usual[key]},
        **_routes(_entries(settings.get(f"{family}.routes", ""))),
        **{f"routing-rule{number}": rule for number, rule in enumerate(rules, 1)},
        **{key: value for key, value in flags.items() if value == "true" or key == "may-fail"},
    }


def _routes(routes: list[str]) -> dict[str, str]:
    """A route is ADDRESS[ GATEWAY][ METRIC][ NAME=VALUE...]; the last in a key of their own."""
    keys: dict[str, str] = {}
    for number, words in enumerate((route.split() for route in routes), 1):
        plain = [word for word in words if "=" not in word]
        if len(plain) == 2 and plain[1].isdigit():  # a metric without a gateway
            plain.insert(1, "::" if ":" in plain[0] else "0.0.0.0")
        keys[f"route{number}"] = ",".join(plain)
        keys[f"route{number}_options"] = ",".join(word for word in words if "=" in word)
    return keys


def _entries(text: str) -> list[str]:
    """A list as nmcli prints it: its entries."""
    return [entry.strip() for entry in text.split(",") if entry.strip()]


def _joined(text: str) -> str:
    """A list as a keyfile has it."""
    return "".join(f"{part};" for part in re.split(r"[,\s]+", text) if part)
