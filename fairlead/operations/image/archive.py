"""What `docker save` writes: which layers are in it, and what of it a host needs that has some."""

import io
import json
import os
import posixpath
import tarfile
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

from fairlead.model.plan import Noun

END = bytes(2 * tarfile.BLOCKSIZE)  # of every archive
Layers = Sequence[str]  # the digests of an image's layers, from the lowest


class Extent(Noun):
    """Where a member of an archive lies, with its header: bytes."""

    start: int
    end: int


def needed(archive: BinaryIO, known: Iterable[Layers]) -> tuple[Extent, ...]:
    """The parts of an archive for an engine that has images of these layers.

    A layer is left out where the engine has it on the very same layers below: it is known by these
    as well. Raises ValueError where this is no such archive.
    """
    images = list(known)
    archive.seek(0)
    try:
        with tarfile.open(fileobj=archive, mode="r:") as tar:
            members = tar.getmembers()
            left_out = _left_out(tar, images)
    except (tarfile.TarError, LookupError, TypeError, ValueError) as error:
        raise ValueError(f"is no archive of images ({error})") from None
    ends = [member.offset for member in members[1:]] + [_end(members[-1])]
    return tuple(
        Extent(member.offset, end)
        for member, end in zip(members, ends, strict=True)
        if member.name not in left_out
    )


def _end(member: tarfile.TarInfo) -> int:
    blocks = -(-member.size // tarfile.BLOCKSIZE) if member.isreg() else 0
    return member.offset_data + blocks * tarfile.BLOCKSIZE


def _left_out(tar: tarfile.TarFile, images: Sequence[Layers]) -> set[str]:
    """The members that are not needed."""
    present: set[str] = set()
    missing: set[str] = set()
    for image in _json(tar, "manifest.json"):
        layers = _json(tar, image["Config"])["rootfs"]["diff_ids"]
        count = max((_shared(layers, other) for other in images), default=0)
        present.update(image["Layers"][:count])
        missing.update(image["Layers"][count:])
    return present - _targets(tar, missing)


def _targets(tar: tarfile.TarFile, names: Iterable[str]) -> set[str]:
    """These members, and those that they are links to: a layer that an image has twice."""
    members = [tar.getmember(name) for name in names]
    links = {
        posixpath.normpath(posixpath.join(posixpath.dirname(member.name), member.linkname))
        for member in members
        if member.issym()
    }
    return {member.name for member in members} | links


def _json(tar: tarfile.TarFile, name: str) -> Any:
    file = tar.extractfile(name)
    if file is None:
        raise KeyError(name)
    return json.load(file)


def _shared(layers: Layers, others: Layers) -> int:
    """How many of the lowest layers are the same."""
    count = 0
    for mine, theirs in zip(layers, others, strict=False):
        if mine != theirs:
            break
        count += 1
    return count


class Parts(io.RawIOBase):
    """An archive of some members of another one, to be read once; each reader has its own place."""

    def __init__(self, archive: BinaryIO, extents: Iterable[Extent]):
        self._descriptor = archive.fileno()
        self._extents = list(extents)
        self._rest = END

    def read(self, size: int = -1) -> bytes:
        most = size if size > 0 else 1 << 18
        if not self._extents:
            data, self._rest = self._rest[:most], self._rest[most:]
            return data
        first = self._extents[0]
        data = os.pread(self._descriptor, min(most, first.end - first.start), first.start)
        start = first.start + len(data)
        self._extents[:1] = [Extent(start, first.end)] if start < first.end else []
        return data
