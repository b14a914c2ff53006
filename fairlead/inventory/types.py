"""The types that a section of the site is made of, for the fields of a plugin's own Struct.

Each carries a description (for the JSON Schema) and in `extra` the words of its error: `is`
("a URL") and `wanted` ("https://HOST/PATH").
"""

from typing import Annotated, Literal

from msgspec import Meta

from fairlead.model.plan import Noun

_END = r"(?!\n)$"  # in Python `$` alone would let a last newline in
_LABELS = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})){0,40}\.?"
_URL = r"[A-Za-z0-9._~:/?#\[\]@%+,=-]"
_REGISTRY = (
    r"(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]{1,5})?|[A-Za-z0-9-]+:[0-9]{1,5}|localhost)"
)
_PART = r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"


def text(pattern: str, what: str, example: str) -> Meta:
    """The Meta of a text type.

    `pattern` is anchored here; `what` is how it is called ("a URL"); `example` says what is wanted.
    """
    return Meta(
        pattern=f"^(?:{pattern}){_END}",
        description=f"{what}: {example}",
        extra={"is": what, "wanted": example},
    )


def text_beside(meta: Meta, description: str) -> Meta:
    """The Meta of a union of a text of this Meta with a map or lists.

    Its pattern is checked by us: msgspec 0.22.0 frees memory that it does not own when a Struct
    goes in which such a union has a pattern, and Python may end with a segmentation fault.
    """
    return Meta(description=description, extra={**(meta.extra or {}), "pattern": meta.pattern})


HostName = Annotated[
    str, text(_LABELS, "a host name", "letters, digits, dots and hyphens, such as ps1.example.org")
]
Url = Annotated[
    str,
    text(
        rf"https?://(?:{_LABELS}|\[[0-9A-Fa-f:.]+\])(?::[0-9]{{1,5}})?(?:[/?#]{_URL}*)?|file:///{_URL}+",
        "a URL",
        "http(s)://HOST/PATH or file:///PATH, without spaces or any of ; & | $ < > quotes",
    ),
]
ImageName = Annotated[
    str,
    text(
        rf"(?:{_REGISTRY}/)?{_PART}(?:/{_PART})*",
        "an image name",
        "REGISTRY/NAME in lower case; the tag has a key of its own",
    ),
]
Tag = Annotated[
    str,
    text(
        r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}",
        "an image tag",
        "letters, digits and _ . -, such as v5.2.1",
    ),
]
AbsolutePath = Annotated[
    str,
    text(
        r"(?!(?:.*/)?\.\.(?:/|$))/[A-Za-z0-9._/@+=~-]*",
        "an absolute path",
        "/SOME/PATH without spaces and without ..",
    ),
]
ContainerName = Annotated[
    str,
    text(
        r"[A-Za-z0-9][A-Za-z0-9_.-]{1,62}",
        "a container name",
        "letters, digits and _ . -, beginning with a letter or digit",
    ),
]
UserName = Annotated[
    str,
    text(
        r"[A-Za-z_][A-Za-z0-9_.-]{0,31}(?:@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,126}))?",
        "a user name",
        "letters, digits and _ . -, with @DOMAIN where it has one",
    ),
]
RegistryUser = Annotated[
    str,
    text(
        r"[A-Za-z0-9_][A-Za-z0-9_.$+@=-]{0,127}",
        "a user of a registry",
        "letters, digits and _ . $ + @ = -, such as robot$puller",
    ),
]
LoginName = Annotated[  # directories have more than a passwd file may
    str,
    text(
        r"[A-Za-z_](?:[A-Za-z0-9_.@+\\-]{0,126}[A-Za-z0-9_.@+$-])?",
        "a user name",
        r"letters, digits and _ . @ + - \, such as jdoe@ad.example.org",
    ),
]
TimeZone = Annotated[
    str, text(r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+){0,2}", "a time zone", "Europe/Zurich or UTC")
]
SecretName = Annotated[
    str,
    text(
        r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}",
        "the name of a secret",
        "letters, digits and . _ -, such as ps1.key",
    ),
]
Version = Annotated[
    str,
    text(
        r"[A-Za-z0-9][A-Za-z0-9._+~:-]{0,127}",
        "a version",
        "letters, digits and . _ + ~ : -, such as 2.4.0-2.el8",
    ),
]
_BYTE = r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
Network = Annotated[
    str,
    text(
        rf"{_BYTE}(?:\.{_BYTE}){{3}}/(?:3[0-2]|[12]?[0-9])",
        "an IPv4 network",
        "ADDRESS/BITS, such as 10.0.3.144/28",
    ),
]
InterfaceAddress = Annotated[
    str,
    text(
        rf"{_BYTE}(?:\.{_BYTE}){{3}}/(?:3[0-2]|[12]?[0-9])",
        "an IPv4 address with its length",
        "ADDRESS/BITS, such as 10.5.106.1/24",
    ),
]
Address = Annotated[
    str, text(rf"{_BYTE}(?:\.{_BYTE}){{3}}", "an IPv4 address", "four numbers, such as 10.0.3.1")
]
Interface = Annotated[
    str,
    text(
        r"[A-Za-z0-9][A-Za-z0-9_.-]{0,14}",
        "the name of a network interface",
        "at most 15 letters, digits and _ . -, such as br0",
    ),
]
Port = Annotated[int, Meta(ge=1, le=65535, description="a port: 1 to 65535")]
NodeSet = Annotated[
    str,
    Meta(
        description="hosts of this site: n1, n[1-3,7], n[1-9]!n3, @group", extra={"names": "hosts"}
    ),
]
OneHost = Annotated[str, Meta(description="one host of this site", extra={"names": "host"})]


EngineName = Annotated[Literal["docker", "podman"], Meta(description="which engine runs it")]


class Clash(Noun):
    """Two keys of a section that cannot both be so.

    `key` and `other` are key paths below the section, `other` empty where it is none of its keys.
    `what` is said of `key` and followed by the name of `other`: "10.0.3.144/28 overlaps
    10.0.3.128/27 of". A section's type may have `clashes(site)`, an iterator of these: they are
    refused with both places when the site is loaded.
    """

    key: tuple[str | int, ...]
    what: str
    other: tuple[str | int, ...] = ()
    remedy: str = ""
