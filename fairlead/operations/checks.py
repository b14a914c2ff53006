"""Questions of preflight that many systems ask: facts, their parsers, and the Checks made of them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from fairlead.model.plan import Ask, Check, EngineFacts, Fact, Noun, Step
from fairlead.operations.facts import at_least


class Socket(Noun):
    """A port that somebody listens on. `process` is "" where the host did not say (only root may see it)."""

    protocol: str
    port: int
    process: str
    pid: int


class Clock(Noun):
    """Who keeps time on a host. `offset`: seconds, None where it was not told."""

    keeper: str
    synchronised: bool
    offset: float | None = None


CLOCK = """if out=$(chronyc -n tracking 2>/dev/null); then printf 'chrony\\n%s\\n' "$out"
elif out=$(ntpq -c 'rv 0 leap,stratum,offset' 2>/dev/null) && [ -n "$out" ]; then printf 'ntpd\\n%s\\n' "$out"
elif out=$(timedatectl show 2>/dev/null); then printf 'timesyncd\\n%s\\n' "$out"; timedatectl timesync-status 2>/dev/null
elif out=$(timedatectl 2>/dev/null); then printf 'timesyncd\\n%s\\n' "$out"
fi"""
SYNCHRONISED = {
    "chrony": r"Leap status\s*:\s*(Normal|Insert second|Delete second)",
    "ntpd": r"leap=(00|01|10)\b|leap_(none|add_sec|del_sec)",
    "timesyncd": r"NTPSynchronized=yes|System clock synchronized: yes|NTP synchronized: yes",
}
OFFSETS = {
    "chrony": r"System time\s*:\s*([0-9.]+)() seconds (?:slow|fast)",
    "ntpd": r"offset=([-+]?[0-9.]+)()",
    "timesyncd": r"Offset:\s*([-+]?[0-9.]+)(us|ms|s)\b",
}
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}

ROOM = """root=$1
[ -n "$root" ] || root=$("$2" info --format "$3" 2>/dev/null) || root=/var/lib
while [ ! -d "$root" ]; do root=${root%/*}; root=${root:-/}; done
df -Pk "$root" """
ROOTS = {"docker": "{{.DockerRootDir}}", "podman": "{{.Store.GraphRoot}}"}
# `podman top` knows those of the first process's control group alone, and a systemd inside makes groups of its own.
PIDS = """[ "$1" = podman ] || exec docker top "$2" -eo pid
first=$(podman container inspect --format '{{.State.Pid}}' "$2") && space=$(readlink "/proc/$first/ns/pid") || exit 1
find /proc/[0-9]*/ns/pid -printf '%p %l\\n' 2>/dev/null | awk -F'[/ ]' -v space="$space" '$NF == space { print $3 }'"""


def clock_fact() -> Fact:
    return Fact("clock", ("sh", "-c", CLOCK, "clock"), clock)


def sockets_fact() -> Fact:
    return Fact("sockets", ("ss", "-Hltunp"), sockets)


def pids_fact(engine: str, container: str) -> Fact:
    """`pids`: the processes of a container as the host numbers them; none where it does not run."""
    return Fact(
        "pids",
        ("sh", "-c", PIDS, "pids", engine, container),
        lambda code, text: frozenset(map(int, re.findall(r"^\s*(\d+)\s*$", text, re.M))),
    )


def room_fact(engine: str, folder: str = "") -> Fact:
    """`room`: MiB free where the engine keeps images, or where `folder` lies."""
    return Fact("room", ("sh", "-c", ROOM, "room", folder, engine, ROOTS[engine]), room)


def ipv6_fact() -> Fact:
    """`ipv6`: the addresses of this host that reach beyond it."""
    return Fact(
        "ipv6",
        ("ip", "-6", "-o", "addr", "show", "scope", "global"),
        lambda code, text: tuple(re.findall(r"inet6 ([0-9a-fA-F:]+)", text)),
    )


def clock(code: int, text: str) -> Clock | None:
    """None: nobody keeps time. chrony is believed first, then ntpd, then systemd-timesyncd."""
    keeper, _, said = text.partition("\n")
    if keeper not in SYNCHRONISED:
        return None
    return Clock(keeper, bool(re.search(SYNCHRONISED[keeper], said)), _offset(keeper, said))


def _offset(keeper: str, said: str) -> float | None:
    found = re.search(OFFSETS[keeper], said)
    return (
        float(found[1]) * UNITS[found[2] or ("ms" if keeper == "ntpd" else "s")] if found else None
    )


def sockets(code: int, text: str) -> tuple[Socket, ...] | None:
    """None: `ss` is not there."""
    if code:
        return None
    rows = (line.split(maxsplit=6) for line in text.splitlines() if line.startswith(("tcp", "udp")))
    return tuple(socket for row in rows for socket in _of_row(row))


def _of_row(row: Sequence[str]) -> Iterable[Socket]:
    """One line of `ss`: protocol, state, two queues, local and peer address, users:(("name",pid=1,fd=2),...)."""
    port = row[4].rpartition(":")[2]
    users = re.findall(r'\("([^"]*)",pid=(\d+)', row[6]) if len(row) > 6 else []
    return (
        (Socket(row[0], int(port), name, int(pid)) for name, pid in users or [("", "0")])
        if port.isdigit()
        else ()
    )


def room(code: int, text: str) -> int | None:
    """MiB free, of the last line of `df -Pk`."""
    last = text.strip().splitlines()[-1].split() if text.strip() else []
    return int(last[3]) // 1024 if code == 0 and len(last) >= 6 and last[3].isdigit() else None


# The checks

OLDEST = {"docker": "17.03", "podman": "3.0"}


def engine(ask: Ask[Any], name: str) -> Check:
    """The engine is there, answers, and is not too old."""
    oldest = OLDEST[name]
    found = ask.engine
    start = f"start it: systemctl start {name}" if name == "docker" else "see podman info"
    other = (
        "log in as root, or let the user sudo (ssh.sudo of the site)"
        if found.rootless
        else f"install a recent {name}"
    )
    return Check(
        name="engine",
        ok=found.name == name
        and not found.error
        and at_least(found.server, oldest)
        and not found.rootless,
        wanted=f"{name} {oldest} or newer, answering, not rootless",
        found=_of_engine(found, name),
        why="containers run in it; Docker 1.x is known to cause problems",
        remedy=start if found.error else other,
        fix=(_start(name),) if found.error and name == "docker" else (),
    )


def _of_engine(found: EngineFacts, name: str) -> str:
    if not found.name:
        return "none"
    if found.name != name:
        return f"{found.name}, not {name}"
    if found.error:
        return f"{name} does not answer: {found.error}"
    return f"{name} {found.server or 'of unknown version'}{', rootless' if found.rootless else ''}"


def _start(name: str) -> Step:
    is_active = ("sh", "-c", 'systemctl is-active --quiet "$1" || exit 1', "active", name)
    return Step(
        name=f"start {name}",
        unless=is_active,
        do=("systemctl", "start", name),
        undo=("systemctl", "stop", name),
        exclusive=True,
    )


def compose(ask: Ask[Any], oldest: str) -> Check:
    found = ask.compose
    return Check(
        name="compose",
        ok=at_least(found, oldest),
        wanted=f"Docker Compose {oldest} or newer",
        found=found or "none",
        why="older ones read our compose files otherwise, or not at all",
        remedy="install the package docker-compose-plugin",
    )


def time_is_kept(ask: Ask[Any], why: str) -> Check:
    found: Clock | None = ask.facts.get("clock")
    state = (
        f"{found.keeper}, {'synchronised' if found.synchronised else 'not synchronised'}"
        if found
        else "nobody keeps time"
    )
    off = f", off by {found.offset * 1000:.3f} ms" if found and found.offset is not None else ""
    return Check(
        name="time",
        ok=bool(found and found.synchronised),
        wanted="chrony, ntpd or timesyncd, synchronised",
        found=state + off,
        why=why,
        remedy="give it a time server that it reaches (chronyc sources)"
        if found
        else "install chrony",
    )


def ports(
    ask: Ask[Any], table: Mapping[str, Sequence[tuple[int, int]]], blocks: bool = True
) -> tuple[Check, ...]:
    """For each service of the table (name -> ranges of ports, both ends counted) a Check that nobody else holds one of them."""
    held, ours = ask.facts.get("sockets"), ask.facts.get("pids") or frozenset()
    return tuple(_ports(name, ranges, held, ours, blocks) for name, ranges in table.items())


def _ports(
    name: str,
    ranges: Sequence[tuple[int, int]],
    held: Sequence[Socket] | None,
    ours: frozenset[int],
    blocks: bool,
) -> Check:
    others = [
        s for s in _others(held or (), ours) if any(low <= s.port <= high for low, high in ranges)
    ]
    words = ", ".join(
        dict.fromkeys(f"{s.port}/{s.protocol} is held by {_holder(s)}" for s in others)
    )
    programs = sorted({s.process for s in others if s.process})
    return Check(
        name=f"ports of {name}",
        ok=held is not None and not others,
        wanted=f"{_ranges(ranges)} free",
        found=words or ("free" if held is not None else "not known: ss is not there"),
        why="the container shares the host's network",
        remedy=f"stop {', '.join(programs) or 'what holds it'} on this host"
        if held is not None
        else "install the package iproute2 (iproute)",
        blocks=blocks and held is not None,
    )


def _others(held: Sequence[Socket], ours: frozenset[int]) -> Iterator[Socket]:
    """The sockets that are not our container's: of a port that one of its processes holds, all are (its children come and go while we look)."""
    known = {(s.protocol, s.port) for s in held if s.pid in ours}
    return (s for s in held if (s.protocol, s.port) not in known and not (ours and not s.pid))


def _holder(socket: Socket) -> str:
    return (
        f"{socket.process} (pid {socket.pid})"
        if socket.process
        else "a process that only root may see"
    )


def _ranges(ranges: Sequence[tuple[int, int]]) -> str:
    return ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in ranges)


def space(ask: Ask[Any], needed: int, why: str) -> Check:
    """`needed`: MiB."""
    found: int | None = ask.facts.get("room")
    return Check(
        name="room",
        ok=found is not None and found >= needed,
        wanted=f"{needed} MiB free where {ask.engine.root or 'the engine'} keeps images",
        found="not known" if found is None else f"{found} MiB free",
        why=why,
        remedy="make room (docker system df), or give the engine another data root",
        blocks=found is not None,
    )


def architecture(ask: Ask[Any], wanted: Sequence[str], why: str) -> Check:
    found = ask.host.arch
    return Check(
        name="architecture",
        ok=found in wanted,
        wanted=" or ".join(wanted),
        found=found or "not known",
        why=why,
        remedy="choose another host",
    )
