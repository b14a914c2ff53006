"""A service on one of its nodes: what the site says of it, and what the facts say."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.api import (
    Argv,
    Ask,
    Command,
    CommandLineError,
    FairleadError,
    Noun,
    digest,
    script,
    suggestion,
)

from . import service_file
from .agents import AGENTS, Agent
from .instance import Instance
from .sections import Container, Service

KEPT = "/var/lib/fairlead/opensvc"  # what was made of which file
BACKUPS = "/var/lib/fairlead/backups/opensvc"
BOUND = re.compile(r"(?:^|\s)(?:-v|--volume)[= ]+(/[^:\s]*):")  # -v SOURCE:..., --volume=SOURCE:...

sh = script.beside(__file__)


class ServiceOnHost(Noun):
    """A service on this host.

    `installed`: the file that is there, None for none. `instance`: how it stands here. `around`:
    how it stands on the other nodes that were asked. `is_frozen`: the agent leaves it alone here;
    `frozen_by_us`: because a `down` or `switch` of ours wanted that.
    """

    name: str
    service: Service
    agent: Agent
    host: str
    installed: str | None
    instance: Instance | None
    around: Mapping[str, Instance | None]
    is_frozen: bool = False
    frozen_by_us: bool = False

    @property
    def text(self) -> str:
        """The file as the site says. Raises Unsayable."""
        return service_file.render(self.name, self.service, self.agent.generation)

    @property
    def file(self) -> str:
        """Where the file lies."""
        return self.agent.file(self.name)

    @property
    def up_on(self) -> tuple[str, ...]:
        """The other nodes where something of it runs."""
        return tuple(
            host for host, instance in self.around.items() if instance and not instance.is_still
        )

    @property
    def runs_here(self) -> bool:
        """Something of it runs here."""
        return bool(self.instance and not self.instance.is_still)

    @property
    def socket(self) -> str:
        """Of its own engine; "" for the node's."""
        return self.agent.socket(self.name) if self.service.docker_data_dir else ""

    @property
    def env(self) -> tuple[tuple[str, str], ...]:
        """The variables by which docker finds its engine."""
        return (("DOCKER_HOST", f"unix://{self.socket}"),) if self.socket else ()

    @property
    def rids(self) -> dict[str, tuple[str, ...]]:
        """Kind -> the agent's names of its resources."""
        return service_file.resources(self.service, self.agent.generation)

    @property
    def all_rids(self) -> tuple[str, ...]:
        """The agent's names of all its resources."""
        return tuple(rid for rids in self.rids.values() for rid in rids)

    @property
    def numbers(self) -> range:
        """The numbers of its containers."""
        return range(1, len(self.service.containers) + 1)

    def container(self, number: int) -> Container:
        """A container by its number."""
        return self.service.containers[number - 1]

    def is_fine(self, rid: str) -> bool:
        """Is this resource up here?"""
        return bool(self.instance and self.instance.is_fine(rid))

    def pattern(self, number: int) -> str:
        """The filter that finds a container."""
        return container_filter(self.name, number)

    def note(self, number: int) -> str:
        """The file that says what a container was made from."""
        return f"{KEPT}/{self.name}.{number}"

    def hash(self, number: int) -> str:
        """Of the section that makes the container what it is."""
        section = service_file.read(self.text)[f"container#{number}"]
        return digest.sha256(json.dumps(section, sort_keys=True))[:16]

    def has_changed(self, title: str) -> bool:
        """Does the file that is installed say something else in this section?"""
        return title in service_file.changed(self.installed or "", self.text)

    def are(self, state: str, *rids: str) -> Command:
        """Are these resources up, down or there? 0 yes, 1 no, 2 the agent could not say."""
        return sh("resources_are", state, ",".join(rids), *self.agent.status(self.name))

    @property
    def frozen_note(self) -> str:
        """The file that says that we froze it."""
        return frozen_note(self.name)

    def all_up(self) -> Command:
        """Is every resource of the file up? The first that is not is named.

        What the agent adds by itself (sync#i0 of 2.1) is not asked for: it is no part of `avail`.
        """
        return self.are("up", *self.all_rids, "avail")

    def mount_points(self) -> tuple[str, ...]:
        """Those of its file systems that lie in none of the others."""
        mounts = [fs.mnt for fs in self.service.fs]
        return tuple(
            mnt for mnt in mounts if not any(mnt.startswith(f"{other}/") for other in mounts)
        )

    def folders(self) -> tuple[str, ...]:
        """What its containers bind out of its own file systems: there once they are mounted."""
        mounts = tuple(f"{fs.mnt}/" for fs in self.service.fs)
        sources = [source for container in self.service.containers for source in _bound(container)]
        return tuple(dict.fromkeys(source for source in sources if source.startswith(mounts)))


def _bound(container: Container) -> Iterator[str]:
    """The folders of the host in its run_args."""
    yield from BOUND.findall(container.run_args)


def container_filter(name: str, number: int | None = None) -> str:
    """The filter for a container of a service, or for all of them.

    They are called NAME.container.1, or NAMESPACE..NAME.container.1.
    """
    digits = r"[0-9]+" if number is None else str(number)
    return rf"name=^/?([^/]*\.\.)?{re.escape(name)}\.container\.{digits}$"


def agent_of(ask: Ask[Any]) -> Agent:
    """The agent of this host.

    Raises FairleadError where there is none, or another one than the site says.
    """
    required, generation = ask.section.agent.generation, ask.facts.get("agent", "")
    if generation not in AGENTS:
        raise FairleadError(
            ask.target.host,
            "there is no OpenSVC agent",
            "install it; inv opensvc.agent.preflight tells what is looked for",
        )
    if required not in ("auto", generation):
        raise FairleadError(
            ask.target.host,
            f"the agent here is {generation}, and the site says generation: {required}",
            "correct one of the two",
        )
    return AGENTS[generation]


def services_on_host(ask: Ask[Any], name: str = "") -> list[ServiceOnHost]:
    """The services that can run on this host (or the one of this name).

    Raises CommandLineError for a name that is none, FairleadError where the agent is not right.
    """
    _require_service(ask, name)
    services = ask.section.of(ask.target.host, name)
    return [_on_host(ask, key, service) for key, service in services.items()]


def _on_host(ask: Ask[Any], name: str, service: Service) -> ServiceOnHost:
    others = {
        host: facts.get(f"status {name}")
        for host, facts in ask.around.items()
        if host in service.nodes and host != ask.target.host
    }
    return ServiceOnHost(
        name=name,
        service=service,
        agent=agent_of(ask),
        host=ask.target.host,
        installed=ask.facts.get(f"file {name}"),
        instance=ask.facts.get(f"status {name}"),
        around=others,
        is_frozen=is_frozen(ask, name),
        frozen_by_us=bool(ask.facts.get(f"frozen by us {name}")),
    )


def is_frozen(ask: Ask[Any], name: str) -> bool:
    """By the agent's JSON, or in 2014 by the file that freezes it."""
    instance: Instance | None = ask.facts.get(f"status {name}")
    if instance and instance.frozen is not None:
        return instance.frozen
    return bool(ask.facts.get(f"frozen {name}"))


def frozen_note(name: str) -> str:
    """The file that says that we froze a service."""
    return f"{KEPT}/{name}.frozen"


def _require_service(ask: Ask[Any], name: str) -> None:
    services = ask.section.services
    if name and name not in services:
        what = f"no such service {name!r}"
        raise CommandLineError("--service", what, suggestion(name, tuple(services)))


def engine_argv(name: str, service: Service, argv: Argv) -> Argv:
    """A command to the engine of a service on a node whose agent is not known.

    It is the service's own engine where that has a socket. Exit code 3: it does not run.
    """
    sockets: list[str] = []
    if service.docker_data_dir:
        sockets = [agent.socket(name) for agent in AGENTS.values()]
    return sh("on_engine", " ".join(dict.fromkeys(sockets)), *argv)
