"""What `inv adopt` proposes for the services of an agent: all of a file, or nothing of it."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from fairlead.contract.loader import Plugins
from fairlead.model.adoption import HostReport, Proposal, RunningContainer
from fairlead_plugins.opensvc.common import service_file
from tests.plugins.opensvc.services import DOCUMENT, NAME, cases, service, typed
from tests.shells import Shell

NODE = "deb1.opensvc.com"


@pytest.fixture(scope="module")
def adopts(plugins: Plugins) -> Any:
    """The plugin's module that recognises services."""
    return plugins.adopters()["opensvc"]


@pytest.fixture
def propose(plugins: Plugins, adopts: Any) -> Any:
    """The proposal for a node whose agent has one file."""

    def of(text: str, generation: str, host: str = NODE) -> Proposal | None:
        files = (adopts.ServiceFile(generation, NAME, text),)
        containers = tuple(
            RunningContainer(name=name, engine="docker", image="x")
            for name in (f"{NAME}.container.1", "other")
        )
        report = HostReport(
            host=host, containers=containers, evidence={adopts.PROBES[0].name: files}
        )
        return plugins.recognise("opensvc", report)

    return of


SAYABLE = [case for case in cases("files") if "refused" not in case]


@pytest.mark.parametrize("case", SAYABLE, ids=[case["name"] for case in SAYABLE])
def test_a_file_of_every_generation_comes_back_to_the_letter(
    propose: Any, case: dict[str, Any]
) -> None:
    text = service_file.render(NAME, typed(service(**case.get("service", {}))), case["generation"])
    nodes = typed(service(**case.get("service", {}))).nodes
    proposal = propose(text, case["generation"], nodes[0])
    assert (proposal.remarks, proposal.containers) == ((), (f"{NAME}.container.1",))
    ((name, keys),) = proposal.section["services"].items()
    again = msgspec.convert(keys, type(typed(DOCUMENT)))
    assert (name, service_file.render(NAME, again, case["generation"])) == (NAME, text)


TEXT = service_file.render(NAME, typed(DOCUMENT), "2.1")
REFUSED = {
    "monitor": (f"{TEXT}\n[task#1]\nschedule = @60m\n", "no key says all of [task#1] in its file"),
    "word": (
        TEXT.replace("type = ext4", "type = ext4\nscsireserv = true"),
        "no key says all of [fs#1], [fs#2] in its file",
    ),
    "orchestrate": (
        TEXT.replace("= start", "= ha"),
        "no key says all of [DEFAULT] in its file",
    ),
    "gap": (TEXT.replace("fs#2", "fs#7"), "no key says all of [fs#7] in its file"),
    "pattern": (TEXT.replace(NODE, "*"), "its nodes are *, and the site calls"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_service_that_the_section_cannot_say_whole_is_left_out(propose: Any, what: str) -> None:
    text, words = REFUSED[what]
    assert text != TEXT
    proposal = propose(text, "2.1")
    assert proposal.section == {}
    (remark,) = proposal.remarks
    assert remark.startswith(f"the service {NAME} is left out: {words}")


THERE = yaml.safe_load((Path(__file__).parent / "cases/services_there.yml").read_text("utf-8"))


@pytest.mark.parametrize("case", THERE, ids=[case["name"] for case in THERE])
def test_a_file_as_people_have_it(propose: Any, case: dict[str, Any]) -> None:
    proposal = propose(case["text"], case["generation"], host=case["node"])
    assert (proposal.section, list(proposal.remarks)) == (case["section"], case["remarks"])


def test_a_node_has_one_name(propose: Any) -> None:
    (remark,) = propose(TEXT, "2.1", host="n1").remarks
    assert remark.endswith(
        f"its nodes are {NODE}, and the site calls this one n1: they need one name"
    )


def test_a_host_without_services_gets_no_section(plugins: Plugins, adopts: Any) -> None:
    report = HostReport(host="n1", evidence={adopts.PROBES[0].name: ()})
    assert plugins.recognise("opensvc", report) is None


def test_a_host_without_an_agent_has_no_file(shell: Shell, adopts: Any) -> None:
    assert adopts.PROBES[0].parse(*shell.run(adopts.PROBES[0].argv)) == ()
    line = "2.1 web W0RFRkFVTFRdCg==\n"
    assert adopts.PROBES[0].parse(0, line) == (adopts.ServiceFile("2.1", "web", "[DEFAULT]\n"),)
    with pytest.raises(ValueError, match="does not tell its services"):
        adopts.PROBES[0].parse(1, "")
