"""DAOS from 2.4 by 2.6.5 to 2.8, from EL8 to EL9, on stand-ins that refuse as the real ones do.

A 2.8 whose engines never join returns to what was there; 2.8 returns to 2.6.5.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.daos import OF_MACHINE, SECTION, STATE, Cluster, with_pool
from tests.e2e.ground import sh, under
from tests.e2e.inv import Said

pytestmark = pytest.mark.long

SERVER = sh.text("daos_server")
NVME = f"cat {STATE}/server/current{STATE}/metadata/daos_control/engine0/daos_nvme.conf"
LOG = f"cat {STATE}/log/server/daos_server.log"
CONFIG = "docker exec daos-server cat /etc/daos/daos_server.yml"
LOGGED = {"control_log_file": "/var/log/daos/daos_server.log"}
REPOSITORIES = "docker exec daos-server sh -c 'cat /etc/yum.repos.d/rocky.repo'"


@pytest.fixture(scope="module")
def cluster(
    pages: None, daos_repository: dict[str, list[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    with with_pool(tmp_path_factory.mktemp("daos"), daos_repository) as cluster:
        yield cluster


def server(**config: Any) -> dict[str, Any]:
    """The section `server` with further keys in its configuration."""
    own: Any = SECTION["server"]
    return own | {"config": own["config"] | config}


def states(result: Said) -> list[tuple[str, str]]:
    """(component, step) of what changed, in order."""
    steps = (
        (row["component"], step["name"])
        for row in result.json["hosts"]
        for step in row["steps"]
        if step["state"] == "changed"
    )
    return list(dict.fromkeys(steps))


def names_in_nvme() -> set[str]:
    text = under("n1", NVME)
    names = ("vmd_enable", "enable_vmd", '"transport_retry_count"', '"retry_count"')
    return {name.strip('"') for name in names if name in text}


def layouts(cluster: Cluster) -> dict[str, int]:
    """Of each pool, as dmg lists them."""
    output = cluster.done("daos.admin.exec", "--", "dmg", "--json", "pool", "list").out
    pools = json.loads(output[output.index("{") :])["response"]["pools"]
    return {pool["label"]: pool["pool_layout_ver"] for pool in pools}


def in_the_way(cluster: Cluster, version: str) -> tuple[int, dict[str, str]]:
    """The exit code of `preflight --for`, and what it finds wrong, by component and check."""
    result = cluster.inv("daos.preflight", f"--for={version}", "--json")
    wrong = {
        f"{row['component']} {check['name']}": check["found"]
        for row in result.json["hosts"]
        for check in row["checks"]
        if not check["ok"] and check["name"] != OF_MACHINE
    }
    return result.code, wrong


def test_before_the_window_preflight_says_what_is_in_the_way_of_a_version(
    cluster: Cluster,
) -> None:
    before = under("n1", SERVER)
    code, wrong = in_the_way(cluster, "2.8.0")
    assert (code, sorted(wrong)) == (4, ["admin layouts of pools", "server version"])
    assert "cannot become 2.8.0 at once" in wrong["server version"]
    assert in_the_way(cluster, "2.6.5-1.el8") == (0, {})
    code, wrong = in_the_way(cluster, "2.6.9")
    assert (code, list(wrong)) == (4, ["base packages"])
    assert "2.6.5-1.el8, 2.6.5-1.el9" in wrong["base packages"]
    assert under("n1", SERVER) == before


def test_2_4_becomes_2_6_5_in_the_order_that_daos_wants(cluster: Cluster) -> None:
    cluster.say(version="2.6.5-1.el8")
    result = cluster.done("daos.upgrade", "--json")
    order = states(result)
    wanted = [
        ("admin", "connections end"),
        ("agent", "stop"),
        ("admin", "engines stop"),
        ("server", "stop"),
        ("server", "container"),
        ("admin", "in service"),
        ("agent", "container"),
    ]
    assert [part for part in order if part in wanted] == wanted
    assert "allow_thp: true" in under("n1", CONFIG)  # 2.4 knows no such key
    assert cluster.daos("daos", "pool", "autotest", "tank").code == 0
    assert names_in_nvme() == {"enable_vmd", "retry_count"}


def test_a_client_alone_is_compared_with_servers_and_agent_that_are_not_asked(
    cluster: Cluster,
) -> None:
    before = cluster.daos("daos", "version").out
    cluster.say(version="2.8.0-1.el9")
    refused = cluster.inv("daos.client.upgrade", "--host=n2")
    words = "daos.agent of 2.6.5-1.el8: they have to be of the same version"
    assert (refused.code, words in refused.out) == (4, True), refused.out
    client = cluster.inv("daos.client.preflight", "--json").rows["n2"]["checks"]
    (check,) = (check for check in client if check["name"] == "server elsewhere")
    assert (check["ok"], check["found"]) == (True, "2.6.5")
    admin = cluster.inv("daos.admin.preflight", "--json").rows["n3"]["checks"]
    (check,) = (check for check in admin if check["name"] == "server elsewhere")
    cluster.say(version="2.6.5-1.el8")
    assert "daos.server of 2.6.5: they have to be of the same release" in check["found"]
    assert cluster.daos("daos", "version").out == before
    cluster.done("daos.client.upgrade", "--host=n2")


def test_pools_of_an_old_layout_stop_the_way_to_2_8_before_anything_stops(cluster: Cluster) -> None:
    before = under("n1", SERVER)
    assert layouts(cluster) == {"tank": 2}
    cluster.say(version="2.8.0-1.el9")
    result = cluster.inv("daos.upgrade", "--json")
    rows = [row for row in result.json["hosts"] if row["component"] == "admin"]
    (check,) = (check for row in rows for check in row["checks"] if not check["ok"])
    assert (result.code, check["name"], check["found"]) == (
        4,
        "layouts of pools",
        "tank has layout 2",
    )
    assert check["remedy"].startswith("inv daos.admin.exec -- dmg pool upgrade tank")
    assert under("n1", SERVER) == before
    cluster.say(version="2.6.5-1.el8")
    cluster.done("daos.admin.exec", "--", "dmg", "pool", "upgrade", "tank")
    assert layouts(cluster) == {"tank": 3}


def test_a_server_of_2_8_refuses_transparent_huge_pages_and_preflight_says_so_first(
    cluster: Cluster,
) -> None:
    """As this machine has them; where they are off here, there is nothing to be refused."""
    setting = under("n1", "cat /sys/kernel/mm/transparent_hugepage/enabled")
    cluster.say(version="2.8.0-1.el9", server=server(allow_thp=False))
    result = cluster.inv("daos.server.preflight", "--json")
    cluster.say(version="2.6.5-1.el8", server=server())
    checks = {check["name"]: check for check in result.rows["n1"]["checks"]}
    check = checks["transparent huge pages"]
    assert (check["ok"], check["blocks"]) == ("[never]" in setting, True)


def test_engines_of_2_8_that_never_join_return_to_2_6_5_with_the_names_of_before(
    cluster: Cluster,
) -> None:
    """The control plane of 2.8.1 listens and has written daos_nvme.conf anew; its engines do not
    run.
    """
    before = under("n1", SERVER)
    cluster.say(version="2.8.1-1.el9")
    result = cluster.inv("daos.upgrade", "--json", timeout=400)
    assert result.code == 8, result.err
    assert ("server", "daos_nvme.conf") in states(result)
    assert under("n1", SERVER) == before
    assert "2.6.5-1.el8" in before
    assert names_in_nvme() == {"enable_vmd", "retry_count"}
    assert cluster.daos("daos", "pool", "autotest", "tank").code == 0
    cluster.say(version="2.6.5-1.el8")
    assert cluster.done("daos.status", "--json").json["ok"]


def test_2_6_5_becomes_2_8_on_el9_with_its_own_names_and_its_logs_on_the_host(
    cluster: Cluster,
) -> None:
    cluster.say(version="2.8.0-1.el9", server=server(**LOGGED))
    cluster.done("daos.upgrade", timeout=400)
    config = under("n1", CONFIG)
    assert ("mgmt_svc_replicas: [n1]" in config, "access_points" in config) == (True, False)
    assert names_in_nvme() == {"vmd_enable", "transport_retry_count"}
    assert under("n1", LOG) == "DAOS Control Server starts\n"
    repositories = under("n1", REPOSITORIES).split("\n\n")
    enabled = {
        part.split("]")[0].strip("[\n"): "enabled=1" in part for part in repositories if part
    }
    assert enabled == {"crb": True, "devel": False}
    assert cluster.daos("daos", "pool", "autotest", "tank").code == 0
    assert cluster.done("daos.status", "--json").json["ok"]


def test_a_second_upgrade_leaves_all_as_it_is(cluster: Cluster) -> None:
    before = under("n1", SERVER)
    cluster.done("daos.upgrade", timeout=400)
    assert under("n1", SERVER) == before
    assert cluster.daos("daos", "pool", "autotest", "tank").code == 0


def test_rollback_tells_the_pools_made_since_and_goes_back_where_it_is_told_to(
    cluster: Cluster,
) -> None:
    cluster.done("daos.pool.create", "--name=new")
    result = cluster.inv("daos.rollback", "--json")
    rows = [row for row in result.json["hosts"] if row["component"] == "admin"]
    (check,) = (check for row in rows for check in row["checks"] if not check["ok"])
    assert (result.code, check["name"], check["found"]) == (
        4,
        "pools made since",
        "new has layout 4",
    )
    assert "2.8.0-1.el9" in under("n1", SERVER)
    cluster.done("daos.rollback", "--skip-preflight", timeout=400)
    assert "2.6.5-1.el8" in under("n1", SERVER)
    assert names_in_nvme() == {"enable_vmd", "retry_count"}
    cluster.say(version="2.6.5-1.el8", server=server())
    assert cluster.daos("daos", "pool", "autotest", "tank").code == 0
    refused = cluster.daos("daos", "pool", "autotest", "new")
    assert (refused.code, "incompatible layout version" in refused.out + refused.err) == (1, True)
