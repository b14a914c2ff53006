"""The part `image` of the section: images built from nothing. Defaults are the document's."""

from collections.abc import Iterator
from typing import Annotated, Literal

from msgspec import Meta

from fairlead.api import (
    AbsolutePath,
    Clash,
    Noun,
    OneHost,
    PackagesUrl,
    SecretName,
    Tag,
    Version,
    text,
)

from .values import (
    GroupLine,
    GroupName,
    OctalMode,
    PackageName,
    PasswdLine,
    RepositoryName,
)


class Stanza(Noun, kw_only=True, forbid_unknown_fields=True):
    """A part of a build, after which the size so far is told."""

    name: Annotated[
        str,
        text(r"[A-Za-z0-9][A-Za-z0-9 ._+-]{0,63}", "the name of a stanza", "core and development"),
    ]
    packages: Annotated[tuple[PackageName, ...], Meta(description="packages")] = ()
    groups: Annotated[tuple[GroupName, ...], Meta(description="package groups (dnf, yum)")] = ()
    enablerepo: Annotated[
        tuple[PackageName, ...], Meta(description="repositories that only this stanza may use")
    ] = ()


class File(Noun, kw_only=True, forbid_unknown_fields=True):
    """A file of the image, as the site wants it."""

    path: AbsolutePath
    content: Annotated[str, Meta(description="what it holds")]
    mode: OctalMode = "0644"


class Recipe(Noun, kw_only=True, forbid_unknown_fields=True):
    """How an image is built from nothing."""

    method: Annotated[
        Literal["dnf", "yum", "debootstrap"], Meta(description="what installs into the root tree")
    ]
    release: Annotated[
        Version, Meta(description="--releasever of dnf and yum, the suite of debootstrap: bookworm")
    ]
    mirror: Annotated[
        PackagesUrl, Meta(description="where packages come from; default: as the build host has it")
    ] = ""
    keyring: Annotated[
        AbsolutePath,
        Meta(
            description="on the build host: the keys that sign the mirror; "
            "default: as the build host has it"
        ),
    ] = ""
    stanzas: Annotated[tuple[Stanza, ...], Meta(description="in order")] = ()
    expunge: Annotated[
        tuple[AbsolutePath, ...],
        Meta(description="taken away at the end: man pages, locales, icons"),
    ] = (
        "/usr/share/man",
        "/usr/share/doc",
        "/usr/share/info",
        "/usr/share/locale",
        "/usr/share/icons",
        "/usr/share/gnome/help",
    )
    passwd: Annotated[
        tuple[PasswdLine, ...],
        Meta(description="lines appended to /etc/passwd, so that the uids are those of /home"),
    ] = ()
    group: Annotated[tuple[GroupLine, ...], Meta(description="lines appended to /etc/group")] = ()
    files: Annotated[
        tuple[File, ...],
        Meta(description="the site's own: profile, condor configuration, /root/init"),
    ] = ()
    init: Annotated[Literal["dumb-init", "tini"], Meta(description="what begins /root/init")] = (
        "dumb-init"
    )
    tag: Tag = "latest"

    def clashes(self, name: str) -> Iterator[Clash]:
        """A stanza without anything, two of a name, and what debootstrap knows nothing of."""
        for number, stanza in enumerate(self.stanzas):
            where = ("image", "recipes", name, "stanzas", number)
            if not stanza.packages and not stanza.groups:
                yield Clash(
                    where, "has neither packages nor groups", remedy="name some, or leave it out"
                )
            if stanza.name in [other.name for other in self.stanzas[:number]]:
                yield Clash(where, "has the name of another", remedy="give each a name of its own")
            if self.method == "debootstrap" and (stanza.groups or stanza.enablerepo):
                yield Clash(
                    where,
                    "has groups or enablerepo, which are dnf's and yum's",
                    remedy="name the packages",
                )
        if self.method == "debootstrap" and not self.mirror:
            yield Clash(
                ("image", "recipes", name),
                "names no mirror",
                remedy="debootstrap wants one: mirror",
            )


class Image(Noun, kw_only=True, forbid_unknown_fields=True):
    """Images built from nothing, kept in the site's registry."""

    hosts: Annotated[OneHost, Meta(description="the host that builds; it should be expendable")]
    recipes: Annotated[
        dict[RepositoryName, Recipe], Meta(description="name of the image -> how it is built")
    ]
    scratch: Annotated[
        AbsolutePath, Meta(description="where trees and tarballs lie while they are built")
    ] = "/data/docker/scratch"
    sign_key: Annotated[SecretName, Meta(description="secret: the private GPG key that signs")] = ""
    signatures: Annotated[AbsolutePath, Meta(description="where detached signatures lie")] = (
        "/var/lib/atomic/sigstore"
    )
    room: Annotated[int, Meta(ge=0, description="GiB that have to be free in scratch")] = 5
