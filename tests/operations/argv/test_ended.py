"""A container of Podman whose conmon was killed: what is noted in its stead, and when."""

import os
import subprocess
from pathlib import Path

import pytest

from fairlead.model.plan import Command
from fairlead.operations.argv import docker
from fairlead.operations.argv.docker import sh
from fairlead.remote.quoting import code
from tests.machine import SHELLS

APP = docker.Container(name="app", image="busybox:1.36", engine="podman")
ID = "4f" * 32
PODMAN = Path(__file__).parent / "shell/orphaned.sh"


class Host:
    """One with this container, its main process 7 and its conmon 6, in an own /proc."""

    def __init__(self, folder: Path, state: str, *lives: str):
        self.folder = folder
        for name in ("exits", "proc/6", "proc/7"):
            (folder / name).mkdir(parents=True)
        (folder / "conmon.pid").write_text("6")
        (folder / "about").write_text(f"{ID} 7 {state} {folder}/conmon.pid\n")
        for file in lives:
            of_conmon = f"conmon\0-c\0{ID}\0"
            text = of_conmon if "cmdline" in file else f"0::/machine.slice/libpod-{ID}.scope\n"
            (folder / "proc" / file).write_text(text)
        (folder / "podman").write_text(f"#!/bin/sh\n{PODMAN.read_text()}")
        (folder / "podman").chmod(0o755)
        path = f"{folder}:{os.environ['PATH']}"
        self.environment = os.environ | {"PATH": path, "FOLDER": str(folder), "ID": ID}

    def run(self, program: str, shell: str = "dash") -> int:
        """The exit code of a program that finds our folders in place of the host's."""
        own = program.replace("/run/libpod/exits", f"{self.folder}/exits")
        argv = ("sh", "-c", own.replace("/proc/", f"{self.folder}/proc/"), "ended", "app")
        return subprocess.run(
            argv, executable=SHELLS[shell], env=self.environment, timeout=30, check=False
        ).returncode

    @property
    def noted(self) -> list[str]:
        return [file.read_text() for file in (self.folder / "exits").iterdir()]

    @property
    def calls(self) -> list[str]:
        """What was asked of Podman, but for questions."""
        lines = (self.folder / "calls").read_text().splitlines()
        return [line for line in lines if "inspect" not in line]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("state", "lives", "code"),
    [
        ("stopping", (), 0),
        ("running", (), 0),
        ("stopping", ("7/cgroup",), 1),  # it takes its time
        ("stopping", ("6/cmdline",), 1),  # conmon notes it in a moment
        ("exited", (), 1),
        ("created", (), 1),
    ],
)
def test_the_end_of_what_nobody_watches_is_noted(tmp_path, shell, state, lives, code) -> None:
    host = Host(tmp_path, state, *lives)
    assert host.run(sh.text("ended"), shell) == code
    assert host.noted == ["137"] * (not code)


@pytest.mark.parametrize(
    ("command", "before", "words"),
    [
        (docker.start(APP), "stopping", ["start app", "cleanup", "start app"]),
        (docker.restart(APP), "stopping", ["restart -t 30 app", "cleanup", "restart -t 30 app"]),
        (docker.stop(APP), "running", ["stop -t 30 app", "cleanup"]),
    ],
)
def test_it_is_stopped_and_started_again_as_any_other(
    tmp_path: Path, command: Command, before: str, words: list[str]
) -> None:
    host = Host(tmp_path, before)
    assert host.run(code(command)) == 0
    assert host.noted == ["137"]
    assert [call.replace(f"container cleanup {ID}", "cleanup") for call in host.calls] == words


def test_what_cannot_be_started_for_another_reason_says_so_once(tmp_path: Path) -> None:
    host = Host(tmp_path, "exited")
    assert host.run(code(docker.start(APP))) == 1
    assert (host.calls, host.noted) == (["start app"], [])


def test_docker_watches_its_own() -> None:
    c = docker.Container(name="app", image="busybox:1.36")
    assert docker.stop(c) == ("docker", "stop", "-t", "30", "app")
    assert docker.start(c) == ("docker", "start", "app")
