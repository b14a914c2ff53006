"""Ponds."""

from typing import Annotated

import msgspec

from fairlead.api import Ask, verb


class Add(msgspec.Struct):
    """Flags of add_one."""

    url: Annotated[str, msgspec.Meta(description="Where from.")]
    big_ones: bool = False
    host: str = ""
    tags: tuple[str, ...] = ()


@verb
def add_one(ask: Ask[Add]):
    """Add a pond."""
    return []
