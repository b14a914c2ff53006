"""`inv opensvc.VERB`: services, from nothing to another node."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from fairlead.api import (
    Ask,
    Check,
    CommandLineError,
    Fact,
    FairleadError,
    Phase,
    SecretSpec,
    Session,
    Status,
    Step,
    Steps,
    hookimpl,
    verb,
)

from .common import checks, engine, install, shown, steps
from .common import facts as wanted
from .common.service_on_host import Placed, engine_host, pattern, placed
from .site import OneHost, ServiceName

About = Meta(description="the service; default: all")
WITH_LOGIN = frozenset({"up", "upgrade", "switch", "takeover"})  # verbs that may have to pull


class Which(msgspec.Struct, frozen=True):
    service: Annotated[ServiceName, About] = ""


class One(msgspec.Struct, frozen=True):
    service: Annotated[ServiceName, Meta(description="the service")]


class Inside(msgspec.Struct, frozen=True):
    service: Annotated[ServiceName, Meta(description="the service; default: the only one")] = ""
    container: Annotated[int, Meta(ge=1, description="its number")] = 1


class Logs(msgspec.Struct, frozen=True):
    service: Annotated[ServiceName, Meta(description="the service; default: the only one")] = ""
    container: Annotated[int, Meta(ge=1, description="its number")] = 1
    follow: Annotated[bool, Meta(description="go on until Ctrl-C")] = False
    tail: Annotated[int, Meta(ge=0, description="how many lines from the end")] = 100


class Switch(msgspec.Struct, frozen=True):
    service: Annotated[ServiceName, Meta(description="the service")]
    to: Annotated[OneHost, Meta(description="the node where it shall run")]


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    return wanted.of_services(ask)


@hookimpl
def needs(ask: Ask) -> Iterator[SecretSpec]:
    """The passwords of registries that images of this host come from."""
    if ask.verb not in WITH_LOGIN | {"secrets"}:
        return
    site, some = ask.section, ask.section.of(ask.target.host, getattr(ask.options, "service", ""))
    pulled = (
        container.pull or container.image
        for service in some.values()
        for container in service.containers
        if not container.load
    )
    logins = filter(None, (engine.login_of(site.registries, reference) for reference in pulled))
    yield from {
        login.password_secret: SecretSpec(
            name=login.password_secret, about=f"registry password of {login.user}"
        )
        for login in logins
    }.values()


@hookimpl
def preflight(ask: Ask) -> Iterator[Check]:
    """The agent, what its file can say, volume groups, devices, addresses; the same on every node of a service."""
    return checks.services(ask)


@hookimpl
def up(ask: Ask[Which]) -> Steps:
    """Install the file on every node, start the service on its own one (where it runs elsewhere it stays), and wait until all of it is up."""
    return _phases(ask, lambda s: steps.up(s, ask))


@hookimpl
def upgrade(ask: Ask[Which]) -> Steps:
    """Pull what the images' names mean today; a container whose image is another one is made anew, alone; back where it is not healthy."""
    return _phases(ask, lambda s: steps.up(s, ask, fresh=True))


def _phases(ask: Ask[Any], begin: Any) -> Iterator[Phase]:
    """A phase for each service: where it runs it is brought up first, then the other nodes get its file."""
    for s in placed(ask, _name(ask)):
        home = _home(s, ask)
        yield Phase(f"{s.name} runs", tuple(begin(s)) if home == s.host else ())
        yield Phase(f"{s.name} elsewhere", tuple(steps.prepare(s)) if home != s.host else ())


def _name(ask: Ask[Any]) -> str:
    return getattr(ask.options, "service", "")


def _home(s: Placed, ask: Ask[Any]) -> str:
    """Where it runs, else where it belongs. Raises FairleadError where that cannot be known, or it runs on two nodes."""
    running = (*((s.host,) if s.here else ()), *s.up_on)
    if len(running) > 1:
        raise FairleadError(
            s.host,
            f"{s.name} is up on {' and '.join(sorted(running))}",
            "find out which one is right, and stop the other: inv opensvc.down",
        )
    unasked = [
        node for node in s.service.nodes if node in ask.target.everywhere and node not in ask.around
    ]
    if not running and unasked:
        words = f"{s.name} may run on {', '.join(unasked)}, which was not asked"
        raise FairleadError(
            s.host,
            words,
            f"leave --host away; where that node is dead, inv opensvc.takeover --service={s.name} --host={s.host}",
        )
    return running[0] if running else s.service.home


@hookimpl
def down(ask: Ask[Which]) -> Steps:
    """Stop it in reverse: containers, engine, addresses, file systems, disks. Nothing is unprovisioned: all data stays."""
    return [step for s in reversed(placed(ask, _name(ask))) for step in steps.down(s)]


@hookimpl
def restart(ask: Ask[Which]) -> Steps:
    """Stop and start the containers where they run; disks, file systems and addresses stay."""
    found = placed(ask, _name(ask))
    if found and not any(s.here or s.up_on for s in found):
        raise FairleadError(ask.target.host, "none of its services runs", "inv opensvc.up")
    return [step for s in found if s.here for step in steps.restart(s)]


@hookimpl
def status(ask: Ask[Which]) -> Status:
    """The agent's tree: overall, avail, each resource with its state, label and remarks; well where it is up on one node."""
    return shown.status(placed(ask, _name(ask)), ask)


@hookimpl
def logs(ask: Ask[Logs]) -> Session | None:
    """What a container of the service has said."""
    options = ask.options
    more = (*(("-f",) if options.follow else ()), "--tail", str(options.tail))
    words = ("sh", "-c", NAMED, "logs", "logs", pattern(_the(ask), options.container), *more)
    return _session(ask, words, follow=options.follow)


@hookimpl
def exec_(ask: Ask[Inside]) -> Session | None:
    """A prompt in a container of the service, or the words after --."""
    options = ask.options
    which, words = pattern(_the(ask), options.container), ask.argv or ("sh",)
    plain, tty, fed = (
        ("sh", "-c", NAMED, "exec", kind, which, *words) for kind in ("exec", "exec -it", "exec -i")
    )
    return _session(ask, plain, tty, fed)


@verb(changes=False, words=True)
def docker(ask: Ask[Inside]) -> Session | None:
    """Any words of docker to the service's own engine, such as `-- ps`; its exit code is docker's own."""
    name = _the(ask)
    if not ask.section.services[name].docker_data_dir:
        raise FairleadError(
            f"opensvc.services.{name}",
            "has no engine of its own: its containers run in the node's",
            "give it docker_data_dir (not with agent 3)",
        )
    words = ("docker", *(ask.argv or ("ps",)))
    return _session(ask, words, words, words)


# How a container is called is found by the agent's pattern: VERB FILTER WORD...
NAMED = r"""verb=$1 filter=$2; shift 2
id=$(docker container ls -aq --filter "$filter") || exit 2
[ -n "$id" ] || { echo "the service has no such container here: inv opensvc.status" >&2; exit 1; }
case $verb in logs) exec docker logs "$@" "$id" ;; *) exec docker $verb "$id" "$@" ;; esac"""


def _the(ask: Ask[Any]) -> str:
    """The service that is meant. Raises CommandLineError where several could be."""
    services, name = ask.section.services, _name(ask)
    if not name and len(services) == 1:
        return next(iter(services))
    if name not in services:
        known = ", ".join(services) or "none"
        raise CommandLineError(
            "--service",
            f"no such service {name!r}" if name else "which one?",
            f"there are: {known}",
        )
    return name


def _session(
    ask: Ask[Any], plain: Any, tty: Any = None, fed: Any = None, follow: bool = False
) -> Session | None:
    """Words to the engine on the node where it runs; None elsewhere. Where it runs nowhere, each of its nodes says so."""
    name = _the(ask)
    service = ask.section.services[name]
    running = [host for host, facts in ask.around.items() if facts.get(f"containers {name}")]
    awake = [
        host for host, facts in ask.around.items() if facts.get(f"containers {name}") is not None
    ]
    nodes = running or awake or service.nodes
    if ask.target.host not in nodes or ask.target.host not in service.nodes:
        return None
    return Session(
        *(words and engine_host(name, service, words) for words in (plain, tty, fed)), follow=follow
    )


@verb
def switch(ask: Ask[Switch]) -> Steps:
    """Stop the service where it runs and start it on another node (--to), which finds its data on the disks that both reach."""
    (s, nodes) = _moved(ask, ask.options.to)
    if s is None:
        return ()
    missing = [node for node in nodes if node not in ask.around and node in ask.target.everywhere]
    if missing:
        raise FairleadError(
            s.host,
            f"{', '.join(missing)} was not asked",
            "leave --host away; takeover is for a node that is dead",
        )
    goes = s.host == ask.options.to
    return (
        Phase(f"{s.name} is prepared", tuple(steps.prepare(s)) if goes else ()),
        Phase(f"{s.name} stops", tuple(steps.down(s)) if not goes else ()),
        Phase(f"{s.name} starts", tuple(_explained(steps.up(s, ask), s)) if goes else ()),
    )


def _moved(ask: Ask[Any], to: str) -> tuple[Placed | None, tuple[str, ...]]:
    service = ask.section.services.get(ask.options.service)
    found = placed(ask, ask.options.service)
    if service and to not in service.nodes:
        raise CommandLineError(
            "--to",
            f"{to} is none of the nodes of {ask.options.service}",
            f"they are {', '.join(service.nodes)}",
        )
    return (found[0] if found else None), service.nodes if service else ()


def _explained(found: Iterable[Step], s: Placed) -> Iterator[Step]:
    was = ", ".join(s.up_on)
    for step in found:
        yield (
            msgspec.structs.replace(
                step,
                gate=False,
                remedy=f"it is stopped on {was}: inv opensvc.switch --service={s.name} --to={was}",
            )
            if was
            else step
        )


@verb
def takeover(ask: Ask[One]) -> Steps:
    """Start the service on this one node (--host) although its other nodes cannot be asked: for a node that is dead."""
    s, nodes = _moved(ask, ask.target.host)
    if len(ask.target.peers) != 1:
        raise CommandLineError(
            "--host",
            "takeover is for one node",
            f"name it; where all answer, inv opensvc.switch --service={ask.options.service} --to=NODE",
        )
    if s is None:
        raise CommandLineError(
            "--host",
            f"{ask.target.host} is none of the nodes of {ask.options.service}",
            f"they are {', '.join(nodes)}",
        )
    if not s.here:
        _unanswered(s, ask)
    return steps.up(s, ask)


def _unanswered(s: Placed, ask: Ask[Any]) -> None:
    """Raises FairleadError where an address of the service answers, or could not be asked for."""
    states = {ip.name: (ask.facts.get(f"ip {ip.name}") or ("unknown",))[0] for ip in s.service.ip}
    said = {"taken": "still answers: another node is alive", "unknown": "could not be asked for"}
    for name in (name for name, state in states.items() if state in said):
        raise FairleadError(
            s.host,
            f"the address of {name} {said[states[name]]}",
            "inv opensvc.switch, or end that node first",
        )


@verb
def freeze(ask: Ask[One]) -> Steps:
    """Keep the agent from starting or moving the service by itself."""
    return [
        Step(
            name=f"{s.name}: freeze",
            unless=install.is_frozen(s),
            do=s.agent.freeze(s.name),
            until=install.is_frozen(s),
            undo=s.agent.thaw(s.name),
            timeout=60,
        )
        for s in placed(ask, _name(ask))
    ]


@verb
def thaw(ask: Ask[One]) -> Steps:
    """Leave the service to the agent again."""
    return [
        Step(
            name=f"{s.name}: thaw",
            unless=install.is_thawed(s),
            do=s.agent.thaw(s.name),
            until=install.is_thawed(s),
            undo=s.agent.freeze(s.name),
            timeout=60,
        )
        for s in placed(ask, _name(ask))
    ]


@verb(changes=False)
def chargeback(ask: Ask[Which]) -> Status:
    """Per service: how many images and containers, and how many bytes they use."""
    return shown.chargeback(ask, _name(ask))
