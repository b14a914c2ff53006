"""What the agents say that is not so, as was seen of the real ones.

Each is shown from the agent's own mouth, and then that nobody believes it.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import svc
from tests.e2e.ground import done, under
from tests.e2e.inv import inv
from tests.e2e.svc import NAME, row_of_service

VAR = "/var/lib/opensvc/svc"
RUNS = {"image": svc.IMAGE, "command": "sleep 3600", "run_args": "-v /opt/svc/a/vol1:/vol1:rw"}
SERVICE = svc.service(patience=5, stop_patience=10, containers=[RUNS], autostart_node="n1")
CONF = f"/etc/opensvc/{NAME}.conf"


@pytest.fixture(scope="module")
def folder(lab: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """n1 has an agent and a volume group."""
    with svc.node("2.1", vgs=True):
        yield tmp_path_factory.mktemp("site")


def site(folder: Path, **changes: Any) -> str:
    return svc.option(folder, **SERVICE | changes)


@pytest.fixture(scope="module")
def plain(folder: Path) -> str:
    """The site of a service of agent 2.1 with a volume group."""
    return site(folder, disks=[{"vg": "vgdocker"}])


@pytest.fixture
def web(plain: str) -> Iterator[str]:
    """It is up, and its agent as honest as it can be; afterwards too."""
    svc.lie("n1")
    done("opensvc.up", plain)
    yield plain
    svc.lie("n1")


def om(*words: str) -> str:
    return svc.agent("n1", "om", NAME, *words)


def up(*words: str) -> str:
    return svc.overall("n1", "om", NAME, "print", "status", "--format", "json")


def test_a_file_that_it_froze_when_it_was_new_is_thawed_and_no_section_of_it_is_dropped(
    web: str,
) -> None:
    result = row_of_service(done("opensvc.status", web, "--json"))["fields"][NAME]
    assert (result["overall"], result["frozen"]) == ("up", False)
    assert [resource["resource"] for resource in result["resources"]] == [
        "container#1",
        "disk#1",
        "fs#1",
        "fs#2",
    ]
    assert "start disk#1, start fs#1, start fs#2, start container#1" in svc.acts("n1", NAME, VAR)
    assert "[disk#1]\ntype = vg\nname = vgdocker\n" in under("n1", f"cat {CONF}")
    assert not done("opensvc.up", web, "--json").json[
        "changed"
    ]  # the id that it put into the file is no difference


def test_the_file_of_2014_is_taken_by_2_1_without_its_volume_group_and_that_is_why_each_has_its_own(
    folder: Path,
) -> None:
    old = "[DEFAULT]\nnodes = n1\n\n[vg#1]\nvgname = vgdocker\n\n[fs#1]\nmnt_opts = rw\n"
    under("n1", 'printf %s "$1" >/root/old.env', old)
    result = svc.agent("n1", "om", "old", "create", "--config", "/root/old.env")
    assert result.endswith("rc=0\n")
    assert [line.partition(": ")[2] for line in result.splitlines()[:-1]] == [
        "ignored section vg#1",
        "ignored option fs#1.mnt_opts",
    ]
    under("n1", "rm -f /root/old.env /etc/opensvc/old.conf")


@pytest.mark.parametrize("lie", ["drops=fs#2", "hides=fs#2"])
def test_a_section_that_it_leaves_out_with_exit_code_0_brings_the_old_file_back(
    web: str, folder: Path, lie: str
) -> None:
    before = under("n1", f"cat {CONF}")
    svc.lie("n1", lie)
    assert svc.agent("n1", "om", NAME, "create", "--config", CONF).endswith("rc=0\n")
    under("n1", 'printf %s "$1" >"$2"', before, CONF)
    result = inv("opensvc.up", site(folder, app="OTHER", disks=[{"vg": "vgdocker"}]), "--json")
    assert (result.code, row_of_service(result)["state"], under("n1", f"cat {CONF}")) == (
        1,
        "rolled-back",
        before,
    ), result.out
    assert (
        "ignored section fs#2" if "drops" in lie else "the agent does not know fs#2"
    ) in row_of_service(result)["error"]


def test_its_exit_code_of_a_status_is_0_for_a_service_that_is_down(web: str) -> None:
    svc.docker("n1", NAME, "kill", f"{NAME}.container.1", var=VAR)
    assert om("print", "status", "--format", "json", "--refresh").endswith("rc=0\n")
    result = inv("opensvc.status", web, "--json")
    assert (result.code, row_of_service(result)["fields"][NAME]["overall"]) == (1, "warn")


def test_a_container_that_is_gone_is_up_for_ever_by_its_own_word_and_not_by_ours(web: str) -> None:
    svc.docker("n1", NAME, "rm", "-f", f"{NAME}.container.1", var=VAR)
    assert up() == "up"
    result = inv("opensvc.status", web, "--json")
    assert (result.code, row_of_service(result)["fields"][NAME]["overall"]) == (1, "warn")
    done("opensvc.up", web)
    assert svc.docker("n1", NAME, "ps", "-q", var=VAR) != ""


def test_a_status_that_is_no_json_is_no_answer(web: str) -> None:
    svc.lie("n1", "mute")
    assert om("print", "status", "--format", "json").endswith("rc=0\n")
    result = inv("opensvc.status", web, "--json")
    assert (result.code, row_of_service(result)["fields"][NAME]) == (
        1,
        {"overall": "the agent does not answer"},
    )


def test_it_loses_the_exit_code_of_docker_and_we_do_not(web: str, folder: Path) -> None:
    assert om("docker", "pull", "busybox:nonesuch").endswith("rc=0\n")
    assert inv("opensvc.docker", web, "--", "pull", "busybox:nonesuch").code == 1
    result = inv(
        "opensvc.up",
        site(
            folder,
            disks=[{"vg": "vgdocker"}],
            containers=[SERVICE["containers"][0] | {"image": "busybox:nonesuch"}],
        ),
        "--json",
    )
    assert (
        result.code,
        "manifest for busybox:nonesuch not found" in row_of_service(result)["error"],
    ) == (
        1,
        True,
    ), result.out
    assert up() == "up"


def test_it_starts_a_changed_container_as_it_was_and_we_make_it_anew(
    web: str, folder: Path
) -> None:
    words = ("inspect", "-f", '{{join .Config.Cmd " "}}', f"{NAME}.container.1")
    under("n1", f"sed -i 's/sleep 3600/sleep 1111/' {CONF}")
    assert (om("stop", "--local", "--rid", "container#1")[-5:], om("start", "--local")[-5:]) == (
        "rc=0\n",
        "rc=0\n",
    )
    assert svc.docker("n1", NAME, *words, var=VAR) == "sleep 3600\n"
    container = SERVICE["containers"][0] | {"command": "sleep 1111"}
    done("opensvc.up", site(folder, disks=[{"vg": "vgdocker"}], containers=[container]))
    assert svc.docker("n1", NAME, *words, var=VAR) == "sleep 1111\n"


def test_a_start_that_never_ends_is_ended(web: str) -> None:
    svc.docker("n1", NAME, "kill", f"{NAME}.container.1", var=VAR)
    svc.lie("n1", "hang")
    began = time.monotonic()
    result = inv("opensvc.up", web, "--json")
    assert (result.code, row_of_service(result)["state"], time.monotonic() - began < 60) == (
        8,
        "rolled-back",
        True,
    ), result.out
    assert under("n1", "pgrep -fc 'local/bin/om [w]eb'") == "0\n"


def test_a_stop_that_it_only_claims_is_no_stop(web: str) -> None:
    svc.lie("n1", "idle")
    assert om("stop", "--local").endswith("rc=0\n")
    result = inv("opensvc.down", web, "--json")
    assert (result.code, "container#1 is up" in row_of_service(result)["error"]) == (1, True), (
        result.out
    )
    assert up() == "up"


def test_what_it_complains_of_on_stderr_is_no_failure(web: str) -> None:
    result = om("start", "--local")
    assert ("E [Errno 2]" in result, result.endswith("rc=0\n")) == (True, True)


def test_without_a_daemon_it_acts_on_this_node_alone_when_it_is_told(web: str) -> None:
    assert om("start").endswith("rc=1\n")
    assert not done("opensvc.up", web, "--json").json["changed"]


# Who froze thaws


def frozen() -> bool:
    return under("n1", 'ls "$1" 2>/dev/null', f"{VAR}/{NAME}/frozen") != ""


def test_it_freezes_what_is_stopped_and_up_leaves_it_to_the_agent_again(web: str) -> None:
    assert om("stop", "--local").endswith("rc=0\n")
    om("start", "--local")
    assert frozen()  # that is how it is by itself
    done("opensvc.thaw", web)
    done("opensvc.down", web)
    assert frozen()  # else it would start it again
    assert not done("opensvc.down", web, "--json").json["changed"]
    result = done("opensvc.up", web)
    assert (frozen(), "it is frozen" in result.out) == (False, False), result.out


def test_what_somebody_froze_stays_frozen_and_up_says_so(web: str) -> None:
    done("opensvc.freeze", web)
    done("opensvc.down", web)
    result = done("opensvc.up", web)
    words = f"neither starts it at boot nor moves it; inv opensvc.thaw --service={NAME}"
    assert (frozen(), words in result.out) == (True, True), result.out
    again = done("opensvc.up", web, "--json")
    assert not again.json["changed"]
    said = [step.get("said", "") for step in row_of_service(again)["steps"]]
    assert any(words in line for line in said), said
    done("opensvc.thaw", web)
    assert not frozen()


# The engine, which its agent starts for a container alone, and of which it hears nothing


@pytest.fixture
def settings(web: str) -> Iterator[str]:
    """The node's daemon.json has what the agent gives its engines as an option too."""
    done("opensvc.down", web)
    path = "/etc/docker/daemon.json"
    own = under("n1", f"cat {path}")
    more = '{"exec-opts": ["native.cgroupdriver=cgroupfs"], '
    under("n1", 'printf %s "$1" >"$2"', own.replace("{", more, 1), path)
    yield web
    under("n1", 'printf %s "$1" >"$2"', own, path)


def test_it_wakes_no_engine_by_words_to_docker(web: str) -> None:
    done("opensvc.down", web)
    om("start", "--local", "--rid", "disk#1,fs#1,fs#2")
    assert om("docker", "info").endswith("rc=0\n")
    assert svc.engines("n1") == 0
    done("opensvc.up", web)
    assert svc.engines("n1") == 1


def test_settings_of_the_node_that_end_every_engine_block_and_are_named(settings: str) -> None:
    result = inv("opensvc.up", settings)
    assert (result.code, "daemon.json: blocks: found exec-opts" in result.out) == (4, True), (
        result.out
    )


def test_an_engine_that_ends_is_told_by_its_own_words_and_no_mount_point_stays(
    settings: str,
) -> None:
    under("n1", "rmdir /opt/svc/a /opt/svc")
    result = inv("opensvc.up", settings, "--skip-preflight", "--json")
    error = row_of_service(result)["error"]
    assert (result.code, "does not answer: " in error, "exec-opts" in error) == (1, True, True), (
        error
    )
    assert under("n1", "ls -d /opt/svc 2>/dev/null; grep /opt/svc /proc/mounts") == ""


# Agent 3, weeks before


def test_what_ends_with_agent_3_is_named_with_what_to_do_and_nothing_is_changed(web: str) -> None:
    result = inv("opensvc.preflight", web, "--for=3", "--json")
    checks = {
        check["name"].removeprefix(f"{NAME}: "): check
        for row in result.json["hosts"]
        for check in row["checks"]
        if not check["ok"]
    }
    assert (result.code, sorted(checks)) == (
        4,
        ["[DEFAULT] container_data_dir", "[container#1] stop_timeout", "docker"],
    ), result.out
    assert checks["[DEFAULT] container_data_dir"]["blocks"]
    assert "take docker_data_dir out of the site" in result.out
    assert inv("opensvc.preflight", web).code == 0


# A container that dies again and again is `up` to the agents whenever it runs

DIES = {"command": "sleep 4", "run_args": "--restart=always"}


def test_a_container_that_dies_again_and_again_is_not_healthy_and_the_old_one_is_back(
    web: str, folder: Path
) -> None:
    dies = SERVICE["containers"][0] | DIES
    result = inv(
        "opensvc.up", site(folder, disks=[{"vg": "vgdocker"}], containers=[dies]), "--json"
    )
    error = row_of_service(result)["error"]
    assert (result.code, row_of_service(result)["state"]) == (8, "rolled-back"), error
    assert "its main process does not stay: restarted" in error
    assert error.endswith("; the old one is back; its status now: well")
    assert up() == "up"
    done("opensvc.up", web)


def test_one_that_is_in_the_middle_of_it_is_told_by_status_and_can_be_taken_down(
    web: str,
) -> None:
    name = f"{NAME}.container.1"
    svc.docker("n1", NAME, "rm", "-f", name, var=VAR)
    crash = ("run", "-d", "--restart=always", f"--name={name}", svc.IMAGE, "false")
    om("docker", *crash)
    time.sleep(5)
    result = inv("opensvc.status", web, "--json")
    notes = {
        row["resource"]: row["notes"] for row in row_of_service(result)["fields"][NAME]["resources"]
    }
    assert "# restarted " in notes["container#1"], result.out
    done("opensvc.down", web)
    assert svc.engines("n1") == 0


def test_2014_ends_a_stop_with_1_while_its_engine_is_ending_and_we_wait(folder: Path) -> None:
    svc.nodes("legacy")
    whole = site(folder, containers=svc.service()["containers"])
    done("opensvc.up", whole)
    assert svc.agent("n1", NAME, "stop").endswith("rc=1\n")
    done("opensvc.down", whole)
    assert (svc.engines("n1"), under("n1", "grep /opt/svc /proc/mounts")) == (0, "")
