"""What starts a test point anew that runs and is not well: a timer of the host, rate-limited.

An engine restarts a main process that ends; one whose daemons hang it leaves. OSG's watchdog does
this by its unit, which makes the container anew; ours starts the same one, whose state is its own.
"""

import shlex
from collections.abc import Iterator
from typing import Any

from fairlead.api import Ask, Container, Fact, Step, files, script

from . import timers
from .site import Watchdog

LOCKS = "/var/tmp/fairlead"  # who works on a system here: fairlead/remote/shell/locks.sh
SCHEDULE = "OnBootSec={every}\nOnUnitActiveSec={every}\n"

sh = script.beside(__file__)


def unit(c: Container) -> str:
    """The name of its units."""
    return f"fairlead-{c.name}-watchdog"


def _folder(c: Container) -> str:
    return f"{c.root}/watchdog"


def fact(c: Container) -> Fact:
    """`watchdog`: what it did within the hour, in words; "" where there is none."""
    words = (timers.timer(unit(c)), _folder(c))
    return Fact("watchdog", sh("watchdog_state", *words), lambda code, text: text.strip())


def steps(c: Container, ask: Ask[Any]) -> Iterator[Step]:
    """It is there as the site says, or not there."""
    if ask.section.watchdog:
        yield from _put(c, ask, ask.section.watchdog)
    else:
        yield from gone(c, ask)


def _put(c: Container, ask: Ask[Any], wanted: Watchdog) -> Iterator[Step]:
    program = f"{_folder(c)}/program"
    yield files.put(program, _program(c, ask, wanted), mode=0o700, name="watchdog")
    schedule = SCHEDULE.format(every=wanted.every)
    yield from timers.put(unit(c), "watchdog", f"Watchdog of {c.name}", program, schedule)


def _program(c: Container, ask: Ask[Any], wanted: Watchdog) -> str:
    """It with its words, which systemd would read otherwise."""
    words = (
        *(c.engine, c.name, _folder(c), str(wanted.failures), str(wanted.restarts)),
        *(str(int(c.patience)), LOCKS, ask.target.system, *map(str, c.healthy)),
    )
    return f"set -- {shlex.join(words)}\n{sh.text('watchdog')}"


def gone(c: Container, ask: Ask[Any]) -> Iterator[Step]:
    """None is there; nothing to do where none was."""
    if ask.facts.get("watchdog"):
        yield timers.gone(unit(c), "no watchdog", f"{_folder(c)}.gone")
