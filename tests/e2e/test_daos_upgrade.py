"""DAOS from one version to the next: all servers together, storage kept.

All come back where one of them is not healthy.
"""

from collections.abc import Iterator

import pytest

from tests.e2e.daos import Cluster, with_pool
from tests.e2e.ground import sh, under

SERVER = sh.text("daos_server")
SERVERS = "docker ps -a --filter name=^daos-server --format '{{.Names}} {{.State}}' | sort"
RELEASE = "docker exec daos-server daos_server version"


@pytest.fixture(scope="module")
def cluster(
    pages: None, daos_repository: dict[str, list[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    with with_pool(tmp_path_factory.mktemp("daos"), daos_repository) as cluster:
        yield cluster


def test_a_version_that_is_not_to_be_had_is_told_with_those_that_are(cluster: Cluster) -> None:
    cluster.say(version="2.4.9-1.el8")
    result = cluster.inv("daos.base.build")
    cluster.say(version="2.4.0-2.el8")
    assert result.code == 1
    assert (
        "DAOS_REPOS has no daos-2.4.9-1.el8; there are: 2.4.0-2.el8 2.4.1-1.el8 2.4.2-1.el8 "
        "2.6.0-1.el8 2.6.5-1.el8 2.6.5-1.el9 2.8.0-1.el9 2.8.1-1.el9" in result.out
    )


def test_a_jump_over_a_release_is_refused_with_the_path_and_nothing_stops(cluster: Cluster) -> None:
    before = under("n1", SERVER)
    cluster.say(version="2.8.0-1.el8")
    result = cluster.inv("daos.upgrade", "--json")
    checks = {check["name"]: check for check in result.rows["n1"]["checks"]}
    up = cluster.inv("daos.server.up")
    cluster.say(version="2.4.0-2.el8")
    assert (result.code, checks["version"]["remedy"]) == (
        4,
        "set daos.version and run inv daos.upgrade for 2.6.5, then 2.8",
    )
    assert (up.code, "inv daos.upgrade takes all together" in up.out) == (1, True)
    assert under("n1", SERVER) == before


def test_an_upgrade_keeps_what_is_stored_and_a_second_one_stops_nothing(cluster: Cluster) -> None:
    cluster.say(version="2.4.1-1.el8")
    result = cluster.done("daos.upgrade", "--json")
    parts = list(
        dict.fromkeys(
            (row["component"], step["name"])
            for row in result.json["hosts"]
            for step in row["steps"]
            if step["state"] == "changed"
        )
    )
    assert (
        parts.index(("agent", "stop"))
        < parts.index(("server", "stop"))
        < parts.index(("server", "container"))
        < parts.index(("agent", "container"))
    )
    assert "v2.4.1" in under("n1", RELEASE)
    assert cluster.daos("daos", "pool", "autotest", "tank").code == 0
    assert not any(
        "format" in word
        for row in result.json["hosts"]
        for step in row["steps"]
        for argv in step["commands"]
        for word in argv
        if "{{" not in word
    )


def test_a_server_that_does_not_come_up_is_exit_8_and_the_old_version_is_back_with_its_agents(
    cluster: Cluster,
) -> None:
    cluster.say(version="2.4.1-1.el8")
    cluster.done("daos.up")
    before = under("n1", SERVER)
    cluster.say(version="2.4.2-1.el8")
    result = cluster.inv("daos.upgrade", "--json", timeout=300)
    assert result.code == 8, result.err
    assert under("n1", SERVER) == before
    assert "true 2.4.1-1.el8" in before
    cluster.say(version="2.4.1-1.el8")
    assert cluster.daos("daos", "pool", "autotest", "tank").code == 0
    assert cluster.done("daos.status", "--json").json["ok"]


def test_there_and_back_again_a_new_server_is_made_and_the_one_before_is_not_started(
    cluster: Cluster,
) -> None:
    """2.4.1, 2.4.0, 2.4.1: Compose finds the first by its labels, whatever it is called."""
    cluster.say(version="2.4.0-2.el8")
    cluster.done("daos.build", "daos.up")
    assert under("n1", SERVERS) == "daos-server running\ndaos-server.previous exited\n"
    cluster.say(version="2.4.1-1.el8")
    status = cluster.inv("daos.server.status", "--json")
    assert (status.code, status.rows["n1"]["fields"]["made from"].partition(":")[0]) == (
        1,
        "another site than today's",
    )
    result = cluster.done("daos.upgrade", "--json")
    steps = [step for row in result.json["hosts"] for step in row["steps"]]
    assert "changed" in [step["state"] for step in steps if step["name"] == "make way"]
    assert under("n1", SERVERS) == "daos-server running\ndaos-server.previous exited\n"
    assert "true 2.4.1-1.el8" in under("n1", SERVER)
    assert cluster.daos("daos", "pool", "autotest", "tank").code == 0
    assert cluster.done("daos.status", "--json").json["ok"]


def releases(cluster: Cluster, host: str) -> list[str]:
    """Of dmg and of the client: what a session on this host has."""
    commands = (("daos.admin", "dmg"), ("daos.client", "daos"))
    outputs = (
        cluster.done(f"{name}.exec", f"--host={host}", "--", program, "version").out
        for name, program in commands
    )
    return [output.split()[-1] for output in outputs]


@pytest.mark.long
def test_a_session_is_what_was_put_into_service_and_status_says_so(cluster: Cluster) -> None:
    """On the host that builds: a build changes no session, upgrade and rollback do."""
    cluster.say(
        version="2.4.1-1.el8",
        client={"hosts": "n[1-2]", "mode": "separate-agent"},
        admin={"hosts": "n1", "config": {"hostlist": ["n1"]}},
    )
    cluster.done("daos.build", "daos.up")
    cluster.say(version="2.6.0-1.el8")
    cluster.done("daos.build")
    assert releases(cluster, "n1") == ["2.4.1", "2.4.1"]
    assert cluster.done("daos.client.autotest", "--host=n1", "--pool=tank").code == 0
    for component in ("client", "admin"):
        status = cluster.inv(f"daos.{component}.status", "--host=n1", "--json")
        fields = status.rows["n1"]["fields"]
        print(status.code, fields)
        assert (status.code, fields["version"], fields["image"].rpartition(":")[2]) == (
            1,
            "2.4.1-1.el8",
            "v2.4.1",
        )
    cluster.done("daos.upgrade")
    assert releases(cluster, "n1") == ["2.6.0", "2.6.0"]
    assert cluster.daos("daos", "pool", "autotest", "tank").code == 0
    assert cluster.done("daos.status", "--json").json["ok"]
    cluster.done("daos.rollback")
    assert releases(cluster, "n1") == ["2.4.1", "2.4.1"]
    assert cluster.daos("daos", "pool", "autotest", "tank").code == 0
    again = cluster.inv("daos.client.rollback", "--host=n2")
    words = "there is no version of daos.client to return to"
    assert (again.code, words in again.out + again.err) == (1, True)
    cluster.say(version="2.4.1-1.el8")
    assert cluster.done("daos.status", "--json").json["ok"]
