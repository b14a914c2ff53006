"""Confluent on lab hosts: built there by its recipe, up, upgraded and back; what is in its way."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import managers
from tests.e2e.adoption import ByHand, site_without, stands
from tests.e2e.depot import Depot
from tests.e2e.ground import containers, done, eventually, site_with, under
from tests.e2e.inv import Said, inv

UUID = "docker exec confluent /opt/confluent/bin/confetty show /uuid"
DEFINE = 'docker exec confluent /opt/confluent/bin/nodedefine "$1"'
NODES = "docker exec mgr /opt/confluent/bin/confetty show /nodes/"
LISTEN = (
    'setsid python3 -c \'import socket, time; s = socket.create_server(("", 13001)); '
    "time.sleep(60)' >/dev/null 2>&1 </dev/null & echo $!; sleep 0.5"
)
# Somebody's own line, of an image that is called as xCAT's
BY_HAND = (
    "rm -rf /var/lib/confluent-docker; docker tag fairlead/confluent xcat/xcat2-site:1; "
    "docker run -d --name mgr --network=host --init xcat/xcat2-site:1 "
    "/opt/confluent/bin/confluent -f -o"
)
HOSTS = ("n1", "n2")


@pytest.fixture(scope="module")
def sources(depot: Depot) -> Iterator[dict[str, Any]]:
    managers.prepare(*HOSTS)
    yield managers.repository(depot)
    managers.leave(*HOSTS)


@pytest.fixture
def ours(sources: dict[str, Any], tmp_path: Path) -> Callable[..., Said]:
    """`inv` with a site whose hosts build the version that is asked for."""

    def call(*argv: str, version: str = "3.14.0", **more: Any) -> Said:
        recipe = {"release": "10", "version": version, "sources": sources}
        section = {"hosts": "n[1-2]", "recipe": recipe, "patience": 20}
        site = site_with(tmp_path, confluent=section | more.pop("section", {}))
        return inv(*argv, FAIRLEAD_SITE=site, timeout=300, **more)

    return call


def states(said: Said) -> dict[str, str]:
    assert said.code == 0, said.err + said.out
    return {host: row["state"] for host, row in said.rows.items()}


def all_are(state: str) -> dict[str, str]:
    return dict.fromkeys(HOSTS, state)


def test_nothing_is_up_before_it_is_built_and_the_sentence_says_what_builds_it(ours) -> None:
    refused = ours("confluent.up")
    assert refused.code == 4, refused.err
    assert "not built yet" in refused.out + refused.err
    assert "inv confluent.build" in refused.out + refused.err
    assert containers("n1") == {}


def test_a_dry_run_builds_nothing(ours) -> None:
    assert states(ours("confluent.build", "--dry-run", "--json")) == all_are("would-change")
    assert under("n1", "docker images -q; ls /var/lib/fairlead-images 2>/dev/null") == ""
    plain = ours("confluent.build", "--explain", "--host=n1")
    assert "--releasever=10" in plain.out
    assert "lenovo-confluent-3.14.0" in plain.out


def test_it_is_built_once_then_up_and_a_second_time_nothing_changes(ours) -> None:
    assert states(ours("confluent.build", "--json")) == all_are("changed")
    assert states(ours("confluent.build", "--json")) == all_are("ok")
    assert under("n1", "ls -A /var/lib/fairlead-images") == ""
    assert states(ours("confluent.up", "--dry-run", "--json")) == all_are("would-change")
    assert states(ours("confluent.up", "--json")) == all_are("changed")
    again = ours("confluent.up", "--json", "--fail-on=changed")
    assert (states(again), again.json["changed"]) == (all_are("ok"), False)
    assert "a stand-in" in ours("confluent.logs", "--host=n1").out
    (text,) = {under(host, "docker exec confluent cat /etc/fairlead-stand-in") for host in HOSTS}
    assert text == "A stand-in for Confluent 3.14.0, made by fairlead's lab. It manages nothing.\n"


def test_each_host_has_a_uuid_of_its_own_which_a_restart_and_a_new_container_keep(ours) -> None:
    first = [under(host, UUID) for host in HOSTS]
    assert len(set(first)) == 2
    assert all(word.startswith("uuid=") for word in first)
    assert ours("confluent.restart", "--yes").code == 0
    assert ours("confluent.down", "confluent.up", "--yes").code == 0
    assert [under(host, UUID) for host in HOSTS] == first


def test_its_prompt_is_confetty_and_words_are_run_inside(ours) -> None:
    prompt = ours("confluent.exec", "--host=n1", stdin="show /version\nexit\n")
    assert prompt.out == 'version="3.14.0"\n'
    said = ours("confluent.exec", "--host=n1", "--", "/opt/confluent/bin/nodelist")
    assert (said.code, said.out) == (0, "\n")


def test_status_counts_nodes_and_says_when_it_does_not_answer(ours) -> None:
    under("n1", DEFINE, "d1")
    rows = ours("confluent.status", "--json").rows
    assert {host: row["fields"]["nodes"] for host, row in rows.items()} == {"n1": 1, "n2": 0}
    under("n1", "docker exec confluent mv /var/run/confluent/api.sock /var/run/confluent/away")
    hurt = ours("confluent.status", "--json")
    fields = hurt.rows["n1"]["fields"]
    assert (hurt.code, fields["healthy"], fields["nodes"]) == (1, "no", "not known")
    under("n1", "docker exec confluent mv /var/run/confluent/away /var/run/confluent/api.sock")
    assert ours("confluent.status").code == 0


def test_an_upgrade_needs_its_image_and_a_rollback_brings_the_nodes_of_that_time(ours) -> None:
    refused = ours("confluent.upgrade", "--host=n2", version="3.15.0")
    assert (refused.code, "the recipe was changed" in refused.out) == (4, True), refused.out
    assert states(ours("confluent.build", "--json", version="3.15.0")) == all_are("changed")
    assert states(ours("confluent.upgrade", "--json", version="3.15.0")) == all_are("changed")
    assert states(ours("confluent.upgrade", "--json", version="3.15.0")) == all_are("ok")
    shown = 'docker exec confluent /opt/confluent/bin/confetty show "$1"'
    assert under("n1", shown, "/version") == 'version="3.15.0"\n'
    assert under("n1", shown, "/nodes/") == "d1/\n"
    under("n1", DEFINE, "d2")
    assert states(ours("confluent.rollback", "--yes", "--json", version="3.15.0")) == all_are(
        "changed"
    )
    assert under("n1", shown, "/version") == 'version="3.14.0"\n'
    assert under("n1", shown, "/nodes/") == "d1/\n"


def test_an_upgrade_that_loses_a_node_comes_back(ours) -> None:
    for name in ("d2", "d3"):
        under("n1", DEFINE, name)
    assert ours("confluent.build", "--host=n1", "--bust-cache", version="3.15.0").code == 0
    failed = ours("confluent.upgrade", "--host=n1", version="3.15.0")
    assert failed.code == 8, failed.err + failed.out
    assert ours("confluent.status", "--host=n1", "--json").rows["n1"]["fields"]["nodes"] == 3


def test_what_is_in_its_way_is_named_before_anything_changes(ours) -> None:
    assert ours("confluent.down", "--yes").code == 0
    under("n2", "docker run -d --name mn --label fairlead.system=xcat fairlead/confluent sleep 600")
    listener = under("n1", LISTEN).strip()
    refused = ours("confluent.preflight", version="3.15.0")
    assert refused.code == 4, refused.err
    for words in ("one runs here", "13001/tcp is held by", "inv xcat.down first"):
        assert words in refused.out, refused.out
    assert ours("confluent.up", version="3.15.0").code == 4
    under("n1", 'kill "$1"', listener)
    under("n2", "docker rm -f mn")
    assert containers("n1") == {}


@pytest.mark.long
def test_one_whose_image_is_called_as_xcats_is_adopted_as_what_it_is(ours, tmp_path: Path) -> None:
    assert ours("confluent.build", "--host=n1").code == 0
    under("n1", BY_HAND)
    define = DEFINE.replace("exec confluent", "exec mgr")
    eventually(lambda: "d9" in under("n1", f"{define} 2>&1; {NODES}", "d9"))
    site = f"--site={site_without(tmp_path, 'confluent', 'xcat')}"
    every = done("adopt", site, "--host=n1", "--json").json
    assert (set(every["sections"]), every["unknown"]) == ({"confluent"}, {})
    first = ByHand("confluent", "n1", tmp_path).taken_over()
    assert first["sections"]["confluent"] == {
        "hosts": "n1",
        "recipe": None,
        "image": "xcat/xcat2-site",
        "tag": "1",
        "name": "mgr",
    }
    assert stands("n1", "mgr") == ("running", "exited")
    assert "d9" in under("n1", NODES)
    under("n1", "docker rm -f mgr mgr.previous; docker rmi xcat/xcat2-site:1")
