"""A service in a site, and what it is made of: containers, addresses, disks, file systems."""

from typing import Annotated

import msgspec
from msgspec import Meta

from fairlead.api import AbsolutePath, HostName, Interface, Noun, OneHost, text

ServiceName = Annotated[
    str,
    text(
        r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}",
        "the name of a service",
        "letters, digits and . _ -, such as docker.opensvc.com",
    ),
]
Line = Annotated[
    str,
    text(
        r"[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?",
        "a line",
        "one line without blanks around it",
    ),
]
Reference = Annotated[
    str,
    text(
        r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,254}",
        "an image",
        "[REGISTRY/]NAME[:TAG], NAME@sha256:DIGEST, or an ID such as f66342b343ae",
    ),
]
GroupName = Annotated[
    str, text(r"[A-Za-z0-9+_.][A-Za-z0-9+_.-]{0,126}", "a volume group", "vgdocker")
]
Word = Annotated[
    str, text(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", "a word", "letters, digits and _ . -")
]
Netmask = Annotated[
    str, text(r"[0-9]{1,2}|[0-9]{1,3}(?:\.[0-9]{1,3}){3}", "a netmask", "255.255.255.0 or 24")
]


class Container(Noun, kw_only=True, forbid_unknown_fields=True):
    """[container#N]. `pull`, `load` and `healthy` are ours: the agent's file does not hold them."""

    image: Annotated[
        Reference, Meta(description="what it runs: a name with its tag, a digest, or an ID")
    ] = ""
    run_image: Annotated[Reference, Meta(description="the 2014 agent's word for image")] = ""
    command: Annotated[Line, Meta(description="what is run inside; default: the image's own")] = ""
    run_args: Annotated[Line, Meta(description="options of docker run")] = ""
    netns: Annotated[
        str,
        text(
            r"none|host|container#[0-9]{1,3}|",
            "a network of a container",
            "none, host or container#N",
        ),
        Meta(description="its network"),
    ] = ""
    tty: Annotated[
        bool, Meta(description="it has a terminal, as all have under the agent of 2014")
    ] = True
    interactive: Annotated[
        bool, Meta(description="its stdin is kept open, as all are under the agent of 2014")
    ] = True
    pull: Annotated[
        Reference,
        Meta(description="what is pulled to have `image`, where that is an ID; default: image"),
    ] = ""
    load: Annotated[
        AbsolutePath,
        Meta(
            description="an archive on the node (docker save) that holds it; default: it is pulled"
        ),
    ] = ""
    healthy: Annotated[
        tuple[str, ...],
        Meta(description="asked inside it after a start: exit code 0 is healthy; default: it runs"),
    ] = ()

    def __post_init__(self) -> None:
        if bool(self.image) == bool(self.run_image):
            raise ValueError("wanted image or run_image, one of the two")
        msgspec.structs.force_setattr(self, "image", self.image or self.run_image)
        msgspec.structs.force_setattr(self, "run_image", "")


class Ip(Noun, kw_only=True, forbid_unknown_fields=True):
    """[ip#N]: an address that goes where the service goes."""

    dev: Annotated[Interface, Meta(description="the interface that carries it")]
    name: Annotated[HostName, Meta(description="a name that resolves to it, or the address")]
    netmask: Annotated[Netmask, Meta(description="default: that of the interface")] = ""


class Disk(Noun, kw_only=True, forbid_unknown_fields=True):
    """A volume group: [vg#N], in today's files [disk#N]."""

    vg: Annotated[GroupName, Meta(description="the volume group that is activated")]


class Filesystem(Noun, kw_only=True, forbid_unknown_fields=True):
    """[fs#N]: mounted in this order."""

    dev: Annotated[
        AbsolutePath,
        Meta(
            description="a device; a folder with type none and options bind; a file with "
            "options loop"
        ),
    ]
    mnt: Annotated[AbsolutePath, Meta(description="where it is mounted")]
    type: Annotated[Word, Meta(description="ext4, xfs, none ...")]
    options: Annotated[Line, Meta(description="of mount")] = ""


class Service(Noun, kw_only=True, forbid_unknown_fields=True):
    """One service of the agent. What is left out is left to the agent."""

    nodes: Annotated[
        tuple[OneHost, ...],
        Meta(
            min_length=1,
            description="hosts that can run it, by the names that they have for themselves",
        ),
    ]
    autostart_node: Annotated[
        OneHost,
        Meta(
            description="where the agent starts it at boot, and `up`; default: nowhere, and "
            "the first of nodes"
        ),
    ] = ""
    app: Annotated[Word, Meta(description="the application that it is counted under")] = ""
    service_type: Annotated[Word, Meta(description="PRD, DEV ...; `env` in today's files")] = ""
    docker_data_dir: Annotated[
        AbsolutePath,
        Meta(description="where its own engine keeps everything; default: the node's engine"),
    ] = ""
    containers: Annotated[
        tuple[Container, ...], Meta(description="container#1, container#2 ...")
    ] = ()
    ip: Annotated[tuple[Ip, ...], Meta(description="addresses")] = ()
    disks: Annotated[tuple[Disk, ...], Meta(description="volume groups")] = ()
    fs: Annotated[
        tuple[Filesystem, ...],
        Meta(description="file systems, in the order in which they are mounted"),
    ] = ()
    patience: Annotated[
        int, Meta(ge=1, le=3600, description="seconds in which it has to be up after a start")
    ] = 120
    stop_patience: Annotated[
        int, Meta(ge=1, le=3600, description="seconds in which it has to be down after a stop")
    ] = 180

    def __post_init__(self) -> None:
        if len(set(self.nodes)) < len(self.nodes):
            raise ValueError("a node stands twice")
        if self.autostart_node and self.autostart_node not in self.nodes:
            raise ValueError(f"autostart_node {self.autostart_node} is none of nodes")

    @property
    def home(self) -> str:
        """Where `up` starts it."""
        return self.autostart_node or self.nodes[0]
