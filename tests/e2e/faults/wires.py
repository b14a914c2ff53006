"""What lies between operator and host: the cable, the sessions that sshd allows, what a login
prints."""

import random

from tests.e2e.faults.arena import Arena
from tests.e2e.faults.strike import Strike, lab
from tests.e2e.ground import sh, under


def link(arena: Arena, draw: random.Random) -> Strike:
    """The cable is pulled out, for less or for longer than the operator waits."""
    seconds = draw.choice((2.0, 5.0, 14.0))
    return Strike(
        lambda: lab("link", arena.host, "down"),
        lambda: lab("link", arena.host, "up"),
        lasts=seconds,
        options=("--timeout=8s",) if seconds > 10 else (),
        detail=f"{seconds:.0f} s",
    )


def sessions(arena: Arena, draw: random.Random) -> Strike:
    """sshd takes no further session (MaxSessions), or one on each connection; the connections of
    this moment are cut, so that new ones meet it."""
    most = draw.choice(("0", "1"))
    return Strike(
        lambda: under(arena.host, sh.text("round_sessions"), most),
        lambda: under(arena.host, sh.text("round_sessions"), ""),
        lasts=draw.choice((4.0, None)),
        options=("--timeout=10s",),
        detail=f"MaxSessions {most}",
    )


def garbage(arena: Arena, draw: random.Random) -> Strike:
    """For a while the engine's program prints something else than its answers, with their exit
    codes; or each login begins with noise, and new ones are needed."""
    kind = draw.choice(("noise", "half", "null", "nothing", "login"))
    return Strike(
        lambda: under(arena.host, sh.text("round_garbage"), arena.engine, kind),
        lambda: under(arena.host, sh.text("round_garbage"), arena.engine, ""),
        lasts=draw.choice((3.0, None)),
        blinds=True,
        detail=kind,
    )
