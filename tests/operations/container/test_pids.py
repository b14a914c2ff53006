"""Whose processes hold a container's ports: its own, and those of its engine that do so for it."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from fairlead.operations.checks import pids_fact
from tests.shells import Shell

ADDRESS, OTHER = "192.0.2.17", "192.0.2.1"
SHELL = Path(__file__).parent / "shell"
ENGINE, MONITOR = ((SHELL / name).read_text() for name in ("engine_with_ports.sh", "conmon.sh"))
PROXY = "#!/bin/sh\nread -r _\n"  # it ends with us


@pytest.fixture
def named(tmp_path: Path) -> Iterator[ExitStack]:
    """Programs that are called as an engine's own run until the test ends."""
    with ExitStack() as stack:
        yield stack


def started(stack: ExitStack, folder: Path, name: str, *words: str) -> int:
    """The number of a process of this name."""
    path = folder / name
    path.write_text(PROXY)
    path.chmod(0o755)
    pipe = subprocess.PIPE
    return stack.enter_context(subprocess.Popen((str(path), *words), stdin=pipe)).pid


def test_docker_s_proxies_of_its_address_are_its_own_and_those_of_another_s_are_not(
    shell: Shell, named: ExitStack
) -> None:
    shell.tool("docker", ENGINE)
    words = ("-proto", "tcp", "-host-port", "5000", "-container-ip")
    own = started(named, shell.folder, "docker-proxy", *words, ADDRESS, "-container-port", "5000")
    started(named, shell.folder, "docker-proxy", *words, OTHER, "-container-port", "5000")
    first = started(named, shell.folder, "app")
    fact = pids_fact("docker", "app")
    assert fact.parse(*shell.run(fact.argv, FIRST=str(first), ADDRESS=ADDRESS)) == {own, first}


def test_the_monitor_that_podman_has_beside_it_is_its_own(shell: Shell, named: ExitStack) -> None:
    shell.tool("podman", ENGINE)
    path, note = shell.folder / "conmon", shell.folder / "first"
    path.write_text(MONITOR)
    path.chmod(0o755)
    pipe = subprocess.PIPE
    monitor = named.enter_context(subprocess.Popen((path, note), stdin=pipe)).pid
    while not note.exists() or not note.read_text().strip():
        pass
    first = note.read_text().strip()
    fact = pids_fact("podman", "app")
    assert fact.parse(*shell.run(fact.argv, FIRST=first, ADDRESS="")) == {monitor, int(first)}
