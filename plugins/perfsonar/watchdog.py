"""What starts a test point anew that runs and is not well: a timer of the host, rate-limited.

An engine restarts a main process that ends; one whose daemons hang it leaves. OSG's watchdog does
this by its unit, which makes the container anew; ours starts the same one, whose state is its own.
"""

import shlex
from collections.abc import Iterator
from typing import Any

from fairlead.api import Ask, Container, Fact, Step, files, script, then

from .site import Watchdog

LOCKS = "/var/tmp/fairlead"  # who works on a system here: fairlead/remote/shell/locks.sh
UNITS = "/etc/systemd/system"
SERVICE = """# Written by fairlead.
[Unit]
Description=Watchdog of {name}

[Service]
Type=oneshot
ExecStart=/bin/sh {program}
TimeoutStartSec=600
"""
TIMER = """# Written by fairlead.
[Unit]
Description=Watchdog of {name}

[Timer]
OnBootSec={every}
OnUnitActiveSec={every}

[Install]
WantedBy=timers.target
"""

sh = script.beside(__file__)


def unit(c: Container) -> str:
    """The name of its units."""
    return f"fairlead-{c.name}-watchdog"


def _timer(c: Container) -> str:
    return f"{UNITS}/{unit(c)}.timer"


def _folder(c: Container) -> str:
    return f"{c.root}/watchdog"


def fact(c: Container) -> Fact:
    """`watchdog`: what it did within the hour, in words; "" where there is none."""
    words = (_timer(c), _folder(c))
    return Fact("watchdog", sh("watchdog_state", *words), lambda code, text: text.strip())


def steps(c: Container, ask: Ask[Any]) -> Iterator[Step]:
    """It is there as the site says, or not there."""
    if ask.section.watchdog:
        yield from _put(c, ask, ask.section.watchdog)
    else:
        yield from gone(c, ask)


def _put(c: Container, ask: Ask[Any], wanted: Watchdog) -> Iterator[Step]:
    name, program = unit(c), f"{_folder(c)}/program"
    yield files.put(program, _program(c, ask, wanted), mode=0o700, name="watchdog")
    service = SERVICE.format(name=c.name, program=program)
    yield files.put(f"{UNITS}/{name}.service", service, name="watchdog's unit")
    timer = TIMER.format(name=c.name, every=wanted.every)
    yield files.put(_timer(c), timer, name="watchdog's timer")
    yield Step(
        name="watchdog runs",
        unless=sh("timer_runs", f"{name}.timer"),
        do=then(
            ("systemctl", "daemon-reload"),
            ("systemctl", "enable", f"{name}.timer"),
            ("systemctl", "restart", f"{name}.timer"),
        ),
        undo=sh("timer_off", f"{name}.timer"),
        timeout=60,
        remedy="systemd runs the watchdog: leave watchdog out of the site where there is none",
        after=("watchdog's timer",),
    )


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
        words = (_timer(c), f"{UNITS}/{unit(c)}.service", f"{_folder(c)}.gone")
        yield Step(
            name="no watchdog",
            unless=("test", "!", "-e", _timer(c)),
            do=sh("unwatch", *words),
            undo=sh("rewatch", *words),
            timeout=60,
        )
