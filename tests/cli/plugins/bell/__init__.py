"""A bell."""

import msgspec

from fairlead.api import System


class Section(msgspec.Struct):
    """Where it is; what it leaves behind when it begins and ends to ring; how long it does."""

    folder: str
    hosts: str = "local"
    seconds: int = 0


system = System(name="bell", about="A bell.", section=Section, components=("clapper",))
