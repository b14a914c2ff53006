"""What is in the way of the next version: every row of both tables, and what is not known."""

import getpass
import json
from typing import Any

import pytest
from msgspec.structs import replace

from fairlead.contract.loader import Plugins
from fairlead.model.plan import Check
from fairlead.operations import script
from fairlead.testing import ENGINE, faults
from tests.plugins.triumf import tier
from tests.plugins.triumf.engine.test_engine import standing
from tests.plugins.triumf.worker.engine import ask as ask_worker
from tests.shells import Shell

CASES = tier.cases("next_version")

sh = script.beside(__file__)


def names(part: str) -> list[str]:
    return [case["name"] for case in CASES[part]]


def unwell(checks: list[Check]) -> tuple[dict[str, str], dict[str, str]]:
    """What blocks, and what warns: name -> what was found."""
    assert list(faults(checks)) == []
    bad = [check for check in checks if not check.ok]
    blocks = {check.name: check.found for check in bad if check.blocks}
    return blocks, {check.name: check.found for check in bad if not check.blocks}


def of_engine(plugins: Plugins, case: dict[str, Any]) -> list[Check]:
    words = case.get("engine", {})
    state = case.get("images", 4)
    today = None if words is None else replace(ENGINE, **{"server": "20.10.24", **words})
    facts = {
        "engine": today,
        "standing": None
        if state is None
        else standing(images=state, containers=0, swarm=case.get("swarm", "")),
        "files": {"/etc/docker/daemon.json": json.dumps(case.get("daemon", {}))},
        "ipset": True,
    } | case.get("facts", {})
    section = {"engine": case.get("section", {})}
    options = {"for": case["for"]}
    return list(
        plugins.ask(tier.ask(plugins, "engine", "preflight", section, facts, options=options))
    )


@pytest.mark.parametrize("case", CASES["engine"], ids=names("engine"))
def test_what_is_in_the_way_of_dockers_next_version(plugins: Plugins, case: dict[str, Any]) -> None:
    assert unwell(of_engine(plugins, case)) == (case.get("says", {}), case.get("warns", {}))


def of_workers(plugins: Plugins, case: dict[str, Any]) -> list[Check]:
    from fairlead_plugins.triumf.worker import next_version

    facts = {"configured": next_version.parsed(0, case["text"])}
    question = ask_worker(plugins, "preflight", facts, options={"for": case["for"]})
    return list(plugins.ask(question))


@pytest.mark.parametrize("case", CASES["worker"], ids=names("worker"))
def test_what_is_in_the_way_of_htcondors_next_version(
    plugins: Plugins, case: dict[str, Any]
) -> None:
    assert unwell(of_workers(plugins, case)) == (case.get("says", {}), case.get("warns", {}))


def test_every_row_is_in_a_case_and_says_where_it_is_from(plugins: Plugins) -> None:
    from fairlead_plugins.triumf.engine import next_version as of_docker
    from fairlead_plugins.triumf.worker import next_version as of_htcondor

    tables = (
        ("engine", of_engine, of_docker.CHANGES),
        ("worker", of_workers, of_htcondor.CHANGES),
    )
    for part, question, changes in tables:
        checks = [check for case in CASES[part] for check in question(plugins, case)]
        shown = {check.name for check in checks if not check.ok}
        assert [change.name for change in changes if change.name not in shown] == []
        assert all(change.source and change.remedy for change in changes)


@pytest.mark.parametrize(
    ("component", "version"), [("engine", "htcondor-25"), ("worker", "docker-29")]
)
def test_a_version_of_the_others_is_none_of_its_business(
    plugins: Plugins, component: str, version: str
) -> None:
    options = {"for": version}
    if component == "engine":
        question = tier.ask(plugins, "engine", "preflight", options=options)
    else:
        question = ask_worker(plugins, "preflight", options=options)
    assert list(plugins.ask(question)) == []


def test_what_is_configured_in_workers_is_read_in_each_shell(
    plugins: Plugins, shell: Shell
) -> None:
    from fairlead_plugins.triumf.worker import next_version

    for name in ("docker", "condor_version", "condor_config_val"):
        shell.tool(name, f'set -- {name} "$@"\n{sh.text("condor_configured")}')
    fact = next_version.fact("docker", ("vn0317", "vn0318"))
    settings = {"START": "TRUE", "NUM_CPUS": "4"}
    worker = next_version.Configured("23.9.6", getpass.getuser(), settings)
    printed = shell.run(fact.argv, EXECUTE=str(shell.folder))
    assert next_version.parsed(*printed) == {"vn0317": worker}


@pytest.mark.parametrize(
    ("modprobe", "code"), [("exit 0", (0, True)), ("exit 1", (1, False)), ("", (2, None))]
)
def test_a_kernel_has_sets_of_addresses_or_not(
    plugins: Plugins, shell: Shell, modprobe: str, code: tuple[int, bool | None]
) -> None:
    from fairlead_plugins.triumf.engine import next_version

    program = next_version.fact().argv
    text = str(program[2]).replace("/sys/module/ip_set", str(shell.folder / "none"))
    if modprobe:
        shell.tool("modprobe", modprobe)
    else:
        text = text.replace("command -v modprobe", "command -v no-modprobe")
    found, _ = shell.run((*program[:2], text, *program[3:]))
    assert (found, next_version.ipset(found, "")) == code
