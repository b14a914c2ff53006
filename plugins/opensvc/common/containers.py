"""The containers that the agent makes, and what we note of them."""

from collections.abc import Iterator

from fairlead.api import Command, Step, either, script, then

from .engine import when_awake
from .images import recall
from .service_on_host import ServiceOnHost

sh = script.beside(__file__)


def remove_outdated(s: ServiceOnHost, number: int, upgrade: bool = False) -> Step:
    """A container that is not as the site says is stopped alone and removed.

    The agent would start it as it was. With `upgrade` that is also one that is not on its newest
    image. Undo: what took its place goes; the image of before has its name again; the agent makes
    it anew, unless the file has to come back first.
    """
    rid, pattern = f"container#{number}", s.pattern(number)
    has_changed = s.has_changed(rid)
    trust = "0" if has_changed else "1"
    made: Command = sh("is_made", pattern, s.note(number), s.hash(number), trust)
    runs: Command = sh("runs_image", pattern, s.container(number).image)
    undo = [discard(s, number)]
    if upgrade:
        undo.append(recall(s, number))
    if s.runs_here and not has_changed:
        undo.append(s.agent.start(s.name, s.service.patience, rid))
    return Step(
        name=f"{s.name}: container {number}",
        unless=then(made, runs) if upgrade else made,
        do=then(_stop(s, rid), when_awake(s, sh("remove", pattern))),
        undo=then(*undo),
        env=s.env,
        timeout=s.service.stop_patience + 180,
        after=(f"{s.name}: image {number}",) if upgrade else (),
    )


def _stop(s: ServiceOnHost, rid: str) -> Command:
    """The agent stops a container; whatever it says of that, the container has to be down."""
    is_down = s.are("down", rid)
    return then(either(s.agent.stop(s.name, s.service.stop_patience, rid), is_down), is_down)


def discard(s: ServiceOnHost, *numbers: int) -> Command:
    """Stops containers alone, and removes those that were not there before."""
    rids = tuple(f"container#{number}" for number in numbers)
    stop = either(s.agent.stop(s.name, s.service.stop_patience, *rids), ("true",))
    removals = [sh("remove_new", s.pattern(number), s.note(number)) for number in numbers]
    return then(stop, *(either(when_awake(s, removal), ("true",)) for removal in removals))


def healthy(s: ServiceOnHost) -> Iterator[Step]:
    """Healthy by its own word, asked inside."""
    for number in s.numbers:
        if words := s.container(number).healthy:
            yield Step(
                name=f"{s.name}: healthy {number}",
                until=sh("inside", s.pattern(number), *words),
                every=2,
                timeout=s.service.patience,
                env=s.env,
                gate=True,
            )


def noted(s: ServiceOnHost) -> Iterator[Step]:
    """What each container was made of is remembered on the node, beside the container's ID."""
    for number in s.numbers:
        words = (s.pattern(number), s.note(number), s.hash(number))
        yield Step(
            name=f"{s.name}: note {number}",
            unless=sh("is_noted", *words),
            do=sh("note", *words),
            undo=("rm", "-f", s.note(number)),
            env=s.env,
            after=(f"{s.name}: container {number}", f"{s.name}: start"),
        )
