"""What the lab runs on the machine: the files of this folder, as one archive that is the same
whenever they are."""

from functools import cache
from io import BytesIO
from pathlib import Path

from fairlead.api import digest as digest_

FILES = Path(__file__).with_name("files")


@cache
def archive() -> bytes:
    """files/ as a tar: sorted, without owners and times."""
    import tarfile

    packed = BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for path in filter(_is_sent, sorted(FILES.rglob("*"))):
            entry = tarfile.TarInfo(str(path.relative_to(FILES)))
            entry.size, entry.mode = path.stat().st_size, 0o644
            tar.addfile(entry, BytesIO(path.read_bytes()))
    return packed.getvalue()


def _is_sent(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts


def digest() -> str:
    return digest_.sha256(archive())


def stand_ins() -> tuple[str, ...]:
    """The first parts of the image names that there are stand-ins for."""
    return tuple(sorted(path.parent.name for path in FILES.glob("standins/*/make.sh")))


@cache
def recipe() -> str:
    """What of the digest of files/ makes a release's tree: another recipe, another tree."""
    texts = ((FILES / name).read_bytes() for name in ("debian.sh", "tree.sh"))
    return digest_.sha256(b"".join(texts))[:12]
