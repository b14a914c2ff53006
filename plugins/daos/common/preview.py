"""`inv daos.preflight --for=VERSION`: today's hosts, asked for a site that says another version."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from fairlead.api import Ask, text

from ..site import BUILT_FOR, Daos, distro_of
from .releases import release

Whole = Annotated[
    str,
    text(
        r"[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}(?:-[A-Za-z0-9._+~]{1,64})?",
        "a whole version of DAOS",
        "three numbers, as its RPMs have it or without what follows: 2.8.0-1.el9, 2.8.0",
    ),
]


class For(msgspec.Struct, frozen=True, rename={"version": "for"}):
    version: Annotated[
        Whole,
        Meta(
            description="what is in the way of this version of DAOS, such as 2.6.5 or 2.8.0, weeks "
            "before daos.version says it"
        ),
    ] = ""


def of(ask: Ask[Any]) -> Ask[Any]:
    """The ask of a site whose version is the one of --for.

    Raises ValueError where the rest of the site does not go with it.
    """
    section = replace(ask.section, version=ask.options.version, distro=_distro(ask))
    return replace(ask, target=replace(ask.target, section=section))


def _distro(ask: Ask[Any]) -> str:
    """What the site says of its own accord; else what follows from the version, today's if it can
    be.
    """
    site: Daos = ask.section
    built_for, known = BUILT_FOR.search(ask.options.version), release(ask.options.version)
    if site.distro != distro_of(site.version):
        return site.distro
    if built_for:
        return built_for[1]
    if known and site.distro not in known.distros:
        return known.distros[0]
    return site.distro
