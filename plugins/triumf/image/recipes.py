"""A recipe as the lines that are said for it: what installs each stanza, and what begins the
image's processes.

Source: the document, 7 and 9.1.3.
"""

from functools import cache
from pathlib import Path

import msgspec

from fairlead.api import Argv
from fairlead.api import digest as digests

from ..sections.image import File, Recipe, Stanza
from ..site import Triumf

EDITION = 1  # of the way in which trees are made: another number here makes every image anew
INIT = "/root/init"


@cache
def init() -> str:
    """What a worker begins with, without its first line.

    Its name is that which DNS has for its address, as Docker knows none of it. Setting it wants
    SYS_ADMIN. Every byte of it is in the digest of every recipe.
    """
    return Path(__file__).with_name("files").joinpath("init").read_text("utf-8")


def digest(recipe: Recipe) -> str:
    """What an image carries as a label: another recipe, another word."""
    return digests.sha256(msgspec.json.encode((EDITION, init(), recipe)))


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


def contents(stanza: Stanza) -> tuple[str, ...]:
    """What is named to the installer: groups as it knows them, packages."""
    groups = (f"@{group.removeprefix('@')}" for group in stanza.groups)
    return (*groups, *stanza.packages)


# The lines


def base(recipe: Recipe, tree: str) -> Argv:
    """debootstrap's own stanza: what every Debian has."""
    keyring = (f"--keyring={recipe.keyring}",) if recipe.keyring else ()
    return ("debootstrap", "--variant=minbase", *keyring, recipe.release, tree, recipe.mirror)


def line(recipe: Recipe, work: str, stanza: Stanza) -> Argv:
    """What installs a stanza into the tree below WORK."""
    if recipe.method == "debootstrap":
        return _apt(f"{work}/tree", stanza)
    return _dnf(recipe, work, stanza)


def _apt(tree: str, stanza: Stanza) -> Argv:
    return (
        *("chroot", tree, "env", "DEBIAN_FRONTEND=noninteractive"),
        *("apt-get", "-y", "--no-install-recommends", "install", *stanza.packages),
    )


def _dnf(recipe: Recipe, work: str, stanza: Stanza) -> Argv:
    folders = f"{work}/repositories,{work}/tree/etc/yum.repos.d"
    repositories = (f"--setopt=reposdir={folders}",) if recipe.mirror else ()
    return (
        *(recipe.method, "-y", f"--installroot={work}/tree", f"--releasever={recipe.release}"),
        *("--setopt=tsflags=nodocs", "--setopt=group_package_types=mandatory"),
        *repositories,
        *(f"--enablerepo={name}" for name in stanza.enablerepo),
        *("install", *contents(stanza)),
    )


def repository(recipe: Recipe) -> str:
    """The mirror, as dnf and yum read it. Without a keyring it is as strict as the build host."""
    lines = ["[mirror]", "name=packages of the image", f"baseurl={recipe.mirror}", "enabled=1"]
    if recipe.keyring:
        lines += ["gpgcheck=1", f"gpgkey=file://{recipe.keyring}"]
    return "".join(f"{line}\n" for line in lines)


def reference(section: Triumf, name: str) -> str:
    """How the image is called: in the site's registry, where there is one.

    Raises KeyError where the site has no recipe of it.
    """
    assert section.image
    image = f"{name}:{section.image.recipes[name].tag}"
    return f"{section.registry.reference}/{image}" if section.registry else image
