"""The stand-in images that the registry of a lab can have."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from fairlead.api import ImageName, text

from .site import Release

Flavor = Literal["supervisord", "systemd", "rocky"]
MaybeTag = Annotated[
    str, text(r"[A-Za-z0-9_.-]{0,128}", "an image tag", "letters, digits and _ . -")
]
TESTPOINT = "perfsonar/testpoint"
# as their projects call them
TAGS = {"supervisord": "latest", "systemd": "systemd", "rocky": "8.6"}


class Image(msgspec.Struct, frozen=True):
    """A stand-in image; also the flags of lab.publish."""

    version: Annotated[Release, Meta(description="what the stand-in says it is")]
    image: Annotated[ImageName, Meta(description="which image it stands in for")] = TESTPOINT
    flavor: Annotated[
        Flavor,
        Meta(
            description="what it stands on: busybox, Debian (systemd), or Debian with dnf (rocky)"
        ),
    ] = "supervisord"
    broken: Annotated[bool, Meta(description="its container runs, its service never answers")] = (
        False
    )
    tag: Annotated[MaybeTag, Meta(description="default: latest, systemd, or 8.6, by flavor")] = ""

    index: Annotated[
        bool, Meta(description="the tag names a list of images, one for each architecture")
    ] = False

    @property
    def name(self) -> str:
        return f"{self.image}:{self.tag or TAGS[self.flavor]}"
