"""A service comes up as in the document: file, disks, file systems, address, engine, images, containers; and goes down in reverse."""

from collections.abc import Iterator
from typing import Any

from fairlead.api import Command, Step, either, then

from . import engine, scripts
from .install import file, links, thaw
from .service_on_host import Placed

STAGES = {"disk": "disks", "fs": "file systems", "ip": "addresses"}


def prepare(s: Placed, *again: Command) -> Iterator[Step]:
    """The file, as every node of a service has it."""
    yield file(s, *again)
    yield from links(s)
    yield from thaw(s)


def up(s: Placed, ask: Any, fresh: bool = False) -> Iterator[Step]:
    """Make it run here as the site says; only what is down is started, and only a container that is made otherwise is made anew."""
    yield from prepare(
        s, *((_start(s, "container"),) if s.here and s.installed is not None else ())
    )
    for kind in STAGES:
        yield from _stage(s, kind)
    yield from _folders(s)
    yield from engine.awake(s)
    yield from engine.images(s, ask, fresh)
    numbers = range(1, len(s.service.containers) + 1)
    yield from (engine.away(s, number, fresh) for number in numbers)
    yield started(s)
    yield from engine.healthy(s)
    yield from engine.noted(s)


def _start(s: Placed, kind: str) -> Command:
    return s.agent.start(s.name, s.service.patience, *s.rids[kind]) if s.rids[kind] else ("true",)


def _stage(s: Placed, kind: str) -> Iterator[Step]:
    """The resources of a kind of which one is not up by the facts."""
    rids = s.rids[kind]
    if all(s.instance and s.instance.fine(rid) for rid in rids):
        return
    are = s.are("up", *rids)
    yield Step(
        name=f"{s.name}: {STAGES[kind]}",
        unless=are,
        do=either(s.agent.stage(s.name, s.service.patience, kind, *rids), are),
        until=are,
        undo=_stop(s, *rids),
        timeout=s.service.patience + 60,
    )


def _folders(s: Placed) -> Iterator[Step]:
    """The agents refuse to start a container whose folders are not there, and Docker makes them as it likes."""
    if folders := s.folders():
        are, make, take = (
            ("sh", "-c", script, "folders", *folders)
            for script in (scripts.FOLDERS_ARE, scripts.FOLDERS, scripts.UNFOLDERS)
        )
        yield Step(name=f"{s.name}: folders", unless=are, do=make, undo=take)


def started(s: Placed) -> Step:
    """Everything is up, by the agent's status and for every resource of the file (what it left out it does not know), and still is a moment later."""
    wanted = s.are("up", "overall", *s.all)
    down = [
        number
        for number in range(1, len(s.service.containers) + 1)
        if not (s.instance and s.instance.fine(f"container#{number}"))
    ]
    return Step(
        name=f"{s.name}: start",
        unless=wanted,
        do=either(s.agent.start(s.name, s.service.patience), wanted),
        until=then(wanted, ("sleep", "1"), wanted),
        undo=engine.discard(s, *down) if down else ("true",),
        env=s.env,
        every=2,
        timeout=s.service.patience + 10,
        gate=s.here,
    )


def _stop(s: Placed, *rids: str) -> Command:
    """Agents lie about a stop (2014 ends with 1 while its engine is still ending): it is asked for twice, and the status decides."""
    words, down = (
        s.agent.stop(s.name, s.service.stop_patience, *rids),
        s.are("down", *(rids or s.all)),
    )
    return either(then(either(words, ("sleep", "2")), down), then(words, down), down)


def _again(s: Placed) -> Command:
    """All of it is up again. A start that meets the engine on its way out (it ends with its last container) fails, and is asked for again."""
    wanted, start = s.are("up", "overall", *s.all), s.agent.start(s.name, s.service.patience)
    attempt = then(either(start, ("true",)), wanted)
    return either(wanted, attempt, then(("sleep", "3"), attempt), then(("sleep", "10"), start))


def down(s: Placed) -> Iterator[Step]:
    """In reverse: the containers, their engine, then what lies below. Nothing is ever unprovisioned: that deletes data."""
    if s.instance is None:
        return
    containers, again = s.rids["container"], _again(s)
    if s.here:
        yield from _unused(s, "others")
    if containers:
        are = s.are("down", *containers)
        yield Step(
            name=f"{s.name}: containers",
            unless=are,
            do=_stop(s, *containers),
            until=are,
            undo=again,
            timeout=2 * s.service.stop_patience + 60,
        )
    if s.socket:
        ended = engine.gone(s)
        yield Step(
            name=f"{s.name}: engine", unless=ended, do=engine.halt(s), until=ended, timeout=60
        )
    yield from _unused(s, "anybody")
    if len(s.all) > len(containers):
        are = s.are("down", *s.all)
        yield Step(
            name=f"{s.name}: stop",
            unless=are,
            do=_stop(s),
            until=are,
            undo=again,
            timeout=2 * s.service.stop_patience + 60,
        )


def _unused(s: Placed, by: str) -> Iterator[Step]:
    """The agents kill whoever keeps a file system busy. Asked of `others` than the service itself before it is stopped, of `anybody` afterwards."""
    if s.service.fs:
        words = ("sh", "-c", scripts.NOBODY, "nobody", by, *(fs.mnt for fs in s.service.fs))
        remedy = "the agent would kill them; end them, then ask again"
        yield Step(name=f"{s.name}: used by {by}", do=words, read_only=True, remedy=remedy)


def restart(s: Placed) -> Iterator[Step]:
    """The containers alone: disks, file systems and addresses stay."""
    containers, wanted = s.rids["container"], s.are("up", "overall", *s.all)
    start = s.agent.start(s.name, s.service.patience)
    ended = (
        engine.ended(s) if s.socket else ("true",)
    )  # with its last container it ends anyway: a start must not meet it on its way out
    yield Step(
        name=f"{s.name}: restart",
        do=then(_stop(s, *containers) if containers else ("true",), ended, either(start, wanted)),
        until=wanted,
        undo=_again(s),
        env=s.env,
        timeout=2 * s.service.stop_patience + s.service.patience + 60,
    )
    yield from engine.healthy(s)
