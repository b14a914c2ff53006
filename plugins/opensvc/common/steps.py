"""A service comes up as in the document, and goes down in reverse.

The order is: file, disks, file systems, address, engine, images, containers.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from fairlead.api import Ask, Command, Step, docker, either, script, then

from . import containers, engine
from .images import images
from .install import file, keep_down, left_frozen, links, thaw
from .service_on_host import KEPT, ServiceOnHost

STAGES = {"disk": "disks", "fs": "file systems", "ip": "addresses"}

sh = script.beside(__file__)


def prepare(s: ServiceOnHost, *after_undo: Command) -> Iterator[Step]:
    """The file, as every node of a service has it."""
    yield file(s, *after_undo)
    yield from links(s)


def elsewhere(s: ServiceOnHost) -> Iterator[Step]:
    """A node that has it, but where it does not run."""
    yield from prepare(s)
    yield from thaw(s)


def up(s: ServiceOnHost, ask: Ask[Any], fresh: bool = False) -> Iterator[Step]:
    """Make it run here as the site says.

    Only what is down is started, and only a container that is made otherwise is made anew.
    """
    runs_already = s.runs_here and s.installed is not None
    file_step, *others = prepare(s, *((_start_containers(s),) if runs_already else ()))
    yield _proved(s, file_step, containers.all_answer(s)) if runs_already else file_step
    yield from others
    yield from left_frozen(s)
    for kind in STAGES:
        yield from _stage(s, kind)
    yield from _folders(s)
    yield from engine.awake(s)
    yield from images(s, ask, fresh or getattr(ask.options, "pull", False))
    yield from (containers.remove_outdated(s, number, fresh) for number in s.numbers)
    yield started(s)
    yield from containers.healthy(s)
    yield from containers.noted(s)
    yield from thaw(s)


def _proved(s: ServiceOnHost, step: Step, proof: Command) -> Step:
    """Once it is undone, what ran before has to answer."""
    within = s.service.patience + 2 * docker.STEADY
    return msgspec.structs.replace(step, proof=proof, proof_within=within, env=s.env)


def _all_is_up(s: ServiceOnHost) -> Command:
    """The question whether all of it is up, and its containers answer."""
    return then(s.all_up(), containers.all_answer(s))


def _start_containers(s: ServiceOnHost) -> Command:
    rids = s.rids["container"]
    return engine.woken(s, s.agent.start(s.name, s.service.patience, *rids)) if rids else ("true",)


def _stage(s: ServiceOnHost, kind: str) -> Iterator[Step]:
    """The resources of a kind of which one is not up by the facts."""
    rids = s.rids[kind]
    if all(s.is_fine(rid) for rid in rids):
        return
    are_up = s.are("up", *rids)
    start = either(s.agent.stage(s.name, s.service.patience, kind, *rids), are_up)
    stop, note = _stop(s, *rids), f"{KEPT}/{s.name}.folders"
    is_fs = kind == "fs"
    yield Step(
        name=f"{s.name}: {STAGES[kind]}",
        unless=are_up,
        do=then(sh("note_missing", note, *s.mount_points()), start) if is_fs else start,
        until=are_up,
        undo=then(stop, sh("remove_noted", note)) if is_fs else stop,
        timeout=s.service.patience + 60,
    )


def _folders(s: ServiceOnHost) -> Iterator[Step]:
    """The folders that containers bind.

    The agents refuse to start a container without them, and Docker makes them as it likes.
    """
    if folders := s.folders():
        yield Step(
            name=f"{s.name}: folders",
            unless=sh("are_folders", *folders),
            do=sh("make_folders", *folders),
            undo=sh("remove_folders", *folders),
        )


def started(s: ServiceOnHost) -> Step:
    """Everything is up, and still is a moment later.

    That is by the agent's status, and for every resource of the file: what the agent left out it
    does not know.
    """
    are_up = s.all_up()
    down = [number for number in s.numbers if not s.is_fine(f"container#{number}")]
    return Step(
        name=f"{s.name}: start",
        unless=are_up,
        do=either(s.agent.start(s.name, s.service.patience), are_up),
        until=then(are_up, ("sleep", "1"), are_up),
        undo=containers.discard(s, *down) if down else ("true",),
        env=s.env,
        every=2,
        timeout=s.service.patience + 10,
        gate=s.runs_here,
        after=tuple(f"{s.name}: container {number}" for number in s.numbers),
    )


def _stop(s: ServiceOnHost, *rids: str) -> Command:
    """Stop some resources, or all.

    Agents lie about a stop (2014 ends with 1 while its engine is still ending): it is asked for
    twice, and the status decides.
    """
    stop = s.agent.stop(s.name, s.service.stop_patience, *rids)
    are_down = s.are("down", *(rids or s.all_rids))
    return either(then(either(stop, ("sleep", "2")), are_down), then(stop, are_down), are_down)


def _start_again(s: ServiceOnHost) -> Command:
    """All of it is up again.

    A start that meets the engine on its way out (it ends with its last container) fails, and is
    asked for again.
    """
    are_up, start = s.all_up(), s.agent.start(s.name, s.service.patience)
    attempt = then(either(start, ("true",)), are_up)
    return either(are_up, attempt, then(("sleep", "3"), attempt), then(("sleep", "10"), start))


def down(s: ServiceOnHost) -> Iterator[Step]:
    """In reverse: the containers, their engine, then what lies below.

    Nothing is ever unprovisioned: that deletes data.
    """
    if s.instance is None:
        return
    rids = s.rids["container"]
    if s.runs_here:
        yield from _unused(s, "others")
    yield from keep_down(s)
    if rids:
        yield _down(s, "containers", *rids)
    if s.socket:
        is_gone = engine.gone(s)
        yield Step(
            name=f"{s.name}: engine", unless=is_gone, do=engine.halt(s), until=is_gone, timeout=60
        )
    yield from _unused(s, "anybody")
    if len(s.all_rids) > len(rids):
        yield _down(s, "stop")


def _down(s: ServiceOnHost, name: str, *rids: str) -> Step:
    """Some resources, or all, are down; undone, all is up again."""
    are_down = s.are("down", *(rids or s.all_rids))
    step = Step(
        name=f"{s.name}: {name}",
        unless=are_down,
        do=_stop(s, *rids),
        until=are_down,
        undo=_start_again(s),
        timeout=2 * s.service.stop_patience + 60,
    )
    return _proved(s, step, _all_is_up(s)) if s.runs_here else step


def _unused(s: ServiceOnHost, by: str) -> Iterator[Step]:
    """Nobody uses its file systems: the agents kill whoever keeps one busy.

    Asked of `others` than the service itself before it is stopped, of `anybody` afterwards.
    """
    if s.service.fs:
        yield Step(
            name=f"{s.name}: used by {by}",
            do=sh("nobody_uses", by, *(fs.mnt for fs in s.service.fs)),
            read_only=True,
            remedy="the agent would kill them; end them, then ask again",
        )


def restart(s: ServiceOnHost) -> Iterator[Step]:
    """The containers alone: disks, file systems and addresses stay.

    With its last container the engine ends anyway: a start must not meet it on its way out.
    """
    rids, are_up = s.rids["container"], s.all_up()
    stop = _stop(s, *rids) if rids else ("true",)
    ended = engine.ended(s) if s.socket else ("true",)
    start = engine.woken(s, s.agent.start(s.name, s.service.patience))
    step = Step(
        name=f"{s.name}: restart",
        do=then(stop, ended, either(start, are_up)),
        until=are_up,
        undo=_start_again(s),
        timeout=2 * s.service.stop_patience + s.service.patience + 60,
    )
    yield _proved(s, step, _all_is_up(s))
    yield from containers.healthy(s)
