"""A test point in Podman 4: images from Docker Hub's name, state in its volumes, versions, a boot.
n1 has cgroup v1, n3 v2."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.e2e.ground import (
    NAME,
    REMOTE,
    STATE,
    clear,
    done,
    each,
    newest,
    publish,
    sh,
    site_with,
    under,
)
from tests.e2e.inv import inv, start

DOCUMENT = yaml.safe_load((Path(__file__).parent / "cases/document.yml").read_text())
STANDS = "podman ps -a --format '{{.Names}} {{.Status}}' | cut -d' ' -f1,2 | sort"
VERSION = 'podman exec "$1" pscheduler version | sed "s/^pscheduler-core *//; s/ .*//"'
REMOTES = 'podman exec "$1" psconfig remote list | grep -o "https*://[^\\"]*"'
OWNER = 'stat -c "%u:%g %a" "$1/current/var/lib/postgresql/14/main"'
UNIT = f"fairlead-{NAME}.service"
IS_ENABLED = 'systemctl is-enabled "$1"'
SYSTEMCTL = "/usr/local/sbin/systemctl"  # found before the lab's own
IDS = "podman ps -aq --no-trunc"


@pytest.fixture
def site(lab: None, tmp_path: Path) -> Iterator[str]:
    """--site=... of a site whose test point runs in Podman, on n1; nothing stands there."""
    each(sh.text("podman_clear"), hosts=("n1", "n3"))
    clear("n1", "n3")
    newest("5.0.0")
    # a host of the lab may have no controller of processes
    section = {"engine": "podman", "hosts": "n1", "patience": 8, "pids": 0}
    yield f"--site={site_with(tmp_path, perfsonar=section)}"
    each(sh.text("podman_clear"), hosts=("n1", "n3"))


def stands(host: str = "n1") -> str:
    return under(host, STANDS)


def test_up_from_nothing_and_then_nothing_is_changed(site: str) -> None:
    checks = {
        check["name"]: check["ok"]
        for check in done("perfsonar.preflight", site, "--json").rows["n1"]["checks"]
    }
    assert (checks["engine"], checks["flavor"], checks["room"]) == (True, True, True)
    first = done("perfsonar.up", site, "--json")
    assert [name for name, how in first.steps("n1").items() if how == "changed"] == [
        "image",
        "state",
        "container",
        "unit",
        "at boot",
    ]
    assert (stands(), under("n1", OWNER, STATE)) == (f"{NAME} Up\n", "105:107 700\n")
    assert not done("perfsonar.up", site, "--json").json["changed"]
    fields = done("perfsonar.status", site, "--json").rows["n1"]["fields"]
    assert (fields["image"], fields["pscheduler"], fields["digest"][:7]) == (
        "docker.io/perfsonar/testpoint:latest",
        "answers",
        "sha256:",
    )
    assert "days" in fields["age"]
    assert done("perfsonar.exec", site, "--", "cat", "/proc/1/comm").out == "supervisord\n"
    assert "spawned: 'pscheduler'" in done("perfsonar.logs", site).out


def test_an_upgrade_keeps_the_state_and_rollback_returns_to_that_of_its_time(site: str) -> None:
    done("perfsonar.up", site)
    done("perfsonar.psconfig.add", site, f"--url={REMOTE}")
    was = under("n1", IDS)
    assert not done("perfsonar.upgrade", site, "--json").json["changed"]
    assert under("n1", IDS) == was
    publish("5.1.0")
    done("perfsonar.upgrade", site)
    assert (under("n1", VERSION, NAME), under("n1", REMOTES, NAME)) == ("5.1.0\n", f"{REMOTE}\n")
    assert stands() == f"{NAME} Up\n{NAME}.previous Exited\n"
    publish("5.2.0", broken=True)
    assert inv("perfsonar.upgrade", site).code == 8
    assert (under("n1", VERSION, NAME), under("n1", REMOTES, NAME)) == ("5.1.0\n", f"{REMOTE}\n")
    done("perfsonar.rollback", site)
    assert (under("n1", VERSION, NAME), under("n1", REMOTES, NAME)) == ("5.0.0\n", f"{REMOTE}\n")


def test_after_a_power_cut_the_one_in_service_comes_up_and_no_other(site: str) -> None:
    done("perfsonar.up", site)
    publish("5.1.0")
    done("perfsonar.upgrade", site)
    for state in ("off", "on"):
        done("lab.power", "--host=n1", f"--state={state}", "--yes")
    assert stands() == f"{NAME} Up\n{NAME}.previous Exited\n"
    assert under("n1", VERSION, NAME) == "5.1.0\n"
    assert not done("perfsonar.up", site, "--json").json["changed"]


@pytest.mark.long
def test_one_started_by_hand_is_adopted_with_what_lies_in_its_volumes(site: str) -> None:
    under(
        "n1",
        DOCUMENT["supervisord"]["run"]
        .replace("docker run", "podman run --env SITE=TRIUMF")
        .replace("perfsonar/testpoint", "docker.io/perfsonar/testpoint"),
    )
    under("n1", sh.text("test_point_answers"), "podman", NAME, REMOTE)
    done("perfsonar.up", site)
    assert (under("n1", REMOTES, NAME), under("n1", OWNER, STATE)) == (
        f"{REMOTE}\n",
        "105:107 700\n",
    )
    assert stands() == f"{NAME} Up\n{NAME}.previous Exited\n"
    assert done("perfsonar.exec", site, "--", "sh", "-c", "echo $SITE").out == "TRIUMF\n"
    assert not done("perfsonar.up", site, "--json").json["changed"]


def test_down_leaves_the_state_and_no_unit(site: str) -> None:
    done("perfsonar.up", site)
    done("perfsonar.psconfig.add", site, f"--url={REMOTE}")
    assert under("n1", IS_ENABLED, UNIT) == "enabled\n"
    done("perfsonar.down", site, "--yes")
    assert (stands(), under("n1", IS_ENABLED, UNIT)) == ("", "disabled\n")
    done("perfsonar.up", site)
    assert under("n1", REMOTES, NAME) == f"{REMOTE}\n"


@pytest.mark.long
def test_a_down_that_fails_at_its_end_brings_container_and_unit_back(site: str) -> None:
    done("perfsonar.up", site)
    denied = (sh.folder / "systemctl_denied.sh").read_text("utf-8")
    under("n1", sh.text("put_program"), SYSTEMCTL, denied)
    said = inv("perfsonar.down", site, "--yes", "--json")
    under("n1", 'rm "$1"', SYSTEMCTL)
    assert (said.code, said.steps("n1")) == (
        1,
        {"stop": "undone", "remove": "undone", "not at boot": "failed"},
    )
    assert (stands(), under("n1", IS_ENABLED, UNIT)) == (f"{NAME} Up\n", "enabled\n")
    assert done("perfsonar.up", site, "--json").steps("n1")["container"] == "ok"


@pytest.mark.long
def test_the_systemd_flavor(site: str, tmp_path: Path) -> None:
    section = {"engine": "podman", "hosts": "n3", "patience": 30, "pids": 0}
    on_n3 = f"--site={site_with(tmp_path, perfsonar=section)}"
    done("perfsonar.up", on_n3)
    assert done("perfsonar.exec", on_n3, "--", "cat", "/proc/1/comm").out == "systemd\n"
    assert not done("perfsonar.up", on_n3, "--json").json["changed"]


def test_a_program_in_the_container_ends_with_its_session(site: str) -> None:
    done("perfsonar.up", site)
    session = start("perfsonar.exec", site, "--", "sleep", "303")
    count = "sleep 2; pgrep -fxc 'sleep 303'"
    while under("n1", count) == "0\n":
        assert session.poll() is None
    session.send_signal(signal.SIGINT)
    assert session.wait(20) == 130
    assert under("n1", count) == "0\n"
