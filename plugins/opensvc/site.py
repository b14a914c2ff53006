"""The section `opensvc` of a site: services as they are, whatever the generation of the agent that runs them."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from fairlead.api import (
    AbsolutePath,
    Clash,
    HostName,
    Interface,
    Noun,
    OneHost,
    SecretName,
    UserName,
    suggestion,
    text,
)

Generation = Literal["legacy", "2.1", "3"]
ServiceName = Annotated[
    str,
    text(
        r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}",
        "the name of a service",
        "letters, digits and . _ -, such as docker.opensvc.com",
    ),
]
Line = Annotated[
    str,
    text(
        r"[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?",
        "a line",
        "one line without blanks around it",
    ),
]
Reference = Annotated[
    str,
    text(
        r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,254}",
        "an image",
        "[REGISTRY/]NAME[:TAG], NAME@sha256:DIGEST, or an ID such as f66342b343ae",
    ),
]
RegistryName = Annotated[
    str,
    text(
        r"[A-Za-z0-9.-]+(?::[0-9]{1,5})?",
        "a registry",
        "HOST or HOST:PORT, such as registry.example.org:5000",
    ),
]
GroupName = Annotated[
    str, text(r"[A-Za-z0-9+_.][A-Za-z0-9+_.-]{0,126}", "a volume group", "vgdocker")
]
Word = Annotated[
    str, text(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", "a word", "letters, digits and _ . -")
]
Netmask = Annotated[
    str, text(r"[0-9]{1,2}|[0-9]{1,3}(?:\.[0-9]{1,3}){3}", "a netmask", "255.255.255.0 or 24")
]


class Agent(Noun, kw_only=True, forbid_unknown_fields=True):
    """The OpenSVC agent of the nodes."""

    generation: Annotated[
        Literal["auto", "legacy", "2.1", "3"],
        Meta(
            description="legacy: .env files, svcmgr (2014); 2.1; 3: the Go agent. auto asks the node"
        ),
    ] = "auto"


class Container(Noun, kw_only=True, forbid_unknown_fields=True):
    """[container#N]. `pull`, `load` and `healthy` are ours: the agent's file does not hold them."""

    image: Annotated[
        Reference, Meta(description="what it runs: a name with its tag, a digest, or an ID")
    ] = ""
    run_image: Annotated[Reference, Meta(description="the 2014 agent's word for image")] = ""
    command: Annotated[Line, Meta(description="what is run inside; default: the image's own")] = ""
    run_args: Annotated[Line, Meta(description="options of docker run")] = ""
    netns: Annotated[
        str,
        text(
            r"none|host|container#[0-9]{1,3}|",
            "a network of a container",
            "none, host or container#N",
        ),
        Meta(description="its network"),
    ] = ""
    pull: Annotated[
        Reference,
        Meta(description="what is pulled to have `image`, where that is an ID; default: image"),
    ] = ""
    load: Annotated[
        AbsolutePath,
        Meta(
            description="an archive on the node (docker save) that holds it; default: it is pulled"
        ),
    ] = ""
    healthy: Annotated[
        tuple[str, ...],
        Meta(description="asked inside it after a start: exit code 0 is healthy; default: it runs"),
    ] = ()

    def __post_init__(self) -> None:
        if bool(self.image) == bool(self.run_image):
            raise ValueError("wanted image or run_image, one of the two")
        msgspec.structs.force_setattr(self, "image", self.image or self.run_image)
        msgspec.structs.force_setattr(self, "run_image", "")


class Ip(Noun, kw_only=True, forbid_unknown_fields=True):
    """[ip#N]: an address that goes where the service goes."""

    dev: Annotated[Interface, Meta(description="the interface that carries it")]
    name: Annotated[HostName, Meta(description="a name that resolves to it, or the address")]
    netmask: Annotated[Netmask, Meta(description="default: that of the interface")] = ""


class Disk(Noun, kw_only=True, forbid_unknown_fields=True):
    """A volume group: [vg#N], in today's files [disk#N]."""

    vg: Annotated[GroupName, Meta(description="the volume group that is activated")]


class Filesystem(Noun, kw_only=True, forbid_unknown_fields=True):
    """[fs#N]: mounted in this order."""

    dev: Annotated[
        AbsolutePath,
        Meta(
            description="a device; a folder with type none and options bind; a file with options loop"
        ),
    ]
    mnt: Annotated[AbsolutePath, Meta(description="where it is mounted")]
    type: Annotated[Word, Meta(description="ext4, xfs, none ...")]
    options: Annotated[Line, Meta(description="of mount")] = ""


class Service(Noun, kw_only=True, forbid_unknown_fields=True):
    """One service of the agent. What is left out is left to the agent."""

    nodes: Annotated[
        tuple[OneHost, ...],
        Meta(
            min_length=1,
            description="hosts that can run it, by the names that they have for themselves",
        ),
    ]
    autostart_node: Annotated[
        OneHost,
        Meta(
            description="where the agent starts it at boot, and `up`; default: nowhere, and the first of nodes"
        ),
    ] = ""
    app: Annotated[Word, Meta(description="the application that it is counted under")] = ""
    service_type: Annotated[Word, Meta(description="PRD, DEV ...; `env` in today's files")] = ""
    docker_data_dir: Annotated[
        AbsolutePath,
        Meta(description="where its own engine keeps everything; default: the node's engine"),
    ] = ""
    containers: Annotated[
        tuple[Container, ...], Meta(description="container#1, container#2 ...")
    ] = ()
    ip: Annotated[tuple[Ip, ...], Meta(description="addresses")] = ()
    disks: Annotated[tuple[Disk, ...], Meta(description="volume groups")] = ()
    fs: Annotated[
        tuple[Filesystem, ...],
        Meta(description="file systems, in the order in which they are mounted"),
    ] = ()
    patience: Annotated[
        int, Meta(ge=1, le=3600, description="seconds in which it has to be up after a start")
    ] = 120
    stop_patience: Annotated[
        int, Meta(ge=1, le=3600, description="seconds in which it has to be down after a stop")
    ] = 180

    def __post_init__(self) -> None:
        if len(set(self.nodes)) < len(self.nodes):
            raise ValueError("a node stands twice")
        if self.autostart_node and self.autostart_node not in self.nodes:
            raise ValueError(f"autostart_node {self.autostart_node} is none of nodes")

    @property
    def home(self) -> str:
        """Where `up` starts it."""
        return self.autostart_node or self.nodes[0]


class Login(Noun, kw_only=True, forbid_unknown_fields=True):
    """Who may pull from a registry."""

    user: Annotated[UserName, Meta(description="as whom")]
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
        return tuple(
            dict.fromkeys(node for service in self.services.values() for node in service.nodes)
        )

    def of(self, host: str, name: str = "") -> dict[str, Service]:
        """The services that can run on a host, or the one of this name."""
        return {
            key: service
            for key, service in self.services.items()
            if host in service.nodes and name in ("", key)
        }

    def clashes(self, site: Any) -> Iterator[Clash]:
        yield from (
            Clash(
                ("services", name, "nodes", number),
                f"no such host {node!r}",
                remedy=suggestion(node, tuple(site.hosts)),
            )
            for name, service in self.services.items()
            for number, node in enumerate(service.nodes)
            if node not in site.hosts
        )
        yield from self._shared()
        yield from self._unsayable()

    def _shared(self) -> Iterator[Clash]:
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
        from .common.files import Unsayable, render

        for name, service in self.services.items() if self.agent.generation != "auto" else ():
            try:
                render(name, service, self.agent.generation)
            except Unsayable as error:
                yield Clash(error.path, error.what, remedy=error.remedy)
