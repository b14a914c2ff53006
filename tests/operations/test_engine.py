"""The engine is restarted without hurting what runs in it: programs of these tests stand for
docker, dockerd and systemctl.
"""

import os
import subprocess
from pathlib import Path

import pytest

from fairlead.model.plan import Command
from fairlead.operations import engine, packages, script
from fairlead.remote.quoting import code

pytestmark = pytest.mark.slow

# What each program says and does; all of them write down that they were asked. In `state`: is the
# engine up?
sh = script.beside(__file__)


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with programs that stand for those of a host."""
    for name in ("docker", "dockerd", "systemctl", "journalctl"):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\ncd "{tmp_path}"\necho "{name} $*" >>asked\n{sh.text(name)}')
        program.chmod(0o755)
    (tmp_path / "state").touch()
    return tmp_path


@pytest.fixture
def host(programs: Path, every_shell: str) -> Path:
    return programs


def carry(host: Path, command: Command, **environment: str) -> tuple[int, str]:
    """Exit code, and what it complains of."""
    variables = (
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
        env=variables,
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


@pytest.mark.parametrize(
    ("state", "well"),
    [
        ({"REMOVES": "b", "GONE": "x"}, True),  # --rm, and gone
        ({"REMOVES": "a", "GONE": "x"}, False),
        ({"REMOVES": "b", "GONE": "x", "LIVE": "false"}, False),  # the restart has ended it
        ({"CODE": "0"}, True),
        ({"CODE": "137"}, False),
    ],
)
def test_a_container_that_ended_by_itself_meanwhile_is_not_lost(
    host: Path, state: dict[str, str], well: bool
) -> None:
    code, error = carry(host, engine.restart(), RAN="a\nb\n", LOST="b", **state)
    lost = "the container b ran before, and does not any more"
    assert (code, error) == ((0, "") if well else (1, lost))


def test_one_that_does_not_come_up_is_told_in_its_own_words(host: Path) -> None:
    assert carry(host, engine.restart(), BROKEN="x") == (
        1,
        "the engine does not start: failed to start daemon: no such bridge br9",
    )
    assert carry(host, engine.again()) == (0, "")
    assert (host / "state").exists()


def looking_beforehand(host: Path) -> Command:
    """A restart of an engine whose file lies in this folder."""
    settings = str(host / "state")
    program = engine.sh.text("engine_restart").replace("/etc/docker/daemon.json", settings)
    return ("sh", "-c", program, "restart")


def test_an_engine_that_can_look_at_its_file_beforehand_is_not_stopped_for_a_broken_one(
    host: Path,
) -> None:
    broken = {"HELP": "--validate", "BROKEN": "the key is unknown"}
    assert carry(host, looking_beforehand(host), **broken) == (1, "the key is unknown")
    assert not restarted(host)


def test_that_its_file_is_well_is_not_said_among_what_is_wrong(host: Path) -> None:
    assert carry(host, looking_beforehand(host), HELP="--validate") == (0, "")
    assert restarted(host)


def test_live_restore_is_taken_over_by_a_reload(host: Path) -> None:
    assert carry(host, engine.reload(True)) == (0, "")
    assert "systemctl reload docker" in (host / "asked").read_text()


def test_live_restore_is_taken_back_by_the_word_false(host: Path) -> None:
    settings = host / "daemon.json"
    settings.write_text('{\n  "bip": "10.1.0.1/24", "live-restore" : true\n}\n')
    (host / "live").write_text("true")
    assert carry(host, engine.live_restore_off(str(settings)), SETTINGS=str(settings)) == (0, "")
    assert settings.read_text() == '{\n  "bip": "10.1.0.1/24", "live-restore" : false\n}\n'
    assert (host / "live").read_text().strip() == "false"
    (host / "asked").write_text("")
    assert carry(host, engine.live_restore_off(str(settings)), SETTINGS=str(settings)) == (0, "")
    assert "reload" not in (host / "asked").read_text()


def test_a_file_without_the_key_does_not_take_live_restore_back(host: Path) -> None:
    settings = host / "daemon.json"
    settings.write_text("{}\n")
    (host / "live").write_text("true")
    assert carry(host, engine.live_restore_off(str(settings)), SETTINGS=str(settings)) == (
        1,
        "the engine does not take live-restore back",
    )


LINES = {
    ("apt", ""): "env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-remove a b",
    ("dnf", ""): "dnf -y install a b",
    ("yum", "extras"): "yum -y --enablerepo=extras install a b",
    ("", ""): "yum -y install a b",
}


@pytest.mark.parametrize("how", LINES)
def test_packages_are_installed_by_the_hosts_own_manager(how: tuple[str, str]) -> None:
    assert " ".join(packages.install(how[0], ["a", "b"], how[1])) == LINES[how]


def test_packages_that_are_there_are_asked_for_by_name(programs: Path) -> None:
    (programs / "rpm").write_text("#!/bin/sh\n[ $2 = there ]\n")
    (programs / "rpm").chmod(0o755)
    codes = [
        carry(programs, packages.installed("dnf", names).unless)[0]
        for names in (["there"], ["there", "gone", "gone too"])
    ]
    assert codes == [0, 1]


def test_what_only_provides_a_package_does_not_take_its_place(programs: Path) -> None:
    for name in ("rpm", "dnf"):
        (programs / name).write_text(
            f'#!/bin/sh\necho "{name} $*" >>"{programs}/lines"\n[ "$4" ]\n'
        )
        (programs / name).chmod(0o755)
    step = packages.installed("dnf", ["docker"], "rh-extras", exactly=True)
    assert carry(programs, step.do, PROVIDES="x")[0] == 0
    lines = (programs / "lines").read_text().splitlines()
    assert lines == [
        "rpm -q docker",
        "dnf -q --enablerepo=rh-extras list docker",
        "dnf -y --enablerepo=rh-extras install docker",
    ]
    refused = packages.installed("dnf", ["docker"], exactly=True)
    assert carry(programs, refused.do) == (1, "no repository here has a package named docker")
    assert (programs / "lines").read_text().splitlines()[3:] == [
        "rpm -q docker",
        "dnf -q list docker",
    ]
