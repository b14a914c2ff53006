"""What the engine's program is asked: once for all facts of a round trip that want the same."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from fairlead.model.errors import StepFailed
from fairlead.model.plan import Fact
from fairlead.operations import checks, facts
from fairlead.operations.container import adoption, state
from fairlead.remote import transaction
from fairlead.remote.events import FactAnswer
from fairlead.testing import ask_for
from tests.machine import SHELLS, Machine

DOCKER = Path(__file__).parent / "shell/docker_of_facts.sh"
ABSENT = (
    "Error response from daemon: No such container",
    "Error: No such container",
    'Error: inspecting object: no such container "x"',
)
PLUGIN = {"Vendor": "Docker Inc.", "Version": "v2.26.1", "Name": "compose", "Path": "/usr/x"}
INFO: dict[str, Any] = {
    "ServerVersion": "28.2.2",
    "CgroupVersion": "2",
    "DockerRootDir": "/var/lib/docker",
    "Plugins": {"Volume": ["local"]},
    "ClientInfo": {"Debug": False, "Version": "28.2.2", "Context": "default", "Plugins": [PLUGIN]},
}
OLD = INFO | {"ClientInfo": {"Debug": False, "Context": "default", "Plugins": [PLUGIN]}}


class Engine:
    """The docker program of a host that does not exist, and how often it was started."""

    def __init__(self, folder: Path, shell: str, absent: str = ABSENT[0]):
        self.machine, self.folder = Machine(folder / "n1", shell=shell), folder
        self.log = folder / "log"
        program = self.machine.bin / "docker"
        program.unlink()
        program.symlink_to(DOCKER)
        self.machine.variables = {"ENGINE": str(folder), "ABSENT": absent}
        self.info(INFO)

    def info(self, answer: dict[str, Any]) -> None:
        text = json.dumps(answer, separators=(",", ":"))
        (self.folder / "info").write_text(f"{text}\n")

    def container(self, name: str, **labels: str) -> None:
        row = (name, "a" * 64, "sha256:1", "busybox", "running", "2026", "always")
        words = (*row, json.dumps(labels), "0", str(os.getpid()))
        (self.folder / f"{name}.row").write_text("\t".join(words))

    def asked(self, *wanted: Fact) -> dict[str, Any]:
        self.log.write_text("")
        return dict(self.machine.ask(*wanted).values)

    def starts(self) -> list[str]:
        """But for the one more that is made where docker-proxies run, as beside a lab."""
        lines = self.log.read_text().splitlines()
        return sorted(" ".join(line.split()[:2]) for line in lines if "IPAddress" not in line)


@pytest.fixture(params=SHELLS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    return Engine(tmp_path, request.param)


def test_engine_compose_and_room_are_one_start_of_its_program(engine: Engine) -> None:
    values = engine.asked(*facts.core("engine", "compose"), checks.room_fact("docker"))
    assert (values["engine"].name, values["engine"].version) == ("docker", "28.2.2")
    assert (values["engine"].server, values["engine"].cgroup) == ("28.2.2", "2")
    assert (values["compose"], isinstance(values["room"], int)) == ("2.26.1", True)
    assert engine.starts() == ["info --format"]


def test_an_old_client_is_asked_its_version_besides(engine: Engine) -> None:
    engine.info(OLD)
    values = engine.asked(*facts.core("engine", "compose"))
    assert (values["engine"].version, values["compose"]) == ("20.10.24", "2.26.1")
    assert engine.starts() == ["--version", "info --format"]


def test_an_engine_that_is_down_is_told_by_the_same_start(engine: Engine) -> None:
    (engine.folder / "down").touch()
    fault = "Cannot connect to the Docker daemon"
    engine.info({"ServerErrors": [fault], "ClientInfo": INFO["ClientInfo"]})
    values = engine.asked(*facts.core("engine", "compose"))
    assert (values["engine"].error, values["engine"].version) == (fault, "28.2.2")
    assert (values["compose"], engine.starts()) == ("2.26.1", ["info --format"])


@pytest.mark.parametrize(
    ("client", "version"),
    [
        ({"Plugins": [PLUGIN | {"Err": "exec format error"}]}, "2.5.0"),
        ({"Plugins": []}, ""),
        ({}, "2.5.0"),
    ],
)
def test_compose_is_asked_itself_where_info_does_not_tell(
    engine: Engine, client: dict[str, Any], version: str
) -> None:
    engine.info(INFO | {"ClientInfo": client})
    assert engine.asked(*facts.core("compose")) == {"compose": version}


def of_container(plugins: Any) -> tuple[Fact, ...]:
    """All that is asked of a container before `up`."""
    ask = ask_for(plugins, "perfsonar.testpoint", "up", section={"hosts": "n1"})
    names = state.names("app")
    return (
        state.containers_fact("docker", names),
        *adoption.facts("docker", names, state.FORMAT, ask),
        state.pids_fact("docker", "app"),
    )


@pytest.mark.parametrize("absent", ABSENT)
def test_all_of_a_container_is_one_start_whatever_is_absent_beside_it(
    tmp_path: Path, plugins: Any, absent: str
) -> None:
    engine = Engine(tmp_path, "dash", absent)
    engine.container("app", **{state.SPEC: "x"})
    engine.container("app.previous")
    values = engine.asked(*of_container(plugins))
    assert set(values["container"]) == {"app", "app.previous"}
    assert (values["container"]["app"].pid, values["container"]["app"].ours) == (os.getpid(), True)
    assert values["details"] == {}
    assert engine.starts()[0] == "container inspect"
    assert engine.starts().count("container inspect") == 1


def test_no_container_at_all_is_no_fault(engine: Engine, plugins: Any) -> None:
    values = engine.asked(*of_container(plugins))
    assert (values["container"], values["details"], values["pids"]) == ({}, {}, frozenset())
    assert engine.starts() == ["container inspect"]


def test_an_engine_that_does_not_answer_is_not_taken_for_no_container(
    engine: Engine, plugins: Any
) -> None:
    engine.container("app", **{state.SPEC: "x"})
    (engine.folder / "down").touch()
    values = engine.asked(*of_container(plugins))
    assert values["container"] == "Cannot connect to the Docker daemon"


def test_what_names_another_container_by_its_id_is_none_of_ours(engine: Engine) -> None:
    engine.container("other")
    (engine.folder / "other.row").rename(engine.folder / "app.kept.row")
    assert engine.asked(state.containers_fact("docker", state.names("app"))) == {"container": {}}


@pytest.mark.parametrize(
    "answer",
    [
        '{"ClientInfo": "x"}',
        '{"ServerVersion": {"a": 1}}',
        '{"Driver": 5}',
        '{"store": 5, "host": "x"}',
        '{"SecurityOptions": [5]}',
        '{"ServerErrors": [5]}',
    ],
)
def test_an_engine_that_answers_in_another_form_is_not_understood(answer: str) -> None:
    read = FactAnswer(number=0, exit_code=0, output=answer)
    sentence = re.escape(f"n1: the answer to engine is not understood (it begins with {answer!r});")
    with pytest.raises(StepFailed, match=sentence):
        transaction._parsed("n1", facts.engine_fact(), read)
