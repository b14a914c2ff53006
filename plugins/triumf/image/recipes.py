"""The recipes of a site, each with what begins the image's processes.

Source: the document, 7 and 9.1.3.
"""

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from fairlead.api import Ask, builds
from fairlead.api import digest as digests
from fairlead.api import recipes as images

from ..sections.image import File, Recipe, Stanza
from ..site import Triumf

INIT = "/root/init"
CHANGES = (f'CMD ["{INIT}"]',)


@cache
def init() -> str:
    """What a worker begins with, without its first line.

    Its name is that which DNS has for its address, as Docker knows none of it. Setting it wants
    SYS_ADMIN. Every byte of it is in the digest of every recipe.
    """
    return Path(__file__).with_name("files").joinpath("init").read_text("utf-8")


def digest(recipe: Recipe) -> str:
    """What an image carries as a label: another recipe, another word."""
    return digests.sha256(msgspec.json.encode((builds.EDITION, init(), recipe)))


def build(ask: Ask[Any], name: str) -> builds.Build:
    """What makes the image of this name on the host that builds."""
    section: Triumf = ask.section
    assert section.image
    recipe = section.image.recipes[name]
    return builds.Build(
        name=name,
        recipe=whole(recipe),
        reference=reference(section, name),
        digest=digest(recipe),
        work=f"{section.image.scratch}/{name}",
    )


def whole(recipe: Recipe) -> images.Recipe:
    """The site's recipe, with what begins the image's processes."""
    plain = msgspec.convert(recipe, images.Recipe, from_attributes=True)
    parts = msgspec.convert(
        (stanzas(recipe), files(recipe)),
        tuple[tuple[images.Stanza, ...], tuple[images.File, ...]],
        from_attributes=True,
    )
    return msgspec.structs.replace(plain, stanzas=parts[0], files=parts[1], changes=CHANGES)


def stanzas(recipe: Recipe) -> tuple[Stanza, ...]:
    """The recipe's own, and one for what begins the processes where none of them brings it."""
    if any(recipe.init in stanza.packages for stanza in recipe.stanzas):
        return recipe.stanzas
    return (*recipe.stanzas, Stanza(name=recipe.init, packages=(recipe.init,)))


def files(recipe: Recipe) -> tuple[File, ...]:
    """/root/init, unless the site has its own, and the site's files."""
    if any(file.path == INIT for file in recipe.files):
        return recipe.files
    content = f"#!/usr/bin/{recipe.init} /bin/bash\n{init()}"
    return (File(path=INIT, content=content, mode="0755"), *recipe.files)


def reference(section: Triumf, name: str) -> str:
    """How the image is called: in the site's registry, where there is one.

    Raises KeyError where the site has no recipe of it.
    """
    assert section.image
    image = f"{name}:{section.image.recipes[name].tag}"
    return f"{section.registry.reference}/{image}" if section.registry else image
