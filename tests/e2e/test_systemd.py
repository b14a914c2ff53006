"""Where systemd is PID 1 the worker is a unit of its own: shown in n3's systemd container, which is
a machine with systemd for this purpose.
"""

import subprocess

import pytest

from fairlead.model.plan import Step
from fairlead.remote.events import Reader, StepEnded, StepUndone
from fairlead.remote.programs import RunInfo, transaction_program
from fairlead.remote.results import ended
from tests.e2e.inv import ROOT, inv

NAME = "20260101T000000-5y57e3d"
INSIDE = (
    "ssh",
    "-F",
    str(ROOT / "ssh_config"),
    "n3",
    "docker",
    "exec",
    "-i",
    "perfsonar-testpoint",
)


def inside(*words: str, given: str = "") -> str:
    """What a program in the container prints; words hold nothing that a shell would take."""
    return subprocess.run(
        [*INSIDE, *words], input=given, capture_output=True, text=True, timeout=60, check=False
    ).stdout


@pytest.fixture
def program(running: None):
    assert inv("perfsonar.exec", "--host=n3", "--", "cat", "/proc/1/comm").out == "systemd\n"
    inside("rm", "-rf", "/var/lib/fairlead", "/run/fairlead", "/root/made")
    steps = (
        Step(
            name="make",
            do=("sh", "-c", "cat /proc/self/cgroup; touch /root/made"),
            undo=("rm", "/root/made"),
        ),
        Step(name="break", do=("sh", "-c", "exit 3")),
    )
    yield transaction_program(
        "mark", RunInfo(name=NAME, who="tests", what="a test", lock="toy"), 1, steps
    )
    inside("rm", "-rf", "/var/lib/fairlead", "/run/fairlead")


def test_the_worker_is_a_unit_of_its_own_and_undoes(program):
    said = list(Reader("mark").feed(inside("sh", "-s", given=program + "seen\n").encode()))
    assert ended(said).state == "undone"
    events = [(one.kind, one.step) for one in said if isinstance(one, StepEnded | StepUndone)]
    assert events == [("step", 1), ("step", 2), ("undo", 1)]
    assert f"/system.slice/fairlead-{NAME}.1.service" in inside(
        "cat", f"/var/lib/fairlead/runs/{NAME}.1/out.1"
    )
    assert inside("ls", "/root") == ""
