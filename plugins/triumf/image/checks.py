"""What is asked of the host that builds, and preflight of images."""

from collections.abc import Iterator
from typing import Any

from fairlead.api import Ask, Check, Fact, build_checks
from fairlead.api import checks as preflight

from ..common import facts as common
from ..common.facts import FileSystem
from ..site import Triumf


def _tools(section: Triumf) -> tuple[str, ...]:
    """The programs that the site's recipes need."""
    assert section.image
    methods = {recipe.method for recipe in section.image.recipes.values()}
    gpg = ("gpg",) if section.image.sign_key else ()
    rpm = ("rpm",) if methods - {"debootstrap"} else ()
    return (*sorted(methods), "curl", "unshare", *gpg, *rpm)


def facts(ask: Ask[Any]) -> Iterator[Fact]:
    """`missing` tools, `mount` and `options` of scratch, `packages`."""
    scratch = ask.section.image.scratch
    yield from build_checks.facts(_tools(ask.section), scratch)
    yield common.file_system(scratch)


def checks(ask: Ask[Any]) -> Iterator[Check]:
    why = "they make the root tree, and sign it"
    yield preflight.engine(ask, "docker")
    yield build_checks.installed(ask, _tools(ask.section), "inv triumf.image.preflight", why)
    yield build_checks.mounted(ask, ask.section.image.scratch, "image.scratch")
    yield _room(ask)


def _room(ask: Ask[Any]) -> Check:
    file_system: FileSystem | None = ask.facts.get("mount")
    needed = ask.section.image.room
    return Check(
        name="room",
        ok=not file_system or file_system.free >= needed * 1024,
        wanted=f"{needed} GiB free in {ask.section.image.scratch}",
        found=file_system.gibibytes if file_system else "not known",
        why="tree and tarball lie there while an image is built",
        remedy="make room, or another image.scratch",
    )
