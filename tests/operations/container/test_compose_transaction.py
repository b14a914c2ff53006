"""The same, launched by Compose: from our own file, and from a checkout's own files with ours over
them.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ..conftest import Doer, Failed, docker
from .test_transaction import Host, everything, listing, remote, version
from .test_transaction import host as host

pytestmark = pytest.mark.lab
CHECKOUT = """services:
  testpoint:
    image: somebody/else:latest
    build: {context: .}
    network_mode: "host"
    restart: on-failure
"""


@pytest.fixture(params=["our own file", "a checkout's files"])
def files(request: pytest.FixtureRequest, host: Host, tmp_path: Path) -> dict[str, object]:
    """The fields that make a container one of Compose."""
    if request.param == "our own file":
        return {"compose": (f"{host.root}/compose.json",), "service": "testpoint"}
    return checkout(host, tmp_path)


def checkout(host: Host, folder: Path, image: str = "stand/in:1") -> dict[str, object]:
    """The same of a checkout, whose image is made from this one."""
    file = folder / "checkout/docker-compose.yml"
    file.parent.mkdir()
    file.write_text(CHECKOUT)
    file.with_name("Dockerfile").write_text(f"FROM {image}\n")
    files = (str(file), f"{host.root}/compose.json")
    return {"compose": files, "service": "testpoint", "options": ()}


def test_a_second_up_changes_nothing(host: Host, files: dict[str, object]) -> None:
    assert host.do("up", **files) == {
        "image": "ok",
        "state": "changed",
        "compose file": "changed",
        "container": "changed",
        "healthy": "ok",
    }
    before = listing()
    assert set(host.do("up", **files).values()) == {"ok"}
    assert listing() == before
    assert (
        docker(
            "inspect", "-f", "{{.HostConfig.RestartPolicy.Name}} {{.HostConfig.NetworkMode}}", "app"
        )
        == "unless-stopped host"
    )


def test_down_leaves_nothing_but_the_state(host: Host, files: dict[str, object]) -> None:
    host.do("up", **files)
    remote("https://a/")
    assert host.do("down", **files) == {"stop": "changed", "remove": "changed"}
    assert host.do("down", **files) == {"stop": "ok", "remove": "ok"}
    assert listing() == []
    host.do("up", **files)
    assert docker("exec", "app", "cat", "/etc/app/psconfig/remotes") == "https://a/"


@pytest.mark.parametrize("image", ["stand/in:2", "stand/in:broken"])
def test_what_stands_still_runs_again_from_the_image_that_it_has(
    host: Host, files: dict[str, object], image: str
) -> None:
    """An upgrade that was undone, or whose engine died, leaves a newer image under the name."""
    host.do("up", **files)
    stood = docker("ps", "-aq", "--no-trunc")
    docker("stop", "app")
    docker("tag", image, "stand/in:now")
    assert host.do("up", **files)["container"] == "changed"
    assert (docker("ps", "-q", "--no-trunc"), version()) == (stood, "5.0")


@pytest.mark.parametrize("image", ["stand/in:2", "stand/in:broken"])
def test_what_was_taken_down_half_comes_back_as_it_was(
    host: Host, files: dict[str, object], image: str
) -> None:
    host.do("up", **files)
    docker("tag", image, "stand/in:now")
    for last in ("stop", "remove"):
        with pytest.raises(Failed, match=f"stopped after {last}"):
            host.do("down", last, **files)
        assert version() == "5.0"


def test_an_upgrade_and_a_rollback(host: Host, files: dict[str, object]) -> None:
    host.do("up", **files)
    remote("https://a/")
    docker("tag", "stand/in:2", "stand/in:now")
    assert host.do("upgrade", **files)["verify"] == "ok"
    assert (version(), docker("exec", "app", "cat", "/etc/app/app.conf")) == (
        "5.1",
        "default of 5.1",
    )
    assert docker("exec", "app", "cat", "/etc/app/psconfig/remotes") == "https://a/"
    assert set(host.do("upgrade", **files).values()) == {"ok"}
    remote("https://newer/")
    host.do("rollback", **files)
    assert (version(), docker("exec", "app", "cat", "/etc/app/psconfig/remotes")) == (
        "5.0",
        "https://a/",
    )
    assert (
        next(host.root.glob("newer-*")) / "etc/app/psconfig/remotes"
    ).read_text() == "https://a/\nhttps://newer/\n"


@pytest.mark.parametrize("last", ["", "stop", "copy the state", "merge the defaults", "container"])
def test_a_version_that_is_not_healthy_gives_way(
    host: Host, files: dict[str, object], last: str
) -> None:
    host.do("up", **files)
    remote("https://a/")
    state = everything(host.root / "current")
    docker("tag", "stand/in:broken", "stand/in:now")
    with pytest.raises(Failed):
        host.do("upgrade", last, **files)
    assert (version(), everything(host.root / "current"), len(listing())) == ("5.0", state, 1)
    assert not (host.root / "kept").exists()


def test_a_container_started_by_hand_is_adopted(host: Host, files: dict[str, object]) -> None:
    docker("run", "-d", "--name", "app", "--net=host", "stand/in:now")
    remote("https://by-hand/")
    host.do("up", **files)
    assert docker("exec", "app", "cat", "/etc/app/psconfig/remotes") == "https://by-hand/"
    assert [line.split()[0] for line in listing()] == ["app", "app.previous"]
    assert set(host.do("up", **files).values()) == {"ok"}


def test_from_run_to_compose_and_from_compose_to_run(host: Host, files: dict[str, object]) -> None:
    host.do("up")
    remote("https://a/")
    host.do("up", **files)
    host.do("up")
    assert docker("exec", "app", "cat", "/etc/app/psconfig/remotes") == "https://a/"


def test_a_checkout_is_built_and_a_change_in_its_file_is_seen(
    host: Host, tmp_path: Path, engine: Callable[..., str], carry_out: Doer
) -> None:
    if (
        not shutil.which("docker-compose")
        and "compose" not in docker("compose", "version", check=False).lower()
    ):
        pytest.skip("needs Compose")
    files = checkout(host, tmp_path, "stand/in:2") | {"image": "stand/built:1"}
    assert host.do("up", **files)["image"] == "changed"
    assert version() == "5.1"
    (tmp_path / "checkout/docker-compose.yml").write_text(CHECKOUT + "    environment: {TZ: UTC}\n")
    remote("https://a/")
    assert host.do("up", **files)["container"] == "changed"
    assert (
        docker("exec", "app", "sh", "-c", "echo $TZ; cat /etc/app/psconfig/remotes")
        == "UTC\nhttps://a/"
    )


@pytest.mark.parametrize("runs", [True, False])
def test_a_checkout_whose_change_is_not_healthy_has_the_container_of_before_back(
    host: Host, tmp_path: Path, runs: bool
) -> None:
    files = checkout(host, tmp_path)
    host.do("up", **files)
    if not runs:
        docker("stop", "app")
    docker("tag", "stand/in:broken", "stand/in:now")
    file = tmp_path / "checkout/docker-compose.yml"
    file.write_text(CHECKOUT + "    environment: {TZ: UTC}\n")
    with pytest.raises(Failed):
        host.do("up", **files)
    format = "{{.State.Running}} {{.Config.Image}} {{.Image}}"
    image = docker("image", "inspect", "-f", "{{.Id}}", "stand/in:1")
    state = f"{str(runs).lower()} stand/in:now {image}"
    assert docker("inspect", "-f", format, "app") == state
    if runs:
        assert version() == "5.0"


@pytest.mark.parametrize("newest", ["stand/in:1", "stand/in:broken"])
def test_the_version_before_is_not_started_in_place_of_the_one_that_is_asked_for(
    host: Host, newest: str
) -> None:
    """One project, another, the first again: Compose knows its containers by labels, not names."""
    ours = {"compose": (f"{host.root}/compose.json",), "service": "testpoint"}
    host.do("up", **ours, project="release-1")
    remote("https://a/")
    docker("tag", "stand/in:2", "stand/in:now")
    host.do("upgrade", **ours, project="release-2")
    before = docker("ps", "-q", "--filter", "name=^app$")
    docker("tag", newest, "stand/in:now")
    if newest == "stand/in:1":
        assert host.do("upgrade", **ours, project="release-1")["make way"] == "changed"
        assert version() == "5.0"
        assert docker("ps", "--format", "{{.Names}}") == "app"
        assert docker("ps", "-q", "--filter", "name=^app$") != before
        assert docker("inspect", "-f", "{{.State.Status}}", "app.previous") == "exited"
    else:
        with pytest.raises(Failed):
            host.do("upgrade", **ours, project="release-1")
        assert docker("ps", "--format", "{{.Names}}\t{{.ID}}") == f"app\t{before}"
        assert version() == "5.1"
