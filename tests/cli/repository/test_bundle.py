"""`inv bundle` and `fairlead unbundle`: over real shells, with engines that are folders.

A stand-in: what it loads it only puts into a file, and it gives an image the ID that it had.
"""

import io
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fairlead.cli.bundle_file import Bundle
from fairlead.cli.commands import CommandResult
from fairlead.cli.repository.bundle import bundle
from fairlead.cli.repository.unbundle import unbundle
from fairlead.model.errors import CommandLineError, FairleadError
from fairlead.model.plan import Ask, Phase, Step
from fairlead.operations.container.upgrade import PullOptions
from fairlead.operations.image import shelf
from fairlead.runner.request import Common
from tests.cli.repository.test_init import fairlead
from tests.driver import Driver

ID = "0123456789ab"
READ = 'cat "$0/engine-$1/$2.tar"'  # FOLDER HOST ID
NAME = 'cat "$0/engine-$1/name"'


class Engines:
    """Hosts whose engines have an image, and a repository with a site."""

    def __init__(self, driver: Driver, folder: Path):
        self.driver, self.folder, self.out = driver, folder, folder / "out"
        self.ops = folder / "ops"
        for path in (self.ops / "secrets", self.out):
            path.mkdir(parents=True)
        (self.ops / "secrets/door.age").write_text("sealed")
        (self.ops / "tasks.py").write_text("two lines\n")
        driver.store = lambda: SimpleNamespace(folder=self.ops / "secrets")
        for host in ("n1", "n2"):
            self.have(host, ID)
        driver.system(server={"pull": self.pull}, cache={"pull": lambda ask: []})
        pull = driver.plugins.component("toy", "server").module.pull
        pull.__annotations__ = {"ask": Ask[PullOptions]}
        driver.system("yard", server={"up": lambda ask: []})

    def have(self, host: str, id_: str) -> None:
        engine = self.folder / f"engine-{host}"
        engine.mkdir(exist_ok=True)
        (engine / "name").write_text(f"app:1 {id_}\n")
        config = {"rootfs": {"diff_ids": ["sha256:a"]}}
        parts = {"manifest.json": [{"Config": "c", "Layers": ["a"]}], "c": config, "a": "a" * 3000}
        with tarfile.open(engine / f"{id_}.tar", "w") as tar:
            for name, content in parts.items():
                member, data = tarfile.TarInfo(name), json.dumps(content).encode()
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))

    def pull(self, ask: Ask[Any]) -> list[Phase]:
        host = ask.target.host
        step = Step(
            name="copy",
            do=("sh", "-c", NAME, str(self.folder), host),
            register="copy",
            read_only=True,
            fetch_to=ask.options.to,
            fetch_by=("sh", "-c", READ, str(self.folder), host),
        )
        return [Phase("copy", (step,))]

    def bundle(self, hosts: str = "n1", **common: Any) -> CommandResult:
        path = str(self.out / "b.tar")
        return bundle(self.driver.context(), Common(**common), from_=hosts, file=path)

    def unbundle(self, to: str = "there", **common: Any) -> CommandResult:
        path, folder = str(self.out / "b.tar"), str(self.folder / to)
        return unbundle(self.driver.context(), Common(**common), file=path, to=folder)


@pytest.fixture
def engines(driver: Driver, tmp_path: Path) -> Engines:
    return Engines(driver, tmp_path)


def test_what_is_bundled_here_is_unpacked_there(engines: Engines) -> None:
    made = engines.bundle()
    assert (made.code, [path.name for path in engines.out.iterdir()]) == (0, ["b.tar"])
    assert (made.data["images"], made.data["without_image"]) == (
        [{"name": "app:1", "id": ID}],
        ["toy.cache", "yard"],
    )
    assert "no image of toy.cache, yard: such are built there" in made.text
    there = engines.folder / "there"
    unpacked = engines.unbundle()
    assert "inv --site=test pull --ship=./images" in unpacked.text
    assert sorted(str(path.relative_to(there)) for path in there.rglob("*") if path.is_file()) == [
        f"images/{ID}.tar",
        "images/index.json",
        "sites/test.yml",
        "tasks.py",
    ]
    (image,) = shelf.index(there / "images").images
    archive = engines.folder / f"engine-n1/{ID}.tar"
    assert (there / "images" / image.file).read_bytes() == archive.read_bytes()


def test_a_dry_run_leaves_nothing(engines: Engines) -> None:
    foreseen = engines.bundle(dry_run=True)
    assert "  would pack  sites/test.yml" in foreseen.text
    assert list(engines.out.iterdir()) == []
    engines.bundle()
    proved = engines.unbundle(dry_run=True)
    assert ("whole, 4 files" in proved.text, (engines.folder / "there").exists()) == (True, False)


def test_a_host_that_cannot_give_its_image_leaves_no_bundle(engines: Engines) -> None:
    (engines.folder / f"engine-n1/{ID}.tar").write_text("nothing of the kind")
    assert engines.bundle().code == 1
    (engines.folder / f"engine-n1/{ID}.tar").unlink()
    assert engines.bundle().code == 1
    assert list(engines.out.iterdir()) == []


def test_hosts_with_different_images_of_a_name_make_no_bundle(engines: Engines) -> None:
    assert engines.bundle("n[1-2]").code == 0
    (engines.out / "b.tar").unlink()
    engines.have("n2", "ba9876543210")
    with pytest.raises(CommandLineError, match="n2 has another image app:1 than a host before it"):
        engines.bundle("n[1-2]")
    assert list(engines.out.iterdir()) == []


def test_a_secret_in_the_site_is_refused_before_a_host_is_asked(engines: Engines) -> None:
    plugin = engines.ops / "plugins/own/key.py"
    plugin.parent.mkdir(parents=True)
    plugin.write_text("-----BEGIN PRIVATE KEY-----\n")
    with pytest.raises(FairleadError, match=r"plugins/own/key\.py:1: a private key would be in"):
        engines.bundle()
    assert (list(engines.out.iterdir()), engines.driver.watcher.events) == ([], [])


def test_what_is_there_is_never_written_over(engines: Engines) -> None:
    engines.bundle()
    with pytest.raises(CommandLineError, match="is there already; name another file"):
        engines.bundle()
    (engines.folder / "there").mkdir()
    (engines.folder / "there/mine").touch()
    with pytest.raises(CommandLineError, match="is not empty; name an empty one"):
        engines.unbundle()
    assert [path.name for path in (engines.folder / "there").iterdir()] == ["mine"]


@pytest.mark.parametrize("is_new", [True, False])
def test_a_broken_bundle_leaves_the_folder_as_it_was(engines: Engines, is_new: bool) -> None:
    engines.bundle()
    path = engines.out / "b.tar"
    data = path.read_bytes()
    path.write_bytes(data[::-1].replace(b"a" * 9, b"b" * 9, 1)[::-1])  # in the image, which is last
    there = engines.folder / "there"
    if not is_new:
        there.mkdir()
    with pytest.raises(FairleadError, match=rf"images/{ID}\.tar is not what was packed"):
        engines.unbundle()
    assert there.exists() is not is_new
    assert is_new or list(there.iterdir()) == []


def once_interrupted(function: Callable[..., None]) -> Callable[..., None]:
    """It is interrupted the first time, before it has done anything."""
    calls: list[Any] = []

    def call(*words: Any, **more: Any) -> None:
        calls.append(words)
        if len(calls) == 1:
            raise KeyboardInterrupt
        function(*words, **more)

    return call


@pytest.mark.parametrize("name", ["mine", "sites"])
def test_what_somebody_lays_into_the_folder_meanwhile_stays(
    engines: Engines, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    engines.bundle()
    there = engines.folder / "there"
    unpack = Bundle.unpack

    def slow(bundle: Bundle, work: Path | None) -> None:
        unpack(bundle, work)
        (there / name).write_text("mine")
        if name == "mine":
            raise KeyboardInterrupt

    monkeypatch.setattr(Bundle, "unpack", slow)
    with pytest.raises((KeyboardInterrupt, FairleadError)):
        engines.unbundle()
    assert [(path.name, path.read_text()) for path in there.iterdir()] == [(name, "mine")]


def test_ctrl_c_leaves_nothing(engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*words: object) -> None:
        raise KeyboardInterrupt

    for name in ("bundle_file.write", "bundle_contents.copy"):
        with monkeypatch.context() as patched:
            patched.setattr(f"fairlead.cli.{name}", interrupted)
            with pytest.raises(KeyboardInterrupt):
                engines.bundle()
        assert list(engines.out.iterdir()) == []
    with monkeypatch.context() as patched:
        patched.setattr("shutil.rmtree", once_interrupted(shutil.rmtree))
        with pytest.raises(KeyboardInterrupt):
            engines.bundle()
    assert list(engines.out.iterdir()) == []
    engines.bundle()
    monkeypatch.setattr("fairlead.cli.bundle_file._digest", interrupted)
    with pytest.raises(KeyboardInterrupt):
        engines.unbundle()
    assert not (engines.folder / "there").exists()


def test_it_is_unpacked_where_there_is_no_repository(
    engines: Engines, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engines.bundle()
    empty = engines.folder / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    assert fairlead("bundle", "b.tar", "--from=n1") == 2
    assert "there is no tasks.py here or in a folder above" in capsys.readouterr().err
    assert fairlead("unbundle", "gone.tar") == 1
    assert "gone.tar: No such file or directory" in capsys.readouterr().err
    assert fairlead("unbundle", str(engines.out / "b.tar")) == 0
    assert (empty / "tasks.py").read_text() == "two lines\n"


def test_another_fairlead_than_the_one_that_made_it_says_so(
    engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    engines.bundle()
    assert "made with" not in engines.unbundle(dry_run=True).text
    monkeypatch.setattr("fairlead.cli.repository.unbundle.__version__", "9.9.9")
    assert "; this is 9.9.9" in engines.unbundle(dry_run=True).text
