"""What DAOS demands of a real host, and what lies on it: a key that nobody there can read."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fairlead.model.plan import Secret
from fairlead.secrets import authority
from tests.e2e.daos import SECTION, STATE, Cluster, bare, failing
from tests.e2e.ground import sh, under
from tests.e2e.hugepages import COUNT, huge_pages

CERTIFICATES = f"{STATE}/secrets/daos_server-certs.txz"


@pytest.fixture(scope="module")
def cluster(lab: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    bare()
    made = Cluster(tmp_path_factory.mktemp("daos"), {})
    made.done("daos.secrets", "--generate")
    yield made
    bare()


def checks(
    cluster: Cluster, component: str, *more: str, host: str = "n1"
) -> tuple[int, dict[str, Any]]:
    """Exit code and the checks of a preflight, by name."""
    result = cluster.inv(f"daos.{component}.preflight", f"--host={host}", "--json", *more)
    return result.code, {check["name"]: check for check in result.rows[host]["checks"]}


def config(**changes: Any) -> dict[str, Any]:
    return SECTION["server"] | {"config": SECTION["server"]["config"] | changes}


def test_no_huge_pages_block_with_numbers_and_fix_makes_them_at_once_and_for_good(
    cluster: Cluster,
) -> None:
    with huge_pages(0):
        code, results = checks(cluster, "server")
        pages = results["huge pages"]
        assert (code, failing(results.values()), pages["found"], pages["wanted"]) == (
            4,
            ["huge pages"],
            "0 of 2048 KiB",
            "4096 of 2048 KiB",
        )
        assert pages["why"] == "engines do their input and output in them"
        blocked = cluster.inv("daos.server.up", "--host=n1")
        assert (
            blocked.code,
            "huge pages: blocks: found 0 of 2048 KiB, wanted 4096 of 2048 KiB" in blocked.out,
        ) == (4, True)
        assert checks(cluster, "server", "--fix")[0] == 0
        assert COUNT.read_text() == "4096\n"
        assert "vm.nr_hugepages = 4096" in under("n1", "cat /etc/sysctl.d/60-daos-hugepages.conf")
        again = cluster.done("daos.server.preflight", "--fix", "--json")
        assert not again.json["changed"]
        COUNT.write_text("0")  # as after a boot: what lasts is the file
        under("n1", "sysctl --quiet --system --pattern '^vm[.]nr_hugepages$'")
        assert COUNT.read_text() == "4096\n"
        assert checks(cluster, "server")[0] == 0


def test_vfio_is_refused_with_the_reason(cluster: Cluster) -> None:
    cluster.say(server=config(disable_vfio=False))
    code, results = checks(cluster, "server")
    assert (code, results["VFIO"]["ok"], results["VFIO"]["found"]) == (
        4,
        False,
        "disable_vfio: false",
    )
    assert "not supported when the server is in a container" in results["VFIO"]["why"]
    cluster.say(server=SECTION["server"])


def test_an_interface_or_device_that_is_not_there_is_told_with_what_is(cluster: Cluster) -> None:
    storage = [{"class": "nvme", "bdev_list": ["0000:41:00.0"]}]
    cluster.say(
        server=config(engines=[{"fabric_iface": "ib7", "pinned_numa_node": 7, "storage": storage}])
    )
    _, results = checks(cluster, "server")
    assert results["interfaces of engines"]["found"] == "no ib7; there are eth0"
    assert results["NVMe devices"]["found"] == "no NVMe device at 0000:41:00.0; there are none"
    assert results["NUMA"]["found"].startswith("no node 7; there are 0")
    cluster.say(server=SECTION["server"])


def test_an_agent_without_fabric_ifaces_beside_docker0_is_blocked_with_the_lines(
    cluster: Cluster,
) -> None:
    assert "docker0" in under("n2", "ls /sys/class/net")
    cluster.say(agent={"config": {"access_points": ["n1"]}})
    code, results = checks(cluster, "agent", host="n2")
    lines = "fabric_ifaces: [{numa_node: 0, devices: [{iface: eth0, domain: eth0}]}]"
    assert (code, failing(results.values()), results["fabric_ifaces"]["remedy"]) == (
        4,
        ["fabric_ifaces"],
        f"add to daos.agent.config: {lines}",
    )
    cluster.say(agent=SECTION["agent"])
    assert checks(cluster, "agent", host="n2")[0] == 0


def test_nobody_on_the_host_can_read_the_server_s_key_yet_every_uid_in_the_container_can(
    cluster: Cluster,
) -> None:
    cluster.done("daos.server.secrets", "--deliver")
    assert under("n1", 'stat -c "%a %U" "$1" "${1%/*}"', CERTIFICATES) == "444 root\n700 root\n"
    for program in ('cat "$1"', 'ls "${1%/*}"', 'tar -tJf "$1"'):
        result = under(
            "n1", f"su op -s /bin/sh -c '{program}' sh \"$1\" 2>&1; echo $?", CERTIFICATES
        )
        assert ("ermission denied" in result, result.endswith("0\n")) == (True, False)
    assert (
        under(
            "n1", "su op -s /bin/sh -c 'find / -xdev -name \"*certs*.txz*\" -readable 2>/dev/null'"
        )
        == ""
    )
    assert int(under("n1", sh.text("daos_certificates"), CERTIFICATES)) > 1000


def test_a_changed_secret_is_a_changed_step(cluster: Cluster) -> None:
    assert not cluster.done("daos.server.secrets", "--deliver", "--json").json["changed"]
    before = under("n1", 'sha256sum "$1"', CERTIFICATES)
    cluster.done("daos.server.secrets", "--rotate", "--name=daos-server-certs.txz")
    changed = cluster.done("daos.server.secrets", "--deliver", "--json")
    assert changed.steps("n1")["certificates of the server"] == "changed"
    assert under("n1", 'sha256sum "$1"', CERTIFICATES) != before


def test_a_foreign_certificate_is_refused_before_any_host_is_asked_to_change(
    cluster: Cluster, tmp_path: Path
) -> None:
    foreign = Cluster(tmp_path, {})
    foreign.done("daos.secrets", "--generate")
    shown = foreign.done("secrets.show", "--name=daos-ca.crt", "--yes").out
    (tmp_path / "ca.crt").write_text(shown)
    mine = cluster.folder / "secrets" / "daos-ca.crt.age"
    kept = mine.read_bytes()
    try:
        cluster.done("secrets.set", "--name=daos-ca.crt", f"--file={tmp_path / 'ca.crt'}")
        code, results = checks(cluster, "server")
        assert (code, results["secrets/daos-server-certs.txz"]["ok"]) == (4, False)
        assert results["secrets/daos-server-certs.txz"]["found"].startswith(
            "daosCA.crt is another authority's; server.crt is signed by another authority"
        )
        refused = cluster.inv("daos.server.secrets", "--deliver")
        assert (refused.code, "is another authority's" in refused.err) == (7, True)
    finally:
        mine.write_bytes(kept)


def own(cluster: Cluster, folder: Path, name: str, days: int) -> Path:
    """A tarball for dmg as people make one themselves.

    It is the authority's, with a certificate of this name that ends in so many days.
    """
    ca, ca_key = (
        Secret(cluster.done("secrets.show", f"--name=daos-ca.{part}", "--yes").out)
        for part in ("crt", "key")
    )
    key = authority.new_key(2048)
    parts = {
        "daosCA.crt": ca,
        "admin.crt": authority.issue(ca, ca_key, key, "DAOS", name, days),
        "admin.key": key,
    }
    for member, content in parts.items():
        (folder / member).write_bytes(content.reveal())
        (folder / member).chmod(0o400 if member.endswith(".key") else 0o644)
    subprocess.run(
        ["tar", "-cJf", "own.txz", "--owner=0", "--group=0", *parts], cwd=folder, check=True
    )
    return folder / "own.txz"


@pytest.mark.parametrize(
    ("name", "days", "says", "listed"),
    [
        ("admin", 0, r"admin\.crt has expired on \d{4}-\d\d-\d\d", "expired"),
        ("agent", 100, r"admin\.crt has the common name agent, not admin", "unusable"),
    ],
    ids=["expired", "wrongly named"],
)
def test_a_certificate_of_one_s_own_is_refused_for_what_is_wrong_with_it(
    cluster: Cluster, tmp_path: Path, name: str, days: int, says: str, listed: str
) -> None:
    mine = cluster.folder / "secrets" / "daos-admin-certs.txz.age"
    kept = mine.read_bytes()
    try:
        cluster.done(
            "secrets.set",
            "--name=daos-admin-certs.txz",
            f"--file={own(cluster, tmp_path, name, days)}",
        )
        code, results = checks(cluster, "admin", host="n3")
        assert (code, failing(results.values())) == (4, ["secrets/daos-admin-certs.txz"])
        assert re.fullmatch(says, results["secrets/daos-admin-certs.txz"]["found"])
        refused = cluster.inv("daos.admin.secrets", "--deliver")
        assert (refused.code, bool(re.search(says, refused.out + refused.err))) == (7, True)
        assert under("n3", f"ls {STATE}/secrets/*admin* 2>&1 >/dev/null") != ""
        rows = {
            row["name"]: row["state"]
            for row in cluster.inv("daos.admin.secrets", "--json").json["secrets"]
        }
        assert rows["daos-admin-certs.txz"] == listed
    finally:
        mine.write_bytes(kept)


def test_what_ends_within_the_time_that_is_asked_about_is_told_with_its_days(
    cluster: Cluster,
) -> None:
    cluster.say(certificates={"days": 20})
    cluster.done("daos.admin.secrets", "--rotate", "--name=daos-admin-certs.txz")
    ending, fine = (
        cluster.inv("daos.secrets", "--fail-within", within) for within in ("30d", "2w")
    )
    cluster.say(certificates={})
    assert (ending.code, fine.code) == (7, 0), ending.out + fine.out
    states = dict(re.findall(r"^daos\.\w+ (\S+): (\w+): ", ending.out, re.MULTILINE))
    assert {name for name, state in states.items() if state != "ok"} == {"daos-admin-certs.txz"}
    landing = re.escape(f"{STATE}/secrets/daos_admin-certs.txz 0444 root:root")
    ends = r"ends=\d{4}-\d\d-\d\d \(19 days\)"
    row = rf"daos-admin-certs\.txz: ending: .* lands at={landing}, {ends}$"
    assert re.search(row, ending.out, re.MULTILINE), ending.out
    rotate = r"inv daos\.secrets --rotate --name=daos-admin-certs\.txz"
    remedy = rf"^secrets/daos-admin-certs\.txz: ends on \S+; {rotate}$"
    assert re.search(remedy, ending.out, re.MULTILINE)
