"""The part `worker` of the section: condor's workers in containers. Defaults are the document's."""

from typing import Annotated

from msgspec import Meta

from fairlead.api import AbsolutePath, ContainerName, NodeSet, Noun, OneHost, Port, SecretName, Tag

from .values import DomainName, RepositoryName


class Worker(Noun, kw_only=True, forbid_unknown_fields=True):
    """Condor's workers, each a container."""

    names: Annotated[
        dict[OneHost, tuple[ContainerName, ...]],
        Meta(description="engine -> its workers, by their DNS names: vn0317"),
    ]
    hosts: Annotated[NodeSet, Meta(description="default: hosts of the section")] = ""
    image: Annotated[RepositoryName, Meta(description="in the site's registry")] = "sl6-umd3condv4"
    tag: Tag = "latest"
    port: Annotated[Port, Meta(description="of condor inside")] = 4080
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
