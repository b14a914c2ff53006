"""The containers that the agent makes, and what we note of them."""

from collections.abc import Iterator

from fairlead.api import Command, Step, docker, either, script, steps, then

from .engine import when_awake, woken
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
        undo.append(woken(s, s.agent.start(s.name, s.service.patience, rid)))
    return Step(
        name=f"{s.name}: container {number}",
        unless=then(made, runs) if upgrade else made,
        do=then(_stop(s, rid), when_awake(s, sh("remove", pattern))),
        undo=then(*undo),
        proof=all_answer(s) if s.runs_here else None,
        proof_within=s.service.patience + 2 * docker.STEADY,
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
    """Each stays up, and is healthy by its own word, asked inside."""
    for number in s.numbers:
        yield Step(
            name=f"{s.name}: healthy {number}",
            until=answers(s, number),
            every=2,
            timeout=s.service.patience + docker.STEADY,
            env=s.env,
            gate=True,
        )


def all_answer(s: ServiceOnHost) -> Command:
    """The question whether its containers answer, whatever the agent's own status says."""
    questions = [answers(s, number) for number in s.numbers]
    return then(*questions) if questions else ("true",)


def answers(s: ServiceOnHost, number: int) -> Command:
    """The question whether a container stays up, and is healthy by its own word."""
    words, is_steady = s.container(number).healthy, steps.is_steady("docker", s.pattern(number))
    return then(is_steady, sh("inside", s.pattern(number), *words)) if words else is_steady


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
