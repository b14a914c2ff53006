"""Files that must be nobody else's: read when only their owner can, written whole or not at all."""

import glob
import os
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from fairlead.model.errors import SecretError
from fairlead.model.plan import Secret

LARGEST = 1 << 16  # bytes that are read of a file
NEW = ".new"  # how a file is called that does not stand in its place yet
OLD = 86400.0  # seconds after which such a file is nobody's: who wrote it has died
REMEDY = "name a file that is yours, of mode 0600"


def read_private(
    path: Path,
    where: str = "",
    remedy: str = REMEDY,
    regular: bool = False,
) -> Secret:
    """What is in a file that nobody else may read, at most LARGEST bytes of it.

    `where` is what the error names, by default the path; `remedy` is its advice where the file
    cannot be read. With `regular` a pipe or a device is refused too. Raises SecretError.
    """
    where = where or str(path)
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(LARGEST)
    except OSError as error:
        what = f"{path} cannot be read ({error.strerror})"
        raise SecretError(where, what, remedy) from None
    if mode & 0o077 or (regular and not stat.S_ISREG(mode)):
        what = f"{path} is open to others ({stat.filemode(mode)})"
        raise SecretError(where, what, f"chmod 600 {path}")
    return Secret(data)


def first_line(secret: Secret) -> Secret:
    """The first line of a file, without its end."""
    return Secret(secret.reveal().split(b"\n")[0].rstrip(b"\r"))


def make_folder(path: Path) -> None:
    """A folder into which nobody else can look; so are those above it that are not there yet.

    Raises OSError.
    """
    if not path.parent.exists():
        make_folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)


def replace(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Write a file beside its place, then rename: it is there whole or not. Raises OSError."""
    path.parent.mkdir(exist_ok=True)
    with written(path, mode) as file:
        file.write(data)


@contextmanager
def written(path: Path, mode: int = 0o600) -> Iterator[BinaryIO]:
    """A new file, which takes its place when the block has ended well, whole and on the disk; else
    it goes. Raises OSError.
    """
    new = _beside(path)
    try:
        with _created(new, mode) as file:
            yield file
            _flush(file)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def replace_all(files: Mapping[Path, bytes], mode: int = 0o600) -> None:
    """Put files in place, each whole, once all are written beside their places.

    Where one cannot be written, none is replaced. Raises SecretError.
    """
    path = Path()
    beside = {path: _beside(path) for path in files}
    try:
        for path, new in beside.items():
            new.parent.mkdir(exist_ok=True)
            with _created(new, mode) as file:
                file.write(files[path])
                _flush(file)
        for path, new in beside.items():
            new.replace(path)
    except OSError as error:
        what = f"cannot be written: {error.strerror}"
        raise SecretError(str(error.filename or path), what, "") from None
    finally:
        for new in beside.values():
            with suppress(OSError):  # its folder may be what cannot be written
                new.unlink()


def _beside(path: Path) -> Path:
    """A name that nobody else writes to; what was left there by processes that died goes."""
    with suppress(OSError):
        for leftover in path.parent.glob(f".{glob.escape(path.name)}.*{NEW}"):
            if time.time() - leftover.stat().st_mtime > OLD:
                leftover.unlink()
    return path.with_name(f".{path.name}.{os.urandom(4).hex()}{NEW}")


def _created(path: Path, mode: int) -> BinaryIO:
    """A file that was not there, with this mode."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
    os.fchmod(descriptor, mode)  # whatever our umask is
    return open(descriptor, "w+b")


def _flush(file: BinaryIO) -> None:
    """It is on the disk once this returns."""
    file.flush()
    os.fsync(file.fileno())
