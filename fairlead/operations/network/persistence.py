"""A bridge that is there after a reboot too: written into the files of whatever keeps the host's network.

The host's own lines for the interface become those of the bridge, so that name servers and routes stay. Sources: interfaces(5), systemd.netdev(5),
systemd.network(5), nm-settings-keyfile(5). Nothing is reloaded: what runs was made already, and the files are read at the next boot.
"""

import re
from base64 import b64decode
from collections.abc import Mapping
from uuid import NAMESPACE_DNS, uuid5

import msgspec

from fairlead.model.plan import Fact, Noun, Step
from fairlead.operations.files import PlacedFile, difference, together

# NAME PORT: who keeps PORT, the hardware address of both, and the files that say how; of a NetworkManager also its settings of PORT.
KEEPER = r"""name=$1 port=$2
file() { for f; do [ ! -f "$f" ] || printf 'file %s %s\n' "$f" "$(base64 <"$f" | tr -d '\n')"; done; }
line=$(ip -o link show dev "$port" 2>/dev/null) || exit 0
printf 'mac %s\n' "$(printf %s "$line" | sed -n 's,.* link/ether \([^ ]*\) .*,\1,p')"
netif=/run/systemd/netif/links/${line%%:*}
if found=$(nmcli -g GENERAL.STATE,GENERAL.CONNECTION device show "$port" 2>/dev/null) && [ -n "$found" ] && [ "${found#10 }" = "$found" ]; then
  echo keeper NetworkManager
  profile=$(printf '%s\n' "$found" | sed -n 2p)
  for key in ipv4.addresses ipv4.gateway ipv4.dns ipv4.dns-search ipv4.routes; do
    printf 'set %s %s\n' "$key" "$(nmcli -g "$key" connection show "$profile" 2>/dev/null)"
  done
  file "/etc/NetworkManager/system-connections/fairlead-$name.nmconnection" "/etc/NetworkManager/system-connections/fairlead-$name-port.nmconnection"
elif grep -qs '^NETWORK_FILE=.' "$netif"; then
  echo keeper networkd
  file "$(sed -n 's/^NETWORK_FILE=//p' "$netif")" /etc/systemd/network/00-fairlead-"$name"*
elif grep -Eqs "^[[:space:]]*iface[[:space:]]+($port|$name)[[:space:]]" /etc/network/interfaces /etc/network/interfaces.d/*; then
  echo keeper ifupdown
  file /etc/network/interfaces /etc/network/interfaces.d/*
fi"""


class Keeping(Noun):
    """Who keeps an interface: ifupdown, networkd, NetworkManager or none; path -> text of the files; NetworkManager's settings."""

    keeper: str
    files: Mapping[str, str]
    mac: str = ""
    settings: Mapping[str, str] = {}


class Wish(Noun):
    """The bridge `name` with `port` in it. `address` is ADDRESS/BITS; `gateway` may be ""."""

    name: str
    port: str
    address: str
    gateway: str = ""


def fact(name: str, port: str) -> Fact:
    """`keeping`: who keeps the interface over a reboot, and in which files."""
    return Fact("keeping", ("sh", "-c", KEEPER, "keeper", name, port), keeping)


def keeping(code: int, text: str) -> Keeping:
    rows = [line.partition(" ") for line in text.splitlines()] if code == 0 else []
    files = dict(_pair(rest) for word, _, rest in rows if word == "file")
    words = {word: rest for word, _, rest in rows if word in ("keeper", "mac")}
    settings = {
        rest.partition(" ")[0]: rest.partition(" ")[2] for word, _, rest in rows if word == "set"
    }
    return Keeping(words.get("keeper", "none"), files, words.get("mac", ""), settings)


def _pair(rest: str) -> tuple[str, str]:
    path, _, coded = rest.partition(" ")
    try:
        return path, b64decode(coded).decode("utf-8", "surrogateescape")
    except ValueError:
        return path, ""


def step(name: str, port: str, address: str, gateway: str, found: Keeping) -> Step | None:
    """The Step that writes the bridge into the host's own files; None where they have it, or nobody known keeps the interface."""
    wish = Wish(name, port, address, gateway)
    files = rendered(wish, found)
    if all(found.files.get(path) == text for path, text in files.items()):
        return None
    mode = 0o600 if found.keeper == "NetworkManager" else 0o644  # it reads no other
    made = together(
        (PlacedFile(path, _bytes(text), mode) for path, text in files.items()),
        f"{name} after a reboot ({found.keeper})",
    )
    return msgspec.structs.replace(
        made,
        diff="".join(
            difference(found.files.get(path, ""), text, path) for path, text in files.items()
        ),
    )


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def rendered(wish: Wish, found: Keeping) -> Mapping[str, str]:
    """path -> text of the files that make the bridge at a boot; {} where nobody known keeps the interface."""
    makers = {"ifupdown": ifupdown, "networkd": networkd, "NetworkManager": network_manager}
    return makers[found.keeper](wish, found) if found.keeper in makers else {}


# ifupdown: the interface's stanzas become the bridge's


def ifupdown(wish: Wish, found: Keeping) -> dict[str, str]:
    """The files that speak of the interface, changed; none where one of them has the bridge already."""
    if any(_has(wish.name, text) for text in found.files.values()):
        return {}
    return {
        path: _swapped(wish, text, found.mac)
        for path, text in found.files.items()
        if _has(wish.port, text)
    }


def _has(interface: str, text: str) -> bool:
    return re.search(rf"^\s*iface\s+{re.escape(interface)}\s", text, re.M) is not None


def _swapped(wish: Wish, text: str, mac: str) -> str:
    lines = (_ifupdown_line(wish, line, mac) for line in text.splitlines())
    return "".join(f"{line}\n" for line in lines if line is not None)


def _ifupdown_line(wish: Wish, line: str, mac: str) -> str | None:
    words, named = line.split(), re.compile(rf"(?<![\w.-]){re.escape(wish.port)}(?![\w.-])")
    if words[:1] and words[0] in ("auto", "allow-hotplug", "allow-auto") and wish.port in words[1:]:
        rest = " ".join(word for word in words[1:] if word != wish.port)
        return "\n".join([*([f"{words[0]} {rest}"] if rest else []), f"auto {wish.name}"])
    if words[:3] == ["iface", wish.port, "inet"]:
        return "\n".join(
            [
                f"iface {wish.port} inet manual",
                "",
                f"iface {wish.name} {' '.join(words[2:])}",
                *_made(wish, mac),
            ]
        )
    return line if line.lstrip().startswith("#") else named.sub(wish.name, line)


def _made(wish: Wish, mac: str) -> list[str]:
    """By iproute2 alone: bridge_ports would need another package. The address is the port's, so that nobody has to learn a new one."""
    address = f"address {mac} " if mac else ""
    return [
        f"    pre-up ip link show dev {wish.name} >/dev/null 2>&1 || ip link add name {wish.name} {address}type bridge forward_delay 0 stp_state 0",
        f"    pre-up ip link set dev {wish.port} up master {wish.name}",
        f"    post-down ip link delete dev {wish.name}",
    ]


# networkd: the first file that matches is the one that counts


def networkd(wish: Wish, found: Keeping) -> dict[str, str]:
    """A bridge, its port, and the network file of the interface under the bridge's name."""
    base = f"/etc/systemd/network/00-fairlead-{wish.name}"
    own = f"{base}.network"
    theirs = [text for path, text in found.files.items() if not path.startswith(base)]
    return {
        f"{base}.netdev": _ini(
            NetDev=_lines(Name=wish.name, Kind="bridge", MACAddress=found.mac),
            Bridge=_lines(ForwardDelaySec="0", STP="no"),
        ),
        own: found.files.get(own) or _of_network(wish, theirs[0] if theirs else ""),
        f"{base}-port.network": _ini(
            Match=_lines(Name=wish.port), Network=_lines(Bridge=wish.name)
        ),
    }


def _of_network(wish: Wish, text: str) -> str:
    """What the file says but for whom, and of the interface itself."""
    sections = re.split(r"^(?=\[)", text, flags=re.M)
    kept = "".join(
        part if part.endswith("\n") else f"{part}\n"
        for part in sections
        if part.startswith("[") and not re.match(r"\[(Match|Link)\]", part)
    )
    return (
        _ini(Match=_lines(Name=wish.name))
        + "\n"
        + (kept or _ini(Network=_lines(Address=wish.address, Gateway=wish.gateway)))
    )


# NetworkManager: profiles of our own, which come before all others of the interface


def network_manager(wish: Wish, found: Keeping) -> dict[str, str]:
    """Two keyfiles. One that is there and has the address stays as it is."""
    base = f"/etc/NetworkManager/system-connections/fairlead-{wish.name}"
    bridge, port = f"{base}.nmconnection", f"{base}-port.nmconnection"
    there = found.files.get(bridge, "")
    return {
        bridge: there
        if wish.address in there
        else _profile(wish.name, "bridge", {}) + "\n" + _bridge_settings(wish, found),
        port: _profile(
            wish.port,
            "ethernet",
            {"autoconnect-priority": "999", "master": wish.name, "slave-type": "bridge"},
        ),
    }


def _profile(interface: str, kind: str, more: Mapping[str, str]) -> str:
    name = f"fairlead-{interface}"
    return _ini(
        connection=_lines(
            **{
                "id": name,
                "uuid": str(uuid5(NAMESPACE_DNS, name)),
                "type": kind,
                "interface-name": interface,
                **more,
            }
        )
    )


def _bridge_settings(wish: Wish, found: Keeping) -> str:
    said = found.settings
    addresses = [
        part.strip() for part in said.get("ipv4.addresses", "").split(",") if part.strip()
    ] or [wish.address]
    routes = [
        part.strip().replace(" ", ",")
        for part in said.get("ipv4.routes", "").split(",")
        if part.strip()
    ]
    ipv4 = {
        "method": "manual",
        **{f"address{number}": address for number, address in enumerate(addresses, 1)},
        "gateway": said.get("ipv4.gateway") or wish.gateway,
        "dns": _listed(said.get("ipv4.dns", "")),
        "dns-search": _listed(said.get("ipv4.dns-search", "")),
        **{f"route{number}": route for number, route in enumerate(routes, 1)},
    }
    bridge = {"mac-address": found.mac, "stp": "false", "forward-delay": "0"}
    return "\n".join(
        (_ini(bridge=_lines(**bridge)), _ini(ipv4=_lines(**ipv4)), _ini(ipv6=_lines(method="auto")))
    )


def _listed(text: str) -> str:
    """A list as a keyfile has it."""
    return "".join(f"{part};" for part in re.split(r"[,\s]+", text) if part)


def _lines(**values: str) -> str:
    return "".join(f"{key}={value}\n" for key, value in values.items() if value)


def _ini(**sections: str) -> str:
    return "\n".join(f"[{name}]\n{lines}" for name, lines in sections.items())
