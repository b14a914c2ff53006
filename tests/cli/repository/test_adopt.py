"""`inv adopt` shows what runs as sections and the plan by them, and writes only with --write."""

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from msgspec.structs import replace

from fairlead.cli.repository.adopt import UNNAMED, adopt
from fairlead.contract.hookspecs import hookimpl
from fairlead.inventory import site as sites
from fairlead.model.adoption import Proposal
from fairlead.model.errors import CommandLineError, PluginError
from fairlead.model.plan import Fact, Step
from fairlead.runner.context import Context
from fairlead.runner.request import Common
from tests.driver import Driver

HEAD = """\
# the pier
hosts:
  n1: {address: 192.0.2.1}
  n[2-3]: {address: "192.0.2.%"}  # ours
"""
SECTION = '\ntoy:\n  hosts: "n[1-2]"\n'


class Pier:
    """Hosts with a toy system, of which `sections` says what runs on each."""

    def __init__(self, driver: Driver, folder: Path):
        self.driver, self.path = driver, folder / "pier.yml"
        self.path.write_text(HEAD)
        self.changes = False
        driver.system(keeper={"up": lambda ask: self.steps()})
        system = driver.plugins.systems["toy"]
        driver.plugins.systems["toy"] = replace(system, adopts="adopts")
        self.module = ModuleType(f"{system.package}.adopts")
        self.probe = Fact("toy", ("cat", str(folder / "words")), lambda code, text: text.strip())
        self.module.PROBES = (self.probe,)
        self.module.recognise = hookimpl(lambda report: self.recognise(report))
        driver._modules(self.module.__name__, self.module)
        (folder / "words").write_text("")
        self.sections: dict[str, Any] = {"n1": {"hosts": "n1"}, "n2": {"hosts": "n2"}}

    def recognise(self, report: Any) -> Proposal | None:
        section = self.sections.get(report.host)
        remarks = (f"toy says {report.evidence['toy']}",) if report.evidence["toy"] else ()
        return None if section is None else Proposal(section=section, remarks=remarks)

    def steps(self) -> list[Step]:
        unless = ("false",) if self.changes else ("true",)
        return [Step(name="float", unless=unless, do=("false",), undo=("true",))]

    def __call__(
        self, *hosts: str, system: str = "", write: bool = False, dry_run: bool = False
    ) -> Any:
        site = sites.load(self.path, self.driver.plugins.systems)
        context = Context(
            self.driver.plugins,
            lambda: site,
            [self.driver.watcher],
            lambda question, word: False,
            connect=lambda host, _: self.driver.machines[host.name].connect(),
        )
        try:
            common = Common(hosts=hosts, dry_run=dry_run)
            return adopt(context, common, system=system, write=write)
        finally:
            context.close()


@pytest.fixture
def pier(driver: Driver, tmp_path: Path) -> Pier:
    # the machines' engines are there and fail; a host without any has no problem
    for machine in driver.machines.values():
        for engine in ("docker", "podman"):
            (machine.bin / engine).unlink()
            (machine.bin / engine).write_text("#!/bin/sh\nexit 0\n")
            (machine.bin / engine).chmod(0o755)
    return Pier(driver, tmp_path)


def test_hosts_that_agree_are_one_section_proved_by_an_empty_plan(pier: Pier) -> None:
    result = pier()
    assert (result.code, result.text) == (
        0,
        'toy:\n  hosts: "n[1-2]"\n\n'
        "# inv toy.up --dry-run: the plan is empty: ok, nothing changed (n[1-2])",
    )
    assert result.data["plans"][0]["empty"] is True
    assert pier.path.read_text() == HEAD
    assert not pier.driver.watcher.events


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (f"--volume={'ab12' * 16}:/var/run", "--volume=ab12ab12ab12...:/var/run"),
        ("--volume=data:/var/run", "--volume=data:/var/run"),
        (f"tag@sha256:{'ab12' * 16}", f"tag@sha256:{'ab12' * 16}"),
    ],
)
def test_a_volume_that_nobody_named_is_shown_by_the_beginning_of_its_name(words, shown) -> None:
    assert UNNAMED.sub("...", words) == shown


def test_each_host_is_asked_once_and_its_connection_serves_the_plan(pier: Pier) -> None:
    pier("n1")
    machine = pier.driver["n1"]
    assert len(machine.lines) == 1
    assert sum("not tell all of its containers" in program for program in machine.asked) == 1
    assert pier.driver["n2"].asked == []


def test_write_adds_the_section_and_nothing_else(pier: Pier) -> None:
    result = pier(write=True)
    assert result.text.splitlines()[-1] == f"# {pier.path}: added toy"
    assert pier.path.read_text() == HEAD + SECTION
    assert [path.name for path in pier.path.parent.glob("*.yml")] == ["pier.yml"]
    again = pier(write=True)
    assert again.text == (
        f"# {pier.path}: has a section toy, which stays; it also runs on n[1-2]: see inv toy.up "
        "--dry-run"
    )
    assert pier.path.read_text() == HEAD + SECTION


def test_a_dry_run_writes_nothing_and_says_so(pier: Pier) -> None:
    result = pier(write=True, dry_run=True)
    assert result.text.splitlines()[-1] == f"# {pier.path}: would get toy; nothing was written"
    assert (pier.path.read_text(), result.data["written"]) == (HEAD, False)


def test_a_plan_that_is_not_empty_is_shown(pier: Pier) -> None:
    pier.changes = True
    result = pier()
    assert result.text.splitlines()[-2:] == [
        "# inv toy.up --dry-run: the plan is not empty: 1 step would change something on n[1-2]",
        "#   n[1-2] toy: float: would-change",
    ]
    assert (result.code, result.data["plans"][0]["empty"]) == (0, False)


def test_what_could_not_be_expressed_stands_above_the_section(pier: Pier, tmp_path: Path) -> None:
    (tmp_path / "words").write_text("hello")
    assert pier().text.splitlines()[:2] == ["# n[1-2]: toy says hello", "toy:"]


def test_what_cannot_be_a_section_is_told_alone(pier: Pier, tmp_path: Path) -> None:
    (tmp_path / "words").write_text("no")
    pier.sections = {"n1": {}, "n2": {}}
    result = pier(write=True)
    assert result.text == (
        "# n[1-2]: toy says no\n# nothing is there that a system would take over"
    )
    assert (result.data["sections"], result.data["written"]) == ({}, False)


def test_a_host_that_does_not_answer_is_told_and_nothing_is_written(pier: Pier) -> None:
    pier.driver["n2"].dead = True
    result = pier(write=True)
    assert result.code == 5
    assert "# n2: no route to it; look at its cable" in result.text.splitlines()
    assert result.text.splitlines()[-1] == (
        f"# {pier.path}: nothing was written: a host did not answer, or a plan has a fault"
    )
    assert pier.path.read_text() == HEAD


def test_an_engine_that_is_down_is_not_taken_for_an_empty_host(pier: Pier) -> None:
    pier.sections = {}
    (pier.driver["n3"].bin / "docker").write_text("#!/bin/sh\necho no daemon >&2\nexit 1\n")
    result = pier()
    assert (result.code, result.text) == (
        1,
        "# n3: docker does not answer: no daemon\n"
        "# as far as that is known nothing is there that a system would take over",
    )


def test_a_plan_with_a_fault_keeps_the_section_out(pier: Pier) -> None:
    pier.driver.sections.clear()
    pier.sections = {"n1": {"hosts": "n1", "build_host": "n1"}}
    unclear = ("sh", "-c", "exit 3")
    pier.steps = lambda: [Step(name="float", unless=unclear, do=("true",), undo=("true",))]
    result = pier(write=True)
    assert result.code == 1
    assert "float" in result.text
    assert pier.path.read_text() == HEAD


def test_a_system_that_adopts_nothing_is_refused(pier: Pier) -> None:
    with pytest.raises(CommandLineError, match="no system 'toys' that recognises what runs"):
        pier(system="toys")


def test_what_is_no_proposal_is_the_plugin_s_fault(pier: Pier) -> None:
    pier.module.recognise = hookimpl(lambda report: {"hosts": "n1"})
    what = r"adopts: recognise\(\) returned a dict; return a Proposal, or None"
    with pytest.raises(PluginError, match=what):
        pier("n1")
