"""An image for hosts that reach no registry: from another host, over the link, or from a folder
here.
"""

from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from fairlead.model import operator
from fairlead.model.errors import CommandLineError
from fairlead.model.plan import Ask, Phase, Registered, Shipment, Step, Word, then
from fairlead.operations import script
from fairlead.operations.argv import docker
from fairlead.operations.argv.docker import Container
from fairlead.operations.container import steps
from fairlead.operations.image import shelf
from fairlead.operations.image.shelf import ShelvedImage

sh = script.beside(__file__)

MAKES = "inv bundle, and inv pull --to=DIR, make one"
Ship = Annotated[
    str,
    Meta(
        description="no registry is asked: the image comes from this host, by way of this machine;"
        " or from a folder here, with a /: ./images"
    ),
]
To = Annotated[
    str,
    Meta(description="a folder on this machine: a copy of the image comes there, for --ship=DIR/"),
]


class ShipOptions(msgspec.Struct, frozen=True):
    """The flags of a verb that fetches an image."""

    ship: Ship = ""


class PullOptions(ShipOptions, frozen=True):
    """The flags of `pull`."""

    to: To = ""


def source(ask: Ask[Any]) -> str:
    """The host from which the image comes, or the folder; "" where a registry has it.

    Raises CommandLineError.
    """
    host = str(getattr(ask.options, "ship", ""))
    if host and not _is_folder(host) and host not in ask.target.peers:
        peers = ", ".join(ask.target.peers)
        raise CommandLineError(
            "--ship",
            f"{host} is none of the hosts here",
            f"name one of {peers}, or a folder with a /: ./{host}",
        )
    return host


def _is_folder(text: str) -> bool:
    return "/" in text


def phases(c: Container, ask: Ask[Any], origin: str) -> tuple[Phase, ...]:
    """What the name means on the source, then that very image on all others; all, where the source
    is a folder.
    """
    if _is_folder(origin):
        return (Phase("image", ()), Phase("ship", (_from_folder(c, origin),)))
    if ask.target.host == origin:
        return (Phase("image", (_image(c),)), Phase("ship", ()))
    return (Phase("image", ()), Phase("ship", (_from_host(c, origin),)))


def copied(c: Container, ask: Ask[Any]) -> tuple[Phase, ...]:
    """With --to=DIR: a copy of the image, from the first host that has it.

    Raises CommandLineError.
    """
    folder, origin = getattr(ask.options, "to", ""), source(ask)
    if not folder:
        return ()
    if _is_folder(origin):
        what = f"the image comes from {origin} here, and goes to no folder"
        raise CommandLineError("--to", what, "leave one of --ship and --to out")
    if "@" in c.image:
        what = f"{c.image} is named by its digest in a registry, which no copy has"
        raise CommandLineError("--to", what, "give it a tag in the site")
    if ask.target.host != (origin or ask.target.peers[0]):
        return (Phase("copy", ()),)
    image = _image(c)
    step = msgspec.structs.replace(
        image, name="copy", register="copy", fetch_to=folder, fetch_by=(c.engine, "save")
    )
    return (Phase("copy", (step,)),)


def _image(c: Container) -> Step:
    return Step(
        name="image",
        do=sh("image_id", c.engine, docker.with_tag(c.image)),
        register="image",
        read_only=True,
        remedy="fetch it there first, by pull or build",
    )


def _from_host(c: Container, host: str) -> Step:
    shipment = Shipment(
        source=host,
        key="image",
        read=(c.engine, "save"),
        write=(c.engine, "load"),
        layers=sh("layers", c.engine),
    )
    return _shipped(c, Registered(host, "image"), shipment)


def _from_folder(c: Container, folder: str) -> Step:
    path, name = operator.path(folder), docker.with_tag(c.image)
    image = _shelved(path, name)
    shipment = Shipment(
        source=folder,
        write=(c.engine, "load"),
        layers=sh("layers", c.engine),
        archive=str(path / image.file),
    )
    return _shipped(c, f"{name} {image.id}", shipment)


def _shelved(folder: Path, name: str) -> ShelvedImage:
    """An image in a folder of this machine. Raises CommandLineError."""
    try:
        index = shelf.index(folder)
    except (OSError, ValueError) as error:
        what = f"{folder}/{shelf.INDEX} cannot be read ({error})"
        raise CommandLineError("--ship", what, MAKES) from None
    image = index.image(name)
    if image is None:
        names = ", ".join(image.name for image in index.images) or "no image at all"
        raise CommandLineError("--ship", f"{folder} has no {name}, but {names}", MAKES)
    return image


def _shipped(c: Container, image: Word, shipment: Shipment) -> Step:
    """`image`: "NAME ID"."""
    words = (c.engine, docker.with_tag(c.image), image)
    return Step(
        name="image",
        unless=sh("is_image", *words),
        shipment=shipment,
        do=then(steps.keep_image(c), sh("name_shipped", *words)),
    )
