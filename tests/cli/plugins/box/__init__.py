"""A box."""

import msgspec

from fairlead.api import System


class Section(msgspec.Struct):
    """Where it is."""

    hosts: str = "local"


system = System(name="box", about="A box.", section=Section, components=("lid",))
