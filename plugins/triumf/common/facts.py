"""Facts that several components ask of a host: texts of files, the file system of a folder."""

from base64 import b64decode
from collections.abc import Mapping
from ipaddress import AddressValueError, IPv4Interface, NetmaskValueError

from fairlead.api import Fact, Noun, script

sh = script.beside(__file__)


class FileSystem(Noun):
    """The file system in which a folder lies: where it is mounted, MiB free."""

    mount_point: str
    free: int

    @property
    def gibibytes(self) -> str:
        return f"{self.free / 1024:.1f} GiB"


def files(*paths: str) -> Fact:
    """`files`: path -> content, of the files that are there."""
    return Fact("files", sh("files", *paths), contents)


def file_system(folder: str) -> Fact:
    """`mount`: the FileSystem of a folder, of the nearest above it where there is none yet."""
    return Fact("mount", sh("mount", folder), mount)


def contents(code: int, text: str) -> Mapping[str, str]:
    """Path -> content. A word that is no base64 counts as no content; a byte that is no UTF-8 is a
    surrogate, by which it comes back as it was (`files.texts`)."""
    rows = (line.split(" ") for line in text.splitlines() if line.startswith("/"))
    return {row[0]: _decoded(row[1]) for row in rows if len(row) == 2}


def _decoded(word: str) -> str:
    try:
        return b64decode(word).decode("utf-8", "surrogateescape")
    except ValueError:
        return ""


def mount(code: int, text: str) -> FileSystem | None:
    """What df(1) printed: mount point, KiB free; None where it printed neither."""
    words = text.split()
    if code == 0 and len(words) == 2 and words[1].isdigit():
        return FileSystem(words[0], int(words[1]) // 1024)
    return None


def is_address(word: str) -> bool:
    """Is it an IPv4 address, with or without a length?"""
    try:
        IPv4Interface(word)
    except (AddressValueError, NetmaskValueError, ValueError):
        return False
    return True
