"""Command lines that people have really used, from documents and repositories: what `inv adopt`
proposes for a container that was started so. The rows are the answers of real engines to the
question of fairlead/operations/container/shell/running.sh, of images that are stand-ins."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from fairlead.cli import trial_site
from fairlead.contract.loader import Plugins
from fairlead.inventory import yamlfile
from fairlead.model.adoption import HostReport, Proposal
from fairlead.operations.container import running

CASES = Path(__file__).parent / "cases/command_lines.yml"


def cases() -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = yaml.safe_load(CASES.read_text("utf-8"))
    return read


def proposal_of(case: dict[str, Any], plugins: Plugins) -> Proposal | None:
    there = running.running(0, case["row"])
    probes = plugins.adopters()[case["system"]].PROBES
    evidence = {probe.name: probe.parse(0, case.get("evidence", "")) for probe in probes}
    report = HostReport(host="n1", containers=there.containers, evidence=evidence)
    return plugins.recognise(case["system"], report)


@pytest.mark.parametrize("case", cases(), ids=[case["name"] for case in cases()])
def test_a_container_that_was_started_so_gets_this_section(
    case: dict[str, Any], plugins: Plugins, tmp_path: Path
) -> None:
    proposal = proposal_of(case, plugins)
    assert proposal is not None
    assert (proposal.section, list(proposal.remarks)) == (case["section"], case["remarks"])
    if not case.get("refused"):
        text = yamlfile.write({"hosts": {"n1": {}}, case["system"]: proposal.section})
        assert trial_site.read(tmp_path / "site.yml", text, plugins).hosts_of(case["system"])
