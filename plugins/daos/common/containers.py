"""The containers that stay up, and the sessions of those that do not."""

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from fairlead.api import (
    Argv,
    Ask,
    Container,
    FairleadError,
    Session,
    Step,
    Volume,
    compose,
    docker,
    lifecycle,
    replacement,
    state,
    steps,
    upgrade,
)

from . import images, stack
from .config import content
from .examples import examples
from .variables import release

# PORT: does anybody listen on it? The kernel's own table, for no image has ss for certain.
LISTENS = """port=$(printf %04X "$1")
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -q "^ *[0-9]*: [0-9A-F]*:$port [0-9A-F]*:[0-9A-F]* 0A " """
# ENGINE SERVICE: the sessions that somebody has open end.
END = """ids=$("$1" container ls -q --filter label=com.docker.compose.oneoff=True --filter "label=com.docker.compose.service=$2") || exit 1
[ -z "$ids" ] || "$1" stop -t 5 $ids"""
HAS_SESSIONS = """ids=$("$1" container ls -q --filter label=com.docker.compose.oneoff=True --filter "label=com.docker.compose.service=$2") || exit 2
[ -z "$ids" ]"""
VERSION = "fairlead.version"


def container(ask: Ask[Any], component: str) -> Container:
    """The container of a component that is kept up."""
    site, found = ask.section, examples(ask)
    file, one = found.service(component, site.client.mode)
    made = docker.container(
        ask,
        name=f"daos-{component}",
        image=images.image(ask, component),
        root=f"{site.state}/{component}",
        options=_options(ask, component),
        state=_metadata(ask) if component == "server" else (),
        healthy=_healthy(ask, component),
        patience=getattr(getattr(site, component), "patience", 60),
        reversible="yes",  # pools keep their layout until `dmg pool upgrade`
        service=one.name,
        compose=(file, f"{site.state}/{component}.json"),
        project=compose.project(f"daos-{release(site.version)}"),
        env_file=found.env_file,
    )
    return replace(made, labels=(*made.labels, (VERSION, site.version)))


def _options(ask: Ask[Any], component: str) -> tuple[str, ...]:
    if component == "server":
        return _taken(ask)
    return ("--stop-signal", stack.ENDS_SHELL) if component in stack.CERTIFIED else ()


def _taken(ask: Ask[Any]) -> tuple[str, ...]:
    """What a server takes of its host; laid over what the compose file says."""
    server = ask.section.server
    limits = (
        "--ulimit",
        f"memlock={server.ulimits.memlock}",
        "--ulimit",
        f"nofile={server.ulimits.nofile}",
    )
    return (
        limits if server.privileged else (*limits, "--privileged=false", "--cap-add", "SYS_ADMIN")
    )


def _metadata(ask: Ask[Any]) -> tuple[Volume, ...]:
    """Without its control plane's metadata a server would have to be formatted anew."""
    metadata = content(ask.section, "server").get("control_metadata")
    return (
        (Volume(metadata["path"]),)
        if isinstance(metadata, dict) and isinstance(metadata.get("path"), str)
        else ()
    )


def _healthy(ask: Ask[Any], component: str) -> tuple[str, ...]:
    if component == "server":
        return ("sh", "-c", LISTENS, "listens", str(port(ask)))
    return ("test", "-S", stack.SOCKET) if component == "agent" else ()


def port(ask: Ask[Any]) -> int:
    """Where the control plane of a server listens."""
    return int(content(ask.section, "server").get("port", 10001))


def version(ask: Ask[Any], component: str) -> str:
    """The version of DAOS that stands there; "" where none does, or one that fairlead did not start."""
    there = state.container_state(container(ask, component), ask)
    return there.labels.get(VERSION, "") if there else ""


def up(ask: Ask[Any], component: str) -> Iterator[Step]:
    """It runs from the image of today, as its files say today; what stood there comes back where it does not become healthy."""
    c = container(ask, component)
    there = state.container_state(c, ask)
    if there:
        yield from (
            *replacement.settle(c, ask),
            *replacement.replace(c, ask, there, upgrade.is_current(c)),
        )
    else:
        yield from (
            *steps.seed(c, ask),
            *steps.compose_file(c),
            steps.run(c),
            *((steps.healthy(c),) if c.healthy else ()),
        )


def session(ask: Ask[Any], component: str, *words: str) -> Session | None:
    """The words in a container of this component, or a shell: in the one that is kept up, else in one that goes afterwards."""
    if stack.launches(ask, component):
        return stack.session(ask, component, *words)
    if getattr(ask.section, component).keep:
        return _in_kept(ask, component, words)
    return Session(once(ask, component, *words), tty_argv=once(ask, component, *words, tty=True))


def words(ask: Ask[Any], component: str, *given: str) -> Argv:
    """The same, for a step. Raises FairleadError where this host has no task of the stack."""
    found = session(ask, component, *given)
    if not found:
        raise FairleadError(
            ask.target.host,
            f"no task of the stack daos-{component} runs here",
            f"see inv daos.{component}.status",
        )
    return found.argv


def once(ask: Ask[Any], component: str, *words: str, tty: bool = False) -> Argv:
    """`docker compose run --rm SERVICE`, whose entry point is a shell."""
    found = examples(ask)
    file, one = found.service(component, ask.section.client.mode)
    begin = (
        "-p",
        container(ask, component).project,
        "run",
        "--rm",
        "--no-deps",
        *(() if tty else ("-T",)),
        one.name,
    )
    return images.line(found, file, *begin, *(("-c", '"$@"', "daos", *words) if words else ()))


def _in_kept(ask: Ask[Any], component: str, words: tuple[str, ...]) -> Session:
    """`docker exec` as the client's uid:gid, or as root for dmg."""
    c, client = container(ask, component), ask.section.client
    user = f"{client.uid}:{client.gid}" if component == "client" else ""
    words = words or ("bash",)
    return Session(
        docker.inside(c, *words, user=user),
        tty_argv=docker.inside(c, *words, tty=True, user=user),
        fed_argv=docker.inside(c, *words, fed=True, user=user),
    )


def logs(ask: Ask[Any], component: str, given: Any) -> Session | None:
    if stack.launches(ask, component):
        return stack.logs(ask, component, str(given.tail), given.follow)
    return lifecycle.logs(container(ask, component), str(given.tail), given.follow)


def stop(ask: Ask[Any], component: str) -> Iterator[Step]:
    """It stands still, and stays; sessions end."""
    c = container(ask, component)
    words = (c.engine, c.service)
    yield Step(
        name="sessions end",
        unless=("sh", "-c", HAS_SESSIONS, "sessions", *words),
        do=("sh", "-c", END, "end", *words),
        timeout=60,
    )
    if state.container_state(c, ask):
        yield Step(
            name="stop",
            unless=steps.not_running(c),
            do=docker.stop(c),
            undo=docker.start(c),
            timeout=60 + c.stop_timeout,
        )


def start(ask: Ask[Any], component: str) -> Iterator[Step]:
    """What stands there runs again."""
    c = container(ask, component)
    if state.container_state(c, ask):
        yield Step(
            name="start",
            unless=docker.is_running(c),
            do=docker.start(c),
            undo=docker.stop(c),
            timeout=120,
        )
        yield from (steps.healthy(c),) if c.healthy else ()


def down(ask: Ask[Any], component: str) -> tuple[Step, ...]:
    return lifecycle.down(container(ask, component), ask)
