"""Services on several nodes: two with an engine each on one host, a move, a node that is dead.

The data of the one that moves is on disks that both nodes reach.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e import svc
from tests.e2e.ground import done, sh, under
from tests.e2e.inv import NETWORK, Said, inv

HOSTS = ("n1", "n2")
WEB, DB = "web.opensvc.test", "db.opensvc.test"
ADDRESS = f"{NETWORK}.102"
FLAG = "/opt/opensvc/var/FROZEN.$1"


@pytest.fixture(scope="module")
def site(lab: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """n1 and n2 reach two disks, on which web lives; db is of n1 alone. Both are up on n1."""
    svc.begin("legacy", HOSTS)
    with svc.shared(HOSTS, "root", "data") as (root, data):
        fs = [
            {"dev": root, "mnt": "/opt/svc/a", "type": "ext4"},
            {"dev": data, "mnt": "/opt/svc/a/appdata", "type": "ext4", "options": "rw"},
        ]
        ip = [{"dev": "eth0", "name": "svc102.opensvc.test", "netmask": "24"}]
        web = svc.service(nodes=["n1", "n2"], fs=fs, ip=ip)
        path = (
            f"--site={svc.site(tmp_path_factory.mktemp('site'), {WEB: web, DB: svc.service('b')})}"
        )
        try:
            done("opensvc.up", path)
            yield path
        finally:
            svc.leave(HOSTS)


def tree(result: Said, host: str, name: str = WEB) -> dict[str, Any]:
    return next(
        row for row in result.json["hosts"] if (row["host"], row["component"]) == (host, "service")
    )["fields"][name]


def error(result: Said) -> str:
    return " ".join(row.get("error") or "" for row in result.json["hosts"])


def kept(host: str) -> str:
    """What web's container finds in its volume."""
    return svc.docker(host, WEB, "exec", f"{WEB}.container.1", "cat", "/vol1/kept")


def holds(host: str) -> tuple[int, int]:
    """How many of web's disks are mounted there, and whether its address is."""
    mounted, addresses = under(host, sh.text("opensvc_holds"), ADDRESS).split()
    return int(mounted), int(addresses)


@pytest.mark.long
def test_two_services_of_one_host_have_an_engine_each(site: str) -> None:
    assert svc.engines("n1") == 2
    names = {
        name: done(
            "opensvc.docker", site, f"--service={name}", "--", "ps", "-a", "--format", "{{.Names}}"
        ).out
        for name in (WEB, DB)
    }
    assert names == {WEB: f"{WEB}.container.1\n", DB: f"{DB}.container.1\n"}
    done("opensvc.down", site, f"--service={DB}", "--yes")
    assert (
        svc.engines("n1"),
        tree(done("opensvc.status", site, f"--service={WEB}", "--json"), "n1")["overall"],
    ) == (1, "up")
    done("opensvc.up", site, f"--service={DB}")
    assert svc.engines("n1") == 2


def test_a_move_takes_disks_address_and_data_along(site: str) -> None:
    svc.docker("n1", WEB, "exec", f"{WEB}.container.1", "sh", "-c", "echo from n1 >/vol1/kept")
    images = svc.docker("n1", WEB, "image", "ls", "-q")
    assert (
        holds("n1"),
        holds("n2"),
        under("n2", 'ls "$1.env"', f"/opt/opensvc/etc/{WEB}") != "",
    ) == ((2, 1), (0, 0), True)
    svc.acts("n1", WEB)
    done("opensvc.switch", site, f"--service={WEB}", "--to=n2")
    assert svc.acts("n1", WEB) == "stop container#1, stop fs#2, stop fs#1, stop ip#1"
    assert svc.acts("n2", WEB) == "start fs#1, start fs#2, start ip#1, start container#1"
    assert (holds("n1"), holds("n2"), kept("n2")) == ((0, 0), (2, 1), "from n1\n")
    assert (
        svc.docker("n2", WEB, "image", "ls", "-q") == images
    )  # the engine's own data came along: nothing was pulled
    result = done("opensvc.status", site, "--json")
    assert [tree(result, host)["up on"] for host in HOSTS] == [["n2"], ["n2"]]
    assert not done("opensvc.switch", site, f"--service={WEB}", "--to=n2", "--json").json["changed"]
    assert not done("opensvc.up", site, "--json").json["changed"]  # where it runs it stays
    assert (
        done("opensvc.docker", site, f"--service={WEB}", "--", "ps", "--format", "{{.Names}}").out
        == f"{WEB}.container.1\n"
    )


def test_a_node_that_cannot_start_it_is_named_with_the_way_back(site: str) -> None:
    under(
        "n1",
        f"echo 127.0.0.1 >/root/hosts; cp /etc/hosts /root/hosts; sed -i '/{ADDRESS}/d' /etc/hosts",
    )
    result = inv("opensvc.switch", site, f"--service={WEB}", "--to=n1", "--json")
    under("n1", "cat /root/hosts >/etc/hosts; rm /root/hosts")
    assert (
        result.code,
        f"it is stopped on n2: inv opensvc.switch --service={WEB} --to=n2" in error(result),
    ) == (1, True), error(result)
    assert (holds("n1"), holds("n2")) == ((0, 0), (0, 0))
    done("opensvc.switch", site, f"--service={WEB}", "--to=n2")
    assert (holds("n2"), kept("n2")) == ((2, 1), "from n1\n")


def test_what_is_frozen_is_left_alone_by_the_agent_until_it_is_thawed(site: str) -> None:
    assert under("n2", f'ls "{FLAG}"', WEB) == ""
    done("opensvc.freeze", site, f"--service={WEB}")
    assert [under(host, f'ls "{FLAG}"', WEB) != "" for host in HOSTS] == [True, True]
    assert tree(done("opensvc.status", site, "--json"), "n2")["frozen"] is True
    assert not done("opensvc.freeze", site, f"--service={WEB}", "--json").json["changed"]
    assert not done("opensvc.up", site, "--json").json[
        "changed"
    ]  # what somebody froze stays frozen
    done("opensvc.thaw", site, f"--service={WEB}")
    assert [under(host, f'ls "{FLAG}"', WEB) for host in HOSTS] == ["", ""]


def test_a_takeover_is_refused_while_the_other_node_lives_and_done_when_it_is_dead(
    site: str,
) -> None:
    words = ("opensvc.takeover", site, f"--service={WEB}", "--host=n1", "--json")
    alive = inv(*words)
    assert (alive.code, "still answers: another node is alive" in error(alive), holds("n1")) == (
        1,
        True,
        (0, 0),
    ), error(alive)
    done("lab.power", "--host=n2", "--state=off")
    try:
        refused = inv("opensvc.switch", site, f"--service={WEB}", "--to=n1", "--json")
        assert (refused.code, holds("n1")) == (5, (0, 0)), refused.err
        done(*words)
        assert (holds("n1"), kept("n1")) == ((2, 1), "from n1\n")
    finally:
        done("lab.power", "--host=n2", "--state=on")
    back = done("opensvc.status", site, "--json")
    assert [(tree(back, host)["overall"], tree(back, host)["up on"]) for host in HOSTS] == [
        ("up", ["n1"]),
        ("down", ["n1"]),
    ]
    assert not done("opensvc.up", site, "--json").json["changed"]
