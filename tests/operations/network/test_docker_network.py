"""Docker's network over a bridge that is there: what is asked, against a docker that is none."""

import os
import subprocess
from pathlib import Path

import msgspec
import pytest

from fairlead.operations import script
from fairlead.operations.network import docker_network
from fairlead.operations.network.docker_network import Network
from fairlead.remote.quoting import code

OVER = Network(name="triumf.ca", bridge="br0", address="10.0.3.1/24", addresses="10.0.3.144/28")
SPEC = docker_network.spec(OVER)
DOCKER = """#!/bin/sh
[ "$LISTED" != down ] || exit 1
printf '%s\\n' "$LISTED"
"""

ENGINE = "#!/bin/sh\n" + script.beside(__file__).text("docker")

pytestmark = pytest.mark.usefixtures("every_shell")


@pytest.mark.parametrize(
    ("listed", "code"),
    [
        (f"bridge \ntriumf.ca {SPEC}", 0),
        ("bridge \ntriumfxca 1", 1),
        ("bridge ", 1),
        ("triumf.ca another", 2),
        ("triumf.ca ", 2),
        ("down", 2),
    ],
)
def test_is_it_there_as_asked(tmp_path: Path, listed: str, code: int) -> None:
    (tmp_path / "docker").write_text(DOCKER)
    (tmp_path / "docker").chmod(0o755)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "LISTED": listed}
    done = subprocess.run(
        docker_network.made(OVER, "triumf.worker").unless,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code
    if code == 2 and listed != "down":
        assert (
            done.stderr
            == "Docker has a network triumf.ca with other settings: inv triumf.worker.down, "
            "docker network rm triumf.ca, inv triumf.worker.up\n"
        )


OF_PODMAN = msgspec.structs.replace(OVER, engine="podman")
IS = docker_network.spec(OF_PODMAN)


@pytest.mark.parametrize(
    ("listed", "code"),
    [
        (f"podman \ntriumf.ca fairlead.spec={IS}", 0),
        ("podman \ntriumfxca fairlead.spec=1", 1),
        ("triumf.ca fairlead.spec=another", 2),
        ("triumf.ca ", 2),
        ("down", 2),
    ],
)
def test_is_it_there_as_asked_in_podman(tmp_path: Path, listed: str, code: int) -> None:
    (tmp_path / "podman").write_text(DOCKER)
    (tmp_path / "podman").chmod(0o755)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "LISTED": listed}
    question = docker_network.made(OF_PODMAN, "triumf.worker").unless
    done = subprocess.run(question, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == code
    if code == 2 and listed != "down":
        assert done.stderr.startswith("Podman has a network triumf.ca with other settings: ")


@pytest.mark.parametrize(
    ("listed", "made", "gone"), [("triumf.ca", "removed", ""), ("", "", "made")]
)
def test_an_undo_looks_first_whether_there_is_anything_to_undo(
    tmp_path: Path, listed: str, made: str, gone: str
) -> None:
    (tmp_path / "docker").write_text(ENGINE)
    (tmp_path / "docker").chmod(0o755)
    for step, output in (
        (docker_network.made(OVER, "triumf.worker"), made),
        (docker_network.gone(OVER), gone),
    ):
        env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "LISTED": listed}
        done = subprocess.run(
            ["sh", "-c", code(step.undo)],
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout.strip()) == (0, output)


def test_what_makes_it_other_is_in_its_mark() -> None:
    others = (
        Network(
            **{
                "name": "triumf.ca",
                "bridge": "br0",
                "address": "10.0.3.1/24",
                "addresses": "10.0.3.144/28",
            }
            | change
        )
        for change in CHANGES
    )
    assert len({SPEC, *(docker_network.spec(network) for network in others)}) == 1 + len(CHANGES)


CHANGES = (
    {"bridge": "br1"},
    {"address": "10.0.4.1/24"},
    {"addresses": "10.0.3.160/28"},
    {"router": "10.0.3.254"},
    {"mtu": 9000},
)
