"""The types of a section that says how an image is built from packages."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta

from fairlead.inventory.types import AbsolutePath, Version, text
from fairlead.model.plan import Noun

PackagesUrl = Annotated[
    str,
    text(
        r"(?:https?|file)://[A-Za-z0-9._~:/@%+=$-]+",
        "a URL of packages",
        "http(s)://HOST/PATH or file:///PATH",
    ),
]
SourceName = Annotated[
    str,
    text(
        r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}",
        "the name of a repository",
        "letters, digits and _ . -, such as baseos",
    ),
]
SigningKey = Annotated[
    str,
    text(
        r"(?:https?://|file:///|/)[A-Za-z0-9._~:/@%+=$-]+|",
        "where a key is",
        "http(s)://HOST/PATH, or /PATH on the host that builds",
    ),
]


class PackageSource(Noun, kw_only=True, forbid_unknown_fields=True):
    """A repository of packages, as dnf reads it."""

    url: PackagesUrl
    key: Annotated[
        SigningKey,
        Meta(description="of who signs the packages; default: as the host that builds has it"),
    ] = ""


class BuiltImage(Noun, kw_only=True, forbid_unknown_fields=True):
    """An image that its host builds from packages of an Enterprise Linux."""

    release: Annotated[Version, Meta(description="of the Enterprise Linux: 9 or 10")]
    version: Annotated[
        Version | None, Meta(description="of the project's package; default: the newest")
    ] = None
    sources: Annotated[
        Mapping[SourceName, PackageSource],
        Meta(description="where packages come from; default: AlmaLinux, EPEL and the project"),
    ] = {}
    scratch: Annotated[AbsolutePath, Meta(description="where the tree lies while it is built")] = (
        "/var/lib/fairlead-images"
    )
