"""Interfaces with gateways of their own after a reboot: what the files say of whoever keeps the
host's network.

What is theirs stays; ours stands in a block of its own, and of the interfaces behind the first the
lines that would make a second default route are remarks. So it can be taken back. Sources:
interfaces(5), systemd.network(5), nm-settings-nmcli(5).
"""

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence

from fairlead.api import persistence

from .site import Nic

SETTINGS = "/etc/sysctl.d/90-fairlead-perfsonar-nics.conf"
NIC = "# nic "
TABLES, PRIORITIES = 300, 200  # and the number of the interface: OSG's
_OTHER_STANZA = re.compile(r"\s*(iface|auto|allow-\S+|source\S*|mapping|no-\S+|rename)\s")

Config = persistence.InterfaceConfig


def settings(nics: Sequence[Nic], shared: Sequence[Nic]) -> str:
    """The kernel's settings of the interfaces, read when one appears; and which they are, for who
    takes them back."""
    lines = [f"{NIC}{nic.name} {nic.address} {nic.gateway}" for nic in nics]
    for nic in nics:
        lines.append(f"net/ipv4/conf/{nic.name}/rp_filter = 2")
        if nic in shared:
            values = {"arp_ignore": 1, "arp_announce": 2, "arp_filter": 1}
            lines += [f"net/ipv4/conf/{nic.name}/{key} = {value}" for key, value in values.items()]
    return "".join(f"{line}\n" for line in ("# Written by fairlead: inv perfsonar.up.", *lines))


def texts(nics: Sequence[Nic], configs: Mapping[str, Config]) -> dict[str, str]:
    """path -> text of the files that make it so at a boot; NetworkManager has none: see profile."""
    files: dict[str, str] = {}
    for number, nic in enumerate(nics, 1):
        config = configs[nic.name]
        if config.keeper == "ifupdown":
            files |= _ifupdown(nic, number, dict(config.files) | files)
        elif config.keeper == "networkd":
            files |= _networkd(nic, number, config.files)
    return files


def _own(nic: Nic) -> str:
    return nic.address.partition("/")[0]


def _network(nic: Nic) -> str:
    return str(ipaddress.IPv4Interface(nic.address).network)


def _marks(nic: Nic) -> tuple[str, str]:
    return f"# fairlead: {nic.name}", f"# fairlead: end of {nic.name}"


def _off(nic: Nic) -> str:
    """What stands before a line of theirs that does not count."""
    return f"#fairlead {nic.name}# "


def plain(nic: Nic, text: str) -> str:
    """A file as it is without us; nics_forget.sh does the same."""
    begin, end = map(re.escape, _marks(nic))
    text = re.sub(rf"^{begin}\n(?:.*\n)*?{end}\n", "", text, flags=re.M)
    return re.sub(rf"^{re.escape(_off(nic))}", "", text, flags=re.M)


def _block(nic: Nic, lines: Sequence[str]) -> list[str]:
    begin, end = _marks(nic)
    return [begin, *lines, end]


# ifupdown: in the interface's own stanza


def _ifupdown(nic: Nic, number: int, files: Mapping[str, str]) -> dict[str, str]:
    return {
        path: _stanzas(nic, number, plain(nic, text))
        for path, text in files.items()
        if re.search(rf"^\s*iface\s+{re.escape(nic.name)}\s+inet\s", text, re.M)
    }


def _stanzas(nic: Nic, number: int, text: str) -> str:
    return "".join(f"{line}\n" for line in _stanza_lines(nic, number, text.splitlines()))


def _stanza_lines(nic: Nic, number: int, lines: Sequence[str]) -> Iterator[str]:
    is_own = False
    for line in lines:
        is_first_line = line.split()[:3] == ["iface", nic.name, "inet"]
        if is_first_line or _OTHER_STANZA.match(line):
            is_own = is_first_line
        is_dropped = is_own and number > 1 and line.split()[:1] == ["gateway"]
        yield f"{_off(nic)}{line}" if is_dropped else line
        if is_first_line:
            has_gateway = any(other.split()[:1] == ["gateway"] for other in lines)
            yield from _block(nic, [*_commands(nic, number, is_default=not has_gateway)])


def _commands(nic: Nic, number: int, *, is_default: bool) -> Iterator[str]:
    table, priority = TABLES + number, PRIORITIES + number
    way = f"dev {nic.name} scope link src {_own(nic)}"
    yield f"    up ip route replace {_network(nic)} {way} table {table}"
    yield f"    up ip route replace default via {nic.gateway} dev {nic.name} table {table}"
    yield f"    up ip rule add from {_own(nic)} table {table} priority {priority} || true"
    yield f"    down ip rule delete priority {priority} || true"
    if number == 1 and is_default:
        yield f"    up ip route replace default via {nic.gateway} dev {nic.name}"


# networkd: the first file that matches is the one that counts


def network_file(name: str) -> str:
    """Ours of an interface."""
    return f"/etc/systemd/network/00-fairlead-{name}.network"


def _networkd(nic: Nic, number: int, files: Mapping[str, str]) -> dict[str, str]:
    ours = network_file(nic.name)
    theirs = [text for path, text in files.items() if path.endswith((".network", ".conf"))]
    text = plain(nic, files[ours]) if ours in files else _for_one(nic, "\n".join(theirs))
    sections = re.split(r"^(?=\[)", text, flags=re.M)
    kept = "".join(_section(nic, number, section) for section in sections)
    has_gateway = re.search(r"^\s*Gateway\s*=", kept, re.M) is not None
    block = _block(nic, [*_sections(nic, number, is_default=not has_gateway)])
    return {ours: f"{kept.rstrip()}\n" + "".join(f"{line}\n" for line in block)}


def _for_one(nic: Nic, text: str) -> str:
    """What is said of the interface, for it alone."""
    sections = [part for part in re.split(r"^(?=\[)", text, flags=re.M) if part.startswith("[")]
    kept = [part.rstrip() + "\n\n" for part in sections if not part.startswith("[Match]")]
    address = f"[Network]\nAddress={nic.address}\nGateway={nic.gateway}\n"
    return f"[Match]\nName={nic.name}\n\n{''.join(kept) or address}"


def _section(nic: Nic, number: int, section: str) -> str:
    """A section of theirs; the default routes of one behind the first are remarks."""
    is_default = section.startswith("[Network]") or (
        section.startswith("[Route]")
        and not re.search(r"^\s*(Destination|Table)\s*=", section, re.M)
    )
    if number == 1 or not is_default:
        return section
    return re.sub(r"^(?=\s*Gateway\s*=)", _off(nic), section, flags=re.M)


def _sections(nic: Nic, number: int, *, is_default: bool) -> Iterator[str]:
    table = f"Table={TABLES + number}"
    yield from ("[Route]", f"Destination={_network(nic)}", "Scope=link")
    yield from (f"PreferredSource={_own(nic)}", table)
    yield from ("[Route]", f"Gateway={nic.gateway}", table)
    yield from ("[RoutingPolicyRule]", f"From={_own(nic)}", table)
    yield f"Priority={PRIORITIES + number}"
    if number == 1 and is_default:
        yield from ("[Route]", f"Gateway={nic.gateway}")


# NetworkManager: settings of the profile that the interface has


def profile(nic: Nic, number: int, config: Config) -> dict[str, str]:
    """Those that have to be otherwise, by their names in nmcli."""
    if config.keeper != "NetworkManager":
        return {}
    table = f"table={TABLES + number}"
    routes = [
        *_others(config.settings.get("ipv4.routes", ""), table),
        f"{_network(nic)} {table} src={_own(nic)}",
        f"0.0.0.0/0 {nic.gateway} {table}",
    ]
    rule = f"priority {PRIORITIES + number} from {_own(nic)} table {TABLES + number}"
    rules = [
        *_others(config.settings.get("ipv4.routing-rules", ""), f"priority {PRIORITIES + number} ")
    ]
    profile = {
        "ipv4.routes": ", ".join(routes),
        "ipv4.routing-rules": ", ".join((*rules, rule)),
        "ipv4.never-default": "no" if number == 1 else "yes",
    }
    return {
        key: value for key, value in profile.items() if not _is(config.settings.get(key, ""), value)
    }


def _others(entries: str, word: str) -> list[str]:
    """The entries of a list in which it does not stand."""
    return [
        entry for entry in map(str.strip, entries.split(",")) if entry and word not in f"{entry} "
    ]


def _is(value: str, other: str) -> bool:
    """Do two lists say the same, whatever their order and that of the words in them?"""
    return _words(value) == _words(other)


def _words(value: str) -> list[list[str]]:
    return sorted(sorted(entry.split()) for entry in value.split(",") if entry.strip())
