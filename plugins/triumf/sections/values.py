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
VariableName = Annotated[
    str,
    text(r"[A-Za-z_][A-Za-z0-9_]{0,127}", "a variable", "letters, digits and _, such as TZ"),
]
VariableValue = Annotated[
    str, text(r"[^\x00-\x1f\x7f]{0,4096}", "the value of a variable", "one line of text")
]
LimitName = Annotated[
    str, text(r"[a-z]{2,12}", "the name of a limit", "nofile, nproc, memlock, core or stack")
]
MemorySize = Annotated[
    str, text(r"(?:[1-9][0-9]{0,14}[bkmgBKMG]?)?", "an amount of memory", "such as 64g or 512m")
]
Device = Annotated[
    str,
    text(
        r"(?!.*\.\.)/dev/[A-Za-z0-9._/-]+(?::/dev/[A-Za-z0-9._/-]+)?(?::[rwm]{1,3})?"
        r"|[a-z0-9.-]+/[a-z0-9.-]+=[A-Za-z0-9._:-]+",
        "a device",
        "/dev/NAME, or by CDI: nvidia.com/gpu=all",
    ),
]
SecurityOption = Annotated[
    str,
    text(
        r"[a-z][a-z-]{1,30}(?:[=:][A-Za-z0-9._/:-]{1,255})?",
        "a security option",
        "seccomp=unconfined, systempaths=unconfined or label=disable",
    ),
]
Capability = Annotated[str, text(r"[A-Z][A-Z_]{1,30}", "a capability", "SYS_ADMIN")]
LogDriver = Annotated[
    str, text(r"[a-z0-9./:_-]{0,64}", "a log driver", "local, json-file, journald or syslog")
]
LogOption = Annotated[
    str, text(r"[a-z0-9][a-z0-9._-]{0,63}", "an option of the log driver", "max-size or max-file")
]
RepositoryFile = Annotated[
    str, text(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", "the name of a repository's file", "docker-ce")
]
RepositoryText = Annotated[
    str,
    text(
        r"https://[A-Za-z0-9._~:/%+=-]+|(?!https?:)[\s\S]+",
        "a repository's file",
        "its text, or an https:// URL of it",
    ),
]
PublicKey = Annotated[
    str,
    text(
        r"https://[A-Za-z0-9._~:/%+=-]+|-----BEGIN PGP PUBLIC KEY BLOCK-----\n[\s\S]+",
        "a public key",
        "the armoured key itself, or an https:// URL of it",
    ),
]
Network6 = Annotated[
    str,
    text(
        r"(?:[0-9A-Fa-f:]{2,39}/(?:12[0-8]|1[01][0-9]|[1-9]?[0-9]))?",
        "an IPv6 network",
        "ADDRESS/BITS, such as 2001:db8:3::90/124",
    ),
]
