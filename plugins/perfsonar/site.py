"""The section `perfsonar` of a site."""

from collections.abc import Iterator
from typing import Annotated, Literal

from msgspec import Meta

from fairlead.api import (
    AbsolutePath,
    Clash,
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


def is_of_systemd(tag: str) -> bool:
    """Is a tag one of the systemd flavor (systemd, v5.2.1-systemd, 5.2.4-systemd-arm64)?"""
    return "systemd" in tag.split("-")


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
    image: Annotated[
        ImageName,
        Meta(
            description="without the tag; default: ghcr.io/perfsonar/testpoint, and on a host that "
            "has its test point from Docker Hub perfsonar/testpoint as before"
        ),
    ] = ""
    tag: Annotated[Tag, Meta(description="default: what the flavor wants")] = ""
    flavor: Annotated[
        Literal["auto", "systemd", "supervisord"],
        Meta(description="auto: as the tag says, else systemd where the host has cgroup v2"),
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

    def clashes(self, site: object) -> Iterator[Clash]:
        """A tag of the one flavor beside the name of the other."""
        if self.flavor == "supervisord" and is_of_systemd(self.tag):
            what = f"{self.tag} is an image of systemd, and supervisord is asked for by"
            yield Clash(("tag",), what, ("flavor",), "take the tag without systemd, or no flavor")

    def __post_init__(self) -> None:
        if self.engine == "podman" and (self.launch == "compose" or self.source):
            raise ValueError("engine: podman has no Compose of its own: launch: run, and no source")
