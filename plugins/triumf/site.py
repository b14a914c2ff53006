"""The section `triumf` of a site: a part for each component. Defaults are the document's."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from msgspec import Meta

from fairlead.api import (
    AbsolutePath,
    Clash,
    ContainerName,
    HostName,
    Interface,
    Network,
    NodeSet,
    Noun,
    OneHost,
    Port,
    SecretName,
    Tag,
    UserName,
    Version,
    text,
)

from . import places, ranges

PackageName = Annotated[
    str,
    text(
        r"[A-Za-z0-9][A-Za-z0-9+._:~-]{0,127}", "a package name", "letters, digits and + . _ : ~ -"
    ),
]
GroupName = Annotated[
    str,
    text(
        r"@?[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}",
        "the name of a package group",
        "core, development or 'Development Tools'",
    ),
]
RegistryName = Annotated[
    str,
    text(
        r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::[0-9]{1,5})?",
        "a registry",
        "HOST or HOST:PORT, such as docker.io",
    ),
]
RepositoryName = Annotated[
    str,
    text(
        r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*",
        "an image name",
        "lower case without registry and tag, such as sl6-umd3condv4",
    ),
]
ProxyName = Annotated[
    str,
    text(
        r"(?:https?://)?[A-Za-z0-9.-]+:[0-9]{1,5}/?",
        "a proxy",
        "HOST:PORT, such as somehost.triumf.ca:3130",
    ),
]
MirrorUrl = Annotated[
    str,
    text(
        r"(?:https?|file)://[A-Za-z0-9._~:/@%+=$-]+",
        "a URL of packages",
        "http(s)://HOST/PATH or file:///PATH",
    ),
]
MaybeInterface = Annotated[
    str,
    text(
        r"(?:[A-Za-z0-9][A-Za-z0-9_.-]{0,14})?",
        "the name of a network interface",
        "at most 15 letters, digits and _ . -, such as br0, or ''",
    ),
]
ImageWithTag = Annotated[
    str,
    text(
        r"[a-z0-9]+(?:(?:[._-]+|/)[a-z0-9]+)*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?",
        "an image of the registry",
        "NAME or NAME:TAG",
    ),
]
PasswdLine = Annotated[
    str,
    text(
        r"[A-Za-z_][A-Za-z0-9_.-]{0,31}:[x*!]?:[0-9]+:[0-9]+:[^:\n]*:/[^:\n]*:/[^:\n]*",
        "a line of passwd",
        "NAME:x:UID:GID::/HOME:/SHELL",
    ),
]
GroupLine = Annotated[
    str,
    text(
        r"[A-Za-z_][A-Za-z0-9_.-]{0,31}:[x*!]?:[0-9]+:[A-Za-z0-9_.,-]*",
        "a line of group",
        "NAME:x:GID:",
    ),
]
DomainName = Annotated[
    str,
    text(
        r"(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)?",
        "a domain",
        "letters, digits, dots and hyphens, such as triumf.ca, or ''",
    ),
]
OctalMode = Annotated[str, text(r"0?[0-7]{3,4}", "a mode", "0644")]


class Chassis(Noun, kw_only=True, forbid_unknown_fields=True):
    """Blades in one chassis, which share a subnet."""

    hosts: Annotated[NodeSet, Meta(description="the engines in it")]
    network: Annotated[Network, Meta(description="its subnet, 10.0.3.0/24 in the document")]


class Engine(Noun, kw_only=True, forbid_unknown_fields=True):
    """Docker on a host for workers. What is left empty is left to the engine."""

    hosts: Annotated[NodeSet, Meta(description="default: hosts of the section")] = ""
    files: Annotated[
        Literal["auto", "sysconfig", "daemon.json"],
        Meta(description="where the wishes are written; auto: sysconfig where RHEL 7's files are"),
    ] = "auto"
    release: Annotated[
        tuple[PackageName, ...],
        Meta(description="packages that bring the repository: t1-release-rh-extras"),
    ] = ()
    enablerepo: Annotated[str, text(r"[A-Za-z0-9._*,-]{0,128}", "a repository", "rh-extras")] = ""
    packages: Annotated[
        tuple[PackageName, ...],
        Meta(description="of the engine; default: docker, on Debian docker.io"),
    ] = ()
    bridge: Annotated[MaybeInterface, Meta(description="the bridge that containers hang on")] = (
        "br0"
    )
    port: Annotated[
        Interface,
        Meta(
            description="the interface that becomes the bridge's port where the bridge is not there yet"
        ),
    ] = ""
    mtu: Annotated[
        int,
        Meta(
            ge=0,
            le=65535,
            description="of the bridge's network, where it is not 1500; 9000 in the document",
        ),
    ] = 0
    ipv6: Annotated[bool, Meta(description="IPv6 for containers")] = False
    ranges: Annotated[
        dict[OneHost, Network],
        Meta(description="engine -> its own /28, out of which its containers have their addresses"),
    ] = {}
    chassis: Annotated[
        tuple[Chassis, ...], Meta(description="which subnet the ranges have to lie in")
    ] = ()
    data_root: Annotated[
        AbsolutePath, Meta(description="where the engine keeps images and containers")
    ] = "/docker"
    volume_group: Annotated[str, text(r"[A-Za-z0-9+_.-]{0,127}", "a volume group", "vg1")] = ""
    selinux: Annotated[
        bool | None,
        Meta(description="confine containers by SELinux; default: as the engine has it"),
    ] = None
    add_registry: Annotated[
        tuple[RegistryName, ...],
        Meta(description="registries that images are looked for in; the site's own comes first"),
    ] = ()
    block_registry: Annotated[
        tuple[RegistryName, ...],
        Meta(description="registries that nothing is pulled from: docker.io"),
    ] = ()
    insecure_registry: Annotated[
        tuple[RegistryName, ...], Meta(description="registries without TLS that is checked")
    ] = ()
    tmpdir: Annotated[AbsolutePath, Meta(description="temporary files of the engine")] = "/var/tmp"
    https_proxy: Annotated[
        ProxyName,
        Meta(description="the way out to other registries; the site's own goes without it"),
    ] = ""
    live_restore: Annotated[
        bool, Meta(description="containers live on while the engine is restarted")
    ] = True
    room: Annotated[int, Meta(ge=0, description="GiB that have to be free in data_root")] = 10


class Tls(Noun, kw_only=True, forbid_unknown_fields=True):
    """The registry's certificate: files that the host has already (a grid host certificate), or secrets that are put there."""

    certificate: Annotated[
        AbsolutePath, Meta(description="on the registry's host, its chain behind it")
    ] = "/etc/grid-security/hostcert.pem"
    key: Annotated[AbsolutePath, Meta(description="its private key")] = (
        "/etc/grid-security/hostkey.pem"
    )
    ca: Annotated[
        AbsolutePath, Meta(description="on every engine: the authority that signed it")
    ] = ""
    certificate_secret: Annotated[
        SecretName, Meta(description="secret that is put at `certificate`")
    ] = ""
    key_secret: Annotated[SecretName, Meta(description="secret that is put at `key`")] = ""
    ca_secret: Annotated[
        SecretName,
        Meta(description="secret that holds the authority's certificate, instead of `ca`"),
    ] = ""


class Registry(Noun, kw_only=True, forbid_unknown_fields=True):
    """Docker Distribution, the registry of version 2."""

    hosts: Annotated[OneHost, Meta(description="the host it runs on")]
    name: Annotated[
        HostName, Meta(description="the name that its certificate and its clients have for it")
    ]
    users: Annotated[
        dict[UserName, SecretName],
        Meta(min_length=1, description="who may pull and push -> the secret that is the password"),
    ]
    address: Annotated[
        str, text(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}|", "an IPv4 address", "142.90.90.109")
    ] = ""
    port: Port = 5000
    package: Annotated[
        PackageName, Meta(description="default: docker-distribution, on Debian docker-registry")
    ] = ""
    enablerepo: Annotated[str, text(r"[A-Za-z0-9._*,-]{0,128}", "a repository", "rh-extras")] = ""
    root: Annotated[AbsolutePath, Meta(description="where the images lie")] = (
        "/data/docker/registry"
    )
    log_level: Annotated[
        Literal["error", "warn", "info", "debug"],
        Meta(description="how much it says; debug in the document"),
    ] = "info"
    tls: Annotated[Tls, Meta(description="its certificate, and who signed it")] = Tls()
    login: Annotated[
        UserName, Meta(description="whom the engines log in as; default: the first of users")
    ] = ""

    def clashes(self) -> Iterator[Clash]:
        """A login that is no user; a certificate without its key."""
        if self.login and self.login not in self.users:
            yield Clash(
                ("registry", "login"),
                f"{self.login} is none of registry.users",
                remedy=f"they are: {', '.join(self.users)}",
            )
        if bool(self.tls.certificate_secret) != bool(self.tls.key_secret):
            yield Clash(
                ("registry", "tls"),
                "has one of certificate_secret and key_secret",
                remedy="name both, or none",
            )

    @property
    def reference(self) -> str:
        """How images name it: HOST:PORT."""
        return f"{self.name}:{self.port}"

    @property
    def account(self) -> str:
        """Whom the engines log in as."""
        return self.login or next(iter(self.users))


class Stanza(Noun, kw_only=True, forbid_unknown_fields=True):
    """A part of a build, after which the size so far is told."""

    name: Annotated[
        str,
        text(r"[A-Za-z0-9][A-Za-z0-9 ._+-]{0,63}", "the name of a stanza", "core and development"),
    ]
    packages: Annotated[tuple[PackageName, ...], Meta(description="packages")] = ()
    groups: Annotated[tuple[GroupName, ...], Meta(description="package groups (dnf, yum)")] = ()
    enablerepo: Annotated[
        tuple[PackageName, ...], Meta(description="repositories that only this stanza may use")
    ] = ()


class File(Noun, kw_only=True, forbid_unknown_fields=True):
    """A file of the image, as the site wants it."""

    path: AbsolutePath
    content: Annotated[str, Meta(description="what it holds")]
    mode: OctalMode = "0644"


class Recipe(Noun, kw_only=True, forbid_unknown_fields=True):
    """How an image is built from nothing."""

    method: Annotated[
        Literal["dnf", "yum", "debootstrap"], Meta(description="what installs into the root tree")
    ]
    release: Annotated[
        Version, Meta(description="--releasever of dnf and yum, the suite of debootstrap: bookworm")
    ]
    mirror: Annotated[
        MirrorUrl, Meta(description="where packages come from; default: as the build host has it")
    ] = ""
    keyring: Annotated[
        AbsolutePath,
        Meta(
            description="on the build host: the keys that sign the mirror; default: as the build host has it"
        ),
    ] = ""
    stanzas: Annotated[tuple[Stanza, ...], Meta(description="in order")] = ()
    expunge: Annotated[
        tuple[AbsolutePath, ...],
        Meta(description="taken away at the end: man pages, locales, icons"),
    ] = (
        "/usr/share/man",
        "/usr/share/doc",
        "/usr/share/info",
        "/usr/share/locale",
        "/usr/share/icons",
        "/usr/share/gnome/help",
    )
    passwd: Annotated[
        tuple[PasswdLine, ...],
        Meta(description="lines appended to /etc/passwd, so that the uids are those of /home"),
    ] = ()
    group: Annotated[tuple[GroupLine, ...], Meta(description="lines appended to /etc/group")] = ()
    files: Annotated[
        tuple[File, ...],
        Meta(description="the site's own: profile, condor configuration, /root/init"),
    ] = ()
    init: Annotated[Literal["dumb-init", "tini"], Meta(description="what begins /root/init")] = (
        "dumb-init"
    )
    tag: Tag = "latest"

    def clashes(self, name: str) -> Iterator[Clash]:
        """A stanza without anything, two of a name, and what debootstrap knows nothing of."""
        for number, stanza in enumerate(self.stanzas):
            where = ("image", "recipes", name, "stanzas", number)
            if not stanza.packages and not stanza.groups:
                yield Clash(
                    where, "has neither packages nor groups", remedy="name some, or leave it out"
                )
            if stanza.name in [other.name for other in self.stanzas[:number]]:
                yield Clash(where, "has the name of another", remedy="give each a name of its own")
            if self.method == "debootstrap" and (stanza.groups or stanza.enablerepo):
                yield Clash(
                    where,
                    "has groups or enablerepo, which are dnf's and yum's",
                    remedy="name the packages",
                )
        if self.method == "debootstrap" and not self.mirror:
            yield Clash(
                ("image", "recipes", name),
                "names no mirror",
                remedy="debootstrap wants one: mirror",
            )


class Image(Noun, kw_only=True, forbid_unknown_fields=True):
    """Images built from nothing, kept in the site's registry."""

    hosts: Annotated[OneHost, Meta(description="the host that builds; it should be expendable")]
    recipes: Annotated[
        dict[RepositoryName, Recipe], Meta(description="name of the image -> how it is built")
    ]
    scratch: Annotated[
        AbsolutePath, Meta(description="where trees and tarballs lie while they are built")
    ] = "/data/docker/scratch"
    sign_key: Annotated[SecretName, Meta(description="secret: the private GPG key that signs")] = ""
    signatures: Annotated[AbsolutePath, Meta(description="where detached signatures lie")] = (
        "/var/lib/atomic/sigstore"
    )
    room: Annotated[int, Meta(ge=0, description="GiB that have to be free in scratch")] = 5


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
            description="an address of its own for each worker, in order, where its engine has a range"
        ),
    ] = True
    domain: Annotated[DomainName, Meta(description="of the workers' names in DNS")] = ""


class Triumf(Noun, kw_only=True, forbid_unknown_fields=True):
    """A Tier-1: engines, their registry, images, workers."""

    hosts: Annotated[NodeSet, Meta(description="the engines")]
    engine: Annotated[Engine, Meta(description="Docker on each of them")] = Engine()
    registry: Annotated[Registry | None, Meta(description="the site's own; default: none")] = None
    image: Annotated[Image | None, Meta(description="what is built; default: nothing")] = None
    worker: Annotated[Worker | None, Meta(description="what runs; default: nothing")] = None

    @property
    def trust(self) -> Engine | None:
        """Where the registry has to be believed: on the engines, where there is one."""
        return self.engine if self.registry else None

    @property
    def users(self) -> Registry | None:
        """Where the tool `users` works: on the registry's host."""
        return self.registry

    def is_fixed(self, host: str) -> bool:
        """Have workers on this engine addresses of their own? Then their network holds the bridge's subnet, and the engine's default one does not."""
        return bool(
            self.worker
            and self.worker.fixed
            and self.engine.bridge
            and self.engine.ranges.get(host)
            and host in self.worker.names
        )

    def clashes(self, site: Any) -> Iterator[Clash]:
        """Ranges that overlap, leave their chassis, or hold the address of a host; what of the registry or the workers does not fit."""
        yield from ranges.clashes(self.engine, site)
        yield from self.registry.clashes() if self.registry else ()
        for name, recipe in self.image.recipes.items() if self.image else ():
            yield from recipe.clashes(name)
        if self.worker and self.worker.signed and not (self.worker.signer and self.registry):
            remedy = "name the registry, and the secret that is the public key: worker.signer"
            yield Clash(
                ("worker", "signed"),
                "asks for signatures and names no key, or there is no registry that has them",
                remedy=remedy,
            )
        yield from places.clashes(self, site) if self.worker else ()
