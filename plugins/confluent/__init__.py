"""Confluent, xCAT's successor for new clusters, as one process in a container.

Source: `container/` and `confluent_server/` of github.com/xcat2/confluent.
"""

from typing import Annotated

from msgspec import Meta

from fairlead.api import (
    AbsolutePath,
    BuiltImage,
    ContainerName,
    EngineName,
    ImageName,
    NodeSet,
    Noun,
    System,
    Tag,
)

RECIPE = BuiltImage(release="10")


class Confluent(Noun, kw_only=True, forbid_unknown_fields=True):
    """Confluent on hosts of its own, each with the host's network."""

    hosts: Annotated[NodeSet, Meta(description="where it runs")]
    engine: EngineName = "docker"
    recipe: Annotated[
        BuiltImage | None,
        Meta(description="how each host builds its image; null: it is pulled from a registry"),
    ] = RECIPE
    image: Annotated[ImageName, Meta(description="its name, without the tag")] = (
        "fairlead/confluent"
    )
    tag: Annotated[Tag, Meta(description="of the image")] = "latest"
    name: Annotated[ContainerName, Meta(description="of the container")] = "confluent"
    state: Annotated[
        AbsolutePath,
        Meta(description="where configuration, keys, profiles and what is booted lie on the host"),
    ] = "/var/lib/confluent-docker"
    patience: Annotated[
        int, Meta(ge=1, le=3600, description="seconds in which it has to answer after a start")
    ] = 120


system = System(
    name="confluent",
    root=True,
    about="Confluent in a container: cluster management after xCAT",
    section=Confluent,
    components=("manager",),
    adopts="adopts",
)
