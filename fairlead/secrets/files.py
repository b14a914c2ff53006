"""Files that must be nobody else's: read when only their owner can, written whole or not at all."""

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from fairlead.model.errors import SecretError
from fairlead.model.plan import Secret

LARGEST = 1 << 16  # bytes that are read of a file
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


def replace(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Write a file beside its place, then rename: it is there whole or not. Raises OSError."""
    _write_new(_beside(path), data, mode)
    _beside(path).replace(path)


def replace_all(files: Mapping[Path, bytes], mode: int = 0o600) -> None:
    """Put files in place, each whole, once all are written beside their places.

    Where one cannot be written, none is replaced. Raises SecretError.
    """
    path = Path()
    try:
        for path, data in files.items():
            _write_new(_beside(path), data, mode)
        for path in files:
            _beside(path).replace(path)
    except OSError as error:
        for leftover in map(_beside, files):
            with suppress(OSError):  # its folder may be what cannot be written
                leftover.unlink()
        what = f"cannot be written: {error.strerror}"
        raise SecretError(str(error.filename or path), what, "") from None


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")


def _write_new(path: Path, data: bytes, mode: int) -> None:
    """A file that was not there, with this mode, on the disk before this returns."""
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with open(descriptor, "wb") as file:
        os.fchmod(descriptor, mode)  # whatever our umask is
        file.write(data)
        file.flush()
        os.fsync(descriptor)
