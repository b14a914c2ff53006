"""Plain `inv`, which is Invoke's own program, means what ./inv means."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
FOREIGN = "import sys; from invoke import Program; Program().run(['x', *sys.argv[1:]])"


def run(*words: str, **streams: object) -> subprocess.CompletedProcess:
    """Python with these words, in the current folder."""
    return subprocess.run(
        [sys.executable, "-P", *words],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        text=True,
        check=False,
        **({"capture_output": True} | streams),
    )


LINES = """
--list
-l
--list toy
--list tox
toy
-F json -l
--list --list-format nested toy
-c tasks --list
-r . --list
--help toy.pond.add-one
toy.up --help
greet --help
greet
greet --name=Ada --count 2 greet
-e greet
-w -p greet
--dry greet
-R toy.up --host=n9
-f invoke.yaml greet
-f missing.yaml greet
-T 5 greet
greet --count=x
toy.upp
toy.up --hots=n1
toy.up --host=
--host=n1 toy.up toy.down --site=nowhere
toy.up toy
toy.exec --host=n1
runs.list --site=nowhere --json
--complete -- inv toy.up --
--complete -- inv to
--complete -- invoke toy.server.logs --
--debug toy.upp
"""


@pytest.mark.parametrize("line", ["", *LINES.strip().splitlines()])
def test_it_says_and_ends_as_our_program_does(ops: Path, line: str) -> None:
    plain, ours = (
        run("-m", program, *shlex.split(line), start_new_session=True)
        for program in ("invoke", "fairlead")
    )
    errors = [done.stderr.splitlines() if "--debug" not in line else [] for done in (plain, ours)]
    assert (plain.returncode, plain.stdout, errors[0]) == (
        ours.returncode,
        ours.stdout,
        errors[1],
    )
    assert plain.stdout + plain.stderr


def test_a_reader_that_has_gone_is_no_traceback(ops: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as gone:
        done = run("-m", "invoke", "--list", capture_output=False, stdout=gone, stderr=-1)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_password_for_sudo_is_asked_for_once(ops: Path) -> None:
    words = ("-m", "invoke", "--prompt-for-sudo-password", "greet")
    done = run(*words, input="secret\nsecret\n", start_new_session=True)
    assert (done.returncode, done.stderr.count("Desired 'sudo.password'")) == (0, 1)
    assert done.stdout == "hello you 1\n"


def test_what_it_compiles_is_kept(ops: Path) -> None:
    """Invoke forbids that; then every call would compile every plugin anew."""
    assert run("-m", "invoke", "toy.up", "--help").returncode == 0
    assert list((ops / "plugins/toy/__pycache__").glob("server.*.pyc"))


def test_the_tasks_are_those_that_invoke_has_found(
    ops: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tasks.py").write_text("from invoke import task\n")
    monkeypatch.setenv("FAIRLEAD_HOME", str(tmp_path))
    assert run("-m", "invoke", "greet").stdout == "hello you 1\n"


def test_it_needs_no_invoke_yaml(ops: Path) -> None:
    (ops / "invoke.yaml").unlink()
    done = run("-m", "invoke", "toy.up", "--host=n1", "--site=nowhere")
    assert (done.returncode, "no such site" in done.stderr) == (2, True), done.stderr


def test_whoever_else_imports_a_tasks_py_gets_its_tasks(ops: Path) -> None:
    program = "import invoke.main, sys; sys.path[:0] = ['.']; import tasks; print(tasks.ns.folder)"
    assert run("-c", program).stdout == f"{ops}\n"


def test_another_program_made_of_invoke_has_the_same_tasks_and_by_invoke_yaml_the_same_rules(
    ops: Path,
) -> None:
    done = run("-c", FOREIGN, "--list")
    assert "toy.pond.add-one" in done.stdout
    done = run("-c", FOREIGN, "toy.up", "toy.down", "--host=")
    assert (done.returncode, done.stderr.count("--host: was given empty")) == (2, 1)
    (ops / "invoke.yaml").unlink()
    done = run("-c", FOREIGN, "toy.up")
    message = "fairlead: invoke.yaml does not name fairlead's executor; add to it: tasks: {"
    assert (done.returncode, message in done.stderr) == (2, True)
