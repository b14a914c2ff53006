"""What comes back when a host boots: units for containers of Podman, and what preflight says."""

from pathlib import Path
from typing import Any

import pytest

from fairlead.model.plan import Ask, Noun, Target
from fairlead.operations.container import boot
from fairlead.testing import BASE
from tests.machine import SHELLS, Machine

UNIT = "fairlead-vn0317.service"


def ask(**facts: Any) -> Ask[Any]:
    target = Target(
        site="s", host="n1", system="triumf", component="worker", section=None, peers=("n1",)
    )
    return Ask(verb="preflight", target=target, facts=BASE | facts, options=Noun())


@pytest.mark.parametrize(
    ("state", "stands", "ok", "words", "blocks"),
    [
        ({UNIT: "enabled"}, True, True, "systemd starts them", False),
        ({UNIT: "disabled"}, True, False, "vn0317: no unit that is enabled", False),
        ({UNIT: "-"}, True, False, "vn0317: no unit that is enabled", False),
        ({UNIT: "-"}, False, True, "systemd starts them", False),
        ("no systemd runs", False, False, "no systemd runs", True),
        (None, True, False, "not known", False),
    ],
)
def test_what_stands_in_podman_has_a_unit_and_what_does_not_stand_can_have_one(
    state: object, stands: bool, ok: bool, words: str, blocks: bool
) -> None:
    containers = {"vn0317": object()} if stands else {}
    (check,) = boot.check(ask(boot=state, container=containers), "podman", "vn0317")
    assert (check.ok, check.found, check.blocks) == (ok, words, blocks)


def test_docker_starts_its_containers_itself_and_nothing_is_asked() -> None:
    assert (list(boot.facts("docker", "x")), list(boot.check(ask(), "docker", "x"))) == ([], [])


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("systemctl", "answer"),
    [
        ("case $1 in is-enabled) echo enabled ;; *) echo running ;; esac", {UNIT: "enabled"}),
        ("case $1 in is-enabled) exit 1 ;; *) echo degraded; exit 1 ;; esac", {UNIT: "-"}),
        (
            "case $1 in is-enabled) echo enabled ;; *) echo offline; exit 1 ;; esac",
            "no systemd runs",
        ),
    ],
)
def test_systemd_is_asked_whether_it_runs_and_knows_the_units(
    tmp_path: Path, shell: str, systemctl: str, answer: object
) -> None:
    machine = Machine(tmp_path / "n1", shell=shell)
    program = machine.bin / "systemctl"
    program.write_text(f"#!/bin/sh\n{systemctl}\n")
    program.chmod(0o755)
    (fact,) = boot.facts("podman", "vn0317")
    assert machine.ask(fact).values["boot"] == answer
