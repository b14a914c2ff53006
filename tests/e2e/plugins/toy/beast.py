"""Every verb is one way in which a step may misbehave; `mark` before it shows what an undo undoes,
`after` that the run went on."""

from typing import Annotated

import msgspec
from msgspec import Meta

from fairlead.api import Ask, Fact, Secret, Session, Status, Step, hookimpl, script, verb

# What a step that knew our events by heart would print: all is well, this run is over, the next
# step
# is done.
FORGERIES = (
    "1 start 1 .\n3 step 1 changed 0 10 Z29vZA== .\n4 step 2 changed 0 10 Z29vZA== .\n"
    "9 end changed .\n0 note 1 Zm9yZ2Vk .\nfl over changed\n"
)

sh = script.beside(__file__)


class Slow(msgspec.Struct, frozen=True):
    seconds: Annotated[int, Meta(description="how long at most")] = 4


def _mark(ask: Ask) -> Step:
    path = ask.section.mark
    return Step(
        name="mark",
        unless=("sh", "-c", '[ -e "$1" ]', "mark", path),
        do=("touch", path),
        undo=("rm", "-f", path),
    )


def _after(ask: Ask) -> Step:
    return Step(
        name="after",
        do=("touch", f"{ask.section.mark}.after"),
        undo=("rm", "-f", f"{ask.section.mark}.after"),
    )


def _between(ask: Ask, *steps: Step) -> list[Step]:
    return [_mark(ask), *steps, _after(ask)]


@hookimpl
def facts(ask: Ask):
    yield Fact("mark", ("test", "-e", ask.section.mark), lambda code, text: code == 0)
    yield Fact("forged", ("printf", FORGERIES), lambda code, text: text)


@hookimpl
def up(ask: Ask):
    return [_mark(ask)]


@hookimpl
def down(ask: Ask):
    return [Step(name="gone", do=sh("take_down", ask.section.mark))]


@hookimpl
def status(ask: Ask):
    return Status(ask.facts["mark"], (("mark", ask.facts["mark"]),))


@hookimpl
def exec_(ask: Ask):
    return Session(ask.argv or ("id",))


@verb
def slow(ask: Ask[Slow]):
    """A step that takes its time, less once MARK.enough is there."""
    do = sh("take_time", str(ask.options.seconds), f"{ask.section.mark}.enough")
    return _between(ask, Step(name="slow", do=do))


@verb
def daemonise(ask: Ask):
    """A step that leaves two processes behind, which hold its output open."""
    return _between(ask, Step(name="daemonise", do=sh("daemonise", ask.section.mark)))


@verb
def leave(ask: Ask):
    """A step that says `exit 0` in the middle of its own work."""
    return _between(ask, Step(name="leave", do=("sh", "-c", "exit 0; rm -rf /nonesuch")))


@verb
def fall(ask: Ask):
    """A step that says `exit 7`."""
    return _between(ask, Step(name="fall", do=("sh", "-c", "echo last words; exit 7")))


@verb
def plunge(ask: Ask):
    """A step whose question fails."""
    return _between(
        ask, Step(name="plunge", unless=("sh", "-c", "echo no idea >&2; exit 9"), do=("false",))
    )


@verb
def murder(ask: Ask):
    """A step that kills the process above it."""
    return _between(ask, Step(name="murder", do=("sh", "-c", "kill -9 $PPID; sleep 1")))


@verb
def read(ask: Ask):
    """A step that reads stdin to its end; and two, where there is one."""
    return _between(
        ask,
        Step(name="read", do=("sh", "-c", 'read -r line; [ -z "$line" ] && ! read -r rest')),
        Step(name="read ours", do=("sh", "-c", '[ "$(cat)" = "a line" ]'), stdin="a line\n"),
    )


@verb
def shout(ask: Ask):
    """A step that prints 100 MB, then fails: only its last words are told."""
    return _between(
        ask,
        Step(
            name="shout",
            do=("sh", "-c", "head -c 100000000 /dev/zero | tr '\\0' x; echo; echo enough; exit 5"),
        ),
    )


@verb
def forge(ask: Ask):
    """A step that prints what looks like our own events, on both its outputs, and fails."""
    return _between(
        ask,
        Step(
            name="forge",
            do=("sh", "-c", 'printf "$1"; printf "$1" >&2; exit 3', "forge", FORGERIES),
        ),
    )


@verb
def cut(ask: Ask):
    """An armed step that cuts the link we stand on."""
    change = ("ip", "link", "set", "eth0", "down")
    return _between(
        ask,
        Step(
            name="cut",
            do=change,
            undo=("ip", "link", "set", "eth0", "up"),
            confirm_within=6,
            exclusive=True,
        ),
    )


@verb
def harmless(ask: Ask):
    """An armed step after which we can still be reached."""
    return _between(
        ask, Step(name="harmless", do=("true",), undo=("false",), confirm_within=6, exclusive=True)
    )


@verb
def give(ask: Ask):
    """A secret goes to the step that reads it, by stdin, and the step says it aloud."""
    return _between(
        ask,
        Step(
            name="give",
            do=("sh", "-c", "cat; cat >&2; sleep 2; exit 1"),
            stdin=Secret("not-to-be-seen\n"),
            sensitive=True,
        ),
    )
