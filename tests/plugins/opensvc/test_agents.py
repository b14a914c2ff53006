"""The agents: commands of each generation to the letter, and status read as it is."""

import shlex
from pathlib import Path
from typing import Any

import pytest

from fairlead_plugins.opensvc.common import agents, install, instance, service_on_host
from tests.machine import SHELLS
from tests.plugins.opensvc.services import NAME, cases, ids, run_in


@pytest.mark.parametrize("generation", ["legacy", "2.1", "3"])
@pytest.mark.parametrize("case", cases("commands"), ids=ids("commands"))
def test_a_command_of_an_agent(case: dict[str, Any], generation: str) -> None:
    if generation not in case:
        return
    verb, *words = case["say"]
    argv = getattr(agents.AGENTS[generation], verb)(NAME, *words)
    assert shlex.join(argv) == (f"timeout -k 5 {case[generation]}" if case[generation] else "")


@pytest.mark.parametrize("case", cases("status"), ids=ids("status"))
def test_a_status_is_read(case: dict[str, Any]) -> None:
    status = instance.parse(0, case["text"])
    if case["is"] is None:
        assert status is None
        return
    assert status is not None
    assert [status.overall, status.avail, status.frozen] == case["is"]
    rows = [[r.rid, r.status, r.label, *r.notes] for r in status.resources]
    assert rows == case["resources"]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("case", cases("status"), ids=ids("status"))
def test_a_status_is_read_the_same_on_the_host(
    tmp_path: Path, case: dict[str, Any], shell: str
) -> None:
    for rid, is_up in case.get("up", {"overall": None}).items():
        sh = service_on_host.sh
        question = sh("resources_are", "up", rid, "printf", "%s", case["text"])
        code = run_in(shell, tmp_path / "bin", question).returncode
        unreadable = 2 if case["text"].count("{") == 0 else code
        assert code == {True: 0, False: 1, None: unreadable}[is_up]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("case", [case for case in cases("status") if "frozen" in case])
def test_whether_it_is_frozen_is_the_service_s_own_word_and_not_the_node_s(
    tmp_path: Path, case: dict[str, Any], shell: str
) -> None:
    question = install.sh("is_frozen", "printf", "%s", case["text"])
    assert run_in(shell, tmp_path / "bin", question).returncode == (not case["frozen"])


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("frozen", "code"),
    [
        ("0", 1),
        ("0.0", 1),
        ("1416542400.5", 0),
        ('"0001-01-01T00:00:00Z"', 1),
        ('"2026-01-02T03:04:05Z"', 0),
    ],
)
def test_whether_a_service_is_frozen_is_read_on_the_host(
    tmp_path: Path, frozen: str, code: int, shell: str
) -> None:
    key = "frozen_at" if '"' in frozen else "frozen"
    text = f'{{"overall": "up", "{key}": {frozen}, "resources": {{}}}}'
    question = install.sh("is_frozen", "printf", "%s", text)
    assert run_in(shell, tmp_path / "bin", question).returncode == code


AGENTS = {
    "none": (3, "", "there is no OpenSVC agent here\n"),
    "2.1": (0, "two one\n", ""),
    "3": (0, "three\n", ""),
}


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("generation", AGENTS)
def test_the_words_of_the_agent_that_is_there_are_run(
    tmp_path: Path, generation: str, shell: str
) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    if generation != "none":
        head = b"\x7fELF" if generation == "3" else b"#!/bin/sh\n"
        (folder / "om").write_bytes(head)
        (folder / "om").chmod(0o755)
    words = ("@legacy", "false", "@2.1", "echo", "two one", "@3", "echo", "three")
    done = run_in(shell, folder, agents.sh("choose", *words))
    assert (done.returncode, done.stdout, done.stderr) == AGENTS[generation]
