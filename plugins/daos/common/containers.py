"""The containers that stay up, and the sessions of those that do not."""

from collections.abc import Iterator
from typing import Any, Protocol

from msgspec.structs import replace

from fairlead.api import (
    SESSION,
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
    script,
    state,
    steps,
    upgrade,
)

from . import images, stack
from .commands import Words
from .compose_files import compose_folder, service_of
from .config import content
from .environment import release

VERSION = "fairlead.version"  # a label

sh = script.beside(__file__)


class LogOptions(Protocol):
    """What `logs` of each component may be given."""

    @property
    def follow(self) -> bool: ...

    @property
    def tail(self) -> int: ...


def container(ask: Ask[Any], component: str) -> Container:
    """The container of a component that is kept up.

    Pools keep their layout until `dmg pool upgrade`: each version can go back to the one before.
    """
    site, (file, service) = ask.section, service_of(ask, component)
    described = docker.container(
        ask,
        name=f"daos-{component}",
        image=images.image(ask, component),
        root=f"{site.state}/{component}",
        options=_options(ask, component),
        state=_metadata(ask) if component == "server" else (),
        healthy=_healthy(ask, component),
        listens=(port(ask),) if component == "server" else (),
        patience=getattr(getattr(site, component), "patience", 60),
        reversible="yes",
        service=service.name,
        compose=(file, f"{site.state}/{component}.json"),
        project=compose.project(f"daos-{release(site.version)}"),
        env_file=compose_folder(ask).env_file,
    )
    return replace(described, labels=(*described.labels, (VERSION, site.version)))


def _options(ask: Ask[Any], component: str) -> tuple[str, ...]:
    if component == "server":
        return _server_options(ask)
    return ("--stop-signal", stack.ENDS_SHELL) if component in stack.CERTIFIED else ()


def _server_options(ask: Ask[Any]) -> tuple[str, ...]:
    """What a server takes of its host; laid over what the compose file says."""
    server = ask.section.server
    limits = (
        *("--ulimit", f"memlock={server.ulimits.memlock}"),
        *("--ulimit", f"nofile={server.ulimits.nofile}"),
    )
    if server.privileged:
        return limits
    return (*limits, "--privileged=false", "--cap-add", "SYS_ADMIN")


def _metadata(ask: Ask[Any]) -> tuple[Volume, ...]:
    """Without its control plane's metadata a server would have to be formatted anew."""
    metadata = content(ask.section, "server").get("control_metadata")
    path = metadata.get("path") if isinstance(metadata, dict) else None
    return (Volume(path),) if isinstance(path, str) else ()


def _healthy(ask: Ask[Any], component: str) -> Argv:
    if component == "server":
        return sh("listens", str(port(ask)))
    return ("test", "-S", stack.SOCKET) if component == "agent" else ()


def port(ask: Ask[Any]) -> int:
    """Where the control plane of a server listens."""
    return int(content(ask.section, "server").get("port", 10001))


def version(ask: Ask[Any], component: str) -> str:
    """The version of DAOS that stands there.

    "" where none does, or one that fairlead did not start.
    """
    standing = state.container_state(container(ask, component), ask)
    return standing.labels.get(VERSION, "") if standing else ""


def up(ask: Ask[Any], component: str) -> Iterator[Step]:
    """It runs from the image of today, as its files say today.

    What stood there comes back where it does not become healthy.
    """
    described = container(ask, component)
    standing = state.container_state(described, ask)
    if standing:
        yield from replacement.settle(described, ask)
        is_current, after = upgrade.is_current(described), (images.step_name(described.image),)
        yield from replacement.replace(described, ask, standing, is_current, after)
        return
    yield from steps.seed(described, ask)
    yield from steps.compose_file(described)
    yield from replacement.make_way(described, ask)
    yield steps.run(described)
    yield steps.healthy(described)


def session(ask: Ask[Any], component: str, *words: str) -> Session | None:
    """The words in a container of this component, or a shell.

    It is the container that is kept up, else one that goes afterwards.
    """
    if stack.is_launched(ask, component):
        return stack.session(ask, component, *words)
    if getattr(ask.section, component).keep:
        return _session_in_kept(ask, component, words)
    return Session(
        run_once(ask, component, *words), tty_argv=run_once(ask, component, *words, tty=True)
    )


def command(ask: Ask[Any], component: str, *words: str) -> Argv:
    """The same, for a step. Raises FairleadError where this host has no task of the stack."""
    opened = session(ask, component, *words)
    if not opened:
        raise FairleadError(
            ask.target.host,
            f"no task of the stack daos-{component} runs here",
            f"see inv daos.{component}.status",
        )
    return opened.argv


def run_once(ask: Ask[Any], component: str, *words: str, tty: bool = False) -> Argv:
    """`docker compose run --rm SERVICE`, whose entry point is a shell."""
    file, service = service_of(ask, component)
    return images.compose_argv(
        compose_folder(ask),
        file,
        *("-p", container(ask, component).project),
        *("run", "--rm", "--no-deps"),
        *(() if tty else ("-T",)),
        *("--env", SESSION),
        service.name,
        *(("-c", '"$@"', "daos", *words) if words else ()),
    )


def _session_in_kept(ask: Ask[Any], component: str, words: Words) -> Session:
    """`docker exec` as the client's uid:gid, or as root for dmg."""
    described, client = container(ask, component), ask.section.client
    user = f"{client.uid}:{client.gid}" if component == "client" else ""
    return docker.session(described, *(words or ("bash",)), user=user)


def logs(ask: Ask[Any], component: str, options: LogOptions) -> Session | None:
    """What the container, or the stack, has said."""
    if stack.is_launched(ask, component):
        return stack.logs(ask, component, str(options.tail), options.follow)
    return lifecycle.logs(container(ask, component), str(options.tail), options.follow)


def stop(ask: Ask[Any], component: str) -> Iterator[Step]:
    """It stands still, and stays; sessions end."""
    described = container(ask, component)
    words = (described.engine, described.service)
    yield Step(
        name="sessions end",
        unless=sh("has_no_sessions", *words),
        do=sh("end_sessions", *words),
        timeout=60,
    )
    if state.container_state(described, ask):
        yield Step(
            name="stop",
            unless=docker.is_stopped(described),
            do=docker.stop(described),
            undo=docker.start(described),
            proof=steps.answers(described),
            proof_within=described.steady + described.patience,
            timeout=60 + described.stop_timeout,
        )


def start(ask: Ask[Any], component: str) -> Iterator[Step]:
    """What stands there runs again."""
    described = container(ask, component)
    if not state.container_state(described, ask):
        return
    yield Step(
        name="start",
        unless=docker.is_running(described),
        do=docker.start(described),
        undo=docker.stop(described),
        timeout=120,
    )
    yield steps.healthy(described)


def down(ask: Ask[Any], component: str) -> tuple[Step, ...]:
    """The container stops and goes."""
    return lifecycle.down(container(ask, component), ask)
