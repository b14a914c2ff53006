"""Texts that stand in the section `triumf`, each with the pattern that it has to match."""

from typing import Annotated

from fairlead.api import text

PackageName = Annotated[
    str,
    text(
        r"[A-Za-z0-9][A-Za-z0-9+._:~-]{0,127}", "a package name", "letters, digits and + . _ : ~ -"
    ),
]
GroupName = Annotated[
    str,
    text(
        r"@?[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}",
        "the name of a package group",
        "core, development or 'Development Tools'",
    ),
]
RegistryName = Annotated[
    str,
    text(
        r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::[0-9]{1,5})?",
        "a registry",
        "HOST or HOST:PORT, such as docker.io",
    ),
]
RepositoryName = Annotated[
    str,
    text(
        r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*",
        "an image name",
        "lower case without registry and tag, such as sl6-umd3condv4",
    ),
]
ProxyName = Annotated[
    str,
    text(
        r"(?:https?://)?[A-Za-z0-9.-]+:[0-9]{1,5}/?",
        "a proxy",
        "HOST:PORT, such as somehost.triumf.ca:3130",
    ),
]
MaybeInterface = Annotated[
    str,
    text(
        r"(?:[A-Za-z0-9][A-Za-z0-9_.-]{0,14})?",
        "the name of a network interface",
        "at most 15 letters, digits and _ . -, such as br0, or ''",
    ),
]
ImageWithTag = Annotated[
    str,
    text(
        r"[a-z0-9]+(?:(?:[._-]+|/)[a-z0-9]+)*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?",
        "an image of the registry",
        "NAME or NAME:TAG",
    ),
]
PasswdLine = Annotated[
    str,
    text(
        r"[A-Za-z_][A-Za-z0-9_.-]{0,31}:[x*!]?:[0-9]+:[0-9]+:[^:\n]*:/[^:\n]*:/[^:\n]*",
        "a line of passwd",
        "NAME:x:UID:GID::/HOME:/SHELL",
    ),
]
GroupLine = Annotated[
    str,
    text(
        r"[A-Za-z_][A-Za-z0-9_.-]{0,31}:[x*!]?:[0-9]+:[A-Za-z0-9_.,-]*",
        "a line of group",
        "NAME:x:GID:",
    ),
]
DomainName = Annotated[
    str,
    text(
        r"(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)?",
        "a domain",
        "letters, digits, dots and hyphens, such as triumf.ca, or ''",
    ),
]
OctalMode = Annotated[str, text(r"0?[0-7]{3,4}", "a mode", "0644")]
