"""The agent's file comes to a node: whole or not at all, and never with something left out."""

import re
from collections.abc import Iterator

from fairlead.api import Command, Step, files, then

from . import scripts
from .service_on_host import BACKUPS, KEPT, Placed


def file(s: Placed, *again: Command) -> Step:
    """The agent installs it; what it complains of, ends with, or does not know afterwards, fails the step, and the old one is back.

    `again`: what the undo does after that.
    """
    new, old = f"{KEPT}/{s.name}.new", f"{BACKUPS}/{s.file.rpartition('/')[2]}"
    back = ("sh", "-c", scripts.RETURN, "return", s.file, new, old, *s.agent.links(s.name))
    return Step(
        name=f"{s.name}: file",
        unless=("sh", "-c", scripts.SAYS, "says", s.file),
        do=then(
            ("sh", "-c", scripts.LAY, "lay", s.file, new, old), *_taken(s, new), ("rm", "-f", new)
        ),
        undo=then(back, *again),
        stdin=s.text,
        compares=True,
        timeout=180,
        diff=files.difference(re.sub(r"(?m)^id *=.*\n", "", s.installed or ""), s.text, s.file),
        remedy="nothing of it is in force: correct the site",
    )


def _taken(s: Placed, new: str) -> Iterator[Command]:
    """Installed, linked, found good by the agent itself, and every resource of it known."""
    loud = ("sh", "-c", scripts.LOUD, "loud")
    yield (*loud, *s.agent.install(s.name, new, s.installed is None))
    if s.agent.links(s.name):
        yield _link(s)
    if words := s.agent.validate(s.name):
        yield (*loud, *words)
    yield s.are("there", *s.all)


def links(s: Placed) -> Iterator[Step]:
    """2014: NAME.d -> NAME.dir, NAME -> ../bin/svcmgr."""
    if s.agent.links(s.name):
        unless = ("sh", "-c", scripts.LINKED, "linked", s.agent.etc, s.name)
        yield Step(name=f"{s.name}: links", unless=unless, do=_link(s))


def _link(s: Placed) -> Command:
    return ("sh", "-c", scripts.LINK, "link", s.agent.etc, s.name)


def thaw(s: Placed) -> Iterator[Step]:
    """Agent 2.1 freezes what is new: it would never start at boot. What somebody froze later stays frozen."""
    if s.agent.generation != "legacy" and s.installed is None:
        yield Step(
            name=f"{s.name}: thaw", unless=is_thawed(s), do=s.agent.thaw(s.name), undo=("true",)
        )


def is_frozen(s: Placed) -> Command:
    if s.agent.generation == "legacy":
        return ("test", "-e", f"{s.agent.var}/FROZEN.{s.name}")
    return ("sh", "-c", scripts.FROZEN, "frozen", scripts.FLAT, *s.agent.status(s.name))


def is_thawed(s: Placed) -> Command:
    from fairlead.api import not_

    return not_(is_frozen(s))
