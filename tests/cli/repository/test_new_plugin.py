"""`fairlead new-plugin NAME`: a system of one's own to begin with, whose tests pass."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fairlead.cli.program import Executor, Program
from fairlead.testing import plugins_in

ROOT = Path(__file__).resolve().parents[3]
PATHS = ["plugins/chrony/__init__.py", "plugins/chrony/server.py", "tests/test_chrony.py"]


def fairlead(*words: str) -> int:
    program = Program(name="fairlead", binary="inv", binary_names=["inv"], executor_class=Executor)
    return program.exit_code(["inv", *words])


def lines_of(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


@pytest.mark.parametrize("words", [("chrony",), ("--name=chrony",), ("--name", "chrony")])
def test_it_writes_a_system_and_its_tests(words, ops, capsys):
    assert fairlead("new-plugin", *words, "--json") == 0
    assert json.loads(capsys.readouterr().out)["written"] == PATHS
    assert sum(lines_of(ops / path) for path in PATHS[:2]) < 120
    assert plugins_in(ops / "plugins").systems["chrony"].components == ("server",)


def test_it_says_what_comes_next_and_that_is_so(ops, capsys):
    assert fairlead("new-plugin", "chrony") == 0
    assert capsys.readouterr().out.splitlines() == [
        *(f"  wrote  {path}" for path in PATHS),
        "its section of a site, with every key: inv site.draft --system=chrony",
        "its tests: python -m pytest tests/test_chrony.py",
    ]
    assert fairlead("site.draft", "--system=chrony", "--host=n[1-2]") == 0
    assert capsys.readouterr().out.splitlines() == [
        "chrony:                         # a web page that says hello",
        '  hosts: "n[1-2]"               # where it runs',
        "  # image: busybox              # without the tag",
        '  # tag: "1.36"                 # of the image',
        "  # port: 8080                  # where it listens",
    ]


@pytest.mark.slow
def test_its_own_tests_pass(ops):
    assert fairlead("new-plugin", "chrony") == 0
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", PATHS[2]]
    done = subprocess.run(command, cwd=ops, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


def test_from_a_subfolder_it_stands_in_the_repository(ops, monkeypatch):
    (ops / "sites").mkdir(exist_ok=True)
    monkeypatch.chdir(ops / "sites")
    assert fairlead("new-plugin", "chrony") == 0
    assert (ops / PATHS[0]).is_file()


def test_a_dry_run_writes_nothing(ops):
    assert fairlead("new-plugin", "chrony", "--dry-run") == 0
    assert not (ops / "plugins" / "chrony").exists()


REFUSED = {
    "Chrony": "'Chrony' is no name of a system; lower case letters, digits and _, such as chrony",
    "a-b": "'a-b' is no name of a system; lower case letters, digits and _, such as chrony",
    "class": "'class' is no name of a system; lower case letters, digits and _, such as chrony",
    "../x": "'../x' is no name of a system; lower case letters, digits and _, such as chrony",
    "toy": "there is a system 'toy'; choose another name, or change that one",
    "up": "'up' is a verb or a command of fairlead's own; choose another name",
    "site": "'site' is a verb or a command of fairlead's own; choose another name",
    "init": "'init' is a verb or a command of fairlead's own; choose another name",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_name_that_cannot_be_is_refused(name, ops, capsys):
    before = sorted(ops.rglob("*"))
    assert fairlead("new-plugin", name) == 2
    assert capsys.readouterr().err == f"fairlead: --name: {REFUSED[name]}\n"
    assert sorted(path for path in ops.rglob("*") if "__pycache__" not in path.parts) == before


def test_what_is_there_is_never_written_to(ops, capsys):
    (ops / "tests").mkdir()
    (ops / PATHS[2]).write_text("mine\n")
    assert fairlead("new-plugin", "chrony") == 2
    sentence = "fairlead: --name: tests/test_chrony.py is there already; choose another name\n"
    assert capsys.readouterr().err == sentence
    assert not (ops / "plugins" / "chrony").exists()


def test_it_needs_a_name_and_a_repository(ops, tmp_path, monkeypatch, capsys):
    assert fairlead("new-plugin") == 2
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert fairlead("new-plugin", "chrony") == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "fairlead: inv: there is no tasks.py here or in a folder above; go to your ops repository, "
        "or make one: fairlead init"
    )
