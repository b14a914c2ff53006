"""The steps in which a container comes to be: its image, its state, its start, its health."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from fairlead.model.plan import Ask, Command, Step, either, then
from fairlead.operations import script
from fairlead.operations.argv import compose, docker
from fairlead.operations.argv.docker import Container, Volume
from fairlead.operations.container.state import ContainerState, container_state, volumes

sh = script.beside(__file__)

IMAGE = "image"  # the name of the step that brings it


Pull = Annotated[bool, Meta(description="fetch its image anew, though one of this name is here")]


class UpOptions(msgspec.Struct, frozen=True):
    """The flags of `up` for a container."""

    pull: Pull = False


def image(c: Container, ask: Ask[Any], existing: ContainerState | None = None) -> Step:
    """The image is there, whichever it is that this name means here; with --pull the one that it
    means in the registry today. An image of a checkout is built.

    `existing`: a container that is as asked; as long as it runs, its image is there.
    """
    if c.built_by:
        return _built(c, existing)
    is_anew = bool(getattr(ask.options, "pull", False))
    if len(c.compose) > 1:
        built = build(c, *(("--pull",) if is_anew else ()), name=IMAGE)
        return built if is_anew else msgspec.structs.replace(built, unless=docker.has_image(c))
    name = docker.with_tag(c.image)
    return Step(
        name=IMAGE,
        unless=is_fresh(c.engine, name) if is_anew else _or_lives(docker.has_image(c), existing),
        do=pull(c, ask),
        timeout=1800,
        interruptible=True,
        progress=True,
        remedy=docker.NOT_PULLED,
    )


def _built(c: Container, existing: ContainerState | None) -> Step:
    """An image that its host has built: no registry has it, and nothing is fetched."""
    return Step(
        name=IMAGE,
        unless=_or_lives(docker.has_image(c), existing),
        do=("false",),
        exit_messages=((1, f"{docker.with_tag(c.image)} is not built on this host"),),
        remedy=c.built_by,
    )


def build(c: Container, *words: str, name: str = "build") -> Step:
    """Builds the image of a checkout; that of the container that stands is kept."""
    step = compose.build(c, *words, name=name)
    return msgspec.structs.replace(step, do=then(keep_image(c), step.do))


def pull(c: Container, ask: Ask[Any]) -> Command:
    """What the name means in the registry; the image of the container that stands is kept."""
    fetched = docker.pull(c)
    if not container_state(c, ask):
        return fetched
    return then(keep_image(c), fetched)


def keep_image(c: Container) -> Command:
    """The image that runs is kept under another name, where the engine would lose it without."""
    return sh(
        "keep_image",
        c.engine,
        docker.pattern(c.name),
        spare(c),
    )


def spare(c: Container) -> str:
    """The name that keeps an image while its own is given to another."""
    return f"fairlead/{compose.project(c.name)}:kept"


def is_fresh(engine: str, reference: str) -> Command:
    """The question whether the registry has nothing newer under this name than the engine has.

    It ends with 0: nothing newer; 1: something newer, or no image here; 2: no answer of the engine.
    A registry that cannot be asked counts as having something newer.
    """
    return sh("fresh", engine, reference)


def seed(c: Container, ask: Ask) -> Iterator[Step]:
    """Its volumes begin as the image has them, so that they hide none of its defaults."""
    if c.state:
        missing = [v for v in c.state if v.path not in volumes(c, ask)]
        yield Step(
            name="state",
            unless=sh("seeded", c.root, *(v.path for v in c.state)),
            do=sh(
                "seed",
                c.engine,
                c.image,
                temporary(c),
                c.root,
                *volume_words(c.state),
            ),
            undo=unseed(c, missing),
        )


def unseed(c: Container, missing: Iterable[Volume]) -> Command:
    """Takes away the volumes that were not there before."""
    return sh("unseed", c.engine, temporary(c), c.root, *volume_words(missing))


def temporary(c: Container) -> str:
    """The name of the container that is made to look into an image, and goes again."""
    return f"{c.name}.seed"


def compose_file(c: Container) -> tuple[Step, ...]:
    """The compose file that fairlead makes of it; nothing where there is no Compose."""
    return (compose.file(c),) if c.compose else ()


def run(c: Container) -> Step:
    """It is launched where nothing stands."""
    return Step(
        name="container",
        unless=is_right(c),
        do=launch(c),
        undo=discard(c),
        timeout=300,
        progress=True,
        after=("compose file",) if len(c.compose) > 1 else (),
    )


def policy(c: Container, existing: ContainerState | None) -> Iterator[Step]:
    """A change that was cut short may have taken its restart policy away."""
    if not existing or c.engine != "docker" or c.compose:
        return
    if existing.policy != c.restart:
        yield Step(
            name="restart policy",
            do=docker.policy(c, existing.id, c.restart),
            undo=docker.policy(c, existing.id, existing.policy),
        )


def healthy(c: Container, gate: bool = False, existing: ContainerState | None = None) -> Step:
    """A wait: it stays up, and is healthy by its own word; where it does not become so, its last
    words are told. `existing`: the container that was there before.
    """
    last_words = docker.logs(c, "5", False)
    return Step(
        name="healthy",
        until=either(_answers(c, existing), then(last_words, *_no_room(c), ("false",))),
        every=2,
        timeout=c.steady + c.patience,
        gate=gate,
    )


def answers(c: Container) -> Command:
    """The question whether it stays up, and is healthy by its own word; a full disk is told."""
    return either(_answers(c), then(*_no_room(c), ("false",)))


def _answers(c: Container, existing: ContainerState | None = None) -> Command:
    process = docker.process(existing.id, existing.pid) if existing else docker.UNKNOWN
    steady = sh("steady", c.engine, c.name, str(c.steady), *process)
    return then(steady, docker.is_healthy(c, process))


def is_steady(engine: str, name_filter: str) -> Command:
    """The question whether the main process of the container that this filter means has lived for
    as long as one has to that may count as healthy.
    """
    return sh("steady_of", engine, name_filter, str(docker.STEADY))


def _no_room(c: Container) -> tuple[Command, ...]:
    """What says that the disk of its state is full, if it is."""
    return (sh("no_room", c.root),) if c.root else ()


def launch(c: Container) -> Command:
    """Make and start it."""
    return compose.up(c) if c.compose else docker.launch(c)


def discard(c: Container, keep: str = "") -> Command:
    """Remove the container of this name unless its ID is `keep`; its last words are shown first."""
    return sh("discard", c.engine, docker.pattern(c.name), keep)


def is_right(c: Container, existing: ContainerState | None = None) -> Command:
    """Does it run as the site says? Of a checkout's own compose files: also as they say today.

    `existing`: a container that is as asked, if it runs.
    """
    runs = _or_lives(docker.is_right(c), existing)
    return then(runs, compose.is_unchanged(c)) if len(c.compose) > 1 else runs


def _or_lives(question: Command, existing: ContainerState | None) -> Command:
    """A question that need not be asked as long as the container runs that is as asked."""
    if existing and existing.running:
        return either(docker.lives(*docker.process(existing.id, existing.pid)), question)
    return question


def volume_words(state: Iterable[Volume]) -> tuple[str, ...]:
    """Volumes as the programs in shell/ name them: KIND:PATH[:KEEP...]."""
    return tuple(":".join((v.kind, v.path, *v.keep)) for v in state)
