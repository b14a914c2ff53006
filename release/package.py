"""Wheel, sdist and zipapp in one folder.

The zipapp is one file with all that fairlead needs, for one Python: what it runs first is
release/unpack.py. It holds `lib.zip`, for Python reads the whole list of an archive at each start.
"""

import hashlib
import io
import platform
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from fairlead import __version__

ROOT = Path(__file__).resolve().parent.parent
SHEBANG = f"#!/usr/bin/env python3.{sys.version_info.minor}\n".encode()  # no other can run it
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same files give the same archive
LEFT_OUT = {"bin", "__pycache__"}  # of an installation: programs with a path of this machine


def package(folder: Path) -> list[Path]:
    """Make all three; their paths. Raises CalledProcessError."""
    folder.mkdir(parents=True, exist_ok=True)
    wheel, sdist = build(folder)
    return [wheel, sdist, zipapp(wheel)]


def build(folder: Path) -> tuple[Path, Path]:
    """The wheel and the sdist. Raises CalledProcessError."""
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    stem = f"fairlead_ops-{__version__}"
    return folder / f"{stem}-py3-none-any.whl", folder / f"{stem}.tar.gz"


def zipapp(wheel: Path) -> Path:
    """The zipapp, beside a wheel, with its Python and machine in its name.

    Raises CalledProcessError.
    """
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, "--no-compile", "--target", folder, str(wheel)], check=True)
        library = _archive(Path(folder))
    path = wheel.with_name(f"fairlead-{__version__}-{made_for().replace(' ', '-')}.pyz")
    path.write_bytes(SHEBANG + _program(library))
    path.chmod(0o755)
    return path


def made_for() -> str:
    """The Python and the machine, as release/unpack.py asks for them."""
    return f"{sys.implementation.cache_tag} {sys.platform} {platform.machine()}"


def _program(library: bytes) -> bytes:
    digest = hashlib.sha256(library).hexdigest()[:16]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        _add(archive, "__main__.py", (ROOT / "release" / "unpack.py").read_bytes())
        _add(archive, "made.py", f"FOR = {made_for()!r}\nDIGEST = {digest!r}\n".encode())
        _add(archive, "lib.zip", library)
    return buffer.getvalue()


def _archive(folder: Path) -> bytes:
    """A folder as a zip file, the modes of its files kept."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in _files(folder):
            name = path.relative_to(folder).as_posix()
            _add(archive, name, path.read_bytes(), path.stat().st_mode & 0o755)
    return buffer.getvalue()


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        words = path.relative_to(folder).parts
        if path.is_file() and words[0] not in LEFT_OUT and words[-2:-1] != ("__pycache__",):
            yield path


def _add(archive: zipfile.ZipFile, name: str, data: bytes, mode: int = 0o644) -> None:
    entry = zipfile.ZipInfo(name, LONG_AGO)
    entry.external_attr, entry.compress_type = mode << 16, archive.compression
    archive.writestr(entry, data)
