"""What breaks. Each fault strikes at a moment of a run, and is mended later; nobody is told."""

import os
import random
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.ground import sh, under
from tests.e2e.inv import ROOT
from tests.e2e.killer.arenas import LAB, Arena

Act = Callable[[], object]
SMALL = "72m"  # a file system that holds a state, and not its copy for long


@dataclass(frozen=True)
class Strike:
    """One fault as it is drawn. `lasts`: seconds until it is mended; None: until the command has
    ended. `kills`: it takes the operator's command with it. `options`: what was typed besides.
    """

    act: Act
    mend: Act
    lasts: float | None = 0
    kills: bool = False
    options: tuple[str, ...] = ()


def nothing() -> None:
    """Some faults need no mending."""


def lab(*words: str) -> None:
    subprocess.run((*LAB, *words), check=False, capture_output=True, timeout=120)


def controller(arena: Arena, draw: random.Random) -> Strike:
    """kill -9 of the operator's command."""
    return Strike(nothing, nothing, kills=True)


def worker(arena: Arena, draw: random.Random) -> Strike:
    """kill -9 of the program on the host; what it has begun goes on, or ends with it."""
    end_step = draw.random() < 0.5

    def act() -> None:
        under(arena.host, sh.text("killer_worker_ends"), "step" if end_step else "")

    return Strike(act, nothing)


def link(arena: Arena, draw: random.Random) -> Strike:
    """The cable is pulled out, for less or for longer than the operator waits."""
    seconds = draw.choice((2.0, 5.0, 14.0))
    options = ("--timeout=8s",) if seconds > 10 else ()
    return Strike(
        lambda: lab("link", arena.host, "down"),
        lambda: lab("link", arena.host, "up"),
        lasts=seconds,
        options=options,
    )


def power(arena: Arena, draw: random.Random) -> Strike:
    """The host falls and boots again; the operator's command waits for it, or has gone as well."""

    def on() -> None:
        lab("boot", arena.host, "auto")
        lab("ready", arena.host)
        arena.booted()

    kills = draw.random() < 0.5
    return Strike(
        lambda: lab("off", arena.host),
        on,
        lasts=draw.uniform(0, 4),
        kills=kills,
        options=("--timeout=40s",),
    )


def engine(arena: Arena, draw: random.Random) -> Strike:
    """The engine is killed, and comes again after a while or when everything is over."""
    lasts = draw.choice((0.0, 3.0, 8.0, None))
    return Strike(
        lambda: under(arena.host, "pkill -9 -x dockerd; pkill -9 -x containerd"),
        lambda: under(arena.host, "systemctl start docker"),
        lasts=lasts,
    )


def disk(arena: Arena, draw: random.Random) -> Strike:
    """State and fairlead's own folder lie on one small file system, which fills up."""
    return Strike(
        lambda: under(arena.host, sh.text("killer_fill")),
        lambda: under(arena.host, "rm -f /var/small/filled*"),
        lasts=None,
    )


def registry(arena: Arena, draw: random.Random) -> Strike:
    """The registry stops: dead until everything is over, or silent for a while."""
    silent = draw.random() < 0.5
    name = signal.SIGSTOP if silent else signal.SIGKILL
    if arena.registry_host:
        words = (name.name.removeprefix("SIG"), "docker-registr")
        goes_on = "pkill -CONT -x docker-registr; systemctl start docker-registry"
        return Strike(
            lambda: under(arena.registry_host, 'pkill -"$1" -x "$2"', *words),
            lambda: under(arena.registry_host, goes_on),
            lasts=draw.uniform(2, 10) if silent else None,
        )

    def send(what: signal.Signals) -> None:
        for file in ROOT.glob("registry/*/pid"):
            os.kill(_pid(file), what)

    mend: Act = (lambda: send(signal.SIGCONT)) if silent else (lambda: lab("registry"))
    return Strike(lambda: send(name), mend, lasts=draw.uniform(2, 10) if silent else None)


def _pid(file: Path) -> int:
    return int(file.read_text().split()[0])


def second(arena: Arena, draw: random.Random) -> Strike:
    """A second operator; the round starts his command."""
    return Strike(nothing, nothing)


FAULTS: dict[str, Callable[[Arena, random.Random], Strike]] = {
    "controller killed": controller,
    "worker killed": worker,
    "link cut": link,
    "power cut": power,
    "engine killed": engine,
    "disk full": disk,
    "registry stopped": registry,
    "second operator": second,
}
