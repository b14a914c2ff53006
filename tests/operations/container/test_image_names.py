"""An image that runs keeps a name while its own is given to another, where an image without a name
would be lost; one that is lost stops nothing."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from fairlead.operations import script
from fairlead.operations.container import steps

sh = script.beside(__file__)
CONTAINERD = "io.containerd.snapshotter.v1"
KEPT, OLD = "fairlead/app:kept", "sha256:old"
Docker = Callable[..., tuple[int, str, list[str]]]


@pytest.fixture
def docker(tmp_path: Path) -> Docker:
    """Runs one of our programs with the stand-in: exit code, stderr, names given."""
    program, log = tmp_path / "docker", tmp_path / "log"
    program.write_text(sh.text("docker_names"))
    program.chmod(0o755)

    def run(name: str, *words: str, **state: str) -> tuple[int, str, list[str]]:
        defaults = {"STORE": CONTAINERD, "STANDS": "c1", "LOST": "", "DOWN": ""}
        environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "LOG": str(log)}
        done = subprocess.run(
            steps.sh(name, *words),
            env=environment | defaults | state,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        given = log.read_text().splitlines() if log.exists() else []
        return done.returncode, done.stderr, given

    return run


@pytest.mark.parametrize(
    ("engine", "state", "expected"),
    [
        ("docker", {}, [f"{OLD} {KEPT}"]),
        ("docker", {"STORE": "overlay2"}, []),
        ("docker", {"STANDS": ""}, []),
        ("docker", {"LOST": OLD}, []),
        ("podman", {}, []),
    ],
    ids=["containerd", "its own store", "nothing stands", "lost already", "podman"],
)
def test_what_runs_is_kept_where_it_would_be_lost(docker, engine, state, expected) -> None:
    code, stderr, names = docker("keep_image", engine, "name=^app$", KEPT, **state)
    assert (code, stderr, names) == (0, "", expected)


def test_an_engine_that_does_not_answer_stops_what_would_lose_the_image(docker) -> None:
    assert docker("keep_image", "docker", "name=^app$", KEPT, DOWN="1")[0] == 2


@pytest.mark.parametrize(
    ("state", "kept"),
    [({}, [f"app:now {KEPT}"]), ({"STORE": "overlay2"}, []), ({"LOST": "app:now"}, [])],
    ids=["containerd", "its own store", "the name means nothing"],
)
def test_a_name_returns_to_its_image_and_what_it_meant_is_kept(docker, state, kept) -> None:
    code, _, names = docker("name_image", "docker", OLD, "app:now", KEPT, **state)
    assert (code, names) == (0, [*kept, f"{OLD} app:now"])


def test_a_lost_image_gets_no_name_and_that_is_said(docker) -> None:
    code, stderr, names = docker("name_image", "docker", OLD, "app:now", KEPT, LOST=OLD)
    assert (code, names) == (0, [])
    assert stderr == f"docker has no image {OLD} any more; app:now stays what it is\n"


def test_an_engine_that_is_down_has_not_lost_the_image(docker) -> None:
    assert docker("name_image", "docker", OLD, "app:now", "", DOWN="1")[0] == 1
