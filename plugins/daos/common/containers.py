"""The containers that stay up, and the sessions of those that do not."""

from collections.abc import Iterator
from typing import Any, Protocol

from msgspec.structs import replace

from fairlead.api import (
    Argv,
    Ask,
    Container,
    FairleadError,
    Session,
    Step,
    Steps,
    Volume,
    docker,
    lifecycle,
    replacement,
    script,
    state,
    steps,
    upgrade,
)

from . import commands, images, sessions, stack
from .commands import Words
from .compose_files import compose_folder, service_of
from .config import content
from .recipe import VERSION

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
        project=sessions.project(ask),
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
    """It runs, or sessions begin, from the image of today, as its files say today.

    What stood there comes back where it does not become healthy.
    """
    if sessions.are_of(ask, component):
        yield from sessions.put(ask, component)
        return
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
        sessions.run_once(ask, component, *words),
        tty_argv=sessions.run_once(ask, component, *words, tty=True),
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


def rollback(ask: Ask[Any], component: str) -> Steps:
    """The version before the last upgrade, kept up or for sessions.

    Raises FairleadError where none is known.
    """
    if stack.is_launched(ask, component):
        raise FairleadError(
            ask.target.host,
            f"of the stack daos-{component} no version before is kept",
            f"set daos.version back, then inv daos.build daos.{component}.up",
        )
    if sessions.are_of(ask, component):
        return tuple(sessions.rollback(ask, component))
    return upgrade.rollback(container(ask, component), ask)


def stop(ask: Ask[Any], component: str) -> Iterator[Step]:
    """It stands still, and stays; sessions end."""
    described = container(ask, component)
    if component in sessions.COMPONENTS:
        yield sessions.end(component)
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
    """Sessions end, the container stops and goes."""
    ended = (sessions.end(component),) if component in sessions.COMPONENTS else ()
    return (*ended, *lifecycle.down(container(ask, component), ask))


def engines(ask: Ask[Any], word: str, rank_state: str) -> Iterator[Step]:
    """`dmg system WORD` on the first host of dmg, where any rank is in this state.

    Where nothing of dmg is in service, or no server answers it, there is nothing to be done.
    """
    is_first = ask.target.host == ask.target.peers[0]
    if not (is_first and _has_dmg(ask)):
        return
    none = ("bash", "-c", sh.text("no_rank_is"), "no_rank_is", rank_state)
    yield Step(
        name=f"engines {word}",
        unless=command(ask, "admin", *none),
        do=command(ask, "admin", *commands.system(word)),
        undo=("true",),
        timeout=900,
        remedy=f"inv daos.admin.query says which ranks; inv daos.server.{word} goes without dmg",
    )


def _has_dmg(ask: Ask[Any]) -> bool:
    if stack.is_launched(ask, "admin"):
        return bool(ask.facts.get("task"))
    if sessions.are_of(ask, "admin"):
        return ask.facts.get("in_service", True) is not None
    kept = state.container_state(container(ask, "admin"), ask)
    return bool(kept and kept.running)
