"""The verbs with judgement, written once: pull, upgrade and rollback."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Ask, Command, Phase, Registered, Step, either, then
from fairlead.operations import script
from fairlead.operations.argv import compose, docker
from fairlead.operations.argv.docker import Container
from fairlead.operations.container import boot, lifecycle, shipping, steps
from fairlead.operations.container.replacement import DumpOptions as DumpOptions
from fairlead.operations.container.replacement import (
    archive,
    dump,
    memory,
    rename,
    replace,
    settle,
    start_or_up,
    stop,
)
from fairlead.operations.container.state import ContainerState, container_state, is_half
from fairlead.operations.container.steps import is_fresh as is_fresh

sh = script.beside(__file__)

ShipOptions = shipping.ShipOptions
PullOptions = shipping.PullOptions


class UpgradeOptions(DumpOptions, frozen=True):
    """The flags of `upgrade` for a container that has a dump."""

    ship: shipping.Ship = ""


RENEWS = ("pull", "build")  # the steps that may change what the image's name means


def upgrade(c: Container, ask: Ask) -> tuple[Phase, ...]:
    """The phases of `pull`, and replace: by batches, the image goes into service.

    Where it is the one that runs, nothing is stopped; where no container stands, it is brought up
    on what was pulled.
    """
    swap = _into_service(c, ask)
    return (*pull(c, ask), Phase("replace", swap, rolling=True, way_back=way_back(c, ask)))


def pull(c: Container, ask: Ask) -> tuple[Phase, ...]:
    """The phases resolve and pull, in which nothing is stopped.

    The first host asks the registry what the tag means today; all others pull that very image. An
    image that each host builds has to be there. With --ship one host has it, or a folder of this
    machine, and the others get it from there. With --to a copy of it comes here.
    """
    return (*_pull(c, ask), *shipping.copied(c, ask))


def _pull(c: Container, ask: Ask) -> tuple[Phase, ...]:
    if source := shipping.source(ask):
        return shipping.phases(c, ask, source)
    if c.built_by:
        return (Phase("image", (steps.image(c, ask),)),)
    first, *others = ask.target.peers
    if ask.target.host == first:
        resolve = tuple(_resolve(c, ask, bool(others)))
        return (Phase("resolve", resolve), Phase("pull", ()))
    return (Phase("resolve", ()), Phase("pull", (_pull_pinned(c, first),)))


def way_back(c: Container, ask: Ask) -> Literal["yes", "state", "no", "first"]:
    """What a roll-out says of the way back, see Phase: `rollback` wants a container of before."""
    return c.reversible if container_state(c, ask) else "first"


def _into_service(c: Container, ask: Ask) -> tuple[Step, ...]:
    """What stands there gives way; where nothing does, it is brought up, its image being there."""
    existing = container_state(c, ask)
    if not existing:
        return tuple(step for step in lifecycle.up(c, ask) if step.name != steps.IMAGE)
    way = replace(c, ask, existing, is_current(c), after=RENEWS)
    return (*settle(c, ask), *way, *boot.steps(c))


def _resolve(c: Container, ask: Ask, several: bool) -> Iterator[Step]:
    """Pull what the name means today; where `several` hosts are asked, note its digest for them."""
    if len(c.compose) > 1:
        yield steps.build(c, "--pull")
    else:
        yield Step(
            name="pull",
            unless=is_fresh(c.engine, docker.with_tag(c.image)),
            do=steps.pull(c, ask),
            timeout=1800,
            interruptible=True,
            progress=True,
            remedy=docker.NOT_PULLED,
        )
    if several:
        yield Step(
            name="digest",
            do=sh("digest", c.engine, docker.with_tag(c.image)),
            register="image",
            read_only=True,
        )


def _pull_pinned(c: Container, first: str) -> Step:
    """The same image as on the first host, by its digest, under the name that the site gives it."""
    if len(c.compose) > 1:
        return steps.build(c, "--pull")
    words = (c.engine, Registered(first, "image"), docker.with_tag(c.image))
    return Step(
        name="pull",
        unless=sh("pinned", *words),
        do=then(
            steps.keep_image(c),
            sh("pull_pinned", *words),
        ),
        timeout=1800,
        interruptible=True,
        progress=True,
        remedy=docker.NOT_PULLED,
    )


def is_current(c: Container) -> Command:
    """Does it run as the site says, on the image that its name means now?"""
    name, spec = docker.pattern(c.name), docker.spec(c)
    return sh("current", c.engine, name, spec, docker.with_tag(c.image))


# Back


def rollback(c: Container, ask: Ask) -> tuple[Phase, ...]:
    """Return to the version before the last upgrade, with the state of that time.

    What is newer is set aside, never deleted. Raises FairleadError where no version before is
    known, or a change was cut short.
    """
    if is_half(c, ask):
        raise FairleadError(
            ask.target.host,
            f"a change of {c.name} was cut short",
            f"{ask.target.typed('up')} goes on from there",
        )
    newer, previous = container_state(c, ask), container_state(c, ask, ".previous")
    if c.compose and "previous" in ask.facts.get("state", ()):
        return (Phase("return", tuple(_return_compose(c, ask, newer)), rolling=True),)
    if not previous:
        raise FairleadError(
            ask.target.host,
            f"there is no version of {c.name} to return to",
            "it has not been upgraded since it was brought up",
        )
    way = tuple(
        _while_there(
            c,
            newer,
            step,
        )
        for step in _return(c, ask, newer, previous)
    )
    return (Phase("return", way, rolling=True),)


def _while_there(c: Container, newer: ContainerState | None, step: Step) -> Step:
    """Make the undo of a step pass once the newer container is removed.

    Then there is nothing to go back to, and what was begun stays as it is.
    """
    if not newer or step.undo is None:
        return step
    return msgspec.structs.replace(step, undo=either(docker.is_lost(c, newer.id), step.undo))


def _return(
    c: Container,
    ask: Ask,
    newer: ContainerState | None,
    previous: ContainerState,
) -> Iterator[Step]:
    if newer:
        yield from dump(c, newer, ask)
        yield from stop(c, newer)
        yield archive(c, ask, newer)
        yield Step(
            name="set the newer one aside",
            do=docker.rename(c, newer.id, f"{c.name}.kept"),
            undo=rename(c, newer.id, c.name),
        )
    yield from _state_back(c)
    yield Step(
        name="take the old name",
        do=rename(c, previous.id, c.name),
        undo=rename(c, previous.id, f"{c.name}.previous"),
    )
    yield _image_back(c, previous.image, newer)
    yield Step(
        name="container",
        do=docker.start(c, previous.id),
        undo=docker.stop(c, previous.id),
    )
    yield steps.healthy(c, gate=True)
    if c.engine == "docker":
        yield Step(
            name="restart policy",
            do=docker.policy(c, previous.id, c.restart),
            undo=docker.policy(c, previous.id, "no"),
        )
    yield from _shelve(c)
    if newer:
        yield Step(name="remove the newer one", do=docker.remove(c, newer.id))


def _return_compose(c: Container, ask: Ask, newer: ContainerState | None) -> Iterator[Step]:
    if newer:
        yield Step(
            name="stop",
            do=docker.stop(c, newer.id),
            undo=start_or_up(c, newer),
            proof=steps.answers(c) if newer.alive else None,
            proof_within=c.steady + c.patience,
        )
        yield archive(c, ask, newer)
    yield from _state_back(c)
    yield _image_back(c, memory(c), newer)
    yield Step(
        name="container",
        do=compose.up(c, "--force-recreate"),
        undo=steps.discard(c),
    )
    yield steps.healthy(c, gate=True)
    yield from _shelve(c)


def _image_back(c: Container, image: str, newer: ContainerState | None) -> Step:
    """The name in the site means the image of the version before."""
    name = docker.with_tag(c.image)
    do: Command = then(steps.keep_image(c), docker.tag(c, image, c.image))
    if not c.compose:
        do = sh(
            "name_image",
            c.engine,
            image,
            name,
            steps.spare(c),
        )
    undo = None
    if newer:
        undo = sh(
            "name_image",
            c.engine,
            newer.image,
            name,
            "",
        )
    return Step(
        name="image",
        do=do,
        undo=undo,
    )


def _state_back(c: Container) -> Iterator[Step]:
    if c.state and c.reversible != "yes":
        do, undo = sh("set_aside", c.root), sh("take_back", c.root)
        yield Step(name="state of that time", do=do, undo=undo)


def _shelve(c: Container) -> Iterator[Step]:
    if c.state and c.reversible != "yes":
        do, undo = sh("shelve", c.root), sh("unshelve", c.root)
        yield Step(name="shelve the newer state", do=do, undo=undo)
