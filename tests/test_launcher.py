"""./inv makes its own Python once, never uses half of one, and hands every word on.

A script stands in for Python.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYTHON = (ROOT / "tests/shell/python.sh").read_text()


class Place:
    """A repository with a launcher, and what its Python was asked."""

    def __init__(self, folder: Path):
        self.folder, self.log, self.python = folder / "our repo", folder / "log", folder / "python3"
        self.folder.mkdir()
        shutil.copy(ROOT / "inv", self.folder)
        (self.folder / "pyproject.toml").write_text("one\n")
        self.python.write_text(PYTHON)
        self.python.chmod(0o755)

    def __call__(
        self, *argv: str, path: str = "./inv", cwd: Path | None = None, **environment: str
    ) -> subprocess.CompletedProcess:
        self.log.write_text("")
        env = os.environ | {"LOG": str(self.log), "FAIRLEAD_PYTHON": str(self.python)} | environment
        return subprocess.run(
            [path, *argv],
            cwd=cwd or self.folder,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def calls(self) -> list[str]:
        return [
            line.replace(f"{self.folder}/", "").replace(f"{self.folder}", "HERE")
            for line in self.log.read_text().splitlines()
        ]


@pytest.fixture
def place(tmp_path) -> Place:
    return Place(tmp_path)


def test_the_first_call_makes_everything_and_the_second_nothing(place):
    first = place("--list")
    assert (first.returncode, first.stderr) == (
        0,
        f"inv: making .venv with {place.python} (once; a minute at most)\n",
    )
    calls = [line.split(" ", 1)[1][:14] for line in place.calls]
    assert calls == [
        "-c import sys;",
        "-c import ensu",
        "-m venv .venv",
        "-m pip install",
        "-P -m fairlead",
    ]
    second = place("--list")
    assert (second.stderr, place.calls) == ("", [".venv/bin/python -P -m fairlead --list"])


def test_plain_inv_of_that_environment_is_fairleads_program(place):
    place("--list")
    programs = place.folder / ".venv" / "bin"
    assert (programs / "inv").read_text() == (programs / "fairlead").read_text()
    assert os.access(programs / "inv", os.X_OK)


def test_every_word_arrives_as_it_was_given(place):
    place()
    done = place(
        "exec", "", "a b", "--", "$HOME", "*", cwd=place.folder.parent, path=f"{place.folder}/inv"
    )
    assert done.stdout == f"<-P><-m><fairlead><exec><><a b><--><$HOME><*><{place.folder}>"


def test_a_half_made_one_is_not_used(place):
    assert place("--list", PIP="1").returncode == 1
    message = (
        "inv: pip could not install what pyproject.toml lists (its words are above); "
        "mend that and call again\n"
    )
    assert place("--list", PIP="1").stderr.endswith(message)
    assert not any("fairlead" in line for line in place.calls if "pip" not in line)
    assert place("--list").returncode == 0


def test_it_is_made_again_when_pyproject_has_changed_or_the_folder_has_moved(place):
    place()
    (place.folder / "pyproject.toml").write_text("two\n")
    place()
    assert any("-m pip install" in line for line in place.calls)
    place.folder = place.folder.rename(place.folder.parent / "elsewhere")
    place()
    assert any("-m pip install" in line for line in place.calls)


def test_an_old_python_is_refused_in_a_sentence(place):
    done = place(OLD="1")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "inv: needs Python 3.11 or newer and found none; install one, or name it: "
        "FAIRLEAD_PYTHON=/path/to/python3 ./inv\n"
    )


def test_it_may_be_called_through_a_link(place):
    place()
    (place.folder.parent / "fl").symlink_to(place.folder / "inv")
    assert place("x", path=str(place.folder.parent / "fl")).stdout.endswith(f"<x><{place.folder}>")
