"""The section `perfsonar` of a site."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from msgspec import Meta

from fairlead.api import (
    AbsolutePath,
    Clash,
    ContainerName,
    HostName,
    ImageName,
    NodeSet,
    Noun,
    OneHost,
    SecretName,
    Tag,
    TimeZone,
    Url,
    text,
    text_beside,
)


def is_of_systemd(tag: str) -> bool:
    """Is a tag one of the systemd flavor (systemd, v5.2.1-systemd, 5.2.4-systemd-arm64)?"""
    return "systemd" in tag.split("-")


AGENT = "/etc/perfsonar/psconfig/pscheduler-agent.json"  # psconfig's agent, inside
EACH_NAME = "%h"  # in a URL: each name of the host

Script = Annotated[
    str, text(r"[^-@\x00-\x1f][^\x00-\x1f]*", "a script of jq", "one line, such as .tasks |= {}")
]


class Remote(Noun, kw_only=True, forbid_unknown_fields=True):
    """A remote template, and all that psconfig is told of it."""

    url: Annotated[Url, Meta(description="of the template; %h in it: each name of the host")]
    archives: Annotated[bool, Meta(description="results go to the archives that it names, too")] = (
        True
    )
    transform: Annotated[Script, Meta(description="what jq makes of it before it is read")] = ""
    bind: Annotated[HostName, Meta(description="the address of ours that it is fetched from")] = ""
    ca: Annotated[
        AbsolutePath, Meta(description="inside: the certificates that its server is checked by")
    ] = ""


Template = Annotated[
    Remote | str,
    text_beside(Url.__metadata__[0], "a URL; or a map of it and what psconfig is told of it"),
]


Place = Annotated[
    str,
    text(
        r"[^\s#<>\\\"'=](?:[^#<>\\\"\x00-\x1f]{0,126}[^\s#<>\\\"'])?",
        "a plain text",
        'one line without # < > " and backslashes',
    ),
]
Email = Annotated[
    str,
    text(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}", "a mail address", "net@example.org"),
]
Role = Literal[
    "nren",
    "regional",
    "site-border",
    "site-internal",
    "science-dmz",
    "exchange-point",
    "test-host",
    "default-path",
    "backup-path",
]


class Admin(Noun, kw_only=True, forbid_unknown_fields=True):
    """Whom to write to. All of it is public: a group's name and mailbox, not a person's."""

    name: Annotated[Place, Meta(description="of the group")]
    email: Annotated[Email, Meta(description="its mailbox")]

    @property
    def words(self) -> tuple[tuple[str, str], ...]:
        """Key and value, as the lookup service's file has them."""
        return (("name", self.name), ("email", self.email))


class Registration(Noun, kw_only=True, forbid_unknown_fields=True):
    """What the lookup service tells the world of the hosts; a key that is left out stays as it is
    there."""

    site: Annotated[Place, Meta(description="name of the site")] = ""
    domain: Annotated[HostName, Meta(description="administrative domain")] = ""
    projects: Annotated[tuple[Place, ...], Meta(description="communities, such as WLCG")] = ()
    city: Annotated[Place, Meta(description="where it stands")] = ""
    region: Annotated[Place, Meta(description="state, province or region")] = ""
    country: Annotated[str, text(r"[A-Z]{2}", "a country", "two capital letters, such as CH")] = ""
    zip: Annotated[Place, Meta(description="postal code")] = ""
    latitude: Annotated[float, Meta(ge=-90, le=90, description="degrees north")] | None = None
    longitude: Annotated[float, Meta(ge=-180, le=180, description="degrees east")] | None = None
    admin: Annotated[Admin | None, Meta(description="whom to write to")] = None
    access: Annotated[
        Literal["", "public", "private", "research-education", "limited"],
        Meta(description="who may measure to it"),
    ] = ""
    role: Annotated[tuple[Role, ...], Meta(description="what it is in the network")] = ()


FileName = Annotated[
    str,
    text(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}\.json", "the name of a file", "NAME.json"),
]


class Watchdog(Noun, kw_only=True, forbid_unknown_fields=True):
    """When a test point that runs and is not well is started anew."""

    failures: Annotated[int, Meta(ge=1, le=100, description="in a row before it is")] = 3
    every: Annotated[int, Meta(ge=60, le=86400, description="seconds between two looks")] = 300
    restarts: Annotated[int, Meta(ge=1, le=20, description="within an hour; then it is left")] = 3


class Tls(Noun, kw_only=True, forbid_unknown_fields=True):
    """What pScheduler shows to those who connect: names of secrets."""

    certificate: Annotated[
        SecretName, Meta(description="secret: the certificate in PEM form, its chain behind it")
    ]
    key: Annotated[
        SecretName, Meta(description="secret: its private key in PEM form, without a passphrase")
    ]


_OPTION = r"--[a-z][A-Za-z0-9.-]*(?:=[^\s\"'\\$`]+)?"
ExporterOptions = Annotated[
    str,
    text(
        rf"(?:{_OPTION}(?: {_OPTION})*)?",
        "options of node_exporter",
        "--NAME or --NAME=VALUE each, without quotes, such as --no-collector.cpufreq",
    ),
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
    psconfig: Annotated[tuple[Template, ...], Meta(description="remote templates to keep")] = ()
    psconfig_only: Annotated[
        bool, Meta(description="remotes that the site does not name are taken away by up")
    ] = False
    names: Annotated[
        dict[OneHost, tuple[HostName, ...]],
        Meta(description="host -> the names that it is measured under; default: its full name"),
    ] = {}
    psconfig_secret: Annotated[
        tuple[SecretName, ...],
        Meta(description="secrets, each the URL of a remote template with user:password"),
    ] = ()
    archives: Annotated[
        dict[FileName, SecretName],
        Meta(description="file of archives.d -> secret: an archive for all that psconfig measures"),
    ] = {}
    templates: Annotated[
        dict[FileName, dict[str, Any]],
        Meta(description="file of pscheduler.d -> a template of the site's own"),
    ] = {}
    limits: Annotated[
        dict[str, Any], Meta(description="pScheduler's limits.conf; default: the image's")
    ] = {}
    registration: Annotated[
        Registration | None,
        Meta(description="what the lookup service tells of the hosts; default: left alone"),
    ] = None
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
    tuning: Annotated[
        Literal["check", "off"], Meta(description="does preflight look at the kernel's settings?")
    ] = "check"
    health: Annotated[
        Literal["quick", "ping"],
        Meta(description="quick: database and daemons too; ping: that pScheduler answers"),
    ] = "quick"
    watchdog: Annotated[
        Watchdog | None, Meta(description="starts it anew where it is not well; default: none")
    ] = None
    shm: Annotated[
        int, Meta(ge=0, le=1048576, description="MiB of shared memory; 0: the engine's default")
    ] = 512
    pids: Annotated[
        int, Meta(ge=0, le=4194304, description="processes at most; 0: the engine's default")
    ] = 8192
    node_exporter: Annotated[
        ExporterOptions, Meta(description="options of the host's metrics, beside the image's own")
    ] = ""
    database: Annotated[
        Literal["keep", "fresh"],
        Meta(description="at a new major version of PostgreSQL: its data is kept, or begins anew"),
    ] = "keep"
    source: Annotated[
        AbsolutePath, Meta(description="a checkout to build from, its own compose files unchanged")
    ] = ""

    def clashes(self, site: object) -> Iterator[Clash]:
        """A tag of the one flavor beside the name of the other; a remote that stands twice."""
        urls = [wanted if isinstance(wanted, str) else wanted.url for wanted in self.psconfig]
        for number, url in enumerate(urls):
            if url in urls[:number]:
                other = ("psconfig", urls.index(url))
                yield Clash(("psconfig", number), f"{url} is also", other, "leave one out")
        if self.flavor == "supervisord" and is_of_systemd(self.tag):
            what = f"{self.tag} is an image of systemd, and supervisord is asked for by"
            yield Clash(("tag",), what, ("flavor",), "take the tag without systemd, or no flavor")

        if self.flavor == "supervisord" and self.node_exporter:
            what = "supervisord's flavor has no node_exporter, and that flavor is asked for by"
            yield Clash(("node_exporter",), what, ("flavor",), "leave one of them out")

    def __post_init__(self) -> None:
        if self.engine == "podman" and (self.launch == "compose" or self.source):
            raise ValueError("engine: podman has no Compose of its own: launch: run, and no source")
