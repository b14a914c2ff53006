"""A system that is careless: its programs say aloud what they were given, in every way that an
output can go."""

from typing import Annotated

from msgspec import Meta

from fairlead.api import NodeSet, Noun, SecretName, System


class Leak(Noun, kw_only=True, forbid_unknown_fields=True):
    """Where it is, and what it tells."""

    hosts: Annotated[NodeSet, Meta(description="where it runs")]
    token: Annotated[SecretName, Meta(description="what people give")] = "leak.token"


system = System(
    name="leak", about="a system that is careless", section=Leak, components=("teller",)
)
