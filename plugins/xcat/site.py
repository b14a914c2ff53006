"""The section `xcat` of a site. What is left out is as in the document's example."""

from collections.abc import Iterator, Mapping
from ipaddress import ip_interface
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from fairlead.api import (
    AbsolutePath,
    Address,
    BuiltImage,
    Clash,
    ContainerName,
    EngineName,
    HostName,
    ImageName,
    Interface,
    InterfaceAddress,
    Noun,
    OneHost,
    SecretName,
    Tag,
    text,
)
from fairlead.api import digest as digest_

Architecture = Literal["x86_64", "ppc64le"]
PublicKey = Annotated[
    str,
    text(
        r"(?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,2}(?: [^\n\"'\\]*)?",
        "a public key",
        "a line of an authorized_keys file",
    ),
]
IMAGES: Mapping[Architecture, str] = {
    "x86_64": "xcat/xcat-ubuntu-x86_64",
    "ppc64le": "xcat/xcat-ubuntu-ppc64le",
}
Word = Annotated[
    str, text(r"[A-Za-z0-9_.-]{1,63}", "a word of xCAT's passwd table", "letters, digits and _ . -")
]


class Bridge(Noun, kw_only=True, forbid_unknown_fields=True):
    """The bridge that takes over the host's address."""

    name: Annotated[Interface, Meta(description="of the bridge")] = "br0"
    interface: Annotated[
        Interface,
        Meta(description="the host's interface towards the compute nodes: it becomes a port"),
    ] = "eth0"
    address: Annotated[
        InterfaceAddress, Meta(description="of the host: it moves from the interface to the bridge")
    ] = "10.5.106.1/24"
    gateway: Annotated[
        Address,
        Meta(description="the host's own default gateway; default: its routes stay as they are"),
    ] = ""
    patience: Annotated[
        int,
        Meta(
            ge=2,
            le=600,
            description="seconds in which a new connection has to arrive, or all is put back",
        ),
    ] = 30

    @property
    def host(self) -> str:
        """The address alone."""
        return self.address.partition("/")[0]


class Ssh(Noun, kw_only=True, forbid_unknown_fields=True):
    """Who may log in as root inside."""

    authorized_keys: Annotated[
        tuple[PublicKey, ...], Meta(description="public keys; none is ever taken away")
    ] = ()
    password_secret: Annotated[
        SecretName,
        Meta(description="secret: root's password; without one root logs in by key alone"),
    ] = ""
    key: Annotated[
        SecretName,
        Meta(
            description="secret: root's private key, by which xCAT reaches its nodes; "
            "default: xCAT's own"
        ),
    ] = ""


class Password(Noun, kw_only=True, forbid_unknown_fields=True):
    """A row of xCAT's passwd table."""

    username: Annotated[Word, Meta(description="whose password it is")] = "root"
    secret: Annotated[SecretName, Meta(description="secret: the password")]


class XCat(Noun, kw_only=True, forbid_unknown_fields=True):
    """xCAT on one docker host."""

    hosts: Annotated[OneHost, Meta(description="the docker host")]
    engine: EngineName = "docker"
    image: Annotated[
        Mapping[Architecture, ImageName], Meta(description="by architecture, without the tag")
    ] = msgspec.field(default_factory=lambda: IMAGES)
    tag: Annotated[Tag, Meta(description="default: latest")] = ""
    recipe: Annotated[
        BuiltImage | None,
        Meta(
            description="how the host builds an image of xCAT 2.17 or later, with systemd inside; "
            "default: `image` is pulled"
        ),
    ] = None
    network: Annotated[
        Literal["bridge", "bare", "host"],
        Meta(
            description="bridge: Docker's, laid over the host's own | "
            "bare: --net=none, as the document has it | host: the host's"
        ),
    ] = "bridge"
    bridge: Annotated[Bridge, Meta(description="the bridge of the host")] = Bridge()
    address: Annotated[
        InterfaceAddress, Meta(description="of the container, in the subnet of the bridge")
    ] = "10.5.106.101/24"
    gateway: Annotated[
        Address, Meta(description="the container's; default: the host's address on the bridge")
    ] = ""
    dns: Annotated[
        Address,
        Meta(description="the container's name server; default: the host's address on the bridge"),
    ] = ""
    domain: Annotated[HostName, Meta(description="in which the container searches names")] = (
        "clusters.com"
    )
    hostname: Annotated[HostName, Meta(description="of the container")] = "xcatmn"
    name: Annotated[ContainerName, Meta(description="of the container")] = "xcatmn"
    add_hosts: Annotated[
        Mapping[HostName, Address],
        Meta(description="entries of /etc/hosts inside; default: the container's own"),
    ] = {}
    state: Annotated[
        AbsolutePath, Meta(description="where tables, keys, logs and /install live on the host")
    ] = "/var/lib/xcat-docker"
    ssh: Annotated[Ssh | None, Meta(description="root's login inside; default: none")] = None
    passwords: Annotated[
        Mapping[Word, Password], Meta(description="xCAT's passwd table, by key: system, ipmi, hmc")
    ] = {}
    loop_devices: Annotated[
        int, Meta(ge=0, le=256, description="how many the host has to have: copycds hangs without")
    ] = 10
    patience: Annotated[
        Annotated[int, Meta(ge=1, le=3600)] | None,
        Meta(
            description="seconds in which xcatd has to answer after a start; "
            "default: 120, with a recipe 600"
        ),
    ] = None

    @property
    def seconds(self) -> int:
        """The patience; with a recipe that of xCAT's own unit, whose first start makes keys."""
        return self.patience or (600 if self.recipe else 120)

    @property
    def own(self) -> str:
        """The container's address alone."""
        return self.address.partition("/")[0]

    @property
    def router(self) -> str:
        """By which the container leaves its subnet."""
        return self.gateway or self.bridge.host

    @property
    def mac(self) -> str:
        """Of the container's interface: its own to name and address, so that it is the same after
        every start."""
        digest = digest_.sha256(f"{self.name} {self.address}")
        return ":".join(("02", *(digest[i : i + 2] for i in range(0, 10, 2))))

    def clashes(self, site: object) -> Iterator[Clash]:
        """Addresses that cannot be reached from one another, or are one; the document's --net=none
        in Podman, which gives such a container no name server."""
        if self.engine == "podman" and self.network == "bare":
            what = "is Docker's: Podman takes no --dns with --net=none, and is asked for by"
            remedy = "network: bridge, by which Podman gives the address itself; or host"
            yield Clash(("network",), what, ("engine",), remedy)
        if self.network != "host":
            yield from _of_addresses(self)


def _of_addresses(site: XCat) -> Iterator[Clash]:
    host, own = ip_interface(site.bridge.address), ip_interface(site.address)
    bridge = ("bridge", "address")
    if own.network != host.network:
        what = f"{site.address} is not in the subnet of"
        yield Clash(("address",), what, bridge, f"one of {host.network}")
    elif own.ip in (host.ip, host.network.network_address, host.network.broadcast_address):
        what = f"{site.address} is taken by"
        yield Clash(("address",), what, bridge, "the container has one of its own")
    gateways = ((("gateway",), site.gateway), (("bridge", "gateway"), site.bridge.gateway))
    for key, gateway in gateways:
        if gateway and ip_interface(gateway).ip not in host.network:
            what = f"{gateway} is not in the subnet of"
            yield Clash(key, what, bridge, f"one of {host.network}")
    if site.gateway and ip_interface(site.gateway).ip == own.ip:
        what = f"{site.gateway} is the container's own"
        yield Clash(("gateway",), what, ("address",), "give the host's, or leave it out")
    if site.bridge.name == site.bridge.interface:
        what, remedy = f"{site.bridge.name} is the same as", "give the bridge a name of its own"
        yield Clash(("bridge", "name"), what, ("bridge", "interface"), remedy)
