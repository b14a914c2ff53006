"""The engine of a service, the images in it, and the containers that the agent makes there."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from fairlead.api import Command, Secret, Step, compose, docker, either, then, upgrade

from ..site import Container, Login
from . import scripts
from .service_on_host import Placed

PULL = 1800  # seconds


def wake(s: Placed) -> Command:
    """The agent starts the engine; its word that it did is not asked for: the engine itself has to answer."""
    return ("sh", "-c", scripts.WAKE, "wake", *s.agent.wake(s.name))


def awake(s: Placed) -> Iterator[Step]:
    if s.socket:
        alive = either(("timeout", "5", "docker", "version"), ("false",))
        yield Step(
            name=f"{s.name}: engine", unless=alive, do=wake(s), undo=halt(s), env=s.env, timeout=150
        )


def halt(s: Placed) -> Command:
    return ("sh", "-c", scripts.HALT, "halt", s.socket)


def gone(s: Placed) -> Command:
    return ("sh", "-c", scripts.GONE, "gone", s.socket)


def ended(s: Placed) -> Command:
    return then(halt(s), ("sh", "-c", scripts.AFTER, "after", "60", *gone(s)))


def images(s: Placed, ask: Any, fresh: bool = False) -> Iterator[Step]:
    """Each image is in the engine of the service; with `fresh` what its name means in the registry today."""
    for number, container in enumerate(s.service.containers, 1):
        yield _image(s, ask, number, container, fresh)


def _image(s: Placed, ask: Any, number: int, container: Container, fresh: bool) -> Step:
    reference = docker.with_tag(container.pull or container.image)
    newest = fresh and not container.load
    login = None if container.load else login_of(ask.section.registries, reference)
    remember = (
        (("sh", "-c", scripts.REMEMBER, "remember", reference, memory(s, number)),)
        if newest
        else ()
    )
    have = ("sh", "-c", scripts.HAVE, "have", container.image, container.load or reference)
    step = Step(
        name=f"{s.name}: image {number}",
        unless=upgrade.is_fresh("docker", reference)
        if newest
        else ("sh", "-c", scripts.HAS, "has", container.image),
        do=then(*remember, _fetch(container, reference, login), have),
        undo=_recall(s, number) if newest else ("true",),
        env=s.env,
        timeout=PULL,
        progress=login is None,
        remedy=docker.NOT_PULLED,
    )
    if login is None:
        return step
    password = ask.secrets.get(login.password_secret, Secret(""))
    return msgspec.structs.replace(
        step, stdin=password, sensitive=True, exit_messages=scripts.PULL_AS_MEANS
    )


def _fetch(container: Container, reference: str, login: Login | None) -> Command:
    if container.load:
        return ("docker", "load", "-i", container.load)
    return (
        ("sh", "-c", scripts.PULL_AS, "pull", registry_of(reference), login.user, reference)
        if login
        else ("docker", "pull", reference)
    )


def memory(s: Placed, number: int) -> str:
    """The name under which the image of before an upgrade is kept."""
    return f"fairlead/{compose.project(s.name)}.container.{number}:previous"


def _recall(s: Placed, number: int) -> Command:
    container = s.service.containers[number - 1]
    words = (
        "sh",
        "-c",
        scripts.RECALL,
        "recall",
        docker.with_tag(container.pull or container.image),
        memory(s, number),
    )
    return then(wake(s), words) if s.socket else words


def registry_of(reference: str) -> str:
    """The registry that a reference names; "" for Docker Hub."""
    first, slash, _ = reference.partition("/")
    return first if slash and (set(first) & {".", ":"} or first == "localhost") else ""


def login_of(registries: Mapping[str, Login], reference: str) -> Login | None:
    return registries.get(registry_of(reference))


def away(s: Placed, number: int, upgrade: bool = False) -> Step:
    """A container that is not as the site says (or not on its newest image) is stopped alone and removed, for the agent would start it as it was.

    Undo: what took its place goes; the image of before has its name again; the agent makes it anew, unless the file has to come back first.
    """
    container, rid, which = (
        s.service.containers[number - 1],
        f"container#{number}",
        s.pattern(number),
    )
    changed = s.changed(rid)
    made: Command = (
        "sh",
        "-c",
        scripts.IS_MADE,
        "made",
        which,
        s.note(number),
        s.hash(number),
        "0" if changed else "1",
    )
    runs: Command = ("sh", "-c", scripts.RUNS, "runs", which, container.image)
    down = then(
        either(s.agent.stop(s.name, s.service.stop_patience, rid), s.are("down", rid)),
        s.are("down", rid),
    )
    again = (s.agent.start(s.name, s.service.patience, rid),) if s.here and not changed else ()
    return Step(
        name=f"{s.name}: container {number}",
        unless=then(made, runs) if upgrade else made,
        do=then(down, _awake(s, ("sh", "-c", scripts.REMOVE, "remove", which))),
        undo=then(discard(s, number), *((_recall(s, number),) if upgrade else ()), *again),
        env=s.env,
        timeout=s.service.stop_patience + 180,
    )


def _awake(s: Placed, words: Command) -> Command:
    """The agent ends an engine whose last container it has stopped: it is woken first. One that still answered while it was ending is asked again."""
    woken = then(wake(s), words)
    return either(woken, then(("sleep", "3"), woken)) if s.socket else words


def discard(s: Placed, *numbers: int) -> Command:
    """Stops containers alone, and removes those that were not there before."""
    rids = tuple(f"container#{number}" for number in numbers)
    stop = either(s.agent.stop(s.name, s.service.stop_patience, *rids), ("true",))
    removals = (
        ("sh", "-c", scripts.REMOVE_NEW, "remove", s.pattern(number), s.note(number))
        for number in numbers
    )
    return then(stop, *(either(_awake(s, removal), ("true",)) for removal in removals))


def healthy(s: Placed) -> Iterator[Step]:
    """Healthy by its own word, asked inside."""
    for number, container in enumerate(s.service.containers, 1):
        if container.healthy:
            until = ("sh", "-c", INSIDE, "inside", s.pattern(number), *container.healthy)
            yield Step(
                name=f"{s.name}: healthy {number}",
                until=until,
                every=2,
                timeout=s.service.patience,
                env=s.env,
                gate=True,
            )


# NAME-FILTER WORD...: runs words in a container
INSIDE = r"""id=$(docker container ls -q --filter "$1"); shift
[ -n "$id" ] || { echo "it does not run" >&2; exit 1; }
exec docker exec "$id" "$@" """


def noted(s: Placed) -> Iterator[Step]:
    """What each container was made of is remembered on the node, beside the container's own number."""
    for number, _ in enumerate(s.service.containers, 1):
        words = (s.pattern(number), s.note(number), s.hash(number))
        note, question = (
            ("sh", "-c", scripts.NOTE, "note", *words),
            ("sh", "-c", scripts.NOTED, "noted", *words),
        )
        yield Step(
            name=f"{s.name}: note {number}",
            unless=question,
            do=note,
            undo=("rm", "-f", s.note(number)),
            env=s.env,
        )
