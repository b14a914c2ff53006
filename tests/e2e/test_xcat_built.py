"""xCAT of today on lab hosts: an image by our recipe, systemd inside, a first start that makes keys
of its own, upgrades that keep them, and a site of before that loses nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import managers, xcat
from tests.e2e.depot import Depot
from tests.e2e.ground import publish, sh, site_with, under
from tests.e2e.inv import NETWORK, Said, inv

pytestmark = pytest.mark.long

HOSTS = {"n1": "9", "n3": "10"}  # host -> release: n1 has cgroup v1, n3 v2
KEYS = (
    "docker exec xcatmn cat /etc/xcat/hostkeys/ssh_host_rsa_key /root/.ssh/id_rsa "
    "/etc/xcat/ca/ca-cert.pem /root/.xcat/client-cred.pem"
)
STARTS = "docker exec xcatmn cat /etc/xcat/configured"
IMAGE = "fairlead/xcat:latest"
USED = (  # a site of before; in its stand-in postscripts is a file
    "mkdir -p /tftpboot; echo kernel >/tftpboot/cn1; echo key >/root/.ssh/id_rsa; "
    "echo SQLite >/etc/xcat/cfgloc; rm /install/postscripts; mkdir /install/postscripts"
)


@pytest.fixture(scope="module")
def sources(depot: Depot) -> Iterator[dict[str, Any]]:
    managers.prepare(*HOSTS)
    yield managers.repository(depot)
    managers.leave(*HOSTS)


@pytest.fixture
def ours(sources: dict[str, Any], tmp_path: Path) -> Callable[..., Said]:
    """`inv` with the site of one host, which has the host's network."""

    def call(host: str, *argv: str, version: str = "2.18.1", **changes: Any) -> Said:
        recipe = {"release": HOSTS[host], "version": version, "sources": sources}
        section = {
            "hosts": host,
            "network": "host",
            "bridge": {"address": f"{NETWORK}.{host[1:]}/24"},
            "hostname": f"mn{host[1:]}",
            "loop_devices": 0,
            "patience": 40,
            "recipe": recipe,
        } | changes
        site = site_with(tmp_path, xcat=section)
        return inv(*argv, FAIRLEAD_SITE=site, timeout=300)

    return call


def state(said: Said) -> str:
    assert said.code == 0, said.err + said.out
    (row,) = said.rows.values()
    return str(row["state"])


def test_it_is_built_before_it_is_up_and_no_key_is_in_the_image(ours) -> None:
    refused = ours("n1", "xcat.up")
    assert (refused.code, "inv xcat.build" in refused.out) == (4, True), refused.out
    for host in HOSTS:
        assert state(ours(host, "xcat.build", "--json")) == "changed"
        assert state(ours(host, "xcat.build", "--json")) == "ok"
        assert under(host, sh.text("xcat_left"), IMAGE).split() == [
            *("/etc/systemd/system/multi-user.target.wants:", "xcat-start.service"),
            *("/etc/xcat:", "conf.orig", "/install/postscripts:", "syslog"),
            *("/root/.ssh:", "/root/.xcat:", "0"),
        ]


def test_the_first_start_makes_keys_by_its_own_name_and_two_hosts_have_two(ours) -> None:
    for host in HOSTS:
        assert state(ours(host, "xcat.up", "--json")) == "changed"
        again = ours(host, "xcat.up", "--json", "--fail-on=changed")
        assert (again.code, state(again)) == (0, "ok")
        assert under(host, STARTS) == f"xcatconfig -i of mn{host[1:]}\n"
    keys = {host: under(host, KEYS) for host in HOSTS}
    assert "Subject: CN=mn1\n" in keys["n1"]
    assert "Subject: CN=mn3\n" in keys["n3"]
    lines = [set(text.splitlines()) for text in keys.values()]
    assert (len(lines[0]), lines[0] & lines[1]) == (5, set())


def test_a_second_start_and_a_new_container_keep_them(ours) -> None:
    for host in HOSTS:
        before = under(host, KEYS)
        under(host, "docker restart xcatmn")
        assert ours(host, "xcat.up").code == 0
        assert (under(host, KEYS), under(host, STARTS).count("-i")) == (before, 1)
        assert ours(host, "xcat.down", "xcat.up").code == 0
        starts = under(host, STARTS).splitlines()
        assert [line.split()[1] for line in starts] == ["-i", "-u"]
        assert under(host, KEYS) == before


def test_a_first_start_that_was_cut_short_is_done_again(ours) -> None:
    assert ours("n1", "xcat.down").code == 0
    under("n1", "touch /var/lib/xcat-docker/current/etc/xcat/.first-start")
    assert ours("n1", "xcat.up").code == 0
    assert under("n1", STARTS).splitlines()[-1] == "xcatconfig -i of mn1"
    assert under("n1", "ls -A /var/lib/xcat-docker/current/etc/xcat/.first-start") == ""


def test_an_upgrade_keeps_nodes_and_keys_and_a_rollback_too(ours) -> None:
    under("n1", "docker exec xcatmn /opt/xcat/bin/mkdef -t node cn1 cn2")
    before = under("n1", KEYS)
    refused = ours("n1", "xcat.upgrade", version="2.19.0")
    assert (refused.code, "the recipe was changed" in refused.out) == (4, True), refused.out
    assert state(ours("n1", "xcat.build", "--json", version="2.19.0")) == "changed"
    assert state(ours("n1", "xcat.upgrade", "--json", version="2.19.0")) == "changed"
    version = "docker exec xcatmn /opt/xcat/bin/lsxcatd -a | head -n 1"
    assert under("n1", version) == "Version 2.19.0 (a stand-in)\n"
    fields = ours("n1", "xcat.status", "--json", version="2.19.0").rows["n1"]["fields"]
    assert (fields["xcatd"], fields["nodes"]) == ("answers", 2)
    assert (under("n1", KEYS), under("n1", STARTS).splitlines()[-1][:13]) == (
        before,
        "xcatconfig -u",
    )
    assert ours("n1", "xcat.rollback", version="2.19.0").code == 0
    assert under("n1", version) == "Version 2.18.1 (a stand-in)\n"
    assert under("n1", KEYS) == before


def test_what_is_not_served_by_the_image_is_refused_first(ours) -> None:
    old = HOSTS["n1"]
    HOSTS["n1"] = "10"
    try:
        refused = ours("n1", "xcat.preflight")
    finally:
        HOSTS["n1"] = old
    assert (refused.code, "systemd of Enterprise Linux 10" in refused.out) == (4, True)
    under("n1", "mkdir -p /var/lib/xcat-docker/current/xcatdata")
    refused = ours("n1", "xcat.preflight")
    under("n1", "rmdir /var/lib/xcat-docker/current/xcatdata")
    assert (refused.code, "restorexCATdb" in refused.out) == (4, True)


def test_a_site_of_before_goes_on_with_its_tables_and_what_it_boots(ours) -> None:
    """The image of 2011 has tables and keys in volumes, and /tftpboot in the container."""
    assert ours("n1", "xcat.down").code == 0
    under("n1", "rm -rf /var/lib/xcat-docker")
    publish("2.11.0", image="xcat/xcat-ubuntu-x86_64")
    xcat.prepare()
    xcat.plain()
    try:
        _goes_on(ours)
    finally:
        xcat.leave()


# which container it is, since when it runs, and what an engine can change of it
STANDING = "docker inspect -f '{{.Id}} {{.State.StartedAt}} {{.HostConfig.RestartPolicy}}' xcatmn"


def _is_warned(ours: Callable[..., Said], bare: dict[str, Any]) -> None:
    """Weeks before: the recipe is missing, and what the container alone has is named."""
    before = under("n1", STANDING)
    for recipe, code in (({"recipe": None}, 4), ({}, 0)):
        result = ours("n1", "xcat.preflight", "--for=2.19.0", "--json", **bare, **recipe)
        wrong = {
            check["name"]: check["found"]
            for check in result.rows["n1"]["checks"]
            if not check["ok"]
        }
        assert (result.code, wrong["state"]) == (code, "/tftpboot"), result.out
        assert ("upstream publishes no image" in wrong["image"]) == bool(recipe)
        assert {"patience", "image", "state"} <= set(wrong)
        assert "version" not in wrong
    assert under("n1", STANDING) == before


def _goes_on(ours: Callable[..., Said]) -> None:
    bare = {**xcat.SECTION, "patience": 40, "loop_devices": 0}
    assert ours("n1", "xcat.up", **bare, recipe=None).code == 0
    under("n1", "docker exec xcatmn /opt/xcat/bin/mkdef -t node cn1 cn2")
    under("n1", f"docker exec xcatmn sh -c '{USED}'")
    _is_warned(ours, bare)
    assert ours("n1", "xcat.build", **bare).code == 0
    went = ours("n1", "xcat.up", "--json", **bare)
    assert state(went) == "changed"
    nodes = under("n1", "docker exec xcatmn /opt/xcat/bin/lsdef")
    assert nodes == "cn1  (node)\ncn2  (node)\n"
    kept = "docker exec xcatmn cat /tftpboot/cn1 /root/.ssh/id_rsa /etc/xcat/configured"
    assert under("n1", kept) == "kernel\nkey\nxcatconfig -u of mn1\n"
    assert state(ours("n1", "xcat.up", "--json", **bare)) == "ok"
    assert ours("n1", "xcat.status", **bare).code == 0
    assert ours("n1", "xcat.rollback", **bare).code == 0
    assert under("n1", "docker exec xcatmn /opt/xcat/bin/lsdef") == nodes
    assert ours("n1", "xcat.down", **bare).code == 0
