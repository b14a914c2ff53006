"""SYSTEM: a web page that says hello. Replace it by what you run."""

from typing import Annotated

from msgspec import Meta

from fairlead.api import ImageName, NodeSet, Noun, Port, System, Tag


class Section(Noun, kw_only=True, forbid_unknown_fields=True):
    """What a site says of it: the type refuses all else, with file, line and remedy."""

    hosts: Annotated[NodeSet, Meta(description="where it runs")]
    image: Annotated[ImageName, Meta(description="without the tag")] = "busybox"
    tag: Annotated[Tag, Meta(description="of the image")] = "1.36"
    port: Annotated[Port, Meta(description="where it listens")] = 8080


system = System(
    name="SYSTEM", about="a web page that says hello", section=Section, components=("server",)
)
