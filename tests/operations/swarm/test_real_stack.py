"""A stack comes to be, is changed, fails and goes, in a swarm of one node on a real engine."""

import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fairlead.model.plan import Ask, Command, Noun, Secret, Target
from fairlead.operations.swarm import cluster, stack
from fairlead.operations.swarm.stack import Stack
from fairlead.remote.quoting import code
from tests.machine import waited
from tests.operations import conftest
from tests.operations.conftest import Doer, Failed, docker, flat

pytestmark = pytest.mark.lab

FILE = """version: '3.8'
services: {light: {image: $IMAGE, networks: [own], secrets: [lamp-code]}}
networks: {own: {}}
"""


def ask(command: Command, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """What came of a command that reads a file, as a worker's commands do."""
    with tempfile.TemporaryFile() as file:
        file.write(stdin)
        file.seek(0)
        argv = ["sh", "-c", code(command)]
        return subprocess.run(argv, stdin=file, capture_output=True, timeout=100, check=False)


class Manager:
    """This machine as the only node of a swarm, with a stack of one service."""

    def __init__(self, folder: Path, carry_out: Doer):
        self.folder, self.carry_out = folder, carry_out
        (folder / "lamp.yml").write_text(FILE)
        self.image("stand/in:1")
        self.stack = Stack(
            name="lamp",
            manager="n1",
            root=f"{folder}/root",
            services=("light",),
            files=(f"{folder}/lamp.yml",),
            env_file=f"{folder}/env",
            secrets=("lamp-code",),
            hosts=("n1",),
            patience=40,
            steady=1,
        )

    def image(self, name: str) -> None:
        (self.folder / "env").write_text(f"IMAGE={name}\n")

    def ask(self) -> Ask:
        target = Target("x", "n1", "s", "c", None, ("n1",), ("n1",))
        bare = Ask("up", target, {}, Noun())
        facts = {}
        for fact in stack.facts("lamp", bare):
            answer = ask(fact.argv)
            facts[fact.name] = fact.parse(
                answer.returncode, (answer.stdout + answer.stderr).decode()
            )
        return Ask("up", target, facts, Noun(), around={"n1": facts})

    def up(self, code: str, stop_after: str = "") -> set[str]:
        """The states of the steps, each once."""
        phases = stack.up(self.stack, self.ask(), {"lamp-code": Secret(code)})
        return set(self.carry_out(flat(phases), stop_after=stop_after).values())


@pytest.fixture
def manager(
    engine: Callable[..., str], tmp_path: Path, carry_out: Doer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Manager]:
    monkeypatch.setattr(conftest, "ask", ask)
    docker("swarm", "init", "--advertise-addr", "127.0.0.1")
    yield Manager(tmp_path, carry_out)
    docker("swarm", "leave", "--force", check=False)
    waited(lambda: "lamp_own" not in docker("network", "ls", "--format", "{{.Name}}"), 30)


def secrets() -> list[str]:
    return docker("secret", "ls", "--format", "{{.Name}}").splitlines()


def test_a_stack_comes_to_be_and_is_then_so(manager: Manager) -> None:
    assert manager.up("x") == {"changed"}
    assert manager.up("x") == {"ok"}
    assert secrets() == ["lamp-code-1"]
    assert manager.ask().facts["task"].image == "stand/in:1"


def test_a_changed_secret_is_a_version_of_its_own(manager: Manager) -> None:
    manager.up("x")
    assert manager.up("y") == {"ok", "changed"}
    assert secrets() == ["lamp-code-2"]


def test_a_change_that_fails_is_undone(manager: Manager) -> None:
    manager.up("x")
    before = docker("service", "inspect", "--format", "{{json .Spec}}", "lamp_light")
    manager.image("stand/in:2")
    with pytest.raises(Failed):
        manager.up("y", stop_after="deployed")
    after = docker("service", "inspect", "--format", "{{json .Spec}}", "lamp_light")
    assert (after, secrets()) == (before, ["lamp-code-1"])
    assert manager.carry_out.proofs == {"deployed": True}


def test_status_counts_tasks_that_died(manager: Manager) -> None:
    manager.up("x")
    assert ask(stack.sh("restarts", "", "lamp")).stdout == b""
    for count in (b"1", b"2"):
        docker("kill", *docker("ps", "-q").split())
        waited(lambda: docker("ps", "-q"), 30)
        node = docker("info", "--format", "{{.Swarm.NodeID}}").encode()
        assert ask(stack.sh("restarts", "", "lamp")).stdout == node + b" " + count + b"\n"


def test_down_leaves_nothing_and_the_last_node_may_leave(manager: Manager) -> None:
    manager.up("x")
    states = manager.carry_out(flat(stack.down(manager.stack, manager.ask())))
    assert states == {"no stack": "changed", "no containers": "ok"}
    assert docker("service", "ls", "-q") == ""
    leave = cluster.leave(manager.ask())
    assert [ask(command).returncode for command in (leave.unless, leave.do, leave.unless)] == [
        1,
        0,
        0,
    ]


def test_a_network_that_is_still_in_use_goes_once_it_is_free(manager: Manager) -> None:
    """`docker stack rm` ends with 1 meanwhile."""
    manager.up("x")
    docker(
        "service", "create", "--detach", "--name", "guest", "--network", "lamp_own", "stand/in:1"
    )
    leaving = threading.Timer(4, docker, ("service", "rm", "guest"))
    leaving.start()
    states = manager.carry_out(flat(stack.down(manager.stack, manager.ask())))
    leaving.join()
    assert states["no stack"] == "changed"
    assert "lamp" not in docker("network", "ls", "--format", "{{.Name}}")


def test_of_a_swarm_that_does_not_answer_nothing_is_gone(manager: Manager) -> None:
    manager.up("x")
    docker("swarm", "leave", "--force")
    gone = next(flat(stack.down(manager.stack, manager.ask())))
    assert [ask(command).returncode for command in (gone.unless, gone.do)] == [2, 2]
