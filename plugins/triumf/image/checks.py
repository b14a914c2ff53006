"""What is asked of the host that builds, and preflight of images."""

from collections.abc import Iterator
from typing import Any

from fairlead.api import Ask, Check, Fact, packages, script
from fairlead.api import checks as preflight

from ..common import facts as common
from ..common.facts import FileSystem
from ..site import Triumf

sh = script.beside(__file__)

# Program -> package manager -> its package, "" for every other manager. What is not here is called
# as its program.
PACKAGES = {"gpg": {"apt": "gnupg", "": "gnupg2"}, "unshare": {"": "util-linux"}}
FORBIDDEN = ("nodev", "noexec", "nosuid")  # options of the file system of scratch


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
    yield packages.manager_fact()
    yield Fact("missing", sh("tools", *_tools(ask.section)), missing)
    yield common.file_system(scratch)
    yield Fact("options", sh("options", scratch), options)


def missing(code: int, text: str) -> tuple[str, ...]:
    """The programs that tools.sh prints."""
    return tuple(text.split()) if code == 0 else ()


def options(code: int, text: str) -> tuple[str, ...]:
    """The options of a file system, as findmnt(8) prints them."""
    return tuple(text.strip().split(",")) if code == 0 else ()


def checks(ask: Ask[Any]) -> Iterator[Check]:
    yield preflight.engine(ask, "docker")
    yield _installed(ask)
    yield _mounted(ask)
    yield _room(ask)


def _package(program: str, manager: str) -> str:
    names = PACKAGES.get(program, {})
    return names.get(manager) or names.get("", program)


def _installed(ask: Ask[Any]) -> Check:
    programs = ask.facts.get("missing", ())
    manager = ask.facts.get("packages", "")
    names = [_package(program, manager) for program in programs]
    return Check(
        name="tools",
        ok=not programs,
        wanted=", ".join(_tools(ask.section)),
        found=f"no {', '.join(programs)}" if programs else "all are there",
        why="they make the root tree, and sign it",
        remedy=f"inv triumf.image.preflight --fix installs {', '.join(names)}" if programs else "",
        fix=(packages.installed(manager, names),) if programs and manager else (),
    )


def _mounted(ask: Ask[Any]) -> Check:
    options = ask.facts.get("options", ())
    wrong = [word for word in FORBIDDEN if word in options]
    return Check(
        name="scratch",
        ok=not wrong,
        wanted=f"{ask.section.image.scratch} may hold devices and programs",
        found=f"it is mounted {', '.join(wrong)}" if wrong else "it may",
        why="a root tree has both",
        remedy="another image.scratch, or a file system without these options" if wrong else "",
    )


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
