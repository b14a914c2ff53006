"""The containers that stay up, and the sessions of those that do not."""

from collections.abc import Iterator
from typing import Any, Protocol

from msgspec.structs import replace

from fairlead.api import (
    NOT_KNOWN,
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

from . import commands, images, recipe, sessions, stack, takeover
from .commands import Words
from .compose_files import compose_folder, service_of
from .config import content
from .releases import is_before

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
        not_kept=takeover.not_kept(ask, component),
    )
    return replace(described, labels=(*described.labels, (recipe.VERSION, site.version)))


def _options(ask: Ask[Any], component: str) -> tuple[str, ...]:
    if component == "server":
        return (*_server_options(ask), *_logs(ask, component))
    if component == "agent":
        return _logs(ask, component)
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


def _logs(ask: Ask[Any], component: str) -> tuple[str, ...]:
    """From 2.8 on logs lie in /var/log/daos (29f85077ac): on the host, or they would go with the
    container.
    """
    if is_before(ask.section.version, 2, 8):
        return ()
    label = ":z" if ask.selinux == "Enforcing" else ""
    return ("-v", f"{ask.section.state}/log/{component}:/var/log/daos{label}")


def _metadata(ask: Ask[Any]) -> tuple[Volume, ...]:
    """Without its control plane's metadata a server would have to be formatted anew."""
    path = takeover.metadata(content(ask.section, "server"))
    return (Volume(path),) if path else ()


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
    return standing.labels.get(recipe.VERSION, "") if standing else ""


def previous_version(ask: Ask[Any], component: str) -> str:
    """The version of DAOS to which `rollback` returns.

    "" where there is none; NOT_KNOWN where only its image is kept.
    """
    before = state.container_state(container(ask, component), ask, ".previous")
    if before:
        return before.labels.get(recipe.VERSION, NOT_KNOWN)
    return NOT_KNOWN if "previous" in ask.facts.get("state", ()) else ""


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
    if not (is_first and has_dmg(ask)):
        return
    none = commands.in_bash("no_rank_is", rank_state)
    still = commands.in_bash("ranks_are", "stopped", "errored", "excluded", "adminexcluded")
    yield Step(
        name=f"engines {word}",
        unless=command(ask, "admin", *none),
        do=command(ask, "admin", *commands.system(word)),
        until=command(ask, "admin", *still) if word == "stop" else None,
        every=3,
        undo=("true",),
        timeout=900,
        remedy=f"inv daos.admin.query says which ranks; inv daos.server.{word} goes without dmg",
    )


def evict(ask: Ask[Any]) -> Iterator[Step]:
    """Whoever is connected to a pool is so no more, by `dmg pool evict` on the first host of dmg.

    Sessions of ours have ended before; what else there is would keep engines from stopping well.
    """
    if ask.target.host == ask.target.peers[0] and has_dmg(ask):
        yield Step(
            name="connections end",
            unless=command(ask, "admin", *commands.in_bash("nobody_connects")),
            do=command(ask, "admin", *commands.in_bash("evict")),
            undo=("true",),
            timeout=600,
            remedy="inv daos.admin.exec -- dmg pool evict POOL says why",
        )


def joined(ask: Ask[Any]) -> Iterator[Step]:
    """A wait: every rank has joined, as dmg says it; not where the storage was never formatted.

    That a control plane listens says nothing of its engines.
    """
    if ask.target.host == ask.target.peers[0] and has_dmg(ask):
        yield Step(
            name="ranks joined",
            until=command(ask, "admin", *commands.in_bash("ranks_are", "joined", "adminexcluded")),
            every=3,
            timeout=ask.section.server.patience,
            gate=True,
            remedy="inv daos.server.logs says why an engine does not start",
        )


def answers(ask: Ask[Any]) -> Iterator[Step]:
    """The system answers a client of this host."""
    if _is_in_service(ask, "client"):
        yield Step(
            name="the system answers",
            do=command(ask, "client", *commands.in_bash("system_answers")),
            read_only=True,
            timeout=120,
            remedy="inv daos.agent.logs, inv daos.admin.query",
        )


def has_dmg(ask: Ask[Any]) -> bool:
    """Is dmg in service on this host?"""
    return _is_in_service(ask, "admin")


def _is_in_service(ask: Ask[Any], component: str) -> bool:
    if stack.is_launched(ask, component):
        return bool(ask.facts.get("task"))
    if sessions.are_of(ask, component):
        return ask.facts.get("in_service", True) is not None
    kept = state.container_state(container(ask, component), ask)
    return bool(kept and kept.running)
