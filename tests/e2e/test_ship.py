"""An image for hosts that reach no registry, over the link from one that has it."""

from pathlib import Path

import pytest

from tests.e2e.ground import (
    NAME,
    clear,
    container,
    done,
    each,
    newest,
    publish,
    sh,
    site_with,
    under,
    version,
    without_registry,
)

pytestmark = pytest.mark.long


def identity(host: str) -> str:
    return under(host, "docker image inspect --format '{{.Id}}' perfsonar/testpoint:latest").strip()


def test_a_host_gets_the_missing_layers_of_an_image_and_is_upgraded_without_a_registry(
    fresh,
) -> None:
    publish("5.1.0")
    done("perfsonar.pull", "--host=n1")
    before = {host: container(host) for host in ("n1", "n2")}
    assert identity("n1") != identity("n2")
    dry = done("perfsonar.pull", "--host=n[1-2]", "--ship=n1", "--dry-run", "--json")
    assert dry.rows["n2"]["state"] == "would-change"
    shipped = done("perfsonar.pull", "--host=n[1-2]", "--ship=n1", "--json")
    assert (shipped.steps("n1")["image"], shipped.steps("n2")["image"]) == ("ok", "changed")
    assert "came from n1" in shipped.out + shipped.err
    assert identity("n1") == identity("n2")
    assert {host: container(host) for host in before} == before
    done("perfsonar.pull", "--host=n[1-2]", "--ship=n1", "--fail-on=changed")

    publish("5.2.0")  # which nobody asks for
    done("perfsonar.upgrade", "--host=n[1-2]", "--ship=n1")
    assert {version(host) for host in before} == {"5.1.0"}


PODMAN = "podman image inspect --format '{{.Id}}' docker.io/perfsonar/testpoint:latest"
PODMAN_RMI = "podman rmi -f $(podman image ls -q) >/dev/null; podman image ls -q | wc -l"


def test_podman_gets_an_image_of_a_host_and_one_of_a_folder(lab: None, tmp_path: Path) -> None:
    hosts = ("n1", "n3")
    each(sh.text("podman_clear"), hosts=hosts)
    clear(*hosts)
    newest("5.0.0")
    section = {"engine": "podman", "hosts": "n[1,3]", "flavor": "supervisord", "pids": 0}
    site, images = f"--site={site_with(tmp_path, perfsonar=section)}", tmp_path / "images"
    try:
        of_docker = tmp_path / "of docker"
        done("perfsonar.pull", "--host=n1", f"--to={of_docker}")
        done("perfsonar.pull", site, "--host=n1", f"--to={images}")
        assert len(list(images.glob("*.tar"))) == 1
        with without_registry("n3"):
            done("perfsonar.pull", site, "--ship=n1")
            first = under("n1", PODMAN)
            assert (under("n3", PODMAN), len(first)) == (first, 65)
            done("perfsonar.pull", site, "--ship=n1", "--fail-on=changed")
            assert under("n3", PODMAN_RMI) == "0\n"
            done("perfsonar.pull", site, "--host=n3", f"--ship={images}")
            assert under("n3", PODMAN) == first
            assert under("n3", PODMAN_RMI) == "0\n"
            done("perfsonar.pull", site, "--host=n3", f"--ship={of_docker}")
            assert under("n3", PODMAN) == first  # Docker's archive has the same ID in Podman
            done("perfsonar.up", site, "--host=n3")
            assert "5.0.0" in under("n3", f"podman exec {NAME} pscheduler version")
    finally:
        each(sh.text("podman_clear"), hosts=hosts)
