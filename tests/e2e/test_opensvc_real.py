"""The agent 2.1 itself, unpatched and without its daemon, on two hosts.

FAIRLEAD_OPENSVC_21 names a tree of it (https://github.com/opensvc/opensvc, branch b2.1); without
one these are left out. Nothing of the agent is in the repository.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import svc
from tests.e2e.ground import done, under
from tests.e2e.inv import inv
from tests.e2e.svc import NAME, changed, row_of_service

pytestmark = pytest.mark.skipif(
    not svc.TREE, reason="FAIRLEAD_OPENSVC_21 names no tree of the OpenSVC agent 2.1"
)
HOSTS = ("n1", "n2")
VAR = "/var/lib/opensvc/svc"
SERVICE: dict[str, Any] = {"nodes": ["n1", "n2"], "autostart_node": "n1", "stop_patience": 60}


@pytest.fixture(scope="module")
def folder(lab: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with svc.real_agent(HOSTS):
        yield tmp_path_factory.mktemp("site")


def site(folder: Path, **changes: Any) -> str:
    return svc.option(folder, **SERVICE | changes)


@pytest.fixture
def web(folder: Path) -> str:
    """The document's own command, /bin/sh, is up on n1."""
    path = site(folder)
    done("opensvc.up", path, timeout=300)
    return path


def trees(path: str) -> list[dict[str, Any]]:
    """How the service stands, on n1 and n2."""
    rows = inv("opensvc.status", path, "--json").json["hosts"]
    return [row["fields"][NAME] for row in rows if row["component"] == "service"]


def inspect(template: str) -> str:
    return svc.docker("n1", NAME, "inspect", "-f", template, f"{NAME}.container.1", var=VAR)


def test_it_comes_up_from_nothing_with_an_engine_a_terminal_and_its_file_on_both_nodes(
    folder: Path,
) -> None:
    path = site(folder)
    result = done("opensvc.up", path, "--json", timeout=300)
    assert changed(result) == [
        *("file", "file systems", "folders", "engine", "image 1", "start", "note 1", "thaw"),
    ]
    here, there = trees(path)
    states = {resource["resource"]: resource["status"] for resource in here["resources"]}
    assert states.pop("sync#i0") in ("warn", "down")
    assert set(states.values()) == {"up"}
    assert (here["avail"], here["overall"], here["frozen"]) == ("up", "warn", False)
    assert (there["avail"], there["up on"], there["frozen"]) == ("down", ["n1"], False)
    assert inspect("{{.Config.Tty}} {{.Config.OpenStdin}} {{.HostConfig.NetworkMode}}") == (
        "true true bridge\n"
    )
    assert done("opensvc.status", path).code == 0
    again = done("opensvc.up", path, "--json", timeout=300)
    assert not again.json["changed"], changed(again)


def test_a_container_that_was_killed_is_up_by_its_own_word_and_down_by_ours(web: str) -> None:
    svc.docker("n1", NAME, "kill", f"{NAME}.container.1", var=VAR)
    own = svc.agent("n1", "om", NAME, "print", "status", "--format", "json")
    assert '"avail": "up"' in own
    assert (inv("opensvc.status", web).code, trees(web)[0]["avail"]) == (1, "warn")
    assert changed(done("opensvc.up", web, "--json", timeout=300)) == ["start"]
    assert trees(web)[0]["avail"] == "up"


def test_a_changed_command_is_applied_by_making_the_container_anew(web: str, folder: Path) -> None:
    container = svc.service()["containers"][0] | {"command": "sleep 1111"}
    newer = site(folder, containers=[container])
    steps = ["file", "container 1", "start", "note 1"]
    assert changed(done("opensvc.up", newer, "--json", timeout=300))[: len(steps)] == steps
    assert inspect('{{join .Config.Cmd " "}}') == "sleep 1111\n"
    bad = site(folder, containers=[container | {"command": "false"}], patience=10)
    result = inv("opensvc.up", bad, "--json", timeout=300)
    assert (result.code, row_of_service(result)["state"]) == (8, "rolled-back"), result.err
    assert (inspect('{{join .Config.Cmd " "}}'), trees(newer)[0]["avail"]) == (
        "sleep 1111\n",
        "up",
    )


def test_its_containers_are_started_again_though_their_engine_ended_with_them(web: str) -> None:
    before = inspect("{{.State.StartedAt}}")
    assert changed(done("opensvc.restart", web, "--json", timeout=300)) == ["restart"]
    assert inspect("{{.State.StartedAt}}") != before


def test_it_moves_and_comes_back_and_neither_node_is_left_frozen(web: str) -> None:
    for to in ("n2", "n1"):
        done("opensvc.switch", web, f"--to={to}", timeout=300)
        assert [(tree["up on"], tree["frozen"]) for tree in trees(web)] == [([to], False)] * 2


def test_what_is_down_is_frozen_and_what_is_up_is_not(web: str) -> None:
    done("opensvc.down", web, "--yes", timeout=300)
    assert [(tree["avail"], tree["frozen"]) for tree in trees(web)] == [("down", True)] * 2
    assert (svc.engines("n1"), under("n1", "grep /opt/svc /proc/mounts")) == (0, "")
    assert not done("opensvc.down", web, "--yes", "--json", timeout=300).json["changed"]
    done("opensvc.up", web, timeout=300)
    assert [(tree["up on"], tree["frozen"]) for tree in trees(web)] == [(["n1"], False)] * 2


def test_an_engine_that_the_node_s_settings_end_is_told_by_its_own_words(web: str) -> None:
    done("opensvc.down", web, "--yes", timeout=300)
    path = "/etc/docker/daemon.json"
    own = under("n1", f"cat {path}")
    more = '{"exec-opts": ["native.cgroupdriver=cgroupfs"], '
    under("n1", 'printf %s "$1" >"$2"', own.replace("{", more, 1), path)
    blocked = inv("opensvc.up", web)
    result = inv("opensvc.up", web, "--skip-preflight", "--json", timeout=300)
    under("n1", 'printf %s "$1" >"$2"', own, path)
    assert (blocked.code, "daemon.json: blocks: found exec-opts" in blocked.out) == (4, True)
    assert "exec-opts" in row_of_service(result)["error"], result.out
    done("opensvc.up", web, timeout=300)
    done("opensvc.down", web, "--yes", timeout=300)
