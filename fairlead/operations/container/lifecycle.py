"""The verbs of a component that is one container, each a line in a plugin: facts, up, down,
restart, status, logs, exec.
"""

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Ask, Command, Session, Status, Step, either, not_, then
from fairlead.operations.argv import compose, docker
from fairlead.operations.argv.docker import Container
from fairlead.operations.container import boot, replacement, steps
from fairlead.operations.container.state import ContainerState, container_state, times_restarted
from fairlead.operations.container.state import facts as facts  # a plugin's own begins with these
from fairlead.operations.container.steps import UpOptions as UpOptions


class UpAndDumpOptions(replacement.DumpOptions, frozen=True):
    """The flags of `up` for a container that has a dump."""

    pull: steps.Pull = False


def up(c: Container, ask: Ask) -> tuple[Step, ...]:
    """Make it run as the site says.

    What stands there under its name is started, replaced or adopted, never lost.
    """
    existing, leftovers = container_state(c, ask), tuple(replacement.settle(c, ask))
    if existing and not _is_as_asked(existing, c):
        return (
            steps.image(c, ask),
            *leftovers,
            *replacement.replace(c, ask, existing, steps.is_right(c)),
            *boot.steps(c),
        )
    return (
        steps.image(c, ask, existing),
        *steps.seed(c, ask),
        *steps.compose_file(c),
        *(() if existing else replacement.make_way(c, ask)),
        replacement.again(c, existing) if existing else steps.run(c),
        *steps.policy(c, existing),
        steps.healthy(c, existing=existing),
        *leftovers,
        *boot.steps(c),
    )


def _is_as_asked(existing: ContainerState, c: Container) -> bool:
    """Was it started by fairlead, by the very words that the site has today?"""
    return existing.ours and existing.labels.get(docker.SPEC) == docker.spec(c)


def down(c: Container, ask: Ask) -> tuple[Step, ...]:
    """Stop it and take the container away; its state stays.

    One that somebody started by hand holds its state inside, and is refused.
    """
    existing = container_state(c, ask)
    if existing and not existing.ours:
        raise FairleadError(
            ask.target.host,
            f"{c.name} was not started by fairlead and may hold its state inside",
            f"{ask.target.typed('up')} adopts it first",
        )
    start, remove = _start_and_remove(c)
    names = replacement.name_back(c, existing) if existing else ()
    return (
        Step(
            name="stop",
            unless=docker.is_stopped(c),
            do=docker.stop(c),
            undo=start,
            proof=steps.answers(c),
            proof_within=c.steady + c.patience,
            timeout=60 + c.stop_timeout,
        ),
        Step(
            name="remove",
            unless=docker.is_gone(c),
            do=remove,
            undo=either(not_(docker.is_gone(c)), then(*names, steps.launch(c))),
            timeout=120,
        ),
        *boot.no_more(c),
    )


def _start_and_remove(c: Container) -> tuple[Command, Command]:
    """A Compose project goes whole, unless other components are in it."""
    if c.compose and not c.project:
        return either(docker.start(c), compose.up(c)), compose.compose(c, "down")
    return docker.start(c), docker.remove(c)


def restart(c: Container, ask: Ask) -> tuple[Step, ...]:
    """Stop and start what is there, and wait until it is healthy."""
    if not container_state(c, ask):
        raise FairleadError(
            ask.target.host, f"there is no container {c.name}", ask.target.typed("up")
        )
    step = Step(
        name="restart",
        do=docker.restart(c),
        undo=docker.start(c),
        proof=steps.answers(c),
        proof_within=c.steady + c.patience,
        timeout=60 + c.stop_timeout,
    )
    return (step, steps.healthy(c))


def status(c: Container, ask: Ask) -> Status:
    """What stands there under its name, the image it was started by, and whether it is healthy by
    its own word.
    """
    existing = container_state(c, ask)
    runs = bool(existing and existing.running and ask.facts.get("settled", True))
    healthy = runs and bool(ask.facts.get("healthy", not c.healthy))
    fields = (
        ("container", described(existing)),
        ("image", existing.reference if existing else ""),
        ("healthy", "yes" if healthy else "no"),
    )
    return Status(healthy, fields)


def described(existing: ContainerState | None) -> str:
    """A container in a few words."""
    if not existing:
        return "none"
    whose = "" if existing.ours else ", started by hand"
    return f"{existing.name} {existing.state}{whose}{restarted(existing)}"


def restarted(existing: ContainerState) -> str:
    """How often its engine has started it anew since a person did; begins with `, `."""
    return f", {times_restarted(existing.restarts)}" if existing.restarts else ""


def logs(c: Container, tail: str = "100", follow: bool = False) -> Session:
    """The last lines that the container has printed; with `follow`, on until Ctrl-C."""
    return Session(argv=docker.logs(c, tail, follow), follow=follow)


def session(
    c: Container,
    words: tuple[str, ...],
    prompt: tuple[str, ...] = ("sh",),
) -> Session:
    """`exec`: the words, or a prompt when there are none. With a terminal it gets one."""
    return docker.session(c, *(words or prompt))
