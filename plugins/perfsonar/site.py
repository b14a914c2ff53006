"""The section `perfsonar` of a site."""

import ipaddress
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from msgspec import Meta

from fairlead.api import (
    AbsolutePath,
    Address,
    Clash,
    ContainerName,
    EngineName,
    HostName,
    ImageName,
    Interface,
    InterfaceAddress,
    NodeSet,
    Noun,
    OneHost,
    SecretName,
    Tag,
    TimeZone,
    Url,
    checks,
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


SomeNetwork = Annotated[
    str,
    text(r"[0-9A-Fa-f:.]{2,39}/[0-9]{1,3}", "a network", "ADDRESS/BITS, such as 192.0.2.0/24"),
]
Span = Annotated[
    str,
    text(
        r"[1-9][0-9]{0,4}(?:-[1-9][0-9]{0,4})?/(?:tcp|udp)",
        "ports of one protocol",
        "9090/tcp, 9000-9100/udp",
    ),
]


class Firewall(Noun, kw_only=True, forbid_unknown_fields=True):
    """What comes in: the ports of a test point, ssh, and what is named here. Nothing else."""

    ssh: Annotated[
        tuple[SomeNetwork, ...], Meta(description="from where; default: from everywhere")
    ] = ()
    open: Annotated[
        tuple[Span, ...], Meta(description="ports besides, such as those of other services here")
    ] = ()

    def __post_init__(self) -> None:
        assert self.networks is not None
        assert self.more is not None

    @property
    def networks(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """From where ssh is open. Raises ValueError."""
        return tuple(ipaddress.ip_network(network) for network in self.ssh)

    @property
    def more(self) -> tuple[checks.Ports, ...]:
        """The ports besides. Raises ValueError."""
        return tuple(map(_ports, self.open))


def _ports(span: str) -> checks.Ports:
    numbers, _, protocol = span.partition("/")
    low, _, high = numbers.partition("-")
    if not int(low) <= int(high or low) <= 65535:
        raise ValueError(f"{span} are no ports: the first comes first, and 65535 is the last")
    return checks.Ports(protocol, int(low), int(high or low))


class Nic(Noun, kw_only=True, forbid_unknown_fields=True):
    """An interface with a gateway of its own; its address is on it already."""

    name: Annotated[Interface, Meta(description="of the interface")]
    address: Annotated[InterfaceAddress, Meta(description="that it has, with its length")]
    gateway: Annotated[Address, Meta(description="by which what comes to it leaves")]

    def __post_init__(self) -> None:
        own = ipaddress.IPv4Interface(self.address)
        if ipaddress.IPv4Address(self.gateway) not in own.network or self.gateway == str(own.ip):
            raise ValueError(f"{self.gateway} is no gateway in the network of {self.address}")


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


class Account(Noun, kw_only=True, forbid_unknown_fields=True):
    """An account at who signs, to which ours is bound (external account binding)."""

    key_id: Annotated[
        str,
        text(r"[A-Za-z0-9][A-Za-z0-9._~+/=-]{0,199}", "a key's identifier", "as its owner gave it"),
    ]
    key: Annotated[SecretName, Meta(description="secret: its HMAC key, as its owner gave it")]


class Acme(Noun, kw_only=True, forbid_unknown_fields=True):
    """A certificate for the names of the host, signed by who asks them over HTTP, and renewed."""

    email: Annotated[Email, Meta(description="who is told when something is wrong with it")]
    webroot: Annotated[
        bool, Meta(description="through the Apache that runs, where it holds port 80")
    ] = True
    server: Annotated[
        Url | Literal[""], Meta(description="who signs it; default: Let's Encrypt")
    ] = ""
    ca: Annotated[
        AbsolutePath | Literal[""],
        Meta(description="on the host: the certificates that the server is checked by"),
    ] = ""
    account: Annotated[
        Account | None, Meta(description="at the server, where it wants one; default: none")
    ] = None
    image: Annotated[ImageName, Meta(description="of certbot")] = "docker.io/certbot/certbot"


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
    engine: EngineName = "docker"
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
    acme: Annotated[
        Acme | None,
        Meta(description="a certificate by ACME, renewed by itself; default: none. Not beside tls"),
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
        Literal["check", "off", "apply"],
        Meta(description="of the kernel's settings for the network; apply: up sets them"),
    ] = "check"
    health: Annotated[
        Literal["quick", "ping"],
        Meta(description="quick: database and daemons too; ping: that pScheduler answers"),
    ] = "quick"
    watchdog: Annotated[
        Watchdog | None, Meta(description="starts it anew where it is not well; default: none")
    ] = None
    firewall: Annotated[
        Firewall | None,
        Meta(description="of the host, as one table of nftables; default: left alone"),
    ] = None
    nics: Annotated[
        dict[OneHost, Annotated[tuple[Nic, ...], Meta(min_length=1, max_length=50)]],
        Meta(
            description="host -> its interfaces with gateways, the default first; default: left "
            "alone"
        ),
    ] = {}
    reconnect: Annotated[
        int,
        Meta(
            ge=5,
            le=600,
            description="seconds in which a new connection has to arrive after a change of the "
            "host's network; else that is put back",
        ),
    ] = 30
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
        yield from self._twice()
        if self.acme and self.tls:
            yield Clash(("acme",), "this has another certificate than", ("tls",), "leave one out")
        if self.flavor == "supervisord" and is_of_systemd(self.tag):
            what = f"{self.tag} is an image of systemd, and supervisord is asked for by"
            yield Clash(("tag",), what, ("flavor",), "take the tag without systemd, or no flavor")
        if self.flavor == "supervisord" and self.node_exporter:
            what = "supervisord's flavor has no node_exporter, and that flavor is asked for by"
            yield Clash(("node_exporter",), what, ("flavor",), "leave one of them out")

    def _twice(self) -> Iterator[Clash]:
        """An interface of a host that stands twice."""
        for host, nics in self.nics.items():
            names = [nic.name for nic in nics]
            for number, name in enumerate(names):
                if name in names[:number]:
                    other = ("nics", host, names.index(name))
                    yield Clash(("nics", host, number), f"{name} is also", other, "leave one out")

    def __post_init__(self) -> None:
        if self.engine == "podman" and (self.launch == "compose" or self.source):
            raise ValueError("engine: podman has no Compose of its own: launch: run, and no source")
