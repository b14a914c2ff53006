"""The agent's file comes to a node: whole or not at all, and never with something left out."""

import re
from collections.abc import Iterator

from fairlead.api import Command, Step, files, not_, script, then

from .service_on_host import BACKUPS, KEPT, ServiceOnHost

sh = script.beside(__file__)


def file(s: ServiceOnHost, *after_undo: Command) -> Step:
    """The agent installs the file.

    What it complains of, ends with, or does not know afterwards, fails the step, and the old file
    is back. `after_undo`: what the undo does then.
    """
    new, old = f"{KEPT}/{s.name}.new", f"{BACKUPS}/{s.file.rpartition('/')[2]}"
    installed = re.sub(r"(?m)^id *=.*\n", "", s.installed or "")
    return Step(
        name=f"{s.name}: file",
        unless=sh("file_says", s.file),
        do=then(sh("lay_file", s.file, new, old), *_install(s, new), ("rm", "-f", new)),
        undo=then(sh("return_file", s.file, new, old, *s.agent.links(s.name)), *after_undo),
        stdin=s.text,
        compares=True,
        timeout=180,
        diff=files.difference(installed, s.text, s.file),
        remedy="nothing of it is in force: correct the site",
    )


def _install(s: ServiceOnHost, new: str) -> Iterator[Command]:
    """Installed, linked, found good by the agent itself, and every resource of it known."""
    yield sh("strict", *s.agent.install(s.name, new, s.installed is None))
    if s.agent.links(s.name):
        yield _link(s)
    if words := s.agent.validate(s.name):
        yield sh("strict", *words)
    yield s.are("there", *s.all_rids)


def links(s: ServiceOnHost) -> Iterator[Step]:
    """2014: NAME.d -> NAME.dir, NAME -> ../bin/svcmgr."""
    if s.agent.links(s.name):
        unless = sh("is_linked", s.agent.etc, s.name)
        yield Step(name=f"{s.name}: links", unless=unless, do=_link(s))


def _link(s: ServiceOnHost) -> Command:
    return sh("link", s.agent.etc, s.name)


def thaw(s: ServiceOnHost) -> Iterator[Step]:
    """Agent 2.1 freezes what is new: it would never start at boot.

    What somebody froze later stays frozen.
    """
    if not s.agent.is_legacy and s.installed is None:
        yield Step(
            name=f"{s.name}: thaw",
            unless=is_thawed(s),
            do=s.agent.thaw(s.name),
            undo=("true",),
            after=(f"{s.name}: file",),
        )


def is_frozen(s: ServiceOnHost) -> Command:
    """Is the service frozen on this node?"""
    if s.agent.is_legacy:
        return ("test", "-e", f"{s.agent.var}/FROZEN.{s.name}")
    return sh("is_frozen", *s.agent.status(s.name))


def is_thawed(s: ServiceOnHost) -> Command:
    """Is it not?"""
    return not_(is_frozen(s))
