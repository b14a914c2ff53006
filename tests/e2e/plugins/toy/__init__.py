"""A system that means no good: its steps do what a step should not, on the real hosts of the
lab."""

from typing import Annotated

from msgspec import Meta

from fairlead.api import AbsolutePath, NodeSet, Noun, System


class Toy(Noun, kw_only=True, forbid_unknown_fields=True):
    """Where it is."""

    hosts: Annotated[NodeSet, Meta(description="where it runs")]
    mark: Annotated[AbsolutePath, Meta(description="the file that says it is up")] = "/var/tmp/toy"


system = System(name="toy", about="a system that means no good", section=Toy, components=("beast",))
