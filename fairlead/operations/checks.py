"""Questions of preflight that many systems ask: facts, their parsers, and Checks made of them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from fairlead.model.plan import Ask, Check, EngineFacts, Fact, Noun, Step
from fairlead.operations import script
from fairlead.operations.container.state import pids_fact as pids_fact
from fairlead.operations.facts import STANDALONE, at_least

sh = script.beside(__file__)


def looks_ahead(ask: Ask[Any]) -> bool:
    """Is preflight asked what is in the way of another version (`--for`) than the one that is
    there? That is `version` among its options.
    """
    return bool(getattr(ask.options, "version", ""))


class Ports(Noun):
    """Ports of one protocol, both ends counted.

    `spare`: one of them that somebody else holds is a warning; tests draw from the range.
    """

    protocol: str
    low: int
    high: int
    spare: bool = False

    def hold(self, socket: "Socket") -> bool:
        """Does this socket stand on one of them?"""
        return socket.protocol == self.protocol and self.low <= socket.port <= self.high

    def __str__(self) -> str:
        numbers = str(self.low) if self.low == self.high else f"{self.low}-{self.high}"
        return f"{numbers}/{self.protocol}"


def tcp(*ports: int) -> tuple[Ports, ...]:
    """Ports that a service needs, each of them."""
    return tuple(Ports("tcp", port, port) for port in ports)


def udp(*ports: int) -> tuple[Ports, ...]:
    """The same, of the other protocol."""
    return tuple(Ports("udp", port, port) for port in ports)


def spare(protocol: str, low: int, high: int = 0) -> Ports:
    """Ports of which one can be missed."""
    return Ports(protocol, low, high or low, spare=True)


class Socket(Noun):
    """A port that somebody listens on.

    `process` is "" where the host did not say (only root may see it).
    """

    protocol: str
    port: int
    process: str
    pid: int


class Clock(Noun):
    """Who keeps time on a host. `offset`: seconds, None where it was not told."""

    keeper: str
    synchronised: bool
    offset: float | None = None


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
OWN_UNITS = {"chrony": "s", "ntpd": "ms", "timesyncd": "s"}  # where none stands beside the number
# A process that holds a port for somebody else -> what is to be stopped
DEPUTIES = {
    "systemd": "the socket unit that systemd listens for (systemctl list-sockets)",
    "docker-proxy": "the container that publishes it (docker ps)",
    "conmon": "the container that publishes it (podman ps)",
}
ROOTS = {"docker": "DockerRootDir", "podman": "graphRoot"}  # the keys of `info`


def clock_fact() -> Fact:
    """`clock`: who keeps time; None: nobody does."""
    return Fact("clock", sh("clock"), clock)


def sockets_fact() -> Fact:
    """`sockets`: what listens on the host; None: `ss` is not there."""
    return Fact("sockets", ("ss", "-Hltunp"), sockets)


def room_fact(engine: str, folder: str = "") -> Fact:
    """`room`: MiB free where the engine keeps images, or where `folder` lies."""
    return Fact("room", sh("room", folder, engine, ROOTS[engine]), room)


def ipv6_fact() -> Fact:
    """`ipv6`: the addresses of this host that reach beyond it."""
    return Fact("ipv6", ("ip", "-6", "-o", "addr", "show", "scope", "global"), _ipv6)


def _ipv6(code: int, text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"inet6 ([0-9a-fA-F:]+)", text))


def clock(code: int, text: str) -> Clock | None:
    """None: nobody keeps time. chrony is believed first, then ntpd, then systemd-timesyncd."""
    keeper, _, answer = text.partition("\n")
    if keeper not in SYNCHRONISED:
        return None
    return Clock(
        keeper,
        bool(re.search(SYNCHRONISED[keeper], answer)),
        _offset(keeper, answer),
    )


def _offset(keeper: str, answer: str) -> float | None:
    """Seconds."""
    match = re.search(OFFSETS[keeper], answer)
    return float(match[1]) * UNITS[match[2] or OWN_UNITS[keeper]] if match else None


def sockets(code: int, text: str) -> tuple[Socket, ...] | None:
    """None: `ss` is not there."""
    if code:
        return None
    lines = (line for line in text.splitlines() if line.startswith(("tcp", "udp")))
    return tuple(socket for line in lines for socket in _sockets(line.split(maxsplit=6)))


def _sockets(row: Sequence[str]) -> Iterator[Socket]:
    """A line of `ss`, one Socket for each process that listens.

    Protocol, state, two queues, local and peer address, users:(("name",pid=1,fd=2),...).
    """
    port = row[4].rpartition(":")[2]
    if not port.isdigit():
        return
    users = re.findall(r'\("([^"]*)",pid=(\d+)', row[6]) if len(row) > 6 else []
    for name, pid in users or [("", "0")]:
        yield Socket(row[0], int(port), name, int(pid))


def room(code: int, text: str) -> int | None:
    """MiB free, of the last line of `df -Pk`; None where that says nothing."""
    lines = text.strip().splitlines()
    words = lines[-1].split() if lines else []
    if code or len(words) < 6 or not words[3].isdigit():
        return None
    return int(words[3]) // 1024


def alone_fact(engine: str, system: str) -> Fact:
    """`alone`: does no container of this other system of ours run here? None: it is not known."""
    return Fact("alone", sh("alone", engine, system), _alone)


def _alone(code: int, text: str) -> bool | None:
    return {0: True, 1: False}.get(code)


# The checks

OLDEST = {"docker": "17.03", "podman": "3.0"}


def engine(ask: Ask, name: str) -> Check:
    """The engine is there, answers, and is not too old."""
    engine, oldest = ask.engine, OLDEST[name]
    is_good = not engine.error and not engine.rootless
    return Check(
        name="engine",
        ok=engine.name == name and is_good and at_least(engine.server, oldest),
        wanted=f"{name} {oldest} or newer, answering, not rootless",
        found=_described(engine, name),
        why="containers run in it; Docker 1.x is known to cause problems",
        remedy=_remedy(engine, name),
        fix=(_start(name),) if engine.error and name == "docker" else (),
    )


def _described(engine: EngineFacts, name: str) -> str:
    """The engine that is there, where the one of this `name` has to be."""
    if not engine.name:
        return "none"
    if engine.name != name:
        return f"{engine.name}, not {name}"
    if engine.error:
        return f"{name} does not answer: {engine.error}"
    rootless = ", rootless" if engine.rootless else ""
    return f"{name} {engine.server or 'of unknown version'}{rootless}"


def _remedy(engine: EngineFacts, name: str) -> str:
    if engine.error:
        return f"start it: systemctl start {name}" if name == "docker" else "see podman info"
    if engine.rootless:
        return "log in as root, or let the user sudo (ssh.sudo of the site)"
    return f"install a recent {name}"


def _start(name: str) -> Step:
    is_active = ("sh", "-c", 'systemctl is-active --quiet "$1" || exit 1', "active", name)
    return Step(
        name=f"start {name}",
        unless=is_active,
        do=("systemctl", "start", name),
        undo=("systemctl", "stop", name),
        exclusive=True,
    )


PLUGINS = "/usr/local/lib/docker/cli-plugins"  # one of the folders in which Docker looks


def compose(ask: Ask, oldest: str) -> Check:
    """Compose is there as `docker compose`, and not older than `oldest`. A standalone one that is
    new enough can be both: that is its fix."""
    version = ask.compose.removeprefix(STANDALONE)
    is_alone = version != ask.compose and at_least(version, oldest)
    alone = f"docker-compose {version} alone: `docker compose` does not know it"
    return Check(
        name="compose",
        ok=at_least(ask.compose, oldest),
        wanted=f"Docker Compose {oldest} or newer, as `docker compose`",
        found=alone if version != ask.compose else version or "none",
        why="older ones read our compose files otherwise, or not at all",
        remedy="install the package docker-compose-plugin"
        + (f", or --fix links it into {PLUGINS}" if is_alone else ""),
        fix=(_linked(),) if is_alone else (),
    )


def _linked() -> Step:
    return Step(
        name="link docker-compose",
        unless=("sh", "-c", "docker compose version >/dev/null 2>&1 || exit 1", "linked"),
        do=sh("compose_link", PLUGINS),
        undo=("rm", "-f", f"{PLUGINS}/docker-compose"),
    )


def time_is_kept(ask: Ask, why: str) -> Check:
    """Somebody keeps time, and is synchronised."""
    clock: Clock | None = ask.facts.get("clock")
    reach = "give it a time server that it reaches (chronyc sources)"
    return Check(
        name="time",
        ok=bool(clock and clock.synchronised),
        wanted="chrony, ntpd or timesyncd, synchronised",
        found=_clock_words(clock) if clock else "nobody keeps time",
        why=why,
        remedy=reach if clock else "install chrony",
    )


def _clock_words(clock: Clock) -> str:
    state = "synchronised" if clock.synchronised else "not synchronised"
    offset = "" if clock.offset is None else f", off by {clock.offset * 1000:.3f} ms"
    return f"{clock.keeper}, {state}{offset}"


# Without its word nobody knows which processes are the container's own
ENGINE_FIRST = "bring the engine to answer first: what holds it may be the container itself"


def ports(
    ask: Ask,
    table: Mapping[str, Sequence[Ports]],
    blocks: bool = True,
) -> tuple[Check, ...]:
    """For each service of the table (name -> its ports) a Check that nobody else holds one of them.

    Only the ports that it cannot do without block.
    """
    listening, ours = ask.facts.get("sockets"), ask.facts.get("pids") or frozenset()
    if listening is None:
        return tuple(_unknown_ports(name, ports) for name, ports in table.items())
    others = tuple(_others(listening, ours))
    made = (_ports(name, ports, others, blocks) for name, ports in table.items())
    if not ask.engine.error:
        return tuple(made)
    return tuple(c if c.ok else replace(c, remedy=ENGINE_FIRST) for c in made)


def _unknown_ports(name: str, ports: Sequence[Ports]) -> Check:
    """Without `ss` nothing is known of the ports; that is a warning."""
    return Check(
        name=f"ports of {name}",
        ok=False,
        wanted=_wanted(ports),
        found="not known: ss is not there",
        why="the container shares the host's network",
        remedy="install the package iproute2 (iproute)",
        blocks=False,
    )


def _ports(
    name: str,
    ports: Sequence[Ports],
    others: Sequence[Socket],
    blocks: bool,
) -> Check:
    holders = [s for s in others if any(p.hold(s) for p in ports)]
    vital = [s for s in holders if any(p.hold(s) and not p.spare for p in ports)]
    sentences = [f"{s.port}/{s.protocol} is held by {_holder(s)}" for s in holders]
    return Check(
        name=f"ports of {name}",
        ok=not holders,
        wanted=_wanted(ports),
        found=", ".join(dict.fromkeys(sentences)) or "free",
        why="the container shares the host's network",
        remedy=_stop(vital) if vital or not holders else f"{_stop(holders)}, or do without them",
        blocks=blocks and bool(vital or not holders),
    )


def _wanted(ports: Sequence[Ports]) -> str:
    return f"{', '.join(map(str, ports))} free"


def _stop(holders: Sequence[Socket]) -> str:
    names = sorted({stoppable(s.process) for s in holders if s.process})
    return f"stop {', '.join(names) or 'what holds it'} on this host"


def stoppable(process: str) -> str:
    """What is to be stopped where this process holds a port: itself, or whom it holds it for."""
    return DEPUTIES.get(process, process)


def _others(listening: Sequence[Socket], ours: frozenset[int]) -> Iterator[Socket]:
    """The sockets that are not our container's.

    Of a port that one of its processes holds, all are: its children come and go while we look.
    Where it runs, a socket without a process is none of others' either.
    """
    own = {(s.protocol, s.port) for s in listening if s.pid in ours}
    for socket in listening:
        is_nameless = bool(ours) and not socket.pid
        if (socket.protocol, socket.port) not in own and not is_nameless:
            yield socket


def _holder(socket: Socket) -> str:
    if socket.process:
        return f"{socket.process} (pid {socket.pid})"
    return "a process that only root may see"


def space(ask: Ask, needed: int, why: str) -> Check:
    """There is room where the engine keeps images; `needed`: MiB."""
    free: int | None = ask.facts.get("room")
    return Check(
        name="room",
        ok=free is not None and free >= needed,
        wanted=f"{needed} MiB free where {ask.engine.root or 'the engine'} keeps images",
        found="not known" if free is None else f"{free} MiB free",
        why=why,
        remedy=f"make room ({ask.engine.name or 'docker'} system df), "
        "or give the engine another data root",
        blocks=free is not None,
    )


def alone(
    ask: Ask,
    system: str,
    title: str,
    why: str,
) -> Check:
    """No container of another `system` runs on this host, whose name for people is `title`."""
    is_alone: bool | None = ask.facts.get("alone")
    states = {True: "none runs here", False: "one runs here", None: "not known"}
    return Check(
        name=title,
        ok=is_alone is True,
        wanted=f"no {title} on this host",
        found=states[is_alone],
        why=why,
        remedy=f"give one of them another host, or inv {system}.down first",
        blocks=is_alone is False,
    )


def architecture(ask: Ask, names: Sequence[str], why: str) -> Check:
    """The host is of one of these architectures, as `uname -m` says them."""
    return Check(
        name="architecture",
        ok=ask.host.arch in names,
        wanted=" or ".join(names),
        found=ask.host.arch or "not known",
        why=why,
        remedy="choose another host",
    )
