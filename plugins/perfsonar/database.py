"""The database at a new major version of PostgreSQL, which does not start on the old one's files.

pScheduler's own `restore` is not used for it: it renames /etc/pscheduler, which is a mount in ours.
The dump that is made before every upgrade says the same, whatever the major version, and is loaded
before the new container starts, so nobody uses the database meanwhile. Sources:
perfsonar-testpoint-docker, systemd/Dockerfile (PG_VERSION, PGDATA); pscheduler-server,
utilities/restore.raw; PostgreSQL's documentation, pg_dumpall.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from fairlead.api import Ask, Command, Container, Phase, Step, either, replacement, script, then
from fairlead.api import steps as container_steps

sh = script.beside(__file__)


def around(steps: Iterable[Step], c: Container, ask: Ask[Any]) -> Iterator[Step]:
    """The steps in which a new container takes the place of an old one, and the database with it;
    any others as they are."""
    all_steps = tuple(steps)
    names = [step.name for step in all_steps]
    if "stop" not in names:
        yield from all_steps
        return
    begins = min(names.index(name) for name in ("remember", "dump", "defaults") if name in names)
    for number, step in enumerate(all_steps):
        if number == begins:
            yield _beside(step, _question(c, ask, has_dump="dump" in names))
        if step.name == "container":
            yield _beside(step, _new_database(c, ask))
        yield step


def _beside(step: Step, other: Step) -> Step:
    """The other one, done where this one is."""
    return msgspec.structs.replace(other, unless=step.unless, after=step.after)


def _question(c: Container, ask: Ask[Any], has_dump: bool) -> Step:
    words = (c.engine, c.name, c.image, c.root, ask.section.database, "yes" if has_dump else "no")
    return Step(
        name="PostgreSQL",
        do=sh("postgres_ask", *words),
        undo=("rm", "-f", _note(c)),
        show_output=True,
        timeout=120,
    )


def _note(c: Container) -> str:
    """Is there where the major version is another one."""
    return f"{c.root}/postgresql"


def _new_database(c: Container, ask: Ask[Any]) -> Step:
    """Nothing is to be undone: the copy of the state comes back, or the old container has it."""
    is_kept = ask.section.database == "keep"
    filled = _loaded(c, ask) if is_kept else sh("postgres_password", c.root)
    seeded = next(iter(container_steps.seed(c, ask))).do
    assert seeded is not None
    return Step(
        name="database",
        do=either(("test", "!", "-e", _note(c)), then(sh("postgres_away", c.root), seeded, filled)),
        undo=("true",),
        timeout=3600,
        interruptible=True,
    )


def _loaded(c: Container, ask: Ask[Any]) -> Command:
    dumps = f"{replacement.BACKUPS}/{ask.target.system}/{c.name}"
    label = ":z" if c.relabel else ""
    temporary = container_steps.temporary(c)
    words = (c.engine, c.image, temporary, c.root, dumps, label, sh.text("postgres_inside"))
    return sh("postgres_load", *words)


def into_service(phases: Iterable[Phase], c: Container, ask: Ask[Any]) -> Iterator[Phase]:
    """The phases of an `upgrade`, with what becomes of the database."""
    for phase in phases:
        yield msgspec.structs.replace(phase, steps=tuple(around(phase.steps, c, ask)))
