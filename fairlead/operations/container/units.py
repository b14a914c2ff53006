"""Units of systemd that start a container which somebody started by hand.

Such a unit sees its container end, and starts one anew in the middle of a change (Restart=); many
take the old one away first, with what it holds inside (ExecStartPre=, ExecStopPost=). So they go
before it stops, and the container goes on by itself until then.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Ask, Noun, Step
from fairlead.operations import script
from fairlead.operations.argv.docker import Container

FOLDERS = ("/etc/systemd/system", "/etc/containers/systemd")  # of units and quadlets
GENERATED = "generated"  # what systemctl(1) says of the unit of a quadlet

sh = script.beside(__file__)


class Unit(Noun):
    """One that runs, or would at boot; the words are systemctl's."""

    name: str
    enabled: str
    active: str

    @property
    def words(self) -> str:
        """As shell/units_on.sh has it."""
        return f"{self.name}:{self.enabled}:{self.active}"


def units(lines: Iterable[str]) -> tuple[Unit, ...]:
    """The lines of unit_states in shell/units_lib.sh."""
    rows = (line.split() for line in lines)
    return tuple(Unit(*row) for row in rows if len(row) == 3)


def off(
    c: Container,
    ask: Ask[Any],
    every: Iterable[Unit],
) -> Iterator[Step]:
    """None of them runs or comes back, but those that the component puts away itself.

    Raises FairleadError where one is made of a quadlet: there is nothing to disable.
    """
    others = tuple(unit for unit in every if unit.name not in c.own_units)
    for unit in others:
        if unit.enabled == GENERATED:
            raise FairleadError(ask.target.host, *_quadlet(c, unit))
    if others:
        names = [unit.name for unit in others]
        again = [unit.words for unit in reversed(others)]
        yield Step(
            name="its units",
            do=sh("units_off", *names),
            undo=sh("units_on", c.engine, c.name, *again),
            timeout=120,
            diff=_difference(c, names),
        )


def quadlet(unit: Unit) -> str:
    """The file that the unit of a quadlet is made of."""
    return f"{FOLDERS[1]}/{unit.name.removesuffix('.service')}.container"


def _quadlet(
    c: Container,
    unit: Unit,
) -> tuple[str, str]:
    file = quadlet(unit)
    remedy = f"move {file} away and systemctl daemon-reload"
    return f"{c.name} is started by a quadlet, {file}, and would be again", remedy


def _difference(
    c: Container,
    names: Iterable[str],
) -> str:
    lines = (
        f"--- units that start {c.name}",
        "+++ none of them",
        *(f"-{name}" for name in names),
    )
    return "".join(f"{line}\n" for line in lines)
