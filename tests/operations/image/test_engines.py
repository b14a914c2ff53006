"""What real engines make of an image of ours, with Docker's own store, with containerd's, and in
Podman: labels are inherited, the layer is not.
"""

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fairlead.operations import script
from fairlead.operations.argv import docker
from fairlead.operations.image import tree
from tests.operations.container import depot

pytestmark = pytest.mark.lab

sh = script.beside(__file__)

RECIPE = "the-recipe"
PROGRAMS = {"docker": "dockerd", "podman": "podman"}


@dataclass(frozen=True)
class Engine:
    """A real one, and the environment in which it is alone."""

    name: str
    environment: dict[str, str]

    @property
    def reference(self) -> str:
        return docker.made_here("sl6:latest", self.name)

    def code(self, argv: tuple[str, ...]) -> int:
        environment = os.environ | self.environment
        done = subprocess.run(argv, env=environment, capture_output=True, timeout=120, check=False)
        return done.returncode


@pytest.fixture(scope="module", params=["docker", "docker-containerd", "podman", "podman-next"])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    name, _, store = request.param.partition("-")
    if sys.platform != "linux" or os.geteuid() or not shutil.which(PROGRAMS[name]):
        pytest.skip("needs Linux, root and the engine")
    folder = tmp_path_factory.mktemp(request.param)
    with (
        depot.docker(folder, containerd=store == "containerd")
        if name == "docker"
        else depot.podman(folder, "127.0.0.1:5000", latest=store == "next")
    ) as opened:
        yield Engine(name, opened)


def built(engine: Engine, work: Path) -> None:
    """The image of a tree of one file."""
    work.mkdir()
    (work / "file").write_text("content\n")
    with tarfile.open(work / "image.tar.gz", "w:gz") as archive:
        archive.add(work / "file", "etc/file")
    (work / "sizes").write_text("base=1MB\n")
    (work / "packages").write_text("a=1\nb=2\n")
    words = (engine.name, str(work), engine.reference, RECIPE, "me@here", "revision", "site")
    assert engine.code(tree.sh("import", *words)) == 0


@pytest.mark.parametrize("change", ["file", "variable", "imported"])
def test_an_image_that_was_changed_is_not_the_one_of_its_recipe(
    engine: Engine, tmp_path: Path, change: str
) -> None:
    built(engine, tmp_path / "work")
    made = tree.sh("built", engine.name, engine.reference, RECIPE)
    assert engine.code(made) == 0
    file = tmp_path / "changed"
    file.write_text("content of somebody's\n")
    words = (str(file), engine.name, change, engine.reference)
    assert engine.code(("sh", "-c", sh.text("changed"), *words)) == 0
    assert engine.code(made) == 1
    built(engine, tmp_path / "again")
    assert engine.code(made) == 0
