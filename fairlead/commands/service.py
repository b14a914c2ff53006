"""The verbs of a component that is one container, each a line in a plugin: facts, up, down, restart, status, logs, exec."""

from collections.abc import Iterator

import msgspec

from fairlead.commands import compose, docker, scripts
from fairlead.commands.docker import Container, Volume
from fairlead.commands.standing import Standing, standing, volumes, whole
from fairlead.commands.standing import facts as facts  # a plugin's own `facts` begins with these
from fairlead.errors import FairleadError
from fairlead.plan import Argv, Ask, Command, Session, Status, Step, not_, then


def up(c: Container, ask: Ask) -> tuple[Step, ...]:
    """Make it run as the site says. What stands there under its name is started, replaced or adopted, never lost."""
    whole(c, ask)
    there = standing(c, ask)
    if there and not (there.ours and there.labels.get(docker.SPEC) == docker.spec(c)):
        from fairlead.commands.upgrade import replace

        return (image(c), *replace(c, ask, there, is_right(c)))
    return (image(c), *seed(c, ask), *compose_file(c), run(c, there), *([] if not c.healthy else [healthy(c)]))


def down(c: Container, ask: Ask) -> tuple[Step, ...]:
    """Stop it and take the container away; its state stays. One that somebody started by hand holds its state inside, and is refused."""
    there = standing(c, ask)
    if there and not there.ours:
        raise FairleadError(
            ask.target.host, f"{c.name} was not started by fairlead and may hold its state inside", f"inv {ask.target.system}.up adopts it first"
        )
    again = docker.start(c) if not c.compose else compose.up(c)
    return (
        Step(name="stop", unless=not_running(c), do=docker.stop(c), undo=again, timeout=60 + c.stop_timeout),
        Step(name="remove", unless=docker.is_gone(c), do=_removal(c), undo=launch(c), timeout=120),
    )


def restart(c: Container, ask: Ask) -> tuple[Step, ...]:
    """Stop and start what is there, and wait until it is healthy."""
    if not standing(c, ask):
        raise FairleadError(ask.target.host, f"there is no container {c.name}", f"inv {ask.target.system}.up")
    return (Step(name="restart", do=docker.restart(c), undo=docker.start(c), timeout=60 + c.stop_timeout), healthy(c))


def status(c: Container, ask: Ask) -> Status:
    """What stands there under its name, the image it was started by, and whether it is healthy by its own word."""
    there = standing(c, ask)
    healthy = bool(there and there.running and ask.facts.get("healthy", not c.healthy))
    fields = (("container", described(there)), ("image", there.reference if there else ""), ("healthy", "yes" if healthy else "no"))
    return Status(healthy, fields)


def described(there: Standing | None) -> str:
    """A container in a few words."""
    return f"{there.name} {there.state}" + ("" if there.ours else ", started by hand") if there else "none"


def logs(c: Container, tail: str = "100", follow: bool = False) -> Session:
    return Session(argv=docker.logs(c, tail, follow), follow=follow)


def session(c: Container, words: tuple[str, ...], prompt: tuple[str, ...] = ("sh",)) -> Session:
    """`exec`: the words, or a prompt when there are none. With a terminal it gets one."""
    words = words or prompt
    return Session(argv=docker.inside(c, *words), tty_argv=docker.inside(c, *words, tty=True))


# The steps


def image(c: Container) -> Step:
    """The image is there, whichever it is that this name means here; an image of a checkout is built."""
    if len(c.compose) > 1:
        return msgspec.structs.replace(compose.build(c, name="image"), unless=docker.has_image(c))
    return Step(name="image", unless=docker.has_image(c), do=docker.pull(c), timeout=1800, progress=True)


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


def healthy(c: Container, gate: bool = False) -> Step:
    """A wait: healthy by its own word."""
    return Step(name="healthy", until=docker.is_healthy(c), every=2, timeout=c.patience, gate=gate)


def launch(c: Container) -> Argv:
    return compose.up(c) if c.compose else docker.run(c)


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


def _removal(c: Container) -> Argv:
    return compose.compose(c, "down") if c.compose else docker.remove(c)
