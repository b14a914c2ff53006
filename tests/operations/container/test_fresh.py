"""Has the registry something newer? Asked of Debian's registry by real engines, about images of one
manifest and of an index: Docker with its own store and with containerd's, Podman of this release
and of the next.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairlead.model.plan import Command
from fairlead.operations.container import upgrade
from fairlead.remote.quoting import code
from tests.operations.container import depot as depots
from tests.operations.container.depot import Depot

pytestmark = pytest.mark.lab

ENGINES = ("docker", "docker-containerd", "podman", "podman-next")


class Engine:
    """One of ENGINES, in its environment; `name` is its program."""

    def __init__(self, kind: str, environment: dict[str, str]):
        self.kind, self.environment = kind, environment
        self.name = kind.partition("-")[0]

    def run(self, *argv: str, **more: str) -> str:
        done = subprocess.run(
            [self.name, *argv],
            env=os.environ | self.environment | more,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask(self, command: Command, **more: str) -> int:
        """The exit code of a question."""
        words = ["sh", "-c", code(command)]
        environment = os.environ | self.environment | more
        return subprocess.run(words, env=environment, timeout=120, check=False).returncode

    def is_fresh(self, image: str, **more: str) -> int:
        return self.ask(upgrade.is_fresh(self.name, image), **more)


@pytest.fixture(scope="module")
def depot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Depot]:
    if sys.platform != "linux" or os.geteuid():
        pytest.skip("needs Linux and root")
    with depots.depot(tmp_path_factory.mktemp("depot")) as served:
        yield served


@pytest.fixture(scope="module", params=ENGINES)
def engine(
    request: pytest.FixtureRequest, depot: Depot, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    folder: Path = tmp_path_factory.mktemp(request.param)
    kind: str = request.param
    if kind.startswith("docker"):
        opened = depots.docker(folder, containerd=kind == "docker-containerd")
    else:
        opened = depots.podman(folder, depot.address, latest=kind == "podman-next")
    with opened as environment:
        yield Engine(kind, environment)


@pytest.fixture
def without_skopeo(tmp_path: Path) -> str:
    """A PATH to which skopeo does not belong."""
    (tmp_path / "skopeo").write_text("#!/bin/sh\nexit 127\n")
    (tmp_path / "skopeo").chmod(0o755)
    return str(tmp_path)


@pytest.mark.parametrize("index", [False, True], ids=["manifest", "index"])
def test_what_the_registry_has_today_is_compared_with_what_the_engine_has(
    depot: Depot, engine: Engine, without_skopeo: str, index: bool
) -> None:
    name = f"{engine.kind}/{'index' if index else 'manifest'}"
    image = f"{depot.address}/{name}:latest"
    alone = {"PATH": f"{without_skopeo}:{engine.environment['PATH']}"}

    def answers() -> set[int]:
        return {engine.is_fresh(image), engine.is_fresh(image, **alone)}

    depot.publish(name, "one", index=index)
    assert answers() == {1}
    engine.run("pull", image)
    assert answers() == {0}
    depot.publish(name, "two", index=index)
    assert answers() == {1}
    engine.run("pull", image)
    assert answers() == {0}
    depot.publish(name, "one", index=index)  # back to what was there before
    assert answers() == {1}


def test_a_registry_is_asked_as_whom_this_host_is_logged_in(
    engine: Engine, depot: Depot, tmp_path: Path, without_skopeo: str
) -> None:
    with depots.depot(tmp_path, r'robot$puller:a "word": \ of it') as closed:
        address = closed.address
        if engine.name == "podman":  # knows it as one without TLS, as it knows the other
            conf = Path(engine.environment["CONTAINERS_REGISTRIES_CONF"])
            conf.write_text(conf.read_text().replace(depot.address, address))
        closed.publish("closed/image", "one", index=True)
        image = f"{address}/closed/image:latest"
        home = tmp_path / "home"
        home.mkdir()
        login = closed.logins(home)
        alone = login | {"PATH": f"{without_skopeo}:{engine.environment['PATH']}"}
        engine.run("pull", image, **login)
        assert [engine.is_fresh(image, **with_) for with_ in ({}, login, alone)] == [1, 0, 0]
        closed.publish("closed/image", "two", index=True)
        assert [engine.is_fresh(image, **with_) for with_ in (login, alone)] == [1, 1]
        if engine.name == "podman":
            conf.write_text(conf.read_text().replace(address, depot.address))


def test_a_registry_that_does_not_answer_counts_as_having_something_newer(
    depot: Depot, engine: Engine
) -> None:
    depot.publish("gone/image", "one")
    engine.run("pull", f"{depot.address}/gone/image:latest")
    elsewhere = f"127.0.0.1:{depots.free_port()}/gone/image:latest"
    engine.run("tag", f"{depot.address}/gone/image:latest", elsewhere)
    assert engine.is_fresh(elsewhere) == 1
