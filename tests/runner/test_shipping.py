"""An image goes from one host to those that lack it, by way of this machine, before their phase."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from fairlead.model.plan import Ask, Phase, Registered, Shipment, Step
from tests.driver import Driver, row, states

READ = 'echo read >>"$1/reads"; cat "$1/n1/$2.tar"'  # FOLDER ID: a stand-in of `docker save`
WRITE = 'cat >"$1" && echo >"$1.loaded"'
LAYERS = 'cat "$1" 2>/dev/null || :'


def sh(text: str, *words: Any) -> tuple[Any, ...]:
    return ("sh", "-c", text, "sh", *words)


@pytest.fixture
def image(driver: Driver, tmp_path: Path) -> Path:
    """n1 has an image of two layers in an archive; the others get it. Its folder."""
    (tmp_path / "n1").mkdir(exist_ok=True)
    config = {"rootfs": {"diff_ids": ["sha256:a", "sha256:b"]}}
    manifest = [{"Config": "config", "Layers": ["a", "b"]}]
    parts = {"config": json.dumps(config), "manifest.json": json.dumps(manifest)}
    with tarfile.open(tmp_path / "n1/id.tar", "w") as tar:
        for name, text in (parts | {"a": "a" * 5000, "b": "b" * 900}).items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))

    def up(ask: Ask) -> list[Phase]:
        host = ask.target.host
        if host == "n1":
            keep = Step(name="image", do=("echo", "app:1 id"), register="image", read_only=True)
            return [Phase("image", (keep,)), Phase("ship", ())]
        loaded = str(tmp_path / f"{host}.tar")
        shipment = Shipment(
            source="n1",
            key="image",
            read=sh(READ, str(tmp_path)),
            write=sh(WRITE, loaded),
            layers=sh(LAYERS, str(tmp_path / f"{host}.layers")),
        )
        here = (loaded, Registered("n1", "image"))
        step = Step(
            name="image",
            unless=sh('test -e "$1.named"', *here),
            do=sh('test -e "$1.loaded" && : >"$1.named"', *here),
            shipment=shipment,
        )
        return [Phase("image", ()), Phase("ship", (step,))]

    driver.system(server={"up": up})
    return tmp_path


def members(path: Path) -> list[str]:
    with tarfile.open(path) as tar:
        return tar.getnames()


def test_each_host_gets_what_it_lacks_and_the_source_is_read_once(
    driver: Driver, image: Path
) -> None:
    (image / "n3.layers").write_text('["sha256:a","sha256:x"]\n')
    result = driver.perform("up")
    assert states(result) == {"n1": "ok", "n2": "changed", "n3": "changed"}
    assert members(image / "n2.tar") == ["config", "manifest.json", "a", "b"]
    assert members(image / "n3.tar") == ["config", "manifest.json", "b"]
    assert (image / "reads").read_text() == "read\n"
    assert sorted(result.notes) == [
        "n2: 9 KiB of 9 KiB came from n1",
        "n3: 4 KiB of 9 KiB came from n1",
    ]


def test_a_host_that_has_it_is_sent_nothing(driver: Driver, image: Path) -> None:
    for host in ("n2", "n3"):
        (image / f"{host}.tar.named").touch()
    result = driver.perform("up")
    assert set(states(result).values()) == {"ok"}
    assert not (image / "reads").exists()


def test_a_dry_run_sends_nothing(driver: Driver, image: Path) -> None:
    result = driver.perform("up", dry_run=True)
    assert states(result)["n2"] == "would-change"
    assert not (image / "reads").exists()


def test_a_source_that_cannot_be_read_is_named_on_each_host(driver: Driver, image: Path) -> None:
    (image / "n1/id.tar").unlink()
    result = driver.perform("up")
    assert states(result) == {"n1": "ok", "n2": "failed", "n3": "failed"}
    assert row(result, "n2").error.startswith("n1: sh -c ended with 1: cat: ")
    assert (image / "reads").read_text() == "read\n"


def test_what_the_source_sends_has_to_be_an_archive_of_images(driver: Driver, image: Path) -> None:
    (image / "n1/id.tar").write_text("nothing of the kind")
    error = row(driver.perform("up"), "n2").error
    assert error.startswith("n1: what it sends is no archive of images (")
    assert error.endswith("; look at its engine: inv hosts.check --host=n1")
    assert not (image / "n2.tar").exists()


def from_folder(driver: Driver, image: Path, archive: str) -> None:
    """All hosts get the image from a file of this machine."""

    def up(ask: Ask) -> list[Phase]:
        loaded = str(image / f"{ask.target.host}.tar")
        shipment = Shipment(
            source="./images",
            write=sh(WRITE, loaded),
            layers=sh(LAYERS, str(image / f"{ask.target.host}.layers")),
            archive=str(image / archive),
        )
        step = Step(
            name="image",
            unless=sh('test -e "$1.named"', loaded),
            do=sh('test -e "$1.loaded" && : >"$1.named"', loaded),
            shipment=shipment,
        )
        return [Phase("ship", (step,))]

    driver.system("shelf", server={"up": up})


def test_a_file_of_this_machine_goes_to_each_host_that_lacks_it(
    driver: Driver, image: Path
) -> None:
    from_folder(driver, image, "n1/id.tar")
    (image / "n3.layers").write_text('["sha256:a","sha256:x"]\n')
    (image / "n2.tar.named").touch()
    result = driver.perform("up", "shelf")
    assert states(result) == {"n1": "changed", "n2": "ok", "n3": "changed"}
    assert (members(image / "n1.tar")[2:], members(image / "n3.tar")[2:]) == (["a", "b"], ["b"])
    assert sorted(result.notes) == [
        "n1: 9 KiB of 9 KiB came from ./images",
        "n3: 4 KiB of 9 KiB came from ./images",
    ]
    assert (image / "n1/id.tar").exists()


@pytest.mark.parametrize(
    ("archive", "words"),
    [
        ("gone.tar", "gone.tar: cannot be read (No such file or directory); make the folder anew"),
        ("n1.tar.loaded", "n1.tar.loaded: is no archive of images ("),
    ],
)
def test_a_file_that_is_no_archive_is_named(
    driver: Driver, image: Path, archive: str, words: str
) -> None:
    from_folder(driver, image, archive)
    (image / "n1.tar.loaded").write_text("nothing of the kind")
    result = driver.perform("up", "shelf", hosts=("n2",))
    assert words in row(result, "n2").error
    assert not (image / "n2.tar").exists()
