"""A bundle: one tar of an ops repository and images, its manifest first.

Nothing in a bundle is believed: what its manifest does not name, or names and is not so, is
refused, and a link is nothing that it may hold.
"""

import hashlib
import io
import os
import shutil
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec
from msgspec import Meta

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Noun
from fairlead.operations.image.shelf import ShelvedImage

FORMAT = 1
MANIFEST = "manifest.json"
IMAGES = "images"  # the folder of them
LARGEST_MANIFEST = 4 << 20  # bytes
MOST_FILES = 20000
LONGEST = 400  # bytes of a path
CHUNK = 1 << 20  # bytes
NOWHERE = ("", ".", "..")  # no parts of a path that is below a folder
AGAIN = "copy it anew from where it was made, or make it anew: inv bundle"


class BundledFile(Noun):
    """A file of a bundle: `size` in bytes."""

    path: Annotated[str, Meta(min_length=1, max_length=LONGEST)]
    size: Annotated[int, Meta(ge=0, le=1 << 42)]
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
    is_program: bool = False

    @property
    def mode(self) -> int:
        return 0o755 if self.is_program else 0o644


class Manifest(Noun, kw_only=True):
    """What is in a bundle, in the order in which it lies there."""

    bundle: int = FORMAT
    fairlead: str
    site: Annotated[str, Meta(max_length=LONGEST)]
    images: tuple[ShelvedImage, ...] = ()
    files: Annotated[tuple[BundledFile, ...], Meta(max_length=MOST_FILES)]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


def described(folder: Path, paths: Iterable[str]) -> tuple[BundledFile, ...]:
    """The files of a folder as a manifest has them. Raises OSError."""
    return tuple(_described(folder, path) for path in paths)


def _described(folder: Path, path: str) -> BundledFile:
    with (folder / path).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        state = os.fstat(file.fileno())
    return BundledFile(path, state.st_size, digest, bool(state.st_mode & 0o100))


def write(
    file: BinaryIO,
    manifest: Manifest,
    folder: Path,
) -> None:
    """Of the same files it is the same to the last byte. Raises OSError."""
    encoded = msgspec.json.encode(manifest)
    text = msgspec.json.format(encoded, indent=1)
    with tarfile.open(
        fileobj=file,
        mode="w",
        format=tarfile.GNU_FORMAT,
    ) as tar:
        first = BundledFile(MANIFEST, len(text), "")
        _add(tar, first, io.BytesIO(text))
        for part in manifest.files:
            with (folder / part.path).open("rb") as content:
                _add(tar, part, content)


def _add(
    tar: tarfile.TarFile,
    part: BundledFile,
    content: BinaryIO,
) -> None:
    member = tarfile.TarInfo(part.path)
    member.size = part.size
    member.mode = part.mode
    tar.addfile(member, content)


class _Bounded(io.RawIOBase):
    """A file of which never more than so many bytes are read at once, whatever a header says."""

    def __init__(self, file: BinaryIO):
        self._file = file

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= LARGEST_MANIFEST:
            raise tarfile.ReadError("a header is too large")
        return self._file.read(size)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


class Bundle:
    """A bundle that is read. All raise FairleadError, which names it and what is wrong in it."""

    def __init__(self, path: Path, file: BinaryIO):
        self._path = path
        try:
            source = _Bounded(file)
            self._tar = tarfile.open(fileobj=source, mode="r:")  # noqa: SIM115 - holds nothing
            self.manifest = self._manifest()
        except (tarfile.TarError, EOFError) as error:
            raise self._broken(f"is no bundle ({error})") from None

    def unpack(self, folder: Path | None) -> None:
        """All of it into a folder that is empty; None: it is only read and proved."""
        if folder:
            self._require_room(folder)
        try:
            for part in self.manifest.files:
                self._unpack(part, folder)
            surplus = self._tar.next()
        except (tarfile.TarError, EOFError) as error:
            raise self._broken(f"cannot be read to its end ({error})") from None
        if surplus:
            raise self._broken(f"holds {surplus.name!r}, which its manifest does not name")

    def _manifest(self) -> Manifest:
        member = self._next(MANIFEST)
        if not member:
            raise self._broken(f"is no bundle: {MANIFEST} is not the first in it")
        if member.size > LARGEST_MANIFEST:
            raise self._broken(f"is no bundle: its {MANIFEST} is larger than 4 MiB")
        content = self._content(member)
        manifest = self._decoded(content.read(member.size))
        for part in manifest.files:
            if not _is_inside(part.path):
                what = f"{part.path!r} is no path that may be unpacked"
                raise self._broken(f"{MANIFEST}: {what}")
        return manifest

    def _decoded(self, data: bytes) -> Manifest:
        try:
            form = msgspec.json.decode(data, type=_Form)
            if form.bundle == FORMAT:
                return msgspec.json.decode(data, type=Manifest)
        except msgspec.MsgspecError as error:
            raise self._broken(f"{MANIFEST}: {error}") from None
        what = f"is of another format ({form.bundle})"
        raise self._broken(what, "take a newer fairlead")

    def _require_room(self, folder: Path) -> None:
        free = shutil.disk_usage(folder).free
        if self.manifest.size > free:
            what = f"holds {self.manifest.size} bytes, and {folder} has room for {free}"
            raise self._broken(what, "name a folder with more room: --to=DIR")

    def _unpack(self, part: BundledFile, folder: Path | None) -> None:
        member = self._next(part.path)
        if not member:
            raise self._broken(f"does not hold {part.path} in its place, as a plain file")
        if member.size != part.size:
            raise self._broken(f"{part.path} has {member.size} bytes, not {part.size}")
        content = self._content(member)
        digest = _copied(content, part, folder)
        if digest != part.sha256:
            words = f"its sha256 is {digest}, not {part.sha256}"
            raise self._broken(f"{part.path} is not what was packed: {words}")

    def _next(self, path: str) -> tarfile.TarInfo | None:
        """The next member, if it is this one and a plain file."""
        member = self._tar.next()
        if member is None or member.name != path:
            return None
        is_plain = member.type == tarfile.REGTYPE
        return member if is_plain and not member.issparse() else None

    def _content(self, member: tarfile.TarInfo) -> BinaryIO:
        content = self._tar.extractfile(member)
        if content is None:
            raise self._broken(f"{member.name} is no file")
        return content  # type: ignore[return-value]

    def _broken(self, what: str, remedy: str = AGAIN) -> FairleadError:
        return FairleadError(str(self._path), what, remedy)


class _Form(msgspec.Struct):
    bundle: int


def _is_inside(path: str) -> bool:
    """Is it a path below a folder, which can be shown?"""
    words = set(path.split("/"))
    return path.isprintable() and words.isdisjoint(NOWHERE)


def _copied(
    content: BinaryIO,
    part: BundledFile,
    folder: Path | None,
) -> str:
    """The digest of what is read, and written where there is a folder."""
    if folder is None:
        return _digest(content, _nowhere)
    path = folder / part.path
    path.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    descriptor = os.open(path, flags, part.mode)
    with open(descriptor, "wb") as file:
        return _digest(content, file.write)


def _digest(
    content: BinaryIO,
    write_chunk: Callable[[bytes], object],
) -> str:
    digest = hashlib.sha256()
    while data := content.read(CHUNK):
        digest.update(data)
        write_chunk(data)
    return digest.hexdigest()


def _nowhere(data: bytes) -> None:
    pass
