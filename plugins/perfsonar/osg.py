"""OSG's deployment of a test point, which becomes ours: its units go, what it keeps stays.

Its unit takes the container away whenever it stops, its daily update and its watchdog restart that
unit, and the one of its certbot requires it. So none of them may run beside ours; and none may take
the container away before its state is brought out. Source: osg-htc/networking,
docs/perfsonar/tools_scripts/install-systemd-units.sh.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from fairlead.api import Ask, Check, Container, Fact, Noun, Phase, Step, script

IMAGE = "hub.opensciencegrid.org/osg-htc/perfsonar-testpoint"
TAG = "production"
FOLDER = "/opt/perfsonar-tp"
PSCONFIG = "/etc/perfsonar/psconfig"
SERVICE = "perfsonar-testpoint"
CERTBOT = "perfsonar-certbot.service"
# what starts others goes first; the container's own comes last
UNITS = (
    "perfsonar-auto-update.timer",
    "perfsonar-auto-update.service",
    "perfsonar-health-monitor.timer",
    "perfsonar-health-monitor.service",
    CERTBOT,
    f"{SERVICE}.service",
)
# What its unit gives the container, and a test point can do without: the document gives none of it,
# and the host's dbus keeps the container's own from starting.
NOT_KEPT = (
    "--privileged",
    "--cap-add=",
    "--cap-drop=",
    "--device=",
    "--security-opt=",
    "--volume=/run/dbus:",
    f"--volume={FOLDER}/tools_scripts:",
)
VERBS = frozenset({"up", "upgrade", "preflight", "status"})

sh = script.beside(__file__)


class Unit(Noun):
    """One that runs, or would at boot."""

    name: str
    enabled: bool
    active: bool

    @property
    def words(self) -> str:
        """As shell/osg_on.sh has it."""
        enabled = "enabled" if self.enabled else "disabled"
        return f"{self.name}:{enabled}:{'active' if self.active else 'inactive'}"


class Deployment(Noun):
    """What of OSG's is on a host. `psconfig`: does its folder have psconfig's configuration?"""

    units: tuple[Unit, ...] = ()
    psconfig: bool = False


def facts(ask: Ask[Any]) -> Iterator[Fact]:
    """`osg`: its units that run or would at boot, where the container has its name."""
    if ask.verb in VERBS and ask.section.name == SERVICE:
        yield Fact("osg", sh("osg_units", SERVICE, SERVICE, FOLDER, *UNITS), deployment)


def deployment(code: int, text: str) -> Deployment:
    """The lines of shell/osg_units.sh."""
    rows = [line.split() for line in text.splitlines()]
    units = (
        Unit(row[1], row[2] == "enabled", row[3] == "active")
        for row in rows
        if row[:1] == ["unit"] and len(row) == 4
    )
    return Deployment(tuple(units), ["psconfig"] in rows)


def _deployment(ask: Ask[Any]) -> Deployment:
    return ask.facts.get("osg") or Deployment()


def not_kept(ask: Ask[Any]) -> tuple[str, ...]:
    """The beginnings of flags that OSG's container has, and ours has not."""
    return NOT_KEPT if _deployment(ask).units else ()


def own_units(ask: Ask[Any]) -> tuple[str, ...]:
    """Those that `off` puts away."""
    return UNITS if _deployment(ask).units else ()


def off(c: Container, ask: Ask[Any]) -> Iterator[Step]:
    """None of its units runs or comes back; the container goes on. Nothing where there are none."""
    units = _deployment(ask).units
    if units:
        # its certbot starts what it requires: the container's own has to run again before
        again = (unit.words for unit in reversed(units))
        yield Step(
            name="OSG's units",
            do=sh("osg_off", SERVICE, *(unit.name for unit in units)),
            undo=sh("osg_on", SERVICE, c.name, c.engine, *again),
            timeout=120,
            diff=_difference(units),
        )


def _difference(units: Iterable[Unit]) -> str:
    lines = ("--- units of OSG's deployment", "+++ none of them", *(f"-{u.name}" for u in units))
    return "".join(f"{line}\n" for line in lines)


def psconfig(c: Container, ask: Ask[Any]) -> Iterator[Step]:
    """Where its container is gone, what it kept in its folder is the beginning of our state."""
    if ask.facts.get("container") == {} and not ask.facts.get("state") and _has_psconfig(ask):
        yield Step(
            name="OSG's psconfig",
            do=sh("osg_psconfig", f"{FOLDER}/psconfig", f"{c.root}/current{PSCONFIG}"),
            undo=("true",),
            timeout=60,
        )


def _has_psconfig(ask: Ask[Any]) -> bool:
    return _deployment(ask).psconfig


def first(steps: Iterable[Step], c: Container, ask: Ask[Any]) -> Iterator[Step]:
    """The steps of an `up`, with what has to be done for OSG's before and between."""
    yield from off(c, ask)
    for step in steps:
        yield step
        if step.name == "state":
            yield from psconfig(c, ask)


def into_service(phases: Iterable[Phase], c: Container, ask: Ask[Any]) -> Iterator[Phase]:
    """The phases of an `upgrade`; the last one puts the new container into service."""
    for phase in phases:
        steps = tuple(first(phase.steps, c, ask)) if phase.rolling else phase.steps
        yield msgspec.structs.replace(phase, steps=steps)


def check(ask: Ask[Any]) -> Iterator[Check]:
    """What `up` would make of it, where there is any."""
    units = _deployment(ask).units
    if units:
        yield Check(
            name="OSG's units",
            ok=False,
            wanted="none beside fairlead",
            found=", ".join(unit.name for unit in units),
            why="their update restarts what runs at three in the morning, their watchdog too, and "
            "their unit takes the container away when it stops",
            remedy=f"inv perfsonar.up switches them off and takes over the container{_renews(ask)}",
            blocks=False,
        )


def _renews(ask: Ask[Any]) -> str:
    """The word on the certificate that its certbot renews, where the site says nothing of one."""
    site, units = ask.section, _deployment(ask).units
    if site.tls or site.acme or CERTBOT not in (unit.name for unit in units):
        return ""
    return "; its certificate stays, and nobody renews it: name one in the site"
