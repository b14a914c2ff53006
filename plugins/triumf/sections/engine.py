"""The part `engine` of the section: Docker on hosts for workers. Defaults are the document's."""

from collections.abc import Iterator
from typing import Annotated, Literal

from msgspec import Meta

from fairlead.api import (
    AbsolutePath,
    Clash,
    Interface,
    InterfaceAddress,
    Network,
    NodeSet,
    Noun,
    OneHost,
    text,
)

from .values import (
    LogDriver,
    LogOption,
    MaybeInterface,
    Network6,
    PackageName,
    ProxyName,
    PublicKey,
    RegistryName,
    RepositoryFile,
    RepositoryText,
)
from .values import VariableValue as OneLine


class Chassis(Noun, kw_only=True, forbid_unknown_fields=True):
    """Blades in one chassis, which share a subnet."""

    hosts: Annotated[NodeSet, Meta(description="the engines in it")]
    network: Annotated[Network, Meta(description="its subnet, 10.0.3.0/24 in the document")]
    network6: Annotated[Network6, Meta(description="its subnet of IPv6; default: none")] = ""


class AddressPool(Noun, kw_only=True, forbid_unknown_fields=True):
    """Subnets for the networks that the engine makes by itself."""

    base: Annotated[Network, Meta(description="out of which they are taken")]
    size: Annotated[int, Meta(ge=8, le=30, description="bits of each subnet's prefix")]


class Repository(Noun, kw_only=True, forbid_unknown_fields=True):
    """Where the engine's packages come from where the distribution has none: Docker's own."""

    gpg_key: Annotated[
        PublicKey, Meta(description="who signs its packages: the key itself, or where it is")
    ]
    name: Annotated[RepositoryFile, Meta(description="of its file, and of its key's")] = "docker-ce"
    file: Annotated[
        RepositoryText,
        Meta(
            description="its .repo (dnf, yum), line of sources or .sources (apt); "
            "or the https:// URL of a .repo"
        ),
    ]

    @property
    def url(self) -> str:
        """Where its file is fetched from; "" where the site has its text."""
        return self.file if self.file.startswith("https://") else ""

    @property
    def text(self) -> str:
        return "" if self.url else self.file


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
    repository: Annotated[
        Repository | None,
        Meta(description="that is put there before the engine's packages: Docker's own"),
    ] = None
    packages: Annotated[
        tuple[PackageName, ...],
        Meta(
            description="of the engine; default: docker, on Debian docker.io; "
            "with a repository docker-ce and what belongs to it"
        ),
    ] = ()
    bridge: Annotated[MaybeInterface, Meta(description="the bridge that containers hang on")] = (
        "br0"
    )
    port: Annotated[
        Interface,
        Meta(
            description="the interface that becomes the bridge's port "
            "where the bridge is not there yet"
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
    ranges6: Annotated[
        dict[OneHost, Network6],
        Meta(description="engine -> its own range of IPv6, beside the other; with ipv6: true"),
    ] = {}
    chassis: Annotated[
        tuple[Chassis, ...], Meta(description="which subnets the ranges have to lie in")
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
    bip: Annotated[
        InterfaceAddress,
        Meta(description="address of docker0, where the engine has no bridge of the site's"),
    ] = ""
    address_pools: Annotated[
        tuple[AddressPool, ...], Meta(description="for networks that the engine makes by itself")
    ] = ()
    log_driver: Annotated[LogDriver, Meta(description="default: the engine's, json-file")] = ""
    log_opts: Annotated[
        dict[LogOption, OneLine], Meta(description="of the log driver, of containers made later")
    ] = {}

    def clashes(self) -> Iterator[Clash]:
        """Pools whose subnets are larger than they."""
        for number, pool in enumerate(self.address_pools):
            bits = int(pool.base.partition("/")[2])
            if pool.size < bits:
                yield Clash(
                    ("engine", "address_pools", number),
                    f"subnets of /{pool.size} are larger than {pool.base}",
                    remedy=f"a size of {bits} or more",
                )
