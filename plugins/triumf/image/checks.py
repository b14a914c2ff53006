"""What is asked of the host that builds, and preflight of images."""

from collections.abc import Iterator
from typing import Any

from fairlead.api import Ask, Check, Fact, packages
from fairlead.api import checks as preflight

from ..facts import MOUNT, mount

TOOLS = 'for name; do command -v "$name" >/dev/null || printf \'%s \' "$name"; done'
# FOLDER: options of the file system in which it lies, or will lie.
OPTIONS = (
    'at=$1; while [ ! -d "$at" ]; do at=${at%/*}; at=${at:-/}; done; findmnt -n -o OPTIONS -T "$at"'
)
PACKAGE = {
    "gpg": {"apt": "gnupg", "": "gnupg2"},
    "unshare": {"": "util-linux"},
}  # where it is called otherwise than its program


def _tools(section: Any) -> tuple[str, ...]:
    """The programs that the site's recipes need."""
    methods = {recipe.method for recipe in section.image.recipes.values()}
    return (
        *sorted(methods),
        "curl",
        "unshare",
        *(("gpg",) if section.image.sign_key else ()),
        *(("rpm",) if methods - {"debootstrap"} else ()),
    )


def facts(ask: Ask[Any]) -> Iterator[Fact]:
    """`lacking` tools, `mount` and `options` of scratch, `packages`."""
    scratch = ask.section.image.scratch
    yield packages.manager_fact()
    yield Fact(
        "lacking",
        ("sh", "-c", TOOLS, "tools", *_tools(ask.section)),
        lambda code, text: tuple(text.split()) if code == 0 else (),
    )
    yield Fact("mount", ("sh", "-c", MOUNT, "mount", scratch), mount)
    yield Fact(
        "options",
        ("sh", "-c", OPTIONS, "options", scratch),
        lambda code, text: tuple(text.strip().split(",")) if code == 0 else (),
    )


def checks(ask: Ask[Any]) -> Iterator[Check]:
    yield preflight.engine(ask, "docker")
    yield _installed(ask)
    yield _mounted(ask)
    yield _room(ask)


def _installed(ask: Ask[Any]) -> Check:
    lacking = ask.facts.get("lacking", ())
    manager = ask.facts.get("packages", "")
    names = [
        PACKAGE.get(name, {}).get(manager) or PACKAGE.get(name, {}).get("", name)
        for name in lacking
    ]
    return Check(
        name="tools",
        ok=not lacking,
        wanted=", ".join(_tools(ask.section)),
        found=f"no {', '.join(lacking)}" if lacking else "all are there",
        why="they make the root tree, and sign it",
        remedy=f"inv triumf.image.preflight --fix installs {', '.join(names)}" if lacking else "",
        fix=(packages.installed(manager, names),) if lacking and manager else (),
    )


def _mounted(ask: Ask[Any]) -> Check:
    options = ask.facts.get("options", ())
    wrong = [word for word in ("nodev", "noexec", "nosuid") if word in options]
    return Check(
        name="scratch",
        ok=not wrong,
        wanted=f"{ask.section.image.scratch} may hold devices and programs",
        found=f"it is mounted {', '.join(wrong)}" if wrong else "it may",
        why="a root tree has both",
        remedy="another image.scratch, or a file system without these options" if wrong else "",
    )


def _room(ask: Ask[Any]) -> Check:
    found, wanted = ask.facts.get("mount"), ask.section.image.room
    free = found.free / 1024 if found else 0
    return Check(
        name="room",
        ok=not found or free >= wanted,
        wanted=f"{wanted} GiB free in {ask.section.image.scratch}",
        found=f"{free:.1f} GiB" if found else "not known",
        why="tree and tarball lie there while an image is built",
        remedy="make room, or another image.scratch",
    )
