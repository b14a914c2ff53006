"""What services of a host have said."""

from typing import Annotated

import msgspec
from msgspec import Meta

from fairlead.model.plan import Session


class Logs(msgspec.Struct, frozen=True):
    """Flags of a `logs` verb."""

    follow: Annotated[bool, Meta(description="go on until Ctrl-C")] = False
    tail: Annotated[int, Meta(ge=0, description="how many lines from the end")] = 100


def logs(options: Logs, *units: str) -> Session:
    """`journalctl` of these units."""
    words = [word for unit in units for word in ("-u", unit)]
    follow = ("-f",) if options.follow else ()
    argv = ("journalctl", *words, "-n", str(options.tail), *follow)
    return Session(argv, follow=options.follow)
