"""Of an archive of images what an engine needs that has some layers already."""

import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, cast

import pytest

from fairlead.operations.image import archive

SIZES = {"a": 700, "b": 3, "c": 512, "d": 0}


def saved(path: Path, layers: str, links: Mapping[str, str] = MappingProxyType({})) -> BinaryIO:
    """An archive as Docker 20.10 writes it: a folder for each layer, the manifest at its end."""
    config = {"rootfs": {"diff_ids": [f"sha256:{links.get(name, name)}" for name in layers]}}
    parts = {"config.json": json.dumps(config).encode()}
    parts |= {f"{name}/layer.tar": name.encode() * SIZES[name] for name in layers}
    manifest = {"Config": "config.json", "Layers": [f"{name}/layer.tar" for name in layers]}
    parts["manifest.json"] = json.dumps([manifest]).encode()
    with tarfile.open(path, "w") as tar:
        for name, content in parts.items():
            member = tarfile.TarInfo(name)
            link = links.get(name.partition("/")[0])
            if link:
                member.type, member.linkname = tarfile.SYMTYPE, f"../{link}/layer.tar"
                tar.addfile(member)
                continue
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path.open("rb")


def sent(file: BinaryIO, known: tuple[str, ...]) -> dict[str, int]:
    """The layers that arrive, with their sizes, of an archive that is whole."""
    images = [[f"sha256:{name}" for name in layers] for layers in known]
    parts = archive.Parts(file, archive.needed(file, images))
    data = b"".join(iter(lambda: parts.read(100), b""))
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as tar:
        assert {"config.json", "manifest.json"} <= set(tar.getnames())
        layers = [member for member in tar.getmembers() if member.name.endswith("layer.tar")]
        return {member.name.partition("/")[0]: member.size for member in layers}


@pytest.mark.parametrize(
    ("known", "arrive"),
    [
        ((), "abcd"),
        (("xyz",), "abcd"),
        (("ax", "ab"), "cd"),
        (("abcd",), ""),
        (("bcd",), "abcd"),  # the same layers on others are none
    ],
)
def test_a_layer_is_left_out_where_it_lies_on_the_same_ones(
    tmp_path: Path, known: tuple[str, ...], arrive: str
) -> None:
    with saved(tmp_path / "image.tar", "abcd") as file:
        assert sent(file, known) == {name: SIZES[name] for name in arrive}


def test_a_layer_stays_to_which_one_that_is_missing_is_a_link(tmp_path: Path) -> None:
    with saved(tmp_path / "image.tar", "abc", {"c": "a"}) as file:
        assert sorted(sent(file, ("ab",))) == ["a", "c"]


def test_what_is_no_archive_of_images_is_refused(tmp_path: Path) -> None:
    for content in (b"", b"no archive" * 100):
        (tmp_path / "image.tar").write_bytes(content)
        with (tmp_path / "image.tar").open("rb") as file, pytest.raises(ValueError, match="is no"):
            archive.needed(file, ())
    with tarfile.open(tmp_path / "other.tar", "w") as tar:
        tar.addfile(tarfile.TarInfo("a"))
    with tarfile.open(tmp_path / "half.tar", "w") as tar:
        tar.addfile(tarfile.TarInfo("manifest.json"))
    with (tmp_path / "half.tar").open("rb") as file, pytest.raises(ValueError, match="is no arch"):
        archive.needed(cast(BinaryIO, file), ())
    with (tmp_path / "other.tar").open("rb") as file, pytest.raises(ValueError, match="manifest"):
        archive.needed(cast(BinaryIO, file), ())
