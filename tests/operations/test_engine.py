"""The engine is restarted without hurting what runs in it: programs of these tests stand for
docker, dockerd and systemctl.
"""

import os
import subprocess
from pathlib import Path

import pytest

from fairlead.model.plan import Command
from fairlead.operations import engine, packages
from fairlead.remote.quoting import code

# What each program says and does; all of them write down that they were asked. In `state`: is the
# engine up?
DOCKER = """case $1 in
  ps) printf '%s' "$RAN" ;;
  info) [ -e state ] && echo "$LIVE" ;;
  container) case "$*" in *"id=$LOST") ;; *) echo found ;; esac ;;
esac"""
DOCKERD = """case $1 in --help) echo "$HELP" ;; *) [ -z "$BROKEN" ] || { echo "$BROKEN" >&2; exit 1; } ;; esac"""
SYSTEMCTL = """case $1 in restart) rm -f state; [ -n "$BROKEN" ] && { echo 'Job for docker.service failed.' >&2; exit 1; }; touch state ;; esac"""
JOURNALCTL = (
    """echo 'level=info msg="Starting up"'; echo 'failed to start daemon: no such bridge br9'"""
)


@pytest.fixture
def host(tmp_path: Path) -> Path:
    for name, text in (
        ("docker", DOCKER),
        ("dockerd", DOCKERD),
        ("systemctl", SYSTEMCTL),
        ("journalctl", JOURNALCTL),
    ):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\ncd "{tmp_path}"\necho "{name} $*" >>asked\n{text}\n')
        program.chmod(0o755)
    (tmp_path / "state").touch()
    return tmp_path


def carry(host: Path, command: Command, **environment: str) -> tuple[int, str]:
    """Exit code, and what it complains of."""
    told = (
        os.environ
        | {
            "PATH": f"{host}:{os.environ['PATH']}",
            "RAN": "",
            "LOST": "none",
            "HELP": "",
            "BROKEN": "",
            "LIVE": "true",
        }
        | environment
    )
    done = subprocess.run(
        ["sh", "-c", code(command)],
        env=told,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.returncode, done.stderr.strip()


def restarted(host: Path) -> bool:
    return "systemctl restart docker" in (host / "asked").read_text()


def test_it_comes_up_and_what_ran_runs(host: Path) -> None:
    assert carry(host, engine.restart(), RAN="a\nb\n") == (0, "")
    assert restarted(host)


def test_a_container_that_is_lost_is_told(host: Path) -> None:
    assert carry(host, engine.restart(), RAN="a\nb\n", LOST="b") == (
        1,
        "the container b ran before, and does not any more",
    )


def test_one_that_does_not_come_up_is_told_in_its_own_words(host: Path) -> None:
    assert carry(host, engine.restart(), BROKEN="x") == (
        1,
        "the engine does not start: failed to start daemon: no such bridge br9",
    )
    assert carry(host, engine.again()) == (0, "")
    assert (host / "state").exists()


def test_an_engine_that_can_look_at_its_file_beforehand_is_not_stopped_for_a_broken_one(
    host: Path,
) -> None:
    elsewhere = (
        "sh",
        "-c",
        engine.sh.text("engine_restart").replace("/etc/docker/daemon.json", str(host / "state")),
        "restart",
    )
    assert carry(host, elsewhere, HELP="--validate", BROKEN="the key is unknown") == (
        1,
        "the key is unknown",
    )
    assert not restarted(host)


def test_live_restore_is_taken_over_by_a_reload(host: Path) -> None:
    assert carry(host, engine.reload(True)) == (0, "")
    assert "systemctl reload docker" in (host / "asked").read_text()


LINES = {
    ("apt", ""): "env DEBIAN_FRONTEND=noninteractive apt-get install -y a b",
    ("dnf", ""): "dnf -y install a b",
    ("yum", "extras"): "yum -y --enablerepo=extras install a b",
    ("", ""): "yum -y install a b",
}


@pytest.mark.parametrize("how", LINES)
def test_packages_are_installed_by_the_hosts_own_manager(how: tuple[str, str]) -> None:
    assert " ".join(packages.install(how[0], ["a", "b"], how[1])) == LINES[how]


def test_packages_that_are_there_are_asked_for_by_name(host: Path) -> None:
    (host / "rpm").write_text("#!/bin/sh\n[ $2 = there ]\n")
    (host / "rpm").chmod(0o755)
    asked = [
        carry(host, packages.installed("dnf", names).unless)[0]
        for names in (["there"], ["there", "gone", "gone too"])
    ]
    assert asked == [0, 1]
