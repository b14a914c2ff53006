"""The part `worker` of the section: condor's workers in containers. Defaults are the document's."""

from collections.abc import Iterator
from typing import Annotated, Literal

from msgspec import Meta

from fairlead.api import (
    AbsolutePath,
    Clash,
    ContainerName,
    EngineName,
    NodeSet,
    Noun,
    OneHost,
    Port,
    SecretName,
    Tag,
)

from .values import (
    Capability,
    Device,
    DomainName,
    LimitName,
    MemorySize,
    RepositoryName,
    SecurityOption,
    VariableName,
    VariableValue,
)

TOKENS = "/etc/condor/tokens.d"  # where HTCondor looks for tokens, of root's daemons


class Worker(Noun, kw_only=True, forbid_unknown_fields=True):
    """Condor's workers, each a container."""

    names: Annotated[
        dict[OneHost, tuple[ContainerName, ...]],
        Meta(description="engine -> its workers, by their DNS names: vn0317"),
    ]
    hosts: Annotated[NodeSet, Meta(description="default: hosts of the section")] = ""
    engine: EngineName = "docker"
    image: Annotated[RepositoryName, Meta(description="in the site's registry")] = "sl6-umd3condv4"
    tag: Tag = "latest"
    port: Annotated[
        Port | Literal["none"],
        Meta(
            description="of condor inside; none: nothing is published, and the pool's "
            "collector calls back (CCB)"
        ),
    ] = 4080
    first_port: Annotated[
        Port, Meta(description="of the engine's first worker outside; the next ones follow")
    ] = 4080
    mounts: Annotated[
        tuple[AbsolutePath, ...], Meta(description="of the engine, at the same place inside")
    ] = (
        "/home",
        "/etc/grid-security",
        "/cvmfs",
        "/opt/glite",
        "/etc/localtime",
    )
    command: Annotated[AbsolutePath, Meta(description="what runs inside")] = "/root/init"
    logs: Annotated[
        AbsolutePath, Meta(description="LOGS/NAME of the engine is /var/log/condor inside")
    ] = "/var/log"
    signed: Annotated[
        bool, Meta(description="no worker starts from an image whose signature does not match")
    ] = False
    signer: Annotated[
        SecretName, Meta(description="secret: the public GPG key that signatures have to match")
    ] = ""
    token_secret: Annotated[
        SecretName,
        Meta(description="secret: an IDTOKEN of the pool, by which workers join; default: none"),
    ] = ""
    patience: Annotated[
        int,
        Meta(ge=1, le=3600, description="seconds in which condor_master has to live after a start"),
    ] = 60
    drain: Annotated[
        int,
        Meta(ge=1, le=7200, description="seconds that jobs may take to end before a worker stops"),
    ] = 3600
    fixed: Annotated[
        bool,
        Meta(
            description="an address of its own for each worker, in order, "
            "where its engine has a range"
        ),
    ] = True
    domain: Annotated[DomainName, Meta(description="of the workers' names in DNS")] = ""
    env: Annotated[
        dict[VariableName, VariableValue],
        Meta(description="variables inside; _CONDOR_KEY is condor's KEY. No secrets"),
    ] = {}
    ulimits: Annotated[
        dict[LimitName, Annotated[int, Meta(ge=-1)]],
        Meta(description="limits of its processes, soft and hard; -1: none"),
    ] = {}
    memory: Annotated[MemorySize, Meta(description="at most; default: all of the engine's")] = ""
    cpus: Annotated[float, Meta(ge=0, description="at most; 0: all of the engine's")] = 0
    shm_size: Annotated[MemorySize, Meta(description="of /dev/shm; default: the engine's, 64m")] = (
        ""
    )
    devices: Annotated[
        tuple[Device, ...], Meta(description="of the engine: /dev/fuse, GPUs; default: none")
    ] = ()
    security_opt: Annotated[
        tuple[SecurityOption, ...],
        Meta(description="as docker run --security-opt; for apptainer in user namespaces"),
    ] = ()
    capabilities: Annotated[
        tuple[Capability, ...],
        Meta(description="beyond the engine's own; the document's /root/init sets the host name"),
    ] = ("SYS_ADMIN",)
    propagation: Annotated[
        dict[AbsolutePath, Literal["rshared", "rslave"]],
        Meta(description="mounts inside which what the engine mounts later is seen: /cvmfs"),
    ] = {}

    @property
    def is_published(self) -> bool:
        """Has each worker a port of its engine?"""
        return self.port != "none"

    def clashes(self) -> Iterator[Clash]:
        """Propagation of what is not mounted; a folder of tokens beside ours."""
        if self.token_secret and TOKENS in self.mounts:
            yield Clash(
                ("worker", "token_secret"),
                f"worker.mounts has {TOKENS} already",
                remedy="take it out there: it is mounted where the site names a token",
            )
        if self.signed and self.engine == "podman":
            yield Clash(
                ("worker", "signed"),
                "is proved by Docker's program alone, and Podman is asked for by",
                ("worker", "engine"),
                "Podman proves signatures by its own policy: containers-policy.json(5)",
            )
        for path in self.propagation:
            if path not in self.mounts:
                yield Clash(
                    ("worker", "propagation", path),
                    f"{path} is none of worker.mounts",
                    remedy="name it there, or take it out here",
                )
