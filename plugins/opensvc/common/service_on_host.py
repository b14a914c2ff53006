"""A service on one of its nodes: what the site says of it, and what the facts say."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.api import Argv, Ask, Command, FairleadError, Noun, digest

from ..site import Container, Service
from . import files, scripts
from .agents import AGENTS, Agent
from .state import Instance

KEPT = "/var/lib/fairlead/opensvc"  # what was made of which file
BACKUPS = "/var/lib/fairlead/backups/opensvc"


class Placed(Noun):
    """A service here. `installed`: the file that is there, None for none; `around`: how it stands on the other nodes that were asked."""

    name: str
    service: Service
    agent: Agent
    host: str
    installed: str | None
    instance: Instance | None
    around: Mapping[str, Instance | None]

    @property
    def text(self) -> str:
        return files.render(self.name, self.service, self.agent.generation)

    @property
    def file(self) -> str:
        return self.agent.file(self.name)

    @property
    def up_on(self) -> tuple[str, ...]:
        """The other nodes where something of it runs."""
        return tuple(
            host for host, instance in self.around.items() if instance and not instance.still
        )

    @property
    def here(self) -> bool:
        """Something of it runs here."""
        return bool(self.instance and not self.instance.still)

    @property
    def socket(self) -> str:
        """Of its own engine; "" for the node's."""
        return self.agent.socket(self.name) if self.service.docker_data_dir else ""

    @property
    def env(self) -> tuple[tuple[str, str], ...]:
        return (("DOCKER_HOST", f"unix://{self.socket}"),) if self.socket else ()

    @property
    def rids(self) -> dict[str, tuple[str, ...]]:
        return files.resources(self.service, self.agent.generation)

    @property
    def all(self) -> tuple[str, ...]:
        return tuple(rid for rids in self.rids.values() for rid in rids)

    def pattern(self, number: int) -> str:
        return pattern(self.name, number)

    def note(self, number: int) -> str:
        return f"{KEPT}/{self.name}.{number}"

    def hash(self, number: int) -> str:
        """Of the section that makes the container what it is."""
        section = files.read(self.text)[f"container#{number}"]
        return digest.sha256(json.dumps(section, sort_keys=True))[:16]

    def changed(self, title: str) -> bool:
        """Does the file that is installed say something else here?"""
        return title in files.changed(self.installed or "", self.text)

    # questions

    def are(self, wanted: str, *rids: str) -> Command:
        """up, down or there: 0 yes, 1 no, 2 the agent could not say."""
        return (
            "sh",
            "-c",
            scripts.ARE,
            "are",
            scripts.FLAT,
            wanted,
            ",".join(rids),
            *self.agent.status(self.name),
        )

    def folders(self) -> tuple[str, ...]:
        """What its containers bind out of its own file systems: there once they are mounted."""
        mounts = tuple(fs.mnt for fs in self.service.fs)
        sources = (
            source for container in self.service.containers for source in sources_of(container)
        )
        return tuple(
            dict.fromkeys(
                source for source in sources if any(source.startswith(f"{mnt}/") for mnt in mounts)
            )
        )


def pattern(name: str, number: int | None = None) -> str:
    """The filter for a container of a service: NAME.container.1, NAMESPACE..NAME.container.1."""
    which = r"[0-9]+" if number is None else str(number)
    return rf"name=^/?([^/]*\.\.)?{re.escape(name)}\.container\.{which}$"


def sources_of(container: Container) -> Iterator[str]:
    """The folders of the host in its run_args: -v SOURCE:..., --volume=SOURCE:..."""
    for found in re.finditer(r"(?:^|\s)(?:-v|--volume)[= ]+(/[^:\s]*):", container.run_args):
        yield found[1]


def agent_of(ask: Ask[Any], host: str = "") -> Agent:
    """The agent of this host, or of another that was asked. Raises FairleadError where there is none, or another one than the site says."""
    wanted = ask.section.agent.generation
    found = (ask.around.get(host, {}) if host else ask.facts).get("agent")
    if found not in AGENTS:
        raise FairleadError(
            host or ask.target.host,
            "there is no OpenSVC agent",
            "install it; inv opensvc.agent.preflight tells what is looked for",
        )
    if wanted not in ("auto", found):
        where = host or ask.target.host
        raise FairleadError(
            where,
            f"the agent here is {found}, and the site says generation: {wanted}",
            "correct one of the two",
        )
    return AGENTS[found]


def placed(ask: Ask[Any], name: str = "") -> list[Placed]:
    """The services that can run on this host (or the one of this name). Raises FairleadError."""
    _known(ask, name)
    found = ask.section.of(ask.target.host, name)
    return (
        [_place(ask, key, service, agent_of(ask)) for key, service in found.items()]
        if found
        else []
    )


def _place(ask: Ask[Any], name: str, service: Service, agent: Agent) -> Placed:
    others = {
        host: facts.get(f"status {name}")
        for host, facts in ask.around.items()
        if host in service.nodes and host != ask.target.host
    }
    return Placed(
        name,
        service,
        agent,
        ask.target.host,
        ask.facts.get(f"file {name}"),
        ask.facts.get(f"status {name}"),
        others,
    )


def _known(ask: Ask[Any], name: str) -> None:
    if name and name not in ask.section.services:
        from fairlead.api import CommandLineError, suggestion

        raise CommandLineError(
            "--service", f"no such service {name!r}", suggestion(name, tuple(ask.section.services))
        )


def engine_host(name: str, service: Service, words: Argv) -> Argv:
    """Words to the engine of a service on a node whose agent is not known: its own where that has a socket. Exit code 3: it does not run."""
    sockets = (
        (agent.socket(name) for agent in AGENTS.values()) if service.docker_data_dir else ("",)
    )
    return ("sh", "-c", ON, "on", " ".join(dict.fromkeys(sockets)), *words)


# "SOCKET..." WORD...: says the words to the engine whose socket is there
ON = r"""sockets=$1; shift
[ -n "$sockets" ] || exec "$@"
for socket in $sockets; do
  [ ! -S "$socket" ] || { DOCKER_HOST=unix://$socket; export DOCKER_HOST; exec "$@"; }
done
echo "the engine of this service does not run here: inv opensvc.status tells where it is up" >&2
exit 3"""
