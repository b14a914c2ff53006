"""Health begins with a main process that stays."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from fairlead.operations import script
from fairlead.operations.container import lifecycle, steps
from fairlead.operations.container.state import ContainerState, containers

from ..conftest import ask

sh = script.beside(steps.__file__)
PROGRAM = Path(__file__).parent.parent / "shell/process.sh"


@pytest.fixture
def process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> subprocess.Popen[bytes]:
    """The main process of a container, born just now."""
    program = tmp_path / "docker"
    program.write_text(f"#!/bin/sh\n{PROGRAM.read_text()}")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    child = subprocess.Popen(["sleep", "60"], start_new_session=True)
    monkeypatch.setenv("STATE", f"{child.pid} 0 0")
    return child


def steady(seconds: int = 1) -> tuple[int, str]:
    answer = ask(sh("steady", "docker", "app", str(seconds)))
    return answer.returncode, answer.stderr.decode()


def test_a_process_counts_once_it_has_lived_for_some_seconds(
    every_shell: str, process: subprocess.Popen[bytes]
) -> None:
    assert steady() == (1, "")
    time.sleep(1.1)
    assert steady() == (0, "")
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert steady() == (1, "")


def test_the_one_that_a_filter_means_is_asked_for_its_age(
    every_shell: str, process: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    question = sh("steady_of", "docker", "name=^app$", "1")
    monkeypatch.setenv("LISTED", "")
    answer = ask(question)
    assert (answer.returncode, answer.stderr) == (1, b"there is no such container\n")
    monkeypatch.setenv("LISTED", "0a1b")
    time.sleep(1.1)
    assert ask(question).returncode == 0
    process.kill()
    process.wait()
    assert ask(question).returncode == 1


def test_one_that_was_started_anew_says_so_with_its_last_words(
    every_shell: str, process: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATE", "0 3 137")
    sentence = "its main process does not stay: restarted 3 times, last exit code 137"
    assert steady() == (1, f"{sentence}\nlast words\n")
    process.kill()
    process.wait()


def test_a_full_disk_is_told_and_one_with_room_is_not(every_shell: str, tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(folder)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        question = sh("no_room", str(folder))
        assert ask(question).stderr == b""
        (folder / "filling").write_bytes(b"x" * 65536)
        assert ask(question).stderr.decode() == f"{folder}: No space left on device\n"
        assert ask(sh("no_room", f"{folder}/nothing")).stderr == b""
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize(
    ("restarts", "words"),
    [
        ("0", "app running, started by hand"),
        ("1", "app running, started by hand, restarted once"),
        ("7", "app running, started by hand, restarted 7 times"),
        ("<no value>", "app running, started by hand"),
    ],
)
def test_how_often_an_engine_has_started_it_anew_stands_in_its_description(
    restarts: str, words: str
) -> None:
    row = ["/app", "id", "sha256:1", "busybox", "running", "2026", "always", "null", restarts, "7"]
    states = containers(0, "\t".join(row))
    assert not isinstance(states, str)
    assert lifecycle.described(states["app"]) == words
    assert isinstance(states["app"], ContainerState)
