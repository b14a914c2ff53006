"""Archives of images in a folder of this machine, and the index that says which they are."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from fairlead.model.plan import Noun

INDEX = "index.json"
LARGEST = 1 << 20  # bytes of an index


class ShelvedImage(Noun):
    """`name` as a site has it; `id` as its engine numbers it, without `sha256:`."""

    name: Annotated[str, Meta(min_length=1, max_length=512)]
    id: Annotated[str, Meta(pattern=r"^[0-9a-f]{12,128}\Z")]

    @property
    def file(self) -> str:
        """Its archive, in the folder."""
        return f"{self.id}.tar"


class Index(Noun):
    """What an index holds."""

    images: tuple[ShelvedImage, ...] = ()

    def image(self, name: str) -> ShelvedImage | None:
        """The image of a name, as Docker or as Podman writes that."""
        short = _short(name)
        return next((image for image in self.images if _short(image.name) == short), None)


def _short(name: str) -> str:
    """Without the registry that Podman names and Docker does not."""
    return name.removeprefix("docker.io/").removeprefix("library/")


def index(folder: Path) -> Index:
    """What a folder has; nothing where it has no index. Raises OSError, ValueError."""
    try:
        with (folder / INDEX).open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        return Index()
    if len(data) > LARGEST:
        raise ValueError("is larger than 1 MiB")
    return msgspec.json.decode(data, type=Index)
