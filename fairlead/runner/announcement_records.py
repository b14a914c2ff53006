"""What is announced and not closed yet, on the disk of this machine: it outlives whoever dies.

A file for each, locked as long as the process lives that has opened it.
"""

import errno
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from fairlead.inventory.announcements import Values
from fairlead.model.plan import Noun
from fairlead.secrets import files


class Record(Noun, kw_only=True):
    """An announcement that is open; `is_open`: its opening has been answered."""

    site: str
    name: str
    values: Values
    is_open: bool = False


class RecordFile:
    """The file of one record, which is ours until it is removed, or until we die."""

    def __init__(self, path: Path, descriptor: int):
        self._path, self._descriptor = path, descriptor

    @classmethod
    def new(cls, folder: Path, record: Record) -> "RecordFile":
        """Raises OSError."""
        files.make_folder(folder)
        path = folder / f"{record.values.run}.{record.name}.json"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        file = cls(path, descriptor)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            file.write(record)
        except OSError:
            file.remove()
            raise
        return file

    def write(self, record: Record) -> None:
        """On the disk once this returns: in one write, so that a kill leaves this record or the one
        before. Raises OSError.
        """
        data = msgspec.json.encode(record)
        whole = data.ljust(os.fstat(self._descriptor).st_size)
        if os.pwrite(self._descriptor, whole, 0) < len(whole):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.ftruncate(self._descriptor, len(data))
        os.fsync(self._descriptor)

    def release(self) -> None:
        """Leave it for whoever comes next."""
        os.close(self._descriptor)

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)
        self.release()


class Opened(Noun):
    """An announcement that is open, and its file; None: there is no place for files."""

    record: Record
    file: RecordFile | None

    def keep(self, record: Record) -> "Opened":
        if self.file:
            self.file.write(record)
        return replace(self, record=record)


def left_open(folder: Path, site: str) -> Iterator[tuple[RecordFile, Record]]:
    """Those of a site whose process has gone; each is ours from now on."""
    for path in sorted(folder.glob("*.json")):
        with suppress(OSError):  # gone meanwhile, or another's
            descriptor = os.open(path, os.O_RDWR)
            record = _record(descriptor, site)
            if record:
                yield RecordFile(path, descriptor), record
            else:
                os.close(descriptor)


def _record(descriptor: int, site: str) -> Record | None:
    """The record of a file that nobody else has locked; None: it is another's."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        plain: Mapping[str, Any] = json.loads(os.pread(descriptor, 1 << 20, 0))
        record = msgspec.convert(plain, Record)
    except (OSError, ValueError):  # msgspec.ValidationError is a ValueError
        return None
    return record if record.site == site else None
