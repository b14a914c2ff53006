"""A recipe as the lines that are said for it: what installs each stanza, and what begins the image's processes. Source: the document, 7 and 9.1.3."""

from typing import Any

import msgspec

from fairlead.api import Argv
from fairlead.api import digest as digest_

from ..site import File, Recipe, Stanza

EDITION = 1  # of the way in which trees are made: another number here makes every image anew
INIT = "/root/init"
# What a worker begins with: its name is that which DNS has for its address, as Docker knows none of it. Setting it wants SYS_ADMIN.
_INIT = """## get the ip address and hostname - set the hostname before starting condor
address=$(ip -4 route get 1.0.0.0 2>/dev/null | sed -n 's/.* src \\([0-9.]*\\).*/\\1/p')
name=$([ -z "$address" ] || getent -s dns hosts "$address" | awk '{ print $2; exit }')
if [ -n "$name" ]; then hostname "$name" || echo "$0: this container may not change its name to $name" >&2; fi
## set up condor environment before running condor_master in the foreground
[ ! -r /etc/sysconfig/condor ] || . /etc/sysconfig/condor
exec /usr/sbin/condor_master -f
"""


def digest(recipe: Recipe) -> str:
    """What an image carries as a label: another recipe, another word."""
    return digest_.sha256(msgspec.json.encode((EDITION, _INIT, recipe)))


def stanzas(recipe: Recipe) -> tuple[Stanza, ...]:
    """The recipe's own, and one for what begins the processes where none of them brings it."""
    brought = any(recipe.init in stanza.packages for stanza in recipe.stanzas)
    return (
        recipe.stanzas
        if brought
        else (*recipe.stanzas, Stanza(name=recipe.init, packages=(recipe.init,)))
    )


def files(recipe: Recipe) -> tuple[File, ...]:
    """/root/init, unless the site has its own, and the site's files."""
    ours = File(path=INIT, content=f"#!/usr/bin/{recipe.init} /bin/bash\n{_INIT}", mode="0755")
    return (
        recipe.files if any(file.path == INIT for file in recipe.files) else (ours, *recipe.files)
    )


def contents(stanza: Stanza) -> tuple[str, ...]:
    """What is named to the installer: groups as it knows them, packages."""
    return (*(f"@{group.removeprefix('@')}" for group in stanza.groups), *stanza.packages)


# The lines


def base(recipe: Recipe, tree: str) -> Argv:
    """debootstrap's own stanza: what every Debian has."""
    keyring = (f"--keyring={recipe.keyring}",) if recipe.keyring else ()
    return ("debootstrap", "--variant=minbase", *keyring, recipe.release, tree, recipe.mirror)


def line(recipe: Recipe, work: str, stanza: Stanza) -> Argv:
    """What installs a stanza into the tree below WORK."""
    return (
        _apt(f"{work}/tree", stanza)
        if recipe.method == "debootstrap"
        else _dnf(recipe, work, stanza)
    )


def _apt(tree: str, stanza: Stanza) -> Argv:
    return (
        "chroot",
        tree,
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-y",
        "--no-install-recommends",
        "install",
        *stanza.packages,
    )


def _dnf(recipe: Recipe, work: str, stanza: Stanza) -> Argv:
    repositories = (
        (f"--setopt=reposdir={work}/repositories,{work}/tree/etc/yum.repos.d",)
        if recipe.mirror
        else ()
    )
    return (
        recipe.method,
        "-y",
        f"--installroot={work}/tree",
        f"--releasever={recipe.release}",
        "--setopt=tsflags=nodocs",
        "--setopt=group_package_types=mandatory",
        *repositories,
        *(f"--enablerepo={name}" for name in stanza.enablerepo),
        "install",
        *contents(stanza),
    )


def repository(recipe: Recipe) -> str:
    """The mirror, as dnf and yum read it. Without a keyring it is as strict as the build host is."""
    signed = f"gpgcheck=1\ngpgkey=file://{recipe.keyring}\n" if recipe.keyring else ""
    return f"[mirror]\nname=packages of the image\nbaseurl={recipe.mirror}\nenabled=1\n{signed}"


def reference(section: Any, name: str) -> str:
    """How the image is called: in the site's registry, where there is one."""
    return f"{section.registry.reference + '/' if section.registry else ''}{name}:{section.image.recipes[name].tag}"
