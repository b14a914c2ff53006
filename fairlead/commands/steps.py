"""The steps in which a container comes to be: its image, its state, its start, its health."""

from collections.abc import Iterator

import msgspec

from fairlead.commands import compose, docker, scripts
from fairlead.commands.docker import Container, Volume
from fairlead.commands.standing import Standing, volumes
from fairlead.plan import Ask, Command, Step, either, not_, then


def image(c: Container) -> Step:
    """The image is there, whichever it is that this name means here; an image of a checkout is built."""
    if len(c.compose) > 1:
        return msgspec.structs.replace(compose.build(c, name="image"), unless=docker.has_image(c))
    return Step(name="image", unless=docker.has_image(c), do=docker.pull(c), timeout=1800, progress=True, remedy=docker.NOT_PULLED)


def seed(c: Container, ask: Ask) -> Iterator[Step]:
    """Its volumes begin as the image has them, so that they hide none of its defaults."""
    if c.state:
        missing = [v for v in c.state if v.path not in volumes(c, ask)]
        yield Step(
            name="state",
            unless=("sh", "-c", scripts.SEEDED, "state", c.root, *(v.path for v in c.state)),
            do=("sh", "-c", scripts.SEED, "state", c.engine, c.image, f"{c.name}.seed", c.root, *named(c.state)),
            undo=unseed(c, missing),
        )


def unseed(c: Container, missing: list[Volume]) -> Command:
    """Takes away the volumes that were not there before."""
    return ("sh", "-c", scripts.UNSEED, "state", c.engine, f"{c.name}.seed", c.root, *named(missing))


def compose_file(c: Container) -> tuple[Step, ...]:
    return (compose.file(c),) if c.compose else ()


def run(c: Container, there: Standing | None = None) -> Step:
    """It runs as it should: started if it stands there stopped, launched if not."""
    if there and not c.compose:
        return Step(name="container", unless=is_right(c), do=docker.start(c), undo=docker.stop(c), timeout=120)
    return Step(name="container", unless=is_right(c), do=launch(c), undo=discard(c), timeout=300, progress=True)


def policy(c: Container, there: Standing | None) -> Iterator[Step]:
    """A change that was cut short may have taken its restart policy away."""
    if there and c.engine == "docker" and not c.compose and there.policy != c.restart:
        yield Step(name="restart policy", do=docker.policy(c, there.id, c.restart), undo=docker.policy(c, there.id, there.policy))


def healthy(c: Container, gate: bool = False) -> Step:
    """A wait: healthy by its own word; where it does not become so, its last words are told."""
    until = either(docker.is_healthy(c), then(docker.logs(c, "5", False), ("false",)))
    return Step(name="healthy", until=until, every=2, timeout=c.patience, gate=gate)


def launch(c: Container) -> Command:
    return compose.up(c) if c.compose else docker.launch(c)


def discard(c: Container, keep: str = "") -> Command:
    """Remove the container of this name unless its ID is `keep`; its last words are shown first."""
    return ("sh", "-c", scripts.DISCARD, "discard", c.engine, docker.pattern(c.name), keep)


def is_right(c: Container) -> Command:
    """Does it run as the site says? Of a checkout's own compose files: also as they say today."""
    return then(docker.is_right(c), compose.is_unchanged(c)) if len(c.compose) > 1 else docker.is_right(c)


def not_running(c: Container) -> Command:
    return not_(docker.is_running(c))


def named(state: tuple[Volume, ...] | list[Volume]) -> tuple[str, ...]:
    """Volumes as the scripts name them: KIND:PATH[:KEEP...]."""
    return tuple(":".join((v.kind, v.path, *v.keep)) for v in state)
