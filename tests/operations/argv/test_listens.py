"""Whether it is a container that listens on a port of the host's network, or another; in real
namespaces of processes.
"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairlead.operations.argv.docker import sh
from tests.machine import SHELLS, waited
from tests.sshd import free_port

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: makes namespaces")
LISTEN = (
    "import socket, sys, time; s = socket.create_server(('', int(sys.argv[1]))); time.sleep(60)"
)
APART = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator["Engine"]:
    engine = Engine(tmp_path)
    yield engine
    for process in engine.processes:
        process.kill()
        process.wait()


class Engine:
    """One that knows the first process of containers, each of which is a namespace."""

    def __init__(self, folder: Path):
        self.folder, self.processes = folder, []
        self.path = folder / "docker"
        self.path.write_text(f'#!/bin/sh\nfor name; do :; done\ncat "{folder}/$name.pid"\n')
        self.path.chmod(0o755)

    def start(self, name: str, *argv: str) -> None:
        process = subprocess.Popen([*APART, *argv])
        self.processes.append(process)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        (self.folder / f"{name}.pid").write_text(waited(children.read_text).split()[0])

    def asked(self, shell: str, name: str, port: int) -> tuple[int, str]:
        argv = sh("listens_itself", str(self.path), name, "", "0", str(port))
        done = subprocess.run(
            argv, executable=SHELLS[shell], capture_output=True, text=True, timeout=30, check=False
        )
        return done.returncode, done.stderr.strip()


@pytest.mark.parametrize("shell", SHELLS)
def test_who_listens_is_told_apart(engine: Engine, shell: str) -> None:
    port = free_port()
    engine.start("one", "python3", "-c", LISTEN, str(port))
    engine.start("other", "sleep", "60")
    waited(lambda: engine.asked(shell, "one", port) == (0, ""))
    assert engine.asked(shell, "other", port) == (
        1,
        f"another listens on port {port}, not other",
    )
    nobody = free_port()
    assert engine.asked(shell, "one", nobody) == (1, f"nobody listens on port {nobody}, not one")
    code, _ = engine.asked(shell, "nonesuch", port)
    assert code == 2
