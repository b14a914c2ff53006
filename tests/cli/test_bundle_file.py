"""A bundle is unpacked whole, or what is wrong in it is named and nothing is there."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from fairlead.cli import bundle_file
from fairlead.cli.bundle_file import Bundle, BundledFile, Manifest
from fairlead.model.errors import FairleadError

FILES = {"tasks.py": b"two lines\n", "inv": b"#!/bin/sh\n", "images/0123456789ab.tar": b"i" * 4000}
Member = tuple[tarfile.TarInfo, bytes]


def packed(folder: Path) -> Path:
    """A bundle of FILES."""
    source = folder / "source"
    for name, content in FILES.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(content)
    (source / "inv").chmod(0o755)
    files = bundle_file.described(source, FILES)
    with (folder / "b.tar").open("wb") as file:
        bundle_file.write(file, Manifest(fairlead="1.0", site="nord", files=files), source)
    return folder / "b.tar"


def unpack(path: Path, to: Path | None) -> Manifest:
    with path.open("rb") as file:
        bundle = Bundle(path, file)
        bundle.unpack(to)
    return bundle.manifest


def members(path: Path) -> list[Member]:
    with tarfile.open(path) as tar:
        files = ((member, tar.extractfile(member)) for member in tar.getmembers())
        return [(member, file.read() if file else b"") for member, file in files]


def rewrite(path: Path, parts: list[Member]) -> None:
    with tarfile.open(path, "w") as tar:
        for member, content in parts:
            if member.isreg():
                member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


def test_what_is_packed_is_unpacked(tmp_path: Path) -> None:
    (tmp_path / "to").mkdir()
    manifest = unpack(packed(tmp_path), tmp_path / "to")
    files = {path: (tmp_path / "to" / path).read_bytes() for path in FILES}
    assert (files, manifest.site, manifest.size) == (FILES, "nord", 4020)
    programs = [path for path in FILES if (tmp_path / "to" / path).stat().st_mode & 0o111]
    assert programs == ["inv"]


def test_the_same_files_are_the_same_bundle(tmp_path: Path) -> None:
    first = packed(tmp_path).read_bytes()
    assert packed(tmp_path).read_bytes() == first


def test_it_is_proved_without_anything_being_written(tmp_path: Path) -> None:
    path = packed(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    unpack(path, None)
    assert sorted(tmp_path.rglob("*")) == before


def other_bytes(parts: list[Member]) -> list[Member]:
    return [(member, content.replace(b"two", b"few")) for member, content in parts]


def shorter(parts: list[Member]) -> list[Member]:
    return [(member, content.replace(b"two lines", b"two")) for member, content in parts]


def linked(parts: list[Member]) -> list[Member]:
    link = tarfile.TarInfo("inv")
    link.type, link.linkname = tarfile.SYMTYPE, "/bin/sh"
    return [(link, b"") if member.name == "inv" else (member, text) for member, text in parts]


def hard_linked(parts: list[Member]) -> list[Member]:
    link = tarfile.TarInfo("inv")
    link.type, link.linkname = tarfile.LNKTYPE, "tasks.py"
    return [(link, b"") if member.name == "inv" else (member, text) for member, text in parts]


def with_more(parts: list[Member]) -> list[Member]:
    return [*parts, (tarfile.TarInfo("sites/more.yml"), b"more")]


def without_last(parts: list[Member]) -> list[Member]:
    return parts[:-1]


def without_manifest(parts: list[Member]) -> list[Member]:
    return parts[1:]


def manifest_with(**fields: object) -> Callable[[list[Member]], list[Member]]:
    def change(parts: list[Member]) -> list[Member]:
        (first, text), *others = parts
        manifest = msgspec.json.decode(text) | fields
        return [(first, msgspec.json.encode(manifest)), *others]

    return change


def outside(path: str) -> Callable[[list[Member]], list[Member]]:
    return manifest_with(files=[BundledFile(path, 1, "0" * 64)])


REFUSED = {
    "another byte": (other_bytes, "tasks.py is not what was packed: its sha256 is "),
    "another size": (shorter, "tasks.py has 4 bytes, not 10"),
    "a link": (linked, "does not hold inv in its place, as a plain file"),
    "a hard link": (hard_linked, "does not hold inv in its place, as a plain file"),
    "one more": (with_more, "holds 'sites/more.yml', which its manifest does not name"),
    "one less": (without_last, "does not hold images/0123456789ab.tar in its place"),
    "no manifest": (without_manifest, "is no bundle: manifest.json is not the first in it"),
    "a path above": (outside("a/../../b"), "'a/../../b' is no path that may be unpacked"),
    "a path of the root": (outside("/etc/b"), "'/etc/b' is no path that may be unpacked"),
    "a path of nothing": (outside("a//b"), "'a//b' is no path that may be unpacked"),
    "a path that draws": (outside("a\x1b[2J"), "is no path that may be unpacked"),
    "another format": (manifest_with(bundle=2), "is of another format (2); take a newer fairlead"),
    "no list": (manifest_with(files=3), "manifest.json: Expected `array`"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_named(tmp_path: Path, case: str) -> None:
    change, words = REFUSED[case]
    path = packed(tmp_path)
    rewrite(path, change(members(path)))
    (tmp_path / "to").mkdir()
    with pytest.raises(FairleadError) as error:
        unpack(path, tmp_path / "to")
    assert (error.value.where, words in str(error.value)) == (str(path), True)
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize("kept", [0, 100, 512, 2600, 6000])
def test_half_of_one_is_refused(tmp_path: Path, kept: int) -> None:
    path = packed(tmp_path)
    path.write_bytes(path.read_bytes()[:kept])
    (tmp_path / "to").mkdir()
    with pytest.raises(FairleadError, match="is no bundle|cannot be read to its end|does not hold"):
        unpack(path, tmp_path / "to")


def test_a_header_that_wants_all_memory_is_refused(tmp_path: Path) -> None:
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 8 << 20
    path = tmp_path / "b.tar"
    path.write_bytes(header.tobuf(tarfile.GNU_FORMAT) + bytes(9 << 20))
    with pytest.raises(FairleadError, match=r"is no bundle \(a header is too large\)"):
        unpack(path, None)


def test_a_folder_without_room_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = packed(tmp_path)
    (tmp_path / "to").mkdir()
    usage = type("Usage", (), {"free": 4000})
    monkeypatch.setattr(bundle_file.shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(FairleadError, match="holds 4020 bytes, and .* has room for 4000"):
        unpack(path, tmp_path / "to")
    assert list((tmp_path / "to").iterdir()) == []
