"""A change on nodes of HTCondor, by stand-ins (shell/condor_*.sh); test_drain.py has a real one."""

import pytest

from tests.driver import Driver, row, states
from tests.machine import Machine
from tests.plugins.batch import swap, with_nodes
from tests.plugins.htcondor.test_programs import DRAINED, FREE, STAND_INS
from tests.runner.toys import made_files

pytestmark = pytest.mark.slow

TOOLS = {"condor_config_val": "echo here", "pgrep": "exit 2"}


@pytest.fixture
def nodes(driver: Driver) -> Driver:
    """n1 and n2 are execute nodes, n3 is none."""
    return with_nodes(driver, "htcondor", stand_in, patience=60)


def stand_in(machine: Machine) -> None:
    stand_ins = {path.stem: path.read_text() for path in STAND_INS.glob("condor_*.sh")}
    (machine.folder / "slots").write_text(f"{FREE}\n")
    (machine.folder / "version").write_text("$CondorVersion: 23.9.6 $\n")
    for tool, text in (TOOLS | stand_ins).items():
        path = machine.bin / tool
        path.write_text(f"#!/bin/sh\nHOME={machine.folder}\n{text}\n")
        path.chmod(0o755)


def write(driver: Driver, host: str, slot: str) -> None:
    (driver[host].folder / "slots").write_text(f"{slot}\n")


def told(driver: Driver, host: str) -> list[str]:
    path = driver[host].folder / "told"
    return [line.split()[0] for line in path.read_text().splitlines()] if path.exists() else []


@pytest.mark.parametrize("verb", ["restart", "upgrade", "rollback"])
def test_a_node_is_given_back_and_that_of_somebody_else_stays(nodes: Driver, verb: str) -> None:
    nodes.system(server={verb: swap(nodes)})
    write(nodes, "n2", f"{DRAINED}bad memory")
    result = nodes.perform(verb, reason="OPS-1")
    assert states(result) == {"n1": "changed", "n2": "changed", "n3": "changed"}
    assert (told(nodes, "n1"), told(nodes, "n2")) == (["-graceful", "-cancel"], [])
    assert row(result, "n2").steps[-1].said.strip() == "Drained: bad memory"
    assert [step.name for step in row(result, "n3").steps] == ["look", "swap"]


def test_what_is_taken_down_stays_drained(nodes: Driver) -> None:
    nodes.system(server={"down": swap(nodes)})
    result = nodes.perform("down", hosts=("n1",), yes=True)
    assert (result.code, told(nodes, "n1")) == (0, ["-graceful"])


def test_a_dry_run_drains_nobody(nodes: Driver) -> None:
    nodes.system(server={"upgrade": swap(nodes)})
    result = nodes.perform("upgrade", dry_run=True)
    steps = {step.name: step.state for step in row(result, "n1").steps}
    assert (steps["drain n1"], told(nodes, "n1")) == ("would-change", [])


def test_a_startd_that_does_not_answer_stops_it_before_anything_is_stopped(nodes: Driver) -> None:
    nodes.system(server={"upgrade": swap(nodes)})
    (nodes["n1"].folder / "slots").write_text("")
    result = nodes.perform("upgrade", hosts=("n1",))
    assert (result.code, made_files(nodes.folder)) == (1, [])
    assert "n1: condor_status -direct does not tell of a slot" in row(result, "n1").error


def test_a_status_that_is_not_known_is_not_well(nodes: Driver) -> None:
    (nodes["n1"].folder / "slots").write_text("")
    write(nodes, "n2", "slot Owner Idle - 0 false - ")
    status = nodes.perform("status", system="htcondor")
    assert (row(status, "n1").fields, row(status, "n1").code) == ({"state": "not known"}, 1)
    assert (row(status, "n2").fields["state"], row(status, "n2").code) == ("Owner/Idle", 1)
