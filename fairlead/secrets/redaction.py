"""Secrets are cut from all that is shown, written or journalled here: whole, by line, in part, and
in base64.

A program on a host may print what it was given, and the end of its output may begin in the middle
of a secret. So whatever has PART or more characters in a row of a known secret (or of its base64,
at each of the three alignments) becomes ***; a shorter secret is cut where it stands whole.
"""

import base64
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Secret

if TYPE_CHECKING:
    from tarfile import TarInfo

PART = 12  # characters in a row by which a piece of a secret is known
LEAST = 4  # a secret that is shorter cannot be told from other text
LARGEST = 16384  # bytes; a larger one (an archive) is cut only where it comes from the store, here
STARS = "***"
PACKED = (b"\xfd7zXZ", b"\x1f\x8b", b"BZh")  # how xz, gzip and bzip2 begin
URL = re.compile(r"[a-z][a-z0-9+.-]*://([^/@\s]*:?)@", re.IGNORECASE)
URL_SAFE = str.maketrans("+/", "-_")  # the other alphabet of base64

Event = tuple[str, tuple[Any, ...]]  # as fairlead.model.results.Observer gets them


class Redactor:
    """The secrets of one command line."""

    def __init__(self) -> None:
        self._added: set[Secret] = set()
        self._whole: set[str] = set()  # shorter than PART
        self._parts: set[str] = set()
        self._heads: set[str] = set()  # beginnings, for output that comes in pieces
        self._pending: dict[tuple[str, bool], bytes] = {}  # ends of output that may be such

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
        """The value without them: text, bytes, and whatever is made of them (tuples, lists, maps,
        nouns)."""
        if not self._heads:
            return value
        match value:
            case str():
                return self._cut_text(value)
            case bytes():
                return _bytes(self._cut_text(_decoded(value)))
            case tuple() | list():
                return type(value)(map(self.cut, value))
            case Mapping():
                return {self.cut(key): self.cut(part) for key, part in value.items()}
            case msgspec.Struct():
                fields = {name: self.cut(getattr(value, name)) for name in value.__struct_fields__}
                return msgspec.structs.replace(value, **fields)
        return value

    def cut_error(self, error: FairleadError) -> FairleadError:
        """The error, its words without them."""
        if not self._heads:
            return error
        return type(error)(*map(self.cut, (error.where, error.what, error.remedy)))

    def redact_event(self, what: str, words: tuple[Any, ...]) -> Iterator[Event]:
        """The events that observers get instead of the event `what` with these words."""
        if what == "output":
            host, data, errors = words
            if data := self.stream((host, errors), data):
                yield what, (host, data, errors)
            return
        if what == "ended":
            yield from self._remainders()
        yield what, self.cut(words)

    def _remainders(self) -> Iterator[Event]:
        """The output that was held back, now that no more will come."""
        pending, self._pending = self._pending, {}
        for (host, errors), data in pending.items():
            yield "output", (host, self.cut(data), errors)

    def stream(self, source: tuple[str, bool], data: bytes) -> bytes:
        """Output that comes in pieces: what may be the beginning of a secret is held back until
        more has come."""
        if not self._heads:
            return data
        text = _decoded(self._pending.pop(source, b"") + data)
        size = self._size_of_head(text)
        if size:
            self._pending[source] = _bytes(text[-size:])
            text = text[:-size]
        return _bytes(self._cut_text(text))

    def _size_of_head(self, text: str) -> int:
        """How many characters at the end of the text may be the beginning of a secret."""
        sizes = range(min(PART - 1, len(text)), 0, -1)
        return next((size for size in sizes if text[-size:] in self._heads), 0)

    def _cut_text(self, text: str) -> str:
        if len(text) >= PART:
            text = "".join(self._pieces(text))
        for whole in sorted(self._whole, key=len, reverse=True):
            text = text.replace(whole, STARS)
        return text

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


def secrets_for_host(sent: Iterable[Secret], known: Iterable[Secret]) -> frozenset[Secret]:
    """The secrets that a host gets on the stdin of steps (`sent`): of those that are known the ones
    that stand there, as they are or as base64; and each stdin in which none does.

    A secret that does not go to a host is not told to it.
    """
    streams = {secret.reveal() for secret in sent}

    def stands_in(secret: Secret, stream: bytes) -> bool:
        return secret.reveal() in stream or base64.b64encode(secret.reveal()) in stream

    def is_sent(secret: Secret) -> bool:
        return any(stands_in(secret, stream) for stream in streams)

    def is_unknown(stream: bytes) -> bool:
        return bool(stream) and not any(stands_in(secret, stream) for secret in going)

    going = set(filter(is_sent, known))
    return frozenset(going | {Secret(stream) for stream in filter(is_unknown, streams)})


def hidden(secrets: Iterable[Secret]) -> Secret | None:
    """What a host shall cut from the output of its programs, a word a line; None: nothing."""
    small = [secret for secret in secrets if len(secret.reveal()) <= LARGEST]
    words = sorted(set(itertools.chain.from_iterable(map(_printable_forms, small))))
    covered = {
        word
        for word, longer in itertools.pairwise(words)
        if len(word) >= PART and longer.startswith(word)
    }
    lines = "".join(f"{word}\n" for word in words if word not in covered)
    return Secret(_bytes(lines)) if lines else None


def _printable_forms(secret: Secret) -> Iterator[str]:
    """What the secret and its parts may look like, as far as it fits on a line."""
    for part in (secret, *within(secret)):
        yield from (word for word in forms(_text(part)) if min(word) >= " ")


def within(secret: Secret) -> Iterator[Secret]:
    """The files of an archive (tar, however it is packed), for they are unpacked where they are
    used; certificates are no secret."""
    data = secret.reveal()
    if data.startswith(PACKED) or data[257:262] == b"ustar":
        for content in _files_of_archive(data):
            if b"-----BEGIN CERTIFICATE" not in content or b"PRIVATE KEY" in content:
                yield Secret(content)


def _files_of_archive(data: bytes) -> list[bytes]:
    """Those of at most LARGEST bytes; none where the archive is damaged, or is none."""
    import io
    import lzma
    import tarfile
    import zlib

    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            files = [archive.extractfile(member) for member in archive if _is_small(member)]
            return [file.read() for file in files if file]
    except (tarfile.TarError, OSError, EOFError, lzma.LZMAError, zlib.error):
        return []


def _is_small(member: "TarInfo") -> bool:
    return member.isfile() and member.size <= LARGEST


def forms(text: str) -> Iterator[str]:
    """What a secret may look like. Of a URL only its credentials are secret; of a PEM block the
    first and last line are not."""
    url = URL.match(text.strip())
    secrets = _credentials(url[1]) if url else _lines(text)
    for secret in dict.fromkeys(part for part in secrets if len(part) >= LEAST):
        yield secret
        yield from _encoded(_bytes(secret))
    if not url and "\n" in text.strip():
        yield from _encoded(_bytes(text))


def _credentials(login: str) -> list[str]:
    """USER:PASSWORD, and PASSWORD alone."""
    return [login, *login.split(":", 1)[1:]]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if not line.startswith("-----")]


def _encoded(data: bytes) -> Iterator[str]:
    """Base64 at its three alignments, without the characters that what stands before changes, at an
    end and before something else; both alphabets."""
    for lead, changed in ((0, 0), (1, 2), (2, 3)):
        text = base64.b64encode(b"\0" * lead + data).decode().rstrip("=")[changed:]
        ends_within_group = (lead + len(data)) % 3 != 0  # then its last character depends on more
        for form in (text, text[:-1]) if ends_within_group else (text,):
            if len(form) >= LEAST:
                yield from {form, form.translate(URL_SAFE)}


def _text(secret: Secret) -> str:
    return _decoded(secret.reveal())


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
