"""The host itself: its power, its disks, its clock, the journal on it."""

import random

from tests.e2e.faults.arena import SETTINGS, Arena
from tests.e2e.faults.strike import Strike, lab, nothing
from tests.e2e.ground import sh, under

PLACES = ("state", "run", "tmp", "images")
JUMPS = (-86_400, -3600, -90, 90, 3600, 86_400)  # seconds


def power(arena: Arena, draw: random.Random) -> Strike:
    """The host falls and boots again; the operator's command waits for it, or has gone as well."""

    def on() -> None:
        lab("boot", arena.host, "auto")
        lab("ready", arena.host)
        arena.booted()

    return Strike(
        lambda: lab("off", arena.host),
        on,
        lasts=draw.uniform(0, 4),
        kills=draw.random() < 0.5,
        options=("--timeout=40s",),
    )


def disk(arena: Arena, draw: random.Random) -> Strike:
    """A small file system is full: the one of the state and of what fairlead remembers, of what it
    does now, of temporary files, or of the images. Without room in /tmp nothing can be asked inside
    a container."""
    place = draw.choice(PLACES)
    folders = arena.places(place)
    return Strike(
        lambda: under(arena.host, sh.text("round_fill"), *folders),
        lambda: under(arena.host, sh.text("round_unfill"), *folders),
        lasts=None,
        blinds=place == "tmp",
        detail=place,
        narrow=place,
    )


def clock(arena: Arena, draw: random.Random) -> Strike:
    """The host's clock is set, forward or back; a stand-in, as the kernel's is the machine's."""
    seconds = draw.choice(JUMPS)
    return Strike(
        lambda: later(arena.host, seconds),
        nothing,
        detail=f"{seconds:+} s",
    )


def later(host: str, seconds: int) -> None:
    """The clock of a host is set on by so much, or back."""
    under(host, sh.text("round_clock"), str(seconds))


def journal(arena: Arena, draw: random.Random) -> Strike:
    """The journal of the host loses its end, in the middle of a line, or all that it held; or the
    note of its last line is gone."""
    kind = draw.choice(("half", "empty", "note"))
    return Strike(
        lambda: under(arena.host, sh.text("round_journal"), f"{SETTINGS}/journal", kind),
        detail=kind,
    )
