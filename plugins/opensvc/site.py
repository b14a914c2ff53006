"""The section `opensvc` of a site.

It has services as they are, whatever the generation of the agent that runs them.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta

from fairlead.api import Clash, Noun, RegistryUser, SecretName, suggestion, text

from .common.sections import Service, ServiceName

if TYPE_CHECKING:
    from fairlead.api import Site

RegistryName = Annotated[
    str,
    text(
        r"[A-Za-z0-9.-]+(?::[0-9]{1,5})?",
        "a registry",
        "HOST or HOST:PORT, such as registry.example.org:5000",
    ),
]


class Agent(Noun, kw_only=True, forbid_unknown_fields=True):
    """The OpenSVC agent of the nodes."""

    generation: Annotated[
        Literal["auto", "legacy", "2.1", "3"],
        Meta(
            description="legacy: .env files, svcmgr (2014); 2.1; 3: the Go agent. auto asks "
            "the node"
        ),
    ] = "auto"


class Login(Noun, kw_only=True, forbid_unknown_fields=True):
    """Who may pull from a registry."""

    user: Annotated[RegistryUser, Meta(description="as whom")]
    password_secret: Annotated[SecretName, Meta(description="secret: the password or token")]


class OpenSvc(Noun, kw_only=True, forbid_unknown_fields=True):
    """Services and the nodes that they run on. Both components are where the services are."""

    agent: Annotated[Agent, Meta(description="the agent of the nodes")] = Agent()
    registries: Annotated[
        dict[RegistryName, Login],
        Meta(description="registry -> who may pull from it; the login is left on no node"),
    ] = {}
    services: Annotated[dict[ServiceName, Service], Meta(description="name -> service")] = {}

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every node of every service."""
        nodes = [node for service in self.services.values() for node in service.nodes]
        return tuple(dict.fromkeys(nodes))

    def of(self, host: str, name: str = "") -> dict[str, Service]:
        """The services that can run on a host, or the one of this name."""
        return {
            key: service
            for key, service in self.services.items()
            if host in service.nodes and name in ("", key)
        }

    def clashes(self, site: "Site") -> Iterator[Clash]:
        """Nodes that are no hosts, engines that share a directory, and what an agent cannot say."""
        yield from self._unknown_nodes(tuple(site.hosts))
        yield from self._shared_directories()
        yield from self._unsayable()

    def _unknown_nodes(self, hosts: tuple[str, ...]) -> Iterator[Clash]:
        for name, service in self.services.items():
            for number, node in enumerate(service.nodes):
                if node not in hosts:
                    yield Clash(
                        ("services", name, "nodes", number),
                        f"no such host {node!r}",
                        remedy=suggestion(node, hosts),
                    )

    def _shared_directories(self) -> Iterator[Clash]:
        """Two engines on one data directory destroy it."""
        seen: dict[tuple[str, str], str] = {}
        for name, service in self.services.items():
            for node in service.nodes if service.docker_data_dir else ():
                other = seen.setdefault((node, service.docker_data_dir), name)
                if other != name:
                    at = ("services", name, "docker_data_dir")
                    yield Clash(
                        at,
                        f"on {node} is already that of",
                        ("services", other, "docker_data_dir"),
                        "two engines destroy each other's data",
                    )

    def _unsayable(self) -> Iterator[Clash]:
        """What the file of the generation that the site names cannot hold."""
        from .common.service_file import Unsayable, render

        for name, service in self.services.items() if self.agent.generation != "auto" else ():
            try:
                render(name, service, self.agent.generation)
            except Unsayable as error:
                yield Clash(error.path, error.what, remedy=error.remedy)
