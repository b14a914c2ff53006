"""The section `lab` of a site."""

from typing import Annotated

import msgspec
from msgspec import Meta

from fairlead.api import AbsolutePath, NodeSet, text

Network = Annotated[
    str, text(r"(?:[0-9]{1,3}\.){2}[0-9]{1,3}", "the first three numbers of a network", "10.77.0")
]
Release = Annotated[str, text(r"[0-9]+\.[0-9]+\.[0-9]+", "a version of a stand-in", "5.0.0")]


class Lab(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the lab lives on this machine. Two labs differ in `root` and `network`."""

    hosts: Annotated[
        NodeSet,
        Meta(
            description="names that end in a number, the last part of the host's address: n[1-20]"
        ),
    ]
    root: Annotated[
        AbsolutePath, Meta(description="everything of the lab lies here; lab.down takes it away")
    ] = "/var/lib/fairlead-lab"
    cache: Annotated[
        AbsolutePath,
        Meta(description="what is slow to make and stays: trees of images and releases"),
    ] = "/var/cache/fairlead-lab"
    network: Annotated[
        Network, Meta(description="a /24 that this machine does not use; the hosts have .1 to .252")
    ] = "10.77.0"
    version: Annotated[
        Release, Meta(description="the version of the stand-ins that lab.up publishes")
    ] = "5.0.0"
