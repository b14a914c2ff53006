"""The kernel's settings for throughput over long distances: which they are, and `tuning: apply`.

They are those of perfSONAR's toolkit (scripts/configure_sysctl), by the speed of the interface.
What a host has larger stays. They stand in one file, which is read after all others; what they
were before is kept, for the way back.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.api import Ask, Fact, Noun, Step, script

FILE = "/etc/sysctl.d/99-zz-fairlead-perfsonar.conf"
KEPT = "/var/lib/fairlead/backups/net/tuning"
WORDS = ("/proc/sys", FILE, KEPT, f"{KEPT}.before")
SLOW, FAST, FASTEST = 0, 10000, 40000  # Mbit/s
# speed of the interface -> MiB of net.core.?mem_max, and of the last number of net.ipv4.tcp_?mem
BUFFERS = {SLOW: (64, 32), FAST: (256, 128), FASTEST: (512, 256)}
CONTROL, CONTROLS = "net.ipv4.tcp_congestion_control", ("htcp", "bbr")
PROBING = "net.ipv4.tcp_mtu_probing"
JUMBO = 8000
MIB = 1024 * 1024
GOOD = "as perfSONAR's toolkit sets it"

sh = script.beside(__file__)


class Interface(Noun):
    """One that reaches beyond the host. `speed`: Mbit/s, 0 where it does not say."""

    name: str
    mtu: int
    speed: int
    rp_filter: int


class Network(Noun):
    """What a host has. `memory`, `swap`: MiB. `values`: settings of the kernel by their names."""

    memory: int = 0
    swap: int = 0
    values: Mapping[str, str] = {}
    interfaces: tuple[Interface, ...] = ()


def buffers(has: Network) -> tuple[int, int]:
    """MiB of net.core.?mem_max and of net.ipv4.tcp_?mem, for the fastest interface."""
    speed = max((interface.speed for interface in has.interfaces), default=0)
    return BUFFERS[max(least for least in BUFFERS if least <= speed)]


def sizes(has: Network) -> dict[str, int]:
    """Name -> MiB, at the least."""
    core, tcp = buffers(has)
    return {
        "net.core.rmem_max": core,
        "net.core.wmem_max": core,
        "net.ipv4.tcp_rmem": tcp,
        "net.ipv4.tcp_wmem": tcp,
    }


def last(numbers: str) -> int:
    return int(numbers.split()[-1])


def is_jumbo(has: Network) -> bool:
    return any(interface.mtu > JUMBO for interface in has.interfaces)


# What is set


def settings(has: Network, made: Mapping[str, str]) -> dict[str, str]:
    """What our file has to set: what this host lacks, and what is in it already (`made`)."""
    values: dict[str, str] = {}
    for name, least in sizes(has).items():
        today = has.values.get(name, "")
        if today and (name in made or last(today) < least * MIB):
            values[name] = " ".join((*today.split()[:-1], str(least * MIB)))
    control = has.values.get(CONTROL, "")
    if control and (CONTROL in made or control not in CONTROLS):
        values[CONTROL] = CONTROLS[0]
    if is_jumbo(has) and (PROBING in made or has.values.get(PROBING) == "0"):
        values[PROBING] = "1"
    return values


def facts(ask: Ask[Any]) -> Iterator[Fact]:
    """`tuning made`: what our file sets; `network`, where it is to be set."""
    if ask.verb in ("up", "down", "status"):
        yield Fact("tuning made", ("cat", FILE), made)
    if ask.verb in ("up", "status") and ask.section.tuning == "apply":
        yield network_fact()


def network_fact() -> Fact:
    return Fact("network", sh("network"), network)


def made(code: int, text: str) -> Mapping[str, str]:
    """The settings of our file; of none, nothing."""
    rows = (line.partition(" = ") for line in text.splitlines() if not line.startswith("#"))
    return {} if code else {name: value for name, _, value in rows if value}


def network(code: int, text: str) -> Network:
    """The lines of shell/network.sh."""
    rows = [row for row in (line.split() for line in text.splitlines()) if len(row) > 1]

    def number(kind: str) -> int:
        return next((int(row[1]) for row in rows if row[0] == kind), 0)

    return Network(
        memory=number("memory"),
        swap=number("swap"),
        values={row[1]: " ".join(row[2:]) for row in rows if row[0] == "value"},
        interfaces=tuple(
            Interface(row[1], int(row[2]), max(0, int(row[3])), int(row[4]))
            for row in rows
            if row[0] == "interface" and len(row) == 5
        ),
    )


# Steps


def steps(ask: Ask[Any]) -> Iterator[Step]:
    """The kernel has them, after a boot too; nothing where the host says nothing of its own."""
    has = ask.facts.get("network")
    values = settings(has, _made(ask)) if has else {}
    if values:
        yield Step(
            name="tuning",
            unless=sh("tuned", *WORDS),
            do=sh("tune", *WORDS),
            undo=sh("untune", *WORDS),
            stdin=_text(values),
            compares=True,
            timeout=60,
            remedy="a container, or a host whose kernel is another's, cannot set it: tuning: check",
        )


def _text(values: Mapping[str, str]) -> str:
    lines = ("# Written by fairlead: inv perfsonar.up.", *(f"{k} = {v}" for k, v in values.items()))
    return "".join(f"{line}\n" for line in lines)


def _made(ask: Ask[Any]) -> Mapping[str, str]:
    return ask.facts.get("tuning made") or {}


def gone(ask: Ask[Any]) -> Iterator[Step]:
    """What we set is as it was; nothing to do where nothing was set."""
    if _made(ask):
        yield Step(
            name="no tuning",
            unless=("test", "!", "-e", FILE),
            do=sh("tune_gone", *WORDS),
            undo=sh("untune", *WORDS),
            timeout=60,
        )


# Status


def described(ask: Ask[Any]) -> Iterator[tuple[str, str, bool]]:
    """For status: a field, what it says, and whether it is as the site wants it."""
    if ask.section.tuning == "apply":
        has = ask.facts.get("network")
        others = list(_others(has, _made(ask))) if has else ["not known"]
        yield "tuning", "; ".join(others) or GOOD, not others
    elif _made(ask):
        yield "tuning", "ours, and the site has none: inv perfsonar.up takes it back", False


def _others(has: Network, made: Mapping[str, str]) -> Iterator[str]:
    """What is otherwise than our file, or what a file of ours should have."""
    for name, value in settings(has, made).items():
        today = has.values.get(name, "")
        if today != value or made.get(name) != value:
            yield f"{name} is {today}, not {value}: inv perfsonar.up"
