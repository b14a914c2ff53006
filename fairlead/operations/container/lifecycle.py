"""The verbs of a component that is one container, each a line in a plugin: facts, up, down, restart, status, logs, exec."""

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Ask, Session, Status, Step, either, not_
from fairlead.operations.argv import compose, docker
from fairlead.operations.argv.docker import Container
from fairlead.operations.container import steps, upgrade
from fairlead.operations.container.state import ContainerState, standing
from fairlead.operations.container.state import (
    facts as facts,
)  # a plugin's own `facts` begins with these


def up(c: Container, ask: Ask) -> tuple[Step, ...]:
    """Make it run as the site says. What stands there under its name is started, replaced or adopted, never lost."""
    there, before = standing(c, ask), tuple(upgrade.settle(c, ask))
    if there and not (there.ours and there.labels.get(docker.SPEC) == docker.spec(c)):
        return (
            steps.image(c),
            *before,
            *upgrade.replace(c, ask, there, steps.is_right(c)),
            *steps.at_boot(c),
        )
    healthy = (steps.healthy(c),) if c.healthy else ()
    now = (
        *steps.seed(c, ask),
        *steps.compose_file(c),
        steps.run(c, there),
        *steps.policy(c, there),
        *healthy,
    )
    return (steps.image(c), *now, *before, *steps.at_boot(c))


def down(c: Container, ask: Ask) -> tuple[Step, ...]:
    """Stop it and take the container away; its state stays. One that somebody started by hand holds its state inside, and is refused."""
    there = standing(c, ask)
    if there and not there.ours:
        raise FairleadError(
            ask.target.host,
            f"{c.name} was not started by fairlead and may hold its state inside",
            f"inv {ask.target.system}.up adopts it first",
        )
    whole = (
        c.compose and not c.project
    )  # a Compose project goes whole, unless other components are in it
    again, remove = (
        (compose.up(c), compose.compose(c, "down"))
        if whole
        else (docker.start(c), docker.remove(c))
    )
    return (
        Step(
            name="stop",
            unless=steps.not_running(c),
            do=docker.stop(c),
            undo=again,
            timeout=60 + c.stop_timeout,
        ),
        Step(
            name="remove",
            unless=docker.is_gone(c),
            do=remove,
            undo=either(not_(docker.is_gone(c)), steps.launch(c)),
            timeout=120,
        ),
        *steps.not_at_boot(c),
    )


def restart(c: Container, ask: Ask) -> tuple[Step, ...]:
    """Stop and start what is there, and wait until it is healthy."""
    if not standing(c, ask):
        raise FairleadError(
            ask.target.host, f"there is no container {c.name}", f"inv {ask.target.system}.up"
        )
    return (
        Step(
            name="restart", do=docker.restart(c), undo=docker.start(c), timeout=60 + c.stop_timeout
        ),
        steps.healthy(c),
    )


def status(c: Container, ask: Ask) -> Status:
    """What stands there under its name, the image it was started by, and whether it is healthy by its own word."""
    there = standing(c, ask)
    healthy = bool(there and there.running and ask.facts.get("healthy", not c.healthy))
    fields = (
        ("container", described(there)),
        ("image", there.reference if there else ""),
        ("healthy", "yes" if healthy else "no"),
    )
    return Status(healthy, fields)


def described(there: ContainerState | None) -> str:
    """A container in a few words."""
    return (
        f"{there.name} {there.state}" + ("" if there.ours else ", started by hand")
        if there
        else "none"
    )


def logs(c: Container, tail: str = "100", follow: bool = False) -> Session:
    return Session(argv=docker.logs(c, tail, follow), follow=follow)


def session(c: Container, words: tuple[str, ...], prompt: tuple[str, ...] = ("sh",)) -> Session:
    """`exec`: the words, or a prompt when there are none. With a terminal it gets one."""
    words = words or prompt
    return Session(
        docker.inside(c, *words),
        tty_argv=docker.inside(c, *words, tty=True),
        fed_argv=docker.inside(c, *words, fed=True),
    )
