"""An image for hosts that reach no registry: from another host, over the link."""

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from fairlead.model.errors import CommandLineError
from fairlead.model.plan import Ask, Phase, Registered, Shipment, Step, then
from fairlead.operations import script
from fairlead.operations.argv import docker
from fairlead.operations.argv.docker import Container
from fairlead.operations.container import steps

sh = script.beside(__file__)

Ship = Annotated[
    str,
    Meta(
        description="no registry is asked: the image comes from this host, by way of this machine"
    ),
]


class ShipOptions(msgspec.Struct, frozen=True):
    """The flags of a verb that fetches an image."""

    ship: Ship = ""


def source(ask: Ask[Any]) -> str:
    """The host from which the image comes; "" where a registry has it. Raises CommandLineError."""
    host = getattr(ask.options, "ship", "")
    if host and host not in ask.target.peers:
        peers = ", ".join(ask.target.peers)
        raise CommandLineError(
            "--ship", f"{host} is none of the hosts here", f"name one of {peers}"
        )
    return str(host)


def phases(c: Container, ask: Ask[Any], host: str) -> tuple[Phase, ...]:
    """What the name means on the source, then that very image on all others."""
    if ask.target.host == host:
        return (Phase("image", (_image(c),)), Phase("ship", ()))
    return (Phase("image", ()), Phase("ship", tuple(_shipped(c, host))))


def _image(c: Container) -> Step:
    return Step(
        name="image",
        do=sh("image_id", c.engine, docker.with_tag(c.image)),
        register="image",
        read_only=True,
        remedy="fetch it there first, by pull or build",
    )


def _shipped(c: Container, host: str) -> Iterator[Step]:
    words = (c.engine, docker.with_tag(c.image), Registered(host, "image"))
    yield Step(
        name="image",
        unless=sh("is_image", *words),
        shipment=Shipment(
            source=host,
            key="image",
            read=(c.engine, "save"),
            write=(c.engine, "load"),
            layers=sh("layers", c.engine),
        ),
        do=then(steps.keep_image(c), sh("name_shipped", *words)),
    )
