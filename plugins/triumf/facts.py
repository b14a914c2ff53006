"""What the verbs of engine and registry want to know of a host."""

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from ipaddress import AddressValueError, IPv4Interface, NetmaskValueError
from typing import Any

from fairlead.api import Ask, Fact, Noun, checks, packages
from fairlead.api import bridge as net

from .daemon_config import DAEMON, MAIN, NETWORK, STORAGE
from .distribution import DEBIAN, RED_HAT, SUMS

FILES = """for file; do [ ! -f "$file" ] || printf '%s %s\\n' "$file" "$(base64 <"$file" | tr -d '\\n')"; done"""
FIELDS = (
    "LiveRestoreEnabled",
    "ContainersRunning",
    "Containers",
    "Images",
    "Swarm.LocalNodeState",
    "DockerRootDir",
)
STANDING = "".join(f"{{{{.{field}}}}}\t" for field in FIELDS) + "{{json .DriverStatus}}"
BRIDGE = """ip -o -4 addr show dev "$1" 2>/dev/null | awk '{ print $4; exit }'; ip link show dev "$1" >/dev/null 2>&1 && echo there"""
# FOLDER: what is mounted there (the folder itself, or the nearest above it), and KiB free.
MOUNT = """root=$1; while [ ! -d "$root" ]; do root=${root%/*}; root=${root:-/}; done; df -Pk "$root" | awk 'END { print $6, $4 }'"""
# NAME: its IPv4 address, as long as it is none of the loopback's (Debian enters a host's own name there).
ADDRESS = """getent ahostsv4 "$1" | awk '$1 !~ /^127\\./ { print $1; exit }'"""
ACTIVE = "for name in docker-registry docker-distribution; do systemctl is-active $name 2>/dev/null; done; true"
# KEY USER: is the key there, and may the service's user read it? yes, no, or none.
READABLE = """[ -e "$1" ] || { echo none; exit 0; }
if ! id -u "$2" >/dev/null 2>&1 || setpriv --reuid "$2" --regid "$2" --init-groups test -r "$1" 2>/dev/null; then echo yes; else echo no; fi"""
VOLUMES = """vgs --noheadings --units g -o vg_name,vg_free 2>/dev/null"""


class Engine(Noun):
    """An engine that answers. `driver`: its storage driver's own words."""

    live: bool
    running: int
    containers: int
    images: int
    swarm: str
    root: str
    driver: str


class Mount(Noun):
    """The file system in which a folder lies: where it is mounted, MiB free."""

    at: str
    free: int


def engine(ask: Ask[Any]) -> Iterator[Fact]:
    """`files`, `standing`, `packages`, `bridge`; for preflight also `mount` and `volumes`."""
    site = ask.section
    if ask.verb in ("restart", "logs"):
        return
    yield Fact("files", ("sh", "-c", FILES, "files", DAEMON, MAIN, NETWORK, STORAGE), texts)
    yield Fact("standing", ("docker", "info", "--format", STANDING), standing)
    yield packages.manager_fact()
    yield Fact("bridge", ("sh", "-c", BRIDGE, "bridge", site.engine.bridge or "docker0"), bridge)
    if site.engine.bridge and site.engine.port:
        yield net.fact(site.engine.bridge, site.engine.port)
    yield Fact("mount", ("sh", "-c", MOUNT, "mount", site.engine.data_root), mount)
    yield Fact("volumes", ("sh", "-c", VOLUMES, "volumes"), volumes)


def registry(ask: Ask[Any]) -> Iterator[Fact]:
    """`packages`, `files` (of both distributions' places), `address`; for status also `active` and `held`."""
    site = ask.section.registry
    if ask.verb in ("logs", "search", "list"):
        return
    yield packages.manager_fact()
    paths = [
        path
        for where in (DEBIAN, RED_HAT)
        for path in (where.config, where.passwords, where.authority)
    ]
    yield Fact(
        "files",
        ("sh", "-c", FILES, "files", *paths, site.tls.certificate, *filter(None, (site.tls.ca,))),
        texts,
    )
    yield Fact(
        "address", ("sh", "-c", ADDRESS, "address", site.name), lambda code, text: text.strip()
    )
    yield Fact(
        "key",
        ("sh", "-c", READABLE, "key", site.tls.key, DEBIAN.user),
        lambda code, text: text.strip(),
    )
    if ask.verb == "status":
        yield Fact(
            "active", ("sh", "-c", ACTIVE, "active"), lambda code, text: "active" in text.split()
        )
        yield Fact("held", ("sh", "-c", SUMS, "held", site.root), held, timeout=60)
    if ask.verb == "preflight":
        yield Fact("mount", ("sh", "-c", MOUNT, "mount", site.root), mount)
        yield checks.sockets_fact()


class Held(Noun):
    """What the registry holds: how many repositories, KiB in all, KiB free beside them."""

    repositories: int
    kib: int
    free: int


def held(code: int, text: str) -> Held | None:
    words = text.split()
    return (
        Held(*map(int, words))
        if len(words) == 3 and all(word.isdigit() for word in words)
        else None
    )


def texts(code: int, text: str) -> Mapping[str, str]:
    """Path -> content, of the files that are there."""
    rows = (line.split(" ") for line in text.splitlines() if line.startswith("/"))
    return {row[0]: _decoded(row[1]) for row in rows if len(row) == 2}


def _decoded(word: str) -> str:
    try:
        return b64decode(word).decode("utf-8", "replace")
    except ValueError:
        return ""


def standing(code: int, text: str) -> Engine | None:
    """None: no engine answers."""
    row = next((line.split("\t") for line in text.splitlines() if line.count("\t") == 6), [])
    if code or not row or not all(word.isdigit() for word in row[1:4]):
        return None
    return Engine(row[0] == "true", int(row[1]), int(row[2]), int(row[3]), *row[4:])


def bridge(code: int, text: str) -> str:
    """The bridge's address with its length, `there` for one without, "" for no such interface."""
    words = text.split()
    return words[0] if words and _interface(words[0]) else "there" if "there" in words else ""


def _interface(word: str) -> IPv4Interface | None:
    try:
        return IPv4Interface(word)
    except (AddressValueError, NetmaskValueError, ValueError):
        return None


def mount(code: int, text: str) -> Mount | None:
    words = text.split()
    return (
        Mount(words[0], int(words[1]) // 1024)
        if code == 0 and len(words) == 2 and words[1].isdigit()
        else None
    )


def volumes(code: int, text: str) -> Mapping[str, float]:
    """Volume group -> GiB free in it."""
    return {
        name: float(free) for name, free in re.findall(r"^\s*(\S+)\s+<?([0-9.]+)g\s*$", text, re.M)
    }
