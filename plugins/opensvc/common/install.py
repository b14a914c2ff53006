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
    """Installed, linked, found good by the agent itself, and every resource of it known.

    The agent of 2014 ends with 1 where it did not know the service before.
    """
    codes = "0 1" if s.agent.is_legacy else "0"
    yield sh("strict", codes, *s.agent.install(s.name, new, s.installed is None))
    yield ("cmp", "-s", new, s.file) if s.agent.is_legacy else ("test", "-s", s.file)
    if s.agent.links(s.name):
        yield _link(s)
    if words := s.agent.validate(s.name):
        yield sh("no_alerts", *words) if s.agent.generation == "3" else sh("strict", "0", *words)
    yield s.are("there", *s.all_rids)


def links(s: ServiceOnHost) -> Iterator[Step]:
    """2014: NAME.d -> NAME.dir, NAME -> ../bin/svcmgr."""
    if s.agent.links(s.name):
        unless = sh("is_linked", s.agent.etc, s.name)
        yield Step(name=f"{s.name}: links", unless=unless, do=_link(s))


def _link(s: ServiceOnHost) -> Command:
    return sh("link", s.agent.etc, s.name)


def thaw(s: ServiceOnHost) -> Iterator[Step]:
    """What we froze, and what agent 2.1 freezes because it is new, is thawed: it would never start
    at boot, nor be moved.

    What somebody else froze stays frozen.
    """
    is_new = s.installed is None and not s.agent.is_legacy
    if is_new or s.frozen_by_us:
        yield Step(
            name=f"{s.name}: thaw",
            unless=then(is_thawed(s), is_not_ours(s)),
            do=then(s.agent.thaw(s.name), forget_freeze(s)),
            undo=freeze_for_us(s) if s.frozen_by_us else ("true",),
            after=(f"{s.name}: file",),
        )


def keep_down(s: ServiceOnHost) -> Iterator[Step]:
    """Frozen while it is down: the agent would start it again.

    Today's agents freeze it themselves where it is stopped as a whole; who froze it has to thaw it,
    and so it is noted that we did.
    """
    if not s.agent.is_legacy and s.service.autostart_node:
        yield Step(
            name=f"{s.name}: freeze",
            unless=is_frozen(s),
            do=freeze_for_us(s),
            until=is_frozen(s),
            undo=then(s.agent.thaw(s.name), forget_freeze(s)),
            timeout=60,
        )


def thaw_ours(s: ServiceOnHost) -> Iterator[Step]:
    """Where it was moved away from, the agent may have it again, should it come back."""
    if not s.agent.is_legacy and s.service.autostart_node:
        yield Step(
            name=f"{s.name}: thaw",
            unless=is_not_ours(s),
            do=then(s.agent.thaw(s.name), forget_freeze(s)),
            undo=("true",),
            after=(f"{s.name}: freeze",),
        )


def left_frozen(s: ServiceOnHost) -> Iterator[Step]:
    """Says that somebody froze it, and what that means."""
    if s.is_frozen and not s.frozen_by_us and s.installed is not None:
        yield Step(
            name=f"{s.name}: frozen",
            do=(
                "echo",
                "it is frozen: the agent neither starts it at boot nor moves it; "
                f"inv opensvc.thaw --service={s.name}",
            ),
            read_only=True,
            show_output=True,
        )


def freeze_for_us(s: ServiceOnHost) -> Command:
    """Frozen, and noted that it was us."""
    return then(sh("note_freeze", s.frozen_note), s.agent.freeze(s.name))


def forget_freeze(s: ServiceOnHost) -> Command:
    """It was not us."""
    return ("rm", "-f", s.frozen_note)


def is_not_ours(s: ServiceOnHost) -> Command:
    """Is it nothing that we froze?"""
    return ("test", "!", "-e", s.frozen_note)


def is_frozen(s: ServiceOnHost) -> Command:
    """Is the service frozen on this node?"""
    if s.agent.is_legacy:
        return ("test", "-e", f"{s.agent.var}/FROZEN.{s.name}")
    return sh("is_frozen", *s.agent.status(s.name))


def is_thawed(s: ServiceOnHost) -> Command:
    """Is it not?"""
    return not_(is_frozen(s))
