"""Secrets are cut from all that is shown, written or journalled here: whole, by line, in part, and in base64.

A program on a host may print what it was given, and the end of its output may begin in the middle of a secret. So whatever has PART or more
characters in a row of a known secret (or of its base64, at each of the three alignments) becomes ***; a shorter secret is cut where it stands whole.
"""

import base64
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Secret

PART = 12  # characters in a row by which a piece of a secret is known
LEAST = 4  # a secret that is shorter cannot be told from other text
LARGEST = 16384  # bytes; a larger one (an archive) is cut only where it comes from the store, and only here
STARS = "***"
PACKED = (b"\xfd7zXZ", b"\x1f\x8b", b"BZh")  # how xz, gzip and bzip2 begin
URL = re.compile(r"[a-z][a-z0-9+.-]*://([^/@\s]*:?)@", re.IGNORECASE)


class Redactor:
    """The secrets of one command line."""

    def __init__(self) -> None:
        self._added: set[Secret] = set()
        self._whole: set[str] = set()  # shorter than PART
        self._parts: set[str] = set()
        self._heads: set[str] = set()  # beginnings, for output that comes in pieces
        self._held: dict[tuple[str, bool], bytes] = {}

    def add(self, secret: Secret) -> None:
        """From now on this one is cut."""
        if secret in self._added:
            return
        self._added.add(secret)
        for part in within(secret):
            self.add(part)
        for text in forms(_text(secret)):
            if len(text) < PART:
                self._whole.add(text)
            self._parts.update(text[at : at + PART] for at in range(len(text) - PART + 1))
            self._heads.update(text[:end] for end in range(1, min(len(text), PART)))

    def cut(self, value: Any) -> Any:
        """The value without them: text, bytes, and whatever is made of them (tuples, lists, maps, nouns)."""
        if not self._heads:
            return value
        match value:
            case str():
                return self._text(value)
            case bytes():
                return self._text(value.decode("utf-8", "surrogateescape")).encode(
                    "utf-8", "surrogateescape"
                )
            case tuple() | list():
                return type(value)(map(self.cut, value))
            case Mapping():
                return {self.cut(key): self.cut(part) for key, part in value.items()}
            case msgspec.Struct():
                return msgspec.structs.replace(
                    value,
                    **{name: self.cut(getattr(value, name)) for name in value.__struct_fields__},
                )
        return value

    def cut_error(self, error: FairleadError) -> FairleadError:
        """The error, its words without them."""
        return (
            type(error)(*map(self.cut, (error.where, error.what, error.remedy)))
            if self._heads
            else error
        )

    def redact_event(
        self, what: str, words: tuple[Any, ...]
    ) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """What observers are told instead of `what` with these words (fairlead.model.results.Observer)."""
        if what == "ended":
            held, self._held = self._held, {}
            yield from (
                ("output", (host, self.cut(data), errors)) for (host, errors), data in held.items()
            )
        if what != "output":
            yield what, self.cut(words)
        else:
            host, data, errors = words
            if data := self.stream((host, errors), data):
                yield what, (host, data, errors)

    def stream(self, source: tuple[str, bool], data: bytes) -> bytes:
        """Output that comes in pieces: what may be the beginning of a secret is held back until more has come."""
        if not self._heads:
            return data
        data = self._held.pop(source, b"") + data
        text = data.decode("utf-8", "surrogateescape")
        held = next(
            (end for end in range(min(PART - 1, len(text)), 0, -1) if text[-end:] in self._heads), 0
        )
        if held:
            self._held[source] = text[-held:].encode("utf-8", "surrogateescape")
            text = text[:-held]
        return self._text(text).encode("utf-8", "surrogateescape")

    def _text(self, text: str) -> str:
        found = "".join(self._pieces(text)) if len(text) >= PART else text
        for whole in sorted(self._whole, key=len, reverse=True):
            found = found.replace(whole, STARS)
        return found

    def _pieces(self, text: str) -> Iterator[str]:
        """The text with every run of known parts as stars."""
        done, at = 0, 0
        while at <= len(text) - PART:
            if text[at : at + PART] not in self._parts:
                at += 1
                continue
            end = at + PART
            while text[end - PART + 1 : end + 1] in self._parts and end < len(text):
                end += 1
            yield text[done:at] + STARS
            done = at = end
        yield text[done:]


def given(sent: Iterable[Secret], held: Iterable[Secret]) -> frozenset[Secret]:
    """The secrets that a host is given on the stdin of steps (`sent`): of `held` those that stand there, as they are or as base64; and the rest.

    A secret that does not go to a host is not told to it.
    """
    streams = {secret.reveal() for secret in sent}

    def goes(secret: Secret, stream: bytes) -> bool:
        return secret.reveal() in stream or base64.b64encode(secret.reveal()) in stream

    known = {secret for secret in held if any(goes(secret, stream) for stream in streams)}
    return frozenset(
        known
        | {
            Secret(stream)
            for stream in streams
            if stream and not any(goes(secret, stream) for secret in known)
        }
    )


def hidden(secrets: Iterable[Secret]) -> Secret | None:
    """What a host shall cut from the output of its programs, a word a line; None: nothing."""
    parts = {
        part
        for secret in secrets
        if len(secret.reveal()) <= LARGEST
        for part in (secret, *within(secret))
    }
    words = sorted({word for part in parts for word in forms(_text(part)) if min(word) >= " "})
    shorter = {
        word
        for word, longer in itertools.pairwise(words)
        if len(word) >= PART and longer.startswith(word)
    }
    lines = "".join(f"{word}\n" for word in words if word not in shorter)
    return Secret(lines.encode("utf-8", "surrogateescape")) if lines else None


def within(secret: Secret) -> Iterator[Secret]:
    """The files of an archive (tar, however it is packed), for they are unpacked where they are used; certificates are no secret."""
    data = secret.reveal()
    if not data.startswith(PACKED) and data[257:262] != b"ustar":
        return
    import io
    import lzma
    import tarfile
    import zlib

    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            files = [
                archive.extractfile(member)
                for member in archive
                if member.isfile() and member.size <= LARGEST
            ]
            texts = [file.read() for file in files if file]
    except (tarfile.TarError, OSError, EOFError, lzma.LZMAError, zlib.error):
        return
    yield from (
        Secret(text)
        for text in texts
        if b"-----BEGIN CERTIFICATE" not in text or b"PRIVATE KEY" in text
    )


def _text(secret: Secret) -> str:
    return secret.reveal().decode("utf-8", "surrogateescape")


def forms(text: str) -> Iterator[str]:
    """What a secret may look like. Of a URL only its credentials are secret; of a PEM block the first and last line are not."""
    found = URL.match(text.strip())
    secrets = (
        [found[1], *found[1].split(":", 1)[1:]]
        if found
        else [line.strip() for line in text.split("\n") if not line.startswith("-----")]
    )
    for one in dict.fromkeys(part for part in secrets if len(part) >= LEAST):
        yield one
        yield from _encoded(one.encode("utf-8", "surrogateescape"))
    if not found and "\n" in text.strip():
        yield from _encoded(text.encode("utf-8", "surrogateescape"))


def _encoded(data: bytes) -> Iterator[str]:
    """Base64 at its three alignments, without the characters that what stands before changes, at an end and before something else; both alphabets."""
    for lead in range(3):
        text = base64.b64encode(b"\0" * lead + data).decode().rstrip("=")[(0, 2, 3)[lead] :]
        for found in (text, text[:-1]) if (lead + len(data)) % 3 else (text,):
            if len(found) >= LEAST:
                yield from {found, found.translate({43: 45, 47: 95})}
