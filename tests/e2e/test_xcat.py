"""xCAT's container on a real host: three kinds of network, what somebody does behind our back,
upgrades that keep the tables, logins."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairlead.operations.network import docker_network
from tests.e2e import xcat
from tests.e2e.ground import containers, done, publish, sh, site_with, under
from tests.e2e.inv import NETWORK, Said, inv
from tests.e2e.xcat import CONTAINER, HOST, SECTION

IMAGE = "xcat/xcat-ubuntu-x86_64"
LSDEF = "docker exec xcatmn /opt/xcat/bin/lsdef | sort"


@pytest.fixture(scope="module")
def folder(lab: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """n1 is a docker host, without a bridge yet."""
    publish("2.11.0", image=IMAGE)
    xcat.prepare()
    xcat.plain()
    yield tmp_path_factory.mktemp("site")
    xcat.leave()


@pytest.fixture(scope="module")
def bare(folder: Path) -> str:
    """The document's container, up."""
    (folder / "bare").mkdir()
    site = f"--site={site_with(folder / 'bare', xcat=SECTION)}"
    done("xcat.up", site)
    return site


def changed(said: Said) -> list[str]:
    return [step["name"] for step in said.rows["n1"]["steps"] if step["state"] == "changed"]


def fields(site: str) -> dict[str, str]:
    return inv("xcat.status", site, "--json").rows["n1"]["fields"]


def answers(address: str) -> bool:
    return under("n2", sh.text("neighbour"), address).count("lladdr") == 1


def test_the_container_is_a_host_of_the_cluster_s_own_network(bare: str) -> None:
    assert fields(bare) | {"nodes": 0} == {
        "container": "xcatmn running",
        "image": IMAGE,
        "network": "bare",
        "bridge": f"br0 {HOST}/24",
        "address": f"{CONTAINER}/24",
        "answers": f"{CONTAINER} answers",
        "xcatd": "answers",
        "nodes": 0,
    }
    assert answers(CONTAINER)
    assert (
        under("n1", "docker exec xcatmn ip route")
        .split("\n")[0]
        .startswith(f"default via {HOST} dev eth0")
    )


MADE = (
    "{{.Config.Image}} -it={{.Config.OpenStdin}}{{.Config.Tty}} "
    "--privileged={{.HostConfig.Privileged}} --dns={{.HostConfig.Dns}} "
    "--dns-search={{.HostConfig.DnsSearch}} --hostname={{.Config.Hostname}} --name={{.Name}} "
    "--add-host={{.HostConfig.ExtraHosts}} --net={{.HostConfig.NetworkMode}}"
)


def test_it_is_created_as_the_document_has_it(bare: str) -> None:
    assert under("n1", 'docker inspect -f "$1" xcatmn', MADE) == (
        f"{IMAGE} -it=truetrue --privileged=true --dns=[{HOST}] --dns-search=[clusters.com] "
        f"--hostname=xcatmn --name=/xcatmn --add-host=[xcatmn:{CONTAINER}] --net=none\n"
    )


def test_restarted_behind_our_back_it_lacks_its_address_and_gets_that_alone(bare: str) -> None:
    under("n1", "docker restart -t 1 xcatmn")
    missing = inv("xcat.status", bare, "--json")
    assert (missing.code, missing.rows["n1"]["fields"]["address"]) == (1, "xcatmn has no interface")
    assert changed(done("xcat.up", bare, "--json")) == [f"address {CONTAINER}/24"]
    assert done("xcat.status", bare, "--json").json["ok"]
    assert not done("xcat.up", bare, "--json").json["changed"]
    assert changed(done("xcat.restart", bare, "--json")) == ["restart"]
    assert done("xcat.status", bare, "--json").json["ok"]


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ('ip link delete "$link"', "xcatmn has no interface"),
        ('ip link set "$link" nomaster', "the interface of xcatmn is not on br0"),
        (
            f"nsenter --net=/proc/$pid/ns/net ip addr add {NETWORK}.102/24 dev eth0",
            f"xcatmn has another address than {CONTAINER}/24",
        ),
        (
            "nsenter --net=/proc/$pid/ns/net ip route delete default",
            f"xcatmn has no route by {HOST}",
        ),
        (
            "nsenter --net=/proc/$pid/ns/net ip link set eth0 address 02:00:00:00:00:07",
            "the interface of xcatmn is not ",
        ),
    ],
    ids=[
        "absent",
        "not on the bridge",
        "another address",
        "no route",
        "another hardware address",
    ],  # the addresses differ from lab to lab
)
def test_each_state_of_its_address_is_told_and_mended_alone(
    bare: str, harm: str, said: str
) -> None:
    under("n1", sh.text("xcat_harm"), harm)
    assert fields(bare)["address"].startswith(said)
    assert changed(done("xcat.up", bare, "--json")) == [f"address {CONTAINER}/24"]
    assert (
        under(
            "n1", "docker exec xcatmn ip -4 -o addr show dev eth0; docker exec xcatmn ip route"
        ).count(CONTAINER)
        == 2
    )


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("docker stop -t 1 xcatmn", "xcatmn does not run"),
        ("docker rm -f xcatmn", "there is no container xcatmn"),
    ],
)
def test_a_container_that_does_not_run_is_started_with_its_address(
    bare: str, harm: str, said: str
) -> None:
    under("n1", harm)
    assert fields(bare)["address"] == said
    assert changed(done("xcat.up", bare, "--json")) == ["container"]
    assert fields(bare)["answers"] == f"{CONTAINER} answers"


def test_exec_and_attach_speak_with_it(bare: str) -> None:
    assert (
        done("xcat.exec", bare, "--", "/opt/xcat/bin/lsdef", "-t", "site").out
        == "clustersite  (site)\n"
    )
    assert inv("xcat.exec", bare, "--", "sh", "-c", "exit 7").code == 7
    assert "xcatd: started" in done("xcat.logs", bare).out


def test_an_upgrade_keeps_the_tables_and_one_that_loses_a_node_gives_way(bare: str) -> None:
    under("n1", "docker exec xcatmn /opt/xcat/bin/mkdef -t node cn1 cn2 cn3")
    publish("2.12.0", image=IMAGE)
    done("xcat.upgrade", bare)
    assert under("n1", LSDEF) == "cn1  (node)\ncn2  (node)\ncn3  (node)\n"
    assert containers("n1") == {"xcatmn": "running", "xcatmn.previous": "exited"}
    assert "nodelist.csv" in under("n1", "tar -tf /var/lib/fairlead/backups/xcat/xcatmn-*")
    before = under("n1", "docker inspect -f '{{.Id}}' xcatmn")
    publish("2.12.13", image=IMAGE)
    said = inv("xcat.upgrade", bare, "--json", timeout=200)
    assert (
        said.code,
        said.rows["n1"]["state"],
        "the old one is back" in said.rows["n1"]["error"],
    ) == (8, "rolled-back", True), said.err
    assert "before:\n3\nnow:\n2" in said.rows["n1"]["error"]
    assert (
        under("n1", "docker inspect -f '{{.Id}}' xcatmn"),
        under("n1", LSDEF).count("(node)"),
    ) == (before, 3)
    assert (
        done("xcat.status", bare, "--json").rows["n1"]["fields"]["answers"]
        == f"{CONTAINER} answers"
    )
    done("xcat.rollback", bare)
    assert (under("n1", "docker exec xcatmn cat /install/postscripts"), fields(bare)["nodes"]) == (
        "2.11.0\n",
        3,
    )
    publish("2.11.0", image=IMAGE)


KEY = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl "
    "admin@example.org"
)
SECRETS = {
    "FAIRLEAD_SECRET_ROOT": "correct horse",
    "FAIRLEAD_SECRET_NODES": 'pass"word,x',
    "FAIRLEAD_SECRET_KEY": "-----BEGIN KEY-----\nabc\n",
}


def test_root_logs_in_by_key_and_password_and_no_secret_is_seen(bare: str, tmp_path: Path) -> None:
    ssh = {"authorized_keys": [KEY], "password_secret": "root", "key": "key"}
    section = SECTION | {
        "ssh": ssh,
        "passwords": {"system": {"username": "root", "secret": "nodes"}},
    }
    site = f"--site={site_with(tmp_path, xcat=section, secrets={'environment': {}})}"
    said = done("xcat.ssh", site, "--json", **SECRETS)
    assert changed(said) == [
        "authorized keys",
        "private key",
        "root's password",
        "PermitRootLogin yes",
    ]
    more = done("xcat.up", site, "--json", **SECRETS)
    assert changed(more) == ["passwd table"]
    assert not done("xcat.up", site, "--json", **SECRETS).json["changed"]
    assert under("n1", sh.text("xcat_password"), "correct horse") == "yes\n"
    assert under("n1", "docker exec xcatmn cat /var/run/sshd.reads") == "yes\n"
    assert KEY in under("n1", "docker exec xcatmn cat /root/.ssh/authorized_keys")
    assert under("n1", "docker exec xcatmn stat -c '%a %u' /root/.ssh/id_rsa") == "600 0\n"
    assert '"system","root","pass""word,x",,,,' in under(
        "n1", "docker exec xcatmn /opt/xcat/sbin/tabdump passwd"
    )
    everything = (
        said.out
        + said.err
        + more.out
        + under(
            "n1",
            "cat /var/lib/fairlead/journal; cat /var/lib/fairlead/runs/*/*; docker inspect xcatmn",
        )
    )
    assert [word for word in ("correct horse", "word,x", "BEGIN KEY") if word in everything] == []


@pytest.mark.long
def test_docker_s_own_network_over_the_bridge_survives_restarts_by_itself(
    bare: str, folder: Path
) -> None:
    (folder / "bridge").mkdir(exist_ok=True)
    site = f"--site={site_with(folder / 'bridge', xcat=SECTION | {'network': 'bridge'})}"
    assert "network br0" in changed(done("xcat.up", site, "--json"))
    assert not done("xcat.up", site, "--json").json["changed"]
    under("n1", sh.text("xcat_restarted"))
    assert (done("xcat.status", site, "--json").json["ok"], answers(CONTAINER)) == (True, True)
    assert not done("xcat.up", site, "--json").json["changed"]
    assert xcat.addresses("br0") == f"{HOST}/24"
    by_another = SECTION | {"network": "bridge", "gateway": f"{NETWORK}.254"}
    other = f"--site={site_with(folder, xcat=by_another)}"
    refused = inv("xcat.up", other, "--json")
    assert (
        refused.code,
        "Docker has a network br0 with other settings" in refused.rows["n1"]["error"],
    ) == (1, True), refused.out
    done("xcat.down", site)
    assert (under("n1", "docker network ls --filter name=^br0$ -q"), xcat.addresses("br0")) == (
        "",
        f"{HOST}/24",
    )
    done("xcat.up", other)
    assert under("n1", "docker exec xcatmn ip route").startswith(
        f"default via {NETWORK}.254 dev eth0"
    )
    done("xcat.down", other)


def test_docker_never_makes_a_bridge_of_its_own(bare: str, folder: Path) -> None:
    holds = docker_network.sh.text("holds")
    assert (
        under("n1", f"( {holds}\n) 2>&1; echo $?", "docker", "br7", f"{HOST}/24")
        == f"br7 does not hold {HOST}/24: Docker would make a bridge of its own\n1\n"
    )


@pytest.mark.long
def test_the_host_s_network_as_upstream_has_it_today(folder: Path) -> None:
    xcat.plain()
    publish("2.16.5", image="xcat/xcat2")
    section = SECTION | {"network": "host", "image": {"x86_64": "xcat/xcat2"}}
    (folder / "host").mkdir()
    site = f"--site={site_with(folder / 'host', xcat=section)}"
    steps = changed(done("xcat.up", site, "--json"))
    assert steps == ["image", "state", "container", "master"]
    assert not done("xcat.up", site, "--json").json["changed"]
    assert f'"master","{HOST}",,' in under("n1", "docker exec xcatmn /opt/xcat/sbin/tabdump site")
    under("n1", "docker exec xcatmn /opt/xcat/bin/mkdef -t node cn1")
    done("xcat.down", site)
    done("xcat.up", site)
    assert (fields(site)["nodes"], xcat.addresses("eth0"), xcat.addresses("br0")) == (
        1,
        f"{HOST}/24",
        "",
    ), json.dumps(fields(site))
    done("xcat.down", site)
