"""Images that are kept in a folder of this machine, by several at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fairlead.operations.image import shelf
from fairlead.operations.image.shelf import Index, ShelvedImage
from fairlead.runner import shelving


def test_of_images_that_come_at_once_none_is_lost_from_the_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = [ShelvedImage(f"r/i{number}:1", f"{number:064}") for number in range(4)]
    index = shelf.index

    def slow(folder: Path) -> Index:
        before = index(folder)
        time.sleep(0.05)
        return before

    def keep(image: ShelvedImage) -> None:
        with shelving._place(tmp_path, image) as file:
            file.write(b"archive")

    monkeypatch.setattr(shelf, "index", slow)
    with ThreadPoolExecutor() as pool:
        list(pool.map(keep, images))
    assert sorted(image.name for image in index(tmp_path).images) == [i.name for i in images]
