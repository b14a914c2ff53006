"""The section `perfsonar` of a site."""

from typing import Annotated, Literal

from msgspec import Meta

from fairlead.api import (
    AbsolutePath,
    ContainerName,
    HostName,
    ImageName,
    NodeSet,
    Noun,
    SecretName,
    Tag,
    TimeZone,
    Url,
)


class Tls(Noun, kw_only=True, forbid_unknown_fields=True):
    """What pScheduler shows to those who connect: names of secrets."""

    certificate: Annotated[
        SecretName, Meta(description="secret: the certificate in PEM form, its chain behind it")
    ]
    key: Annotated[
        SecretName, Meta(description="secret: its private key in PEM form, without a passphrase")
    ]


class PerfSonar(Noun, kw_only=True, forbid_unknown_fields=True):
    """Test points, all of one kind."""

    hosts: Annotated[NodeSet, Meta(description="where it runs")]
    image: Annotated[ImageName, Meta(description="without the tag")] = "perfsonar/testpoint"
    tag: Annotated[Tag, Meta(description="default: what the flavor wants")] = ""
    flavor: Annotated[
        Literal["auto", "systemd", "supervisord"],
        Meta(description="auto: systemd where the host has cgroup v2, else supervisord"),
    ] = "auto"
    launch: Annotated[
        Literal["run", "compose"], Meta(description="docker run, or docker compose")
    ] = "run"
    engine: Annotated[Literal["docker", "podman"], Meta(description="which engine runs it")] = (
        "docker"
    )
    psconfig: Annotated[tuple[Url, ...], Meta(description="remote templates to keep")] = ()
    psconfig_secret: Annotated[
        tuple[SecretName, ...],
        Meta(description="secrets, each the URL of a remote template with user:password"),
    ] = ()
    tls: Annotated[
        Tls | None,
        Meta(
            description="certificate and key of pScheduler's web server; default: the image's own"
        ),
    ] = None
    name: Annotated[ContainerName, Meta(description="of the container")] = "perfsonar-testpoint"
    hostname: Annotated[
        HostName, Meta(description="a fixed name inside; default: the host's, where it resolves")
    ] = ""
    timezone: Annotated[TimeZone, Meta(description="default: the image's")] = ""
    state: Annotated[AbsolutePath, Meta(description="where state lives on the host")] = (
        "/var/lib/perfsonar-testpoint"
    )
    patience: Annotated[
        int,
        Meta(ge=1, le=3600, description="seconds in which pScheduler has to answer after a start"),
    ] = 300
    source: Annotated[
        AbsolutePath, Meta(description="a checkout to build from, its own compose files unchanged")
    ] = ""

    def __post_init__(self) -> None:
        if self.engine == "podman" and (self.launch == "compose" or self.source):
            raise ValueError("engine: podman has no Compose of its own: launch: run, and no source")
