"""A toy system: two components and a tool."""

import msgspec

from fairlead.api import System


class Section(msgspec.Struct):
    """Where it is."""

    hosts: str = ""


system = System(
    name="toy",
    about="A toy system for trying out.",
    section=Section,
    components=("server", "client"),
    tools=("pond",),
)
