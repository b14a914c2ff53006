"""`inv adopt` on engines where somebody started workers by hand in three ways: by the document's
line, by a unit, by Compose; and on the host of a registry: by Docker's manual, by Compose, and by
Debian's package with a configuration of the document's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fairlead.api import Secret
from fairlead.testing import plugins_in
from tests.e2e import htcondor, tier1, workers
from tests.e2e.adoption import ByHand, site_without, stands
from tests.e2e.ground import eventually, sh, under
from tests.e2e.inv import NETWORK, REPOSITORY
from tests.e2e.tier1 import PASSWORD, authority, server
from tests.e2e.workers import DOMAIN

HUB = "library/registry:3"
IMAGE = "n1:5000/sl6-test"
PULL = 'docker rmi -f "$1" >/dev/null; docker pull -q "$1" 2>&1'
ALIVE = 'docker top "$1" | grep -c "condor_master -f"'
SPEC = 'docker inspect -f "{{index .Config.Labels \\"fairlead.spec\\"}}" "$1"'
RESTARTS = 'docker inspect -f "{{.RestartCount}}" "$1"'
ENABLED = 'systemctl is-enabled "$1"'

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def engines(lab: None) -> Iterator[None]:
    """n2 and n3 have what workers mount, and the image by the document's short name."""
    workers.as_made()
    workers.mounted()
    plugins_in(REPOSITORY / "plugins")
    from fairlead_plugins.triumf.image import recipes

    init = f"#!/usr/bin/dumb-init /bin/bash\n{recipes.init()}"
    words = ("sl6-umd3condv4:latest", "1", init, htcondor.CONFIG, htcondor.KEY)
    for host in workers.ENGINES:
        with htcondor.tree().open("rb") as archive:
            under(host, sh.text("condor_base"), stdin=archive)
        under(host, sh.text("condor_publish"), *words)
    yield
    for host in workers.ENGINES:
        under(host, "rm -rf /tmp/worker /etc/systemd/system/worker-*")
        # what says that systemd runs: units that were put aside lay there
        under(host, "rmdir /run/systemd/system /run/systemd")
    workers.as_made()


@pytest.fixture
def empty(engines: None) -> None:
    """No worker stands on n2, nor its logs."""
    under("n2", "docker ps -aq | xargs -r docker rm -fv; rm -rf /var/log/vn0*")


def test_the_document_s_workers_are_taken_over_with_their_logs(empty: None, tmp_path: Path) -> None:
    names = ("vn0317", "vn0318")
    under("n2", sh.text("workers_by_hand"), DOMAIN, "4080", *names)
    by_hand = ByHand("triumf", "n2", tmp_path)
    first = by_hand.taken_over("triumf.worker")
    assert first["sections"]["triumf"] == {
        "hosts": "n2",
        "worker": {"names": {"n2": [*names]}, "domain": DOMAIN, "memory": "512m"},
    }
    for name in names:
        assert stands("n2", name) == ("running", "exited")
        assert under("n2", ALIVE, name).strip() == "1"


def test_a_worker_of_a_unit_leaves_it(empty: None, tmp_path: Path) -> None:
    under("n2", sh.text("workers_by_hand"), DOMAIN, "4080", "vn0317")
    under("n2", sh.text("worker_by_unit"), "vn0317")
    assert under("n2", ENABLED, "worker-vn0317") == "enabled\n"
    first = ByHand("triumf", "n2", tmp_path).taken_over("triumf.worker")
    assert "worker-vn0317.service starts it, too" in "\n".join(first["remarks"]["triumf"])
    assert stands("n2", "vn0317") == ("running", "exited")
    assert under("n2", ENABLED, "worker-vn0317") == "disabled\n"


def test_a_worker_of_compose_is_taken_over_and_its_project_put_away_afterwards(
    empty: None, tmp_path: Path
) -> None:
    said = under("n2", sh.text("worker_by_compose"), DOMAIN, "vn0317")
    eventually(lambda: under("n2", ALIVE, "vn0317").strip() == "1")
    assert under("n2", RESTARTS, "vn0317") == "0\n", said
    by_hand = ByHand("triumf", "n2", tmp_path)
    first = by_hand.taken_over("triumf.worker")
    assert first["sections"]["triumf"] == {
        "hosts": "n2",
        "worker": {"names": {"n2": ["vn0317"]}, "domain": DOMAIN, "memory": "512m"},
    }
    remarks = "\n".join(first["remarks"]["triumf"])
    assert "vn0317: is of Compose (/tmp/worker/docker-compose.yml); put that away after" in remarks
    assert "vn0317: it is in the network worker_default, and no key says its address" in remarks
    assert stands("n2", "vn0317") == ("running", "exited")
    under("n2", "cd /tmp/worker && docker compose down 2>&1")
    assert stands("n2", "vn0317") == ("running", "")
    assert under("n2", ALIVE, "vn0317").strip() == "1"
    assert by_hand.adopt(site_without(tmp_path, "triumf"))["sections"] == first["sections"]


# The registry


@pytest.fixture
def passwords(lab: None) -> Iterator[str]:
    """The text of a file of passwords; n1 is as the lab made it."""
    tier1.as_made("n1")
    assert HUB in under("n1", sh.text("registry_image"), HUB, "one")
    plugins_in(REPOSITORY / "plugins")
    from fairlead_plugins.triumf.registry import htpasswd

    yield htpasswd.rendered("", {"t1user": Secret(PASSWORD)})
    under("n1", sh.text("registry_by_hand_goes"))
    tier1.as_made("n1")


def signed() -> tuple[str, str, str]:
    return server().certificate, server().key, authority().certificate


TLS = {"certificate": "/opt/registry/certs/domain.crt", "key": "/opt/registry/certs/domain.key"}
SECRET = {"FAIRLEAD_SECRET_REGISTRY_T1USER": f"{PASSWORD}\n"}


def pushed(said: str) -> None:
    """The registry that somebody started has an image; `said`: what it said itself."""
    assert under("n1", sh.text("registry_login"), "t1user", PASSWORD) == "Login Succeeded\n", said
    assert under("n1", sh.text("tier1_push"), IMAGE) == f"{IMAGE}:latest\n"


def serves(password: str, name: str) -> None:
    """It is a container of ours, which lets the same user in and has the same image."""
    assert under("n1", SPEC, name) not in ("", "\n")
    assert under("n1", sh.text("registry_login"), "t1user", password) == "Login Succeeded\n"
    assert under("n1", PULL, IMAGE) == f"{IMAGE}:latest\n"


def site_folder(folder: Path) -> ByHand:
    return ByHand("triumf", "n1", folder, **SECRET)


OPEN_TO_ALL = {  # a registry in a container, on all addresses
    "hosts": "n1",
    "name": "n1",
    "users": {"t1user": "registry.t1user"},
    "launch": "container",
    "address": "0.0.0.0",
    "port": 5000,
}


def test_a_registry_by_docker_s_manual_keeps_its_images(passwords: str, tmp_path: Path) -> None:
    said = under("n1", sh.text("registry_by_hand"), *signed(), passwords, "-p", "5000:5000")
    said += under("n1", "docker logs registry 2>&1 | tail -n 5")
    pushed(said)
    first = site_folder(tmp_path).taken_over("triumf.registry")
    assert first["sections"]["triumf"]["registry"] == OPEN_TO_ALL | {
        "root": "/opt/registry/images",
        "tls": TLS,
        "container": "registry",
    }
    remarks = "\n".join(first["remarks"]["triumf"])
    assert "registry: fairlead did not start it: inv triumf.registry.up takes it over" in remarks
    assert "not kept" not in remarks
    serves(PASSWORD, "registry")


def test_a_registry_of_compose_keeps_its_images(passwords: str, tmp_path: Path) -> None:
    said = under("n1", sh.text("registry_by_compose"), *signed(), passwords)
    said += under("n1", "docker logs registry-hub-1 2>&1 | tail -n 5")
    pushed(said)
    by_hand = site_folder(tmp_path)
    first = by_hand.taken_over("triumf.registry")
    assert first["sections"]["triumf"]["registry"] == OPEN_TO_ALL | {
        "root": "/opt/registry/data",
        "log_level": "warn",
        "tls": TLS,
        "container": "registry-hub-1",
    }
    remarks = "\n".join(first["remarks"]["triumf"])
    assert "registry-hub-1: is of Compose (/opt/registry/docker-compose.yml)" in remarks
    under("n1", "cd /opt/registry && docker compose down 2>&1")
    assert stands("n1", "registry-hub-1") == ("running", "")
    serves(PASSWORD, "registry-hub-1")


def test_a_registry_of_the_package_as_the_document_has_it(passwords: str, tmp_path: Path) -> None:
    said = under("n1", sh.text("registry_of_package"), *signed(), passwords, f"{NETWORK}.1")
    assert under("n1", "systemctl is-active docker-registry") == "active\n", said
    pushed(said)
    first = site_folder(tmp_path).taken_over("triumf.registry")
    assert first["sections"]["triumf"]["registry"] == {
        "hosts": "n1",
        "name": "n1",
        "users": {"t1user": "registry.t1user"},
        "launch": "package",
        "address": f"{NETWORK}.1",
        "port": 5000,
        "log_level": "debug",
        "tls": TLS,
    }
    assert under("n1", PULL, IMAGE) == f"{IMAGE}:latest\n"
