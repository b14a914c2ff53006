"""What real engines make of an image of ours, with Docker's own store and with containerd's: labels
are inherited, the layer is not.
"""

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairlead.operations import script
from fairlead.operations.image import tree
from tests.operations.container import depot

pytestmark = pytest.mark.lab

sh = script.beside(__file__)

REFERENCE = "sl6:latest"
RECIPE = "the-recipe"


@pytest.fixture(scope="module", params=["docker", "docker-containerd"])
def environment(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    if sys.platform != "linux" or os.geteuid() or not shutil.which("dockerd"):
        pytest.skip("needs Linux, root and dockerd")
    folder = tmp_path_factory.mktemp(request.param)
    with depot.docker(folder, containerd=request.param == "docker-containerd") as opened:
        yield opened


def code(argv: tuple[str, ...], environment: dict[str, str]) -> int:
    done = subprocess.run(
        argv, env=os.environ | environment, capture_output=True, timeout=120, check=False
    )
    return done.returncode


def built(environment: dict[str, str], work: Path) -> None:
    """The image of a tree of one file."""
    work.mkdir()
    (work / "file").write_text("content\n")
    with tarfile.open(work / "image.tar.gz", "w:gz") as archive:
        archive.add(work / "file", "etc/file")
    (work / "sizes").write_text("base=1MB\n")
    (work / "packages").write_text("a=1\nb=2\n")
    argv = tree.sh("import", "docker", str(work), REFERENCE, RECIPE, "me@here", "revision", "site")
    assert code(argv, environment) == 0


@pytest.mark.parametrize("change", ["file", "variable", "imported"])
def test_an_image_that_was_changed_is_not_the_one_of_its_recipe(
    environment: dict[str, str], tmp_path: Path, change: str
) -> None:
    built(environment, tmp_path / "work")
    made = tree.sh("built", "docker", REFERENCE, RECIPE)
    assert code(made, environment) == 0
    somebody = ("sh", "-c", sh.text("changed"), __file__, change, REFERENCE)
    assert code(somebody, environment) == 0
    assert code(made, environment) == 1
    built(environment, tmp_path / "again")
    assert code(made, environment) == 0
