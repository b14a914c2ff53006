"""`inv adopt` on engines where somebody started workers by hand in two ways, and on the host of a
registry: by Docker's manual, and by Debian's package with a configuration of the document's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fairlead.api import Secret
from fairlead.testing import plugins_in
from tests.e2e import htcondor, tier1, workers
from tests.e2e.adoption import ByHand, stands
from tests.e2e.ground import sh, under
from tests.e2e.inv import NETWORK, REPOSITORY
from tests.e2e.tier1 import PASSWORD, authority, server
from tests.e2e.workers import DOMAIN

HUB = "library/registry:3"
IMAGE = "n1:5000/sl6-test"
PULL = 'docker rmi -f "$1" >/dev/null; docker pull -q "$1" 2>&1'
ALIVE = 'docker top "$1" | grep -c "condor_master -f"'
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
    workers.as_made()


def test_the_document_s_workers_are_taken_over_with_their_logs(
    engines: None, tmp_path: Path
) -> None:
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
    under("n2", "docker rm -f $(docker ps -aq)")


def test_a_worker_of_a_unit_leaves_it(engines: None, tmp_path: Path) -> None:
    under("n2", sh.text("workers_by_hand"), DOMAIN, "4080", "vn0317")
    under("n2", sh.text("worker_by_unit"), "vn0317")
    assert under("n2", ENABLED, "worker-vn0317") == "enabled\n"
    first = ByHand("triumf", "n2", tmp_path).taken_over("triumf.worker")
    assert "worker-vn0317.service starts it, too" in "\n".join(first["remarks"]["triumf"])
    assert stands("n2", "vn0317") == ("running", "exited")
    assert under("n2", ENABLED, "worker-vn0317") == "disabled\n"


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


def site_folder(folder: Path) -> ByHand:
    return ByHand("triumf", "n1", folder, **SECRET)


def test_a_registry_by_docker_s_manual_keeps_its_images(passwords: str, tmp_path: Path) -> None:
    said = under("n1", sh.text("registry_by_hand"), *signed(), passwords, "--net=host")
    said += under("n1", "docker logs registry 2>&1 | tail -n 5")
    assert under("n1", sh.text("registry_login"), "t1user", PASSWORD) == "Login Succeeded\n", said
    assert under("n1", sh.text("tier1_push"), IMAGE) == f"{IMAGE}:latest\n"
    by_hand = site_folder(tmp_path)
    first = by_hand.proposed()
    assert first["sections"]["triumf"]["registry"] == {
        "hosts": "n1",
        "name": "n1",
        "users": {"t1user": "registry.t1user"},
        "launch": "container",
        "address": "0.0.0.0",
        "port": 5000,
        "root": "/opt/registry/images",
        "tls": TLS,
    }
    assert "take it away before (docker rm -f registry)" in first["remarks"]["triumf"][0]
    under("n1", "docker rename registry other")  # what would be taken away stays to be looked at
    under("n1", "docker stop other")


def test_a_registry_of_the_package_as_the_document_has_it(passwords: str, tmp_path: Path) -> None:
    said = under("n1", sh.text("registry_of_package"), *signed(), passwords, f"{NETWORK}.1")
    assert under("n1", "systemctl is-active docker-registry") == "active\n", said
    assert under("n1", sh.text("registry_login"), "t1user", PASSWORD) == "Login Succeeded\n", said
    assert under("n1", sh.text("tier1_push"), IMAGE) == f"{IMAGE}:latest\n"
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
