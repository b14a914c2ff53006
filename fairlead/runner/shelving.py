"""An image of a host, kept as an archive in a folder of this machine."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from fairlead.model import operator
from fairlead.model.errors import FairleadError, StepFailed
from fairlead.model.plan import Step
from fairlead.operations.container.leftovers import human
from fairlead.operations.image import archive, shelf
from fairlead.operations.image.shelf import Index, ShelvedImage
from fairlead.runner import shipping
from fairlead.runner.part import PartRun
from fairlead.secrets import files


def keep(
    part: PartRun,
    host: str,
    registered: str,
    step: Step,
) -> None:
    """Fetch the image that a step has registered as "NAME ID". Raises FairleadError.

    Over a connection of its own, which nobody else waits for.
    """
    name, _, id_ = registered.rpartition(" ")
    folder = operator.path(step.fetch_to)
    try:
        image = msgspec.convert({"name": name, "id": id_}, ShelvedImage)
        if _has(folder, image):
            part.notes.append(f"{host}: {name} is in {folder} already")
            return
        part.report(host, "note", text=f"{name} on its way from {host}")
        with _place(folder, image) as file:
            size = _bring(part, host, (*step.fetch_by, id_), file)
    except OSError as error:
        what = f"{folder} cannot be written ({error.strerror})"
        raise FairleadError(host, what, "name a folder with room") from None
    except ValueError as error:
        what = f"{name}: what has come {error}"
        raise StepFailed(host, what, "look at its engine") from None
    path = folder / image.file
    part.notes.append(f"{host}: {name} is here as {path} ({human(size)})")


def _has(folder: Path, image: ShelvedImage) -> bool:
    known = shelf.index(folder).image(image.name)
    return known == image and (folder / image.file).exists()


def _bring(
    part: PartRun,
    host: str,
    argv: tuple[str, ...],
    file: BinaryIO,
) -> int:
    """Its size in bytes. Raises StepFailed, ValueError where it is no archive of images."""
    with closing(part.link(host).fresh()) as connection:
        shipping.run(connection, argv, file=file)
    archive.needed(file, ())
    return file.seek(0, os.SEEK_END)


@contextmanager
def _place(folder: Path, new: ShelvedImage) -> Iterator[BinaryIO]:
    """A file for the archive of an image: in its place once it is whole, else nowhere.

    Raises OSError, ValueError.
    """
    files.make_folder(folder)
    with files.written(folder / new.file) as file:
        yield file
    with _alone(folder):
        _enter(folder, new)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One at a time: of other hosts, of another process."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _enter(folder: Path, new: ShelvedImage) -> None:
    """Put an image into the index, in place of another one of its name, whose archive goes."""
    before = shelf.index(folder).images
    kept = tuple(image for image in before if image.name != new.name)
    images = (*kept, new)
    encoded = msgspec.json.encode(Index(images))
    text = msgspec.json.format(encoded, indent=1)
    files.replace(folder / shelf.INDEX, text)
    used = {image.file for image in images}
    unused = {image.file for image in before} - used
    for name in unused:
        path = folder / name
        path.unlink(missing_ok=True)
