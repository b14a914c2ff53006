"""`inv adopt` on hosts where somebody started xCAT by hand in four ways: as the document has it,
by Compose, on Podman with a unit, by a quadlet. Its nodes are defined after it as before."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import xcat
from tests.e2e.adoption import ByHand, site_without, stands
from tests.e2e.ground import publish, sh, under
from tests.e2e.inv import NETWORK, inv
from tests.e2e.xcat import CONTAINER, HOST

OLD, TODAY = "xcat/xcat-ubuntu-x86_64", "xcat/xcat2"
NODES = '"$1" exec xcatmn /opt/xcat/bin/lsdef'
ENABLED = "systemctl is-enabled container-xcatmn"

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def images(lab: None) -> None:
    publish("2.11.0", image=OLD)
    publish("2.16.5", image=TODAY)


@pytest.fixture
def docker_host(images: None) -> Iterator[str]:
    xcat.prepare()
    xcat.plain()
    yield "n1"
    under("n1", "docker rm -f xcatmn; rm -rf /tmp/xcat")
    xcat.leave()


@pytest.fixture
def podman_host(images: None) -> Iterator[str]:
    clear = sh.text("podman_clear") + "rm -rf /var/lib/xcat-docker"
    under("n3", clear)
    yield "n3"
    under("n3", clear + "; rm -f /etc/systemd/system/container-xcatmn.service /root/xcatmn.*")
    under("n3", "rm -f /etc/containers/systemd/xcatmn.container")


def test_the_document_s_own_container_keeps_bridge_address_and_nodes(
    docker_host: str, tmp_path: Path
) -> None:
    under("n1", sh.text("xcat_by_hand"), CONTAINER, HOST, OLD)
    before = under("n1", sh.text("xcat_with_node"), "docker")
    assert "cn1" in before
    by_hand = ByHand("xcat", "n1", tmp_path)
    assert by_hand.proposed()["sections"]["xcat"] == {
        "hosts": "n1",
        "network": "bare",
        "address": f"{CONTAINER}/24",
        "bridge": {
            "name": "br0",
            "address": f"{HOST}/24",
            "interface": "eth0",
            "gateway": f"{NETWORK}.254",
        },
        "add_hosts": {"xcatmn": CONTAINER, "c910f05c01bc06": HOST},
    }
    by_hand.taken_over()
    assert stands("n1", "xcatmn") == ("running", "exited")
    assert under("n1", NODES, "docker") == before
    assert under("n2", sh.text("neighbour"), CONTAINER).count("lladdr") == 1


def test_one_of_compose_on_the_host_s_network_keeps_what_was_mounted(
    docker_host: str, tmp_path: Path
) -> None:
    under("n1", sh.text("xcat_by_compose"), TODAY)
    before = under("n1", sh.text("xcat_with_node"), "docker")
    by_hand = ByHand("xcat", "n1", tmp_path)
    proposed = by_hand.proposed()
    assert proposed["sections"]["xcat"] == {
        "hosts": "n1",
        "image": {"x86_64": TODAY},
        "network": "host",
        "bridge": {"address": f"{HOST}/24"},
    }
    remarks = "\n".join(proposed["remarks"]["xcat"])
    assert "no key says --volume=/tmp/xcat/customer_data:/customer_data" in remarks
    assert "what lies in --volume=xcat_xcatdata:/xcatdata:z is copied into its state" in remarks
    assert "is of Compose (/tmp/xcat/docker-compose.yml)" in remarks
    by_hand.taken_over()
    assert stands("n1", "xcatmn") == ("running", "exited")
    assert under("n1", NODES, "docker") == before
    mounts = "docker inspect -f '{{range .Mounts}}{{println .Source}}{{end}}' xcatmn"
    assert "/tmp/xcat/customer_data" in under("n1", mounts)


def test_one_of_podman_s_leaves_its_unit(podman_host: str, tmp_path: Path) -> None:
    under("n3", sh.text("xcat_by_unit"), TODAY)
    before = under("n3", sh.text("xcat_with_node"), "podman")
    assert under("n3", ENABLED) == "enabled\n"
    by_hand = ByHand("xcat", "n3", tmp_path)
    proposed = by_hand.proposed()
    assert proposed["sections"]["xcat"] == {
        "hosts": "n3",
        "image": {"x86_64": TODAY},
        "engine": "podman",
        "tag": "latest",
        "network": "host",
        "bridge": {"address": f"{NETWORK}.3/24"},
    }
    unit = "/etc/systemd/system/container-xcatmn.service starts it, too; inv xcat.up disables it"
    assert unit in "\n".join(proposed["remarks"]["xcat"])
    by_hand.taken_over()
    assert under("n3", NODES, "podman") == before
    assert under("n3", ENABLED) == "disabled\n"


def test_one_of_a_quadlet_is_refused_with_the_commands_that_lead_to_one_that_stays(
    podman_host: str, tmp_path: Path
) -> None:
    under("n3", sh.text("xcat_by_quadlet"), TODAY)
    before = under("n3", sh.text("xcat_with_node"), "podman")
    assert "cn1" in before
    which = ("--host=n3", "--system=xcat", "--json")
    refused = inv("adopt", f"--site={site_without(tmp_path, 'xcat')}", *which, "--write")
    assert refused.json["written"] is False
    (plan,) = refused.json["plans"]
    (row,) = plan["hosts"]
    assert "was started with --rm" in row["error"]
    assert "sesame" not in refused.out
    typed = row["error"].partition("then type, on its host: ")[2]
    commands, _, last = typed.rpartition("; ")
    assert last == "inv xcat.up --host=n3"
    assert "systemctl stop xcatmn.service; mv /etc/containers/systemd/xcatmn.container" in commands
    assert under("n3", "podman ps --format '{{.Names}}'") == "xcatmn\n"  # as it was

    said = under("n3", f"exec 2>&1; {commands}")
    assert under("n3", "podman ps --format '{{.Names}}'") == "xcatmn\n", f"{commands}\n{said}"
    ByHand("xcat", "n3", tmp_path).taken_over()
    assert under("n3", NODES, "podman") == before
    variable = 'podman exec xcatmn sh -c "echo \\$PASSWORD"'
    assert under("n3", variable) == "sesame\n"
