"""A process dies: the operator's command, the program on the host, the engine, the registry."""

import os
import random
import signal
from collections.abc import Callable
from pathlib import Path

from tests.e2e.faults.arena import Arena
from tests.e2e.faults.strike import Act, Strike, lab, nothing
from tests.e2e.ground import sh, under
from tests.e2e.inv import ROOT

PULLED = 3  # steps after which an image has been pulled
GOES_ON = "pkill -CONT -x docker-registr; systemctl start docker-registry"
KILLED = "pkill -9 -x dockerd; pkill -9 -x containerd"


def controller(arena: Arena, draw: random.Random) -> Strike:
    """kill -9 of the operator's command."""
    return Strike(nothing, kills=True)


def worker(arena: Arena, draw: random.Random) -> Strike:
    """kill -9 of the program on the host; what it has begun goes on, or ends with it."""
    step = "step" if draw.random() < 0.5 else ""
    return Strike(
        lambda: under(arena.host, sh.text("round_worker_ends"), step),
        detail=step and "with its step",
    )


def engine(arena: Arena, draw: random.Random) -> Strike:
    """The engine is killed, and comes again after a while or when everything is over. Podman has
    none: what it runs at this moment is killed."""
    if arena.engine == "podman":
        return Strike(lambda: under(arena.host, "pkill -9 -x podman; pkill -9 -x conmon"))
    return Strike(
        lambda: under(arena.host, KILLED),
        lambda: under(arena.host, "systemctl start docker"),
        lasts=draw.choice((0.0, 3.0, 8.0, None)),
    )


def registry(arena: Arena, draw: random.Random) -> Strike:
    """The registry stops in the middle of a pull: dead until everything is over, or silent for a
    while."""
    is_silent = draw.random() < 0.5
    send = _far_registry(arena) if arena.registry_host else _registry_of_the_lab()
    stop, go_on = send(signal.SIGSTOP if is_silent else signal.SIGKILL)
    return Strike(
        stop,
        go_on,
        lasts=draw.uniform(2, 10) if is_silent else None,
        detail="silent" if is_silent else "dead",
        steps=PULLED,
    )


Sender = Callable[[signal.Signals], tuple[Act, Act]]


def _far_registry(arena: Arena) -> Sender:
    def send(what: signal.Signals) -> tuple[Act, Act]:
        words = (what.name.removeprefix("SIG"), "docker-registr")
        return (
            lambda: under(arena.registry_host, 'pkill -"$1" -x "$2"', *words),
            lambda: under(arena.registry_host, GOES_ON),
        )

    return send


def _registry_of_the_lab() -> Sender:
    def signalled(what: signal.Signals) -> None:
        for file in ROOT.glob("registry/*/pid"):
            os.kill(_pid(file), what)

    def send(what: signal.Signals) -> tuple[Act, Act]:
        is_silent = what == signal.SIGSTOP
        mend: Act = (lambda: signalled(signal.SIGCONT)) if is_silent else (lambda: lab("registry"))
        return (lambda: signalled(what)), mend

    return send


def _pid(file: Path) -> int:
    return int(file.read_text().split()[0])


def second(arena: Arena, draw: random.Random) -> Strike:
    """A second operator; the round starts his command."""
    return Strike(nothing)
