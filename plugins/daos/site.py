"""The section `daos` of a site: every variable of "DAOS in Docker", with its default."""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from fairlead.api import (
    AbsolutePath,
    ImageName,
    NodeSet,
    Noun,
    OneHost,
    SecretName,
    Tag,
    Url,
    UserName,
    Version,
    text,
    text_beside,
)

from .common.releases import RELEASES, release

Mode = Literal["bare-metal-agent", "separate-agent", "gathered"]
Launch = Literal["compose", "stack"]
Id = Annotated[int, Meta(ge=0, le=4294967294, description="a numeric user or group id")]
Word = Annotated[
    str, text(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", "a word", "letters, digits and _ . -")
]
Repository = Annotated[
    str, text(r"[A-Za-z0-9._~:/%+,=-]{1,255}", "a repository", "a URL, or the id that dnf gives it")
]
Variable = Annotated[
    str,
    text(
        r"[A-Z][A-Z0-9_]{0,63}",
        "the name of a variable",
        "upper case letters, digits and _, such as DAOS_VERSION",
    ),
]
Plain = Annotated[
    str,
    text(
        r"[^\"'\\$`\x00-\x1f]{0,512}", "a plain value", "one line without quotes, backslashes and $"
    ),
]
Config = Annotated[
    dict[str, Any] | str,
    text_beside(
        AbsolutePath.__metadata__[0],
        "a map, rendered as DAOS's own YAML file; or the path of such a file on the host",
    ),
]


OURS = ("el8", "el9")  # files/daos-*/
REPLACED = (("access_points", "mgmt_svc_replicas"), ("enable_hotplug", "disable_hotplug"))
NUMBERS = {"port", "nr_hugepages"}  # of daos_server.yml
BUILT_FOR = re.compile(r"\.(el\d+)")  # in the version of an RPM


def distro_of(version: str) -> str:
    """el8 or el9, by the version of its RPMs, else by its release."""
    if built_for := BUILT_FOR.search(version):
        return built_for[1]
    known = release(version)
    return known.distros[0] if known else RELEASES[-1].distros[0]


class Ulimits(Noun, kw_only=True, forbid_unknown_fields=True):
    """What a server's processes may take."""

    memlock: Annotated[
        int, Meta(ge=-1, description="bytes of memory that it may lock; -1: all")
    ] = -1
    nofile: Annotated[int, Meta(ge=1024, le=1048576, description="files that it may open")] = (
        1048576
    )


class Server(Noun, kw_only=True, forbid_unknown_fields=True):
    """The storage servers: privileged containers with the host's network."""

    hosts: Annotated[NodeSet, Meta(description="where servers run")] = ""
    config: Annotated[
        Config, Meta(description="daos_server.yml: a map, or the path of such a file on the host")
    ] = {}
    launch: Annotated[Launch, Meta(description="compose: a swarm has no privileged containers")] = (
        "compose"
    )
    huge_pages: Annotated[
        int, Meta(ge=4096, description="of 2048 KiB, that the host has to have")
    ] = 4096
    privileged: Annotated[
        bool, Meta(description="false only where no engine uses NVMe devices: UIO needs it")
    ] = True
    ulimits: Annotated[
        Ulimits,
        Meta(
            description="of its processes; less than the defaults only where the engine may "
            "not raise them"
        ),
    ] = Ulimits()
    patience: Annotated[
        int,
        Meta(
            ge=1,
            le=3600,
            description="seconds in which the control plane has to listen after a start",
        ),
    ] = 180


class Agent(Noun, kw_only=True, forbid_unknown_fields=True):
    """The agents through which clients reach the servers."""

    hosts: Annotated[
        NodeSet,
        Meta(
            description="where agents run; default: with the clients, unless their agent is on "
            "bare metal"
        ),
    ] = ""
    config: Annotated[
        Config, Meta(description="daos_agent.yml: a map, or the path of such a file on the host")
    ] = {}
    launch: Annotated[Launch, Meta(description="compose: a swarm has no pid=host")] = "compose"
    runtime_dir: Annotated[
        AbsolutePath,
        Meta(description="DAOS_AGENT_RUNTIME_DIR: where an agent on bare metal has its socket"),
    ] = "/var/run/daos_agent"
    patience: Annotated[
        int,
        Meta(
            ge=1,
            le=3600,
            description="seconds in which the agent has to have its socket after a start",
        ),
    ] = 60


class Client(Noun, kw_only=True, forbid_unknown_fields=True):
    """The clients, in one of three modes."""

    hosts: Annotated[NodeSet, Meta(description="where clients run")] = ""
    mode: Annotated[
        Mode,
        Meta(
            description="where its agent is: on the host, in a container of its own, or in the "
            "client's"
        ),
    ] = "separate-agent"
    launch: Annotated[
        Launch, Meta(description="docker compose, or a stack in a swarm (gathered only)")
    ] = "compose"
    keep: Annotated[
        bool,
        Meta(description="kept up between sessions; else each session has a container of its own"),
    ] = False
    user: Annotated[UserName, Meta(description="DAOS_CLIENT_UNAME")] = "root"
    uid: Annotated[Id, Meta(description="DAOS_CLIENT_UID")] = 0
    group: Annotated[UserName, Meta(description="DAOS_CLIENT_GNAME")] = "root"
    gid: Annotated[Id, Meta(description="DAOS_CLIENT_GID")] = 0


class Admin(Noun, kw_only=True, forbid_unknown_fields=True):
    """Where `dmg` is run."""

    hosts: Annotated[NodeSet, Meta(description="where dmg runs; one is enough")] = ""
    config: Annotated[
        Config, Meta(description="daos_control.yml: a map, or the path of such a file on the host")
    ] = {}
    launch: Annotated[Launch, Meta(description="docker compose, or a stack in a swarm")] = "compose"
    keep: Annotated[
        bool,
        Meta(description="kept up between sessions; else each session has a container of its own"),
    ] = False


class BaseImage(Noun, kw_only=True, forbid_unknown_fields=True):
    """What the images are made from."""

    name: Annotated[ImageName, Meta(description="RHEL_BASE_IMAGE_NAME, LINUX_IMAGE_NAME")] = (
        "rockylinux/rockylinux"
    )
    tag: Annotated[
        Tag,
        Meta(
            description="RHEL_BASE_IMAGE_TAG (default 8.6), LINUX_IMAGE_TAG (default 8.9); both "
            "9.6 for el9"
        ),
    ] = ""


class Certificates(Noun, kw_only=True, forbid_unknown_fields=True):
    """Names of secrets, and how long what is generated is valid."""

    authority: Annotated[
        SecretName, Meta(description="secret: the authority's certificate, daosCA.crt")
    ] = "daos-ca.crt"
    authority_key: Annotated[
        SecretName, Meta(description="secret: its key, which leaves the store for no host")
    ] = "daos-ca.key"
    server: Annotated[SecretName, Meta(description="secret: the servers' tarball (txz)")] = (
        "daos-server-certs.txz"
    )
    agent: Annotated[SecretName, Meta(description="secret: the agents' tarball (txz)")] = (
        "daos-agent-certs.txz"
    )
    admin: Annotated[SecretName, Meta(description="secret: the admin's tarball (txz)")] = (
        "daos-admin-certs.txz"
    )
    days: Annotated[
        int, Meta(ge=1, le=3650, description="how long a certificate that is generated is valid")
    ] = 1095


class Swarm(Noun, kw_only=True, forbid_unknown_fields=True):
    """A swarm of the hosts that launch a stack."""

    manager: Annotated[
        OneHost, Meta(description="which of them leads it; the swarm is made where there is none")
    ]


class Everywhere(Noun):
    """Hosts that follow from others.

    The base image is needed by all components, pools are made where dmg runs.
    """

    hosts: tuple[str, ...]


class Daos(Noun, kw_only=True, forbid_unknown_fields=True):
    """A DAOS system in containers."""

    version: Annotated[Version, Meta(description="DAOS_VERSION, as its RPMs have it")] = (
        "2.4.0-2.el8"
    )
    server: Annotated[Server, Meta(description="the storage servers")] = Server()
    agent: Annotated[Agent, Meta(description="the agents")] = Agent()
    client: Annotated[Client, Meta(description="the clients")] = Client()
    admin: Annotated[Admin, Meta(description="where dmg is run")] = Admin()
    build_host: Annotated[
        OneHost,
        Meta(
            description="where images are built, once; default: where they are used. Needs "
            "`registry`"
        ),
    ] = ""
    registry: Annotated[
        str,
        text(
            r"[a-z0-9.-]+(?::[0-9]{1,5})?(?:/[a-z0-9._/-]+)?",
            "a registry",
            "HOST:PORT, or HOST/PATH",
        ),
        Meta(description="where build_host puts images and the others get them"),
    ] = ""
    source: Annotated[
        AbsolutePath,
        Meta(
            description="a DAOS checkout on the hosts; its utils/docker/examples are driven "
            "unchanged"
        ),
    ] = ""
    state: Annotated[
        AbsolutePath,
        Meta(description="where our files, certificates and the servers' metadata lie on a host"),
    ] = "/var/lib/daos-docker"
    certificates: Annotated[Certificates, Meta(description="names of secrets")] = Certificates()
    insecure: Annotated[
        bool,
        Meta(
            description="authentication off (allow_insecure): no certificates, everybody is "
            "believed"
        ),
    ] = False
    base_image: Annotated[BaseImage, Meta(description="what the images are made from")] = (
        BaseImage()
    )
    image_tag: Annotated[
        Tag,
        Meta(
            description="DAOS_DOCKER_IMAGE_TAG; default rocky8.6 for 2.4.0, else v and the version"
        ),
    ] = ""
    namespace: Annotated[
        Word, Meta(description="DAOS_DOCKER_IMAGE_NSP, of checkouts from 2.4.1 on")
    ] = "daos"
    distro: Annotated[
        Word,
        Meta(
            description="LINUX_DISTRO: el8 or el9; default: what the version ends in, else the "
            "one that its release was validated on"
        ),
    ] = ""
    repos: Annotated[
        tuple[Url, ...],
        Meta(description="DAOS_REPOS; default: those of the version at packages.daos.io"),
    ] = ()
    gpg_keys: Annotated[
        tuple[Url, ...],
        Meta(description="DAOS_GPG_KEYS; default: those of the version at packages.daos.io"),
    ] = ()
    repos_noauth: Annotated[
        tuple[Repository, ...],
        Meta(description="DAOS_REPOS_NOAUTH: repositories used without a signature"),
    ] = ()
    bust_cache: Annotated[
        Plain,
        Meta(
            description="BUST_CACHE: another word here builds anew; or inv daos.build --bust-cache"
        ),
    ] = ""
    variables: Annotated[
        dict[Variable, Plain], Meta(description="further variables that the files of `source` want")
    ] = {}
    swarm: Annotated[Swarm | None, Meta(description="a swarm, for launch: stack")] = None

    def __post_init__(self) -> None:
        refusals = (
            self._swarm_refusals(),
            self._distro_refusals(),
            self._key_refusals(),
            self._number_refusals(),
        )
        for refusal in chain.from_iterable(refusals):
            raise ValueError(refusal)
        if not self.distro:
            msgspec.structs.force_setattr(self, "distro", distro_of(self.version))
        if self.build_host and not self.registry:
            raise ValueError("build_host needs a registry, by which the other hosts get the images")
        if not self.agent.hosts and self.client.mode != "bare-metal-agent":
            msgspec.structs.force_setattr(
                self, "agent", msgspec.structs.replace(self.agent, hosts=self.client.hosts)
            )

    def _swarm_refusals(self) -> Iterator[str]:
        """The refusals of what a swarm cannot do, each with its reason."""
        components = ("server", "agent", "client", "admin")
        stacks = [name for name in components if getattr(self, name).launch == "stack"]
        if "server" in stacks:
            yield (
                "server.launch: stack cannot be, for a swarm has no privileged containers, "
                "and a DAOS server is one; compose launches it"
            )
        if "agent" in stacks:
            yield (
                "agent.launch: stack cannot be, for a swarm has no pid=host, by which an "
                "agent watches its clients; mode: gathered needs none"
            )
        if "client" in stacks and self.client.mode != "gathered":
            yield (
                "client.launch: stack needs mode: gathered, for a swarm has no pid=host, "
                "which an agent in a container of its own must have"
            )

    def _distro_refusals(self) -> Iterator[str]:
        """All servers of a system are of one distribution, and its RPMs say of which."""
        if not self.source and self.distro not in ("", *OURS):
            yield (
                f"distro: {self.distro} is none that fairlead has files for: they are for "
                f"{' and '.join(OURS)}; another needs source, a checkout that has it"
            )
        built_for = BUILT_FOR.search(self.version)
        if built_for and self.distro not in ("", built_for[1]):
            yield (
                f"distro: {self.distro} does not go with version {self.version}, whose RPMs are "
                f"{built_for[1]}'s; leave distro away"
            )

    def _key_refusals(self) -> Iterator[str]:
        """What DAOS 2.8 refuses: an old key beside the one that replaces it."""
        config = self.server.config
        for old, new in REPLACED:
            if not isinstance(config, str) and {old, new} <= config.keys():
                yield (
                    f"server.config: {old} and {new} are one key under two names, and a server "
                    f"refuses both; keep one, and it is written as the version calls it"
                )

    def _number_refusals(self) -> Iterator[str]:
        """What is reckoned with has to be a number."""
        config = self.server.config
        if isinstance(config, str):
            return
        for key in NUMBERS & config.keys():
            if type(config[key]) is not int:
                yield f"server.config: {key}: {config[key]!r} is no whole number; write one"

    @property
    def base(self) -> Everywhere:
        """Where the base image is: with every component."""
        parts = (self.server, self.agent, self.client, self.admin)
        return Everywhere(tuple(dict.fromkeys(part.hosts for part in parts if part.hosts)))

    @property
    def spdk(self) -> Everywhere:
        """Where NVMe devices are bound: with the servers."""
        return Everywhere(tuple(filter(None, (self.server.hosts,))))

    @property
    def pool(self) -> Everywhere:
        """Where pools are made: where dmg runs."""
        return Everywhere(tuple(filter(None, (self.admin.hosts,))))
