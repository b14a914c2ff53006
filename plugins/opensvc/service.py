"""`inv opensvc.VERB`: services, from nothing to another node."""

from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from fairlead.api import (
    SESSION,
    Ask,
    Check,
    CommandLineError,
    Fact,
    FairleadError,
    OneHost,
    Phase,
    SecretSpec,
    Session,
    Status,
    Step,
    Steps,
    hookimpl,
    looks_ahead,
    then,
    verb,
)

from .common import advice, checks, host_facts, install, moves, reports, sessions, steps
from .common.images import login_of
from .common.sections import Service, ServiceName
from .common.service_on_host import (
    ServiceOnHost,
    container_filter,
    services_on_host,
)

WITH_LOGIN = frozenset({"up", "upgrade", "switch", "takeover"})  # verbs that may have to pull


class Which(msgspec.Struct, frozen=True):
    service: Annotated[ServiceName, Meta(description="the service; default: all")] = ""


class Next(advice.For, frozen=True):
    service: Annotated[ServiceName, Meta(description="the service; default: all")] = ""


class Up(Which, frozen=True):
    pull: Annotated[
        bool, Meta(description="fetch its images anew, though some of their names are here")
    ] = False


class One(msgspec.Struct, frozen=True):
    service: Annotated[ServiceName, Meta(description="the service; default: the only one")] = ""


class Inside(msgspec.Struct, frozen=True):
    service: Annotated[ServiceName, Meta(description="the service; default: the only one")] = ""
    container: Annotated[int, Meta(ge=1, description="its number")] = 1


class Logs(msgspec.Struct, frozen=True):
    service: Annotated[ServiceName, Meta(description="the service; default: the only one")] = ""
    container: Annotated[int, Meta(ge=1, description="its number")] = 1
    follow: Annotated[bool, Meta(description="go on until Ctrl-C")] = False
    tail: Annotated[int, Meta(ge=0, description="how many lines from the end")] = 100


class Switch(msgspec.Struct, frozen=True, kw_only=True):
    service: Annotated[ServiceName, Meta(description="the service; default: the only one")] = ""
    to: Annotated[OneHost, Meta(description="the node where it shall run")]


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    return host_facts.of_services(ask)


@hookimpl
def needs(ask: Ask) -> Iterator[SecretSpec]:
    """The passwords of registries that images of this host come from."""
    if ask.verb not in WITH_LOGIN | {"secrets"}:
        return
    specs: dict[str, SecretSpec] = {}
    for service in ask.section.of(ask.target.host, _name(ask)).values():
        specs |= _passwords(ask, service)
    yield from specs.values()


def _passwords(ask: Ask[Any], service: Service) -> dict[str, SecretSpec]:
    """Name -> spec of the passwords by which the images of a service are pulled."""
    pulled = [container for container in service.containers if not container.load]
    references = [container.pull or container.image for container in pulled]
    logins = [login_of(ask.section.registries, reference) for reference in references]
    return {
        login.password_secret: SecretSpec(
            name=login.password_secret, about=f"registry password of {login.user}"
        )
        for login in logins
        if login
    }


@hookimpl
def preflight(ask: Ask[Next]) -> Iterator[Check]:
    """The agent, what its file can say, volume groups, devices, addresses;
    the same on every node of a service. With --for=3: what a file of 2.1 loses under agent 3."""
    return advice.services(ask) if looks_ahead(ask) else checks.services(ask)


@hookimpl
def up(ask: Ask[Up]) -> Steps:
    """Install the file on every node, start the service on its own one
    (where it runs elsewhere it stays), and wait until all of it is up."""
    return _phases(ask, lambda service: steps.up(service, ask))


@hookimpl
def upgrade(ask: Ask[Which]) -> Steps:
    """Pull what the images' names mean today;
    a container whose image is another one is made anew, alone; back where it is not healthy."""
    return _phases(ask, lambda service: steps.up(service, ask, fresh=True))


def _phases(ask: Ask[Any], bring_up: Callable[[ServiceOnHost], Iterable[Step]]) -> Iterator[Phase]:
    """Two phases for each service: it is brought up where it runs, then the others get its file."""
    for s in services_on_host(ask, _name(ask)):
        is_home = moves.home(s, ask) == s.host
        yield Phase(f"{s.name} runs", tuple(bring_up(s)) if is_home else ())
        yield Phase(f"{s.name} elsewhere", () if is_home else tuple(steps.elsewhere(s)))


def _name(ask: Ask[Any]) -> str:
    return getattr(ask.options, "service", "")


@hookimpl
def down(ask: Ask[Which]) -> Steps:
    """Stop it in reverse: containers, engine, addresses, file systems, disks.
    Nothing is unprovisioned: all data stays."""
    services = services_on_host(ask, _name(ask))
    return [step for service in reversed(services) for step in steps.down(service)]


@hookimpl
def restart(ask: Ask[Which]) -> Steps:
    """Stop and start the containers where they run; disks, file systems and addresses stay."""
    services = services_on_host(ask, _name(ask))
    if services and not any(service.runs_here or service.up_on for service in services):
        raise FairleadError(ask.target.host, "none of its services runs", "inv opensvc.up")
    running = [service for service in services if service.runs_here]
    return [step for service in running for step in steps.restart(service)]


@hookimpl
def status(ask: Ask[Which]) -> Status:
    """The agent's tree: overall, avail, each resource with its state, label and remarks;
    well where it is up on one node."""
    return reports.status(services_on_host(ask, _name(ask)), ask)


@hookimpl
def logs(ask: Ask[Logs]) -> Session | None:
    """What a container of the service has said."""
    options = ask.options
    more = (*(("-f",) if options.follow else ()), "--tail", str(options.tail))
    container = container_filter(sessions.service_name(ask), options.container)
    return sessions.session(
        ask, sessions.sh("in_container", "logs", container, *more), follow=options.follow
    )


@hookimpl
def exec_(ask: Ask[Inside]) -> Session | None:
    """A prompt in a container of the service, or the words after --."""
    options = ask.options
    words = (
        container_filter(sessions.service_name(ask), options.container),
        *(ask.argv or ("sh",)),
    )
    verb = f"exec --env {SESSION}"
    plain, tty, fed = (
        sessions.sh("in_container", kind, *words) for kind in (verb, f"{verb} -it", f"{verb} -i")
    )
    return sessions.session(ask, plain, tty, fed)


@verb(changes=False, words=True)
def docker(ask: Ask[Inside]) -> Session | None:
    """Any words of docker to the service's own engine, such as `-- ps`;
    its exit code is docker's own."""
    name = sessions.service_name(ask)
    if not ask.section.services[name].docker_data_dir:
        raise FairleadError(
            f"opensvc.services.{name}",
            "has no engine of its own: its containers run in the node's",
            "give it docker_data_dir (not with agent 3)",
        )
    words = ("docker", *(ask.argv or ("ps",)))
    return sessions.session(ask, words, words, words)


@verb
def switch(ask: Ask[Switch]) -> Steps:
    """Stop the service where it runs and start it on another node (--to),
    which finds its data on the disks that both reach. The agent may move it back."""
    s = moves.moved(ask, ask.options.to)
    if s is None:
        return ()
    moves.require_answers(s, ask)
    starts_here = s.host == ask.options.to
    return (
        Phase(f"{s.name} is prepared", tuple(steps.prepare(s)) if starts_here else ()),
        Phase(f"{s.name} stops", () if starts_here else tuple(steps.down(s))),
        Phase(f"{s.name} starts", tuple(moves.start_after_stop(s, ask)) if starts_here else ()),
        Phase(f"{s.name} may return", () if starts_here else tuple(install.thaw_ours(s))),
    )


@verb
def takeover(ask: Ask[One]) -> Steps:
    """Start the service on this one node (--host) although its other nodes cannot be asked:
    for a node that is dead."""
    name = sessions.service_name(ask)
    s = moves.moved(ask, ask.target.host)
    if len(ask.target.peers) != 1:
        raise CommandLineError(
            "--host",
            "takeover is for one node",
            f"name it; where all answer, inv opensvc.switch --service={name} --to=NODE",
        )
    if s is None:
        nodes = ask.section.services[name].nodes if name in ask.section.services else ()
        raise CommandLineError(
            "--host",
            f"{ask.target.host} is none of the nodes of {name}",
            f"they are {', '.join(nodes)}",
        )
    if not s.runs_here:
        moves.require_free_addresses(s, ask)
    return steps.up(s, ask)


@verb
def freeze(ask: Ask[One]) -> Steps:
    """Keep the agent from starting or moving the service by itself."""
    return [
        Step(
            name=f"{s.name}: freeze",
            unless=then(install.is_frozen(s), install.is_not_ours(s)),
            do=then(s.agent.freeze(s.name), install.forget_freeze(s)),
            until=install.is_frozen(s),
            undo=s.agent.thaw(s.name),
            timeout=60,
        )
        for s in services_on_host(ask, sessions.service_name(ask))
    ]


@verb
def thaw(ask: Ask[One]) -> Steps:
    """Leave the service to the agent again."""
    return [
        Step(
            name=f"{s.name}: thaw",
            unless=install.is_thawed(s),
            do=then(s.agent.thaw(s.name), install.forget_freeze(s)),
            until=install.is_thawed(s),
            undo=s.agent.freeze(s.name),
            timeout=60,
        )
        for s in services_on_host(ask, sessions.service_name(ask))
    ]


@verb(changes=False)
def chargeback(ask: Ask[Which]) -> Status:
    """Per service: how many images and containers, and how many bytes they use."""
    return reports.chargeback(ask, _name(ask))
