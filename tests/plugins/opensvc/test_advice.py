"""What a file of agent 2.1 loses under agent 3: every row of the table, and how it is told."""

from typing import Any

import pytest

from fairlead.testing import ask_for
from fairlead_plugins.opensvc.common import agent_3
from tests.plugins.opensvc.services import (
    NAME,
    PLUGINS,
    SITE,
    ask_service,
    cases,
    down,
    facts_of,
    ids,
    up,
)


@pytest.mark.parametrize("case", cases("agent_3"), ids=ids("agent_3"))
def test_the_words_of_a_file_that_agent_3_does_not_read_or_reads_otherwise(
    case: dict[str, Any],
) -> None:
    findings = list(agent_3.findings(case["file"]))
    words = {
        kind: [finding.word for finding in findings if finding.change.is_lost == (kind == "lost")]
        for kind in ("lost", "other")
    }
    assert sorted(words["lost"]) == sorted(case["lost"])
    assert sorted(words["other"]) == sorted(case["other"])


def test_every_row_of_the_table_is_in_a_case_and_says_where_it_is_from_and_what_to_do() -> None:
    shown = {
        finding.change for case in cases("agent_3") for finding in agent_3.findings(case["file"])
    }
    assert [change for change in agent_3.CHANGES if change not in shown] == []
    assert all(change.meaning and change.remedy and change.source for change in agent_3.CHANGES)


FOR_3 = {"for": "3"}


def checks(
    generation: str, installed: str | None, options: dict[str, str] = FOR_3
) -> dict[str, Any]:
    """What preflight says of the service on n1, by the names of its checks."""
    facts = facts_of(up(), generation) | {f"file {NAME}": installed}
    ask = ask_service("preflight", facts, facts_of(down(), generation), options=options)
    return {check.name.removeprefix(f"{NAME}: "): check for check in PLUGINS.ask(ask, "preflight")}


def test_preflight_for_agent_3_names_each_word_with_what_to_do() -> None:
    found = checks("2.1", "[DEFAULT]\ncontainer_data_dir = /a\n[container#1]\nimage = a\n")
    assert {name: (check.ok, check.blocks) for name, check in found.items()} == {
        "agent": (True, True),
        "[DEFAULT] container_data_dir": (False, True),
        "[container#1] stop_timeout": (False, False),
    }
    lost = found["[DEFAULT] container_data_dir"]
    assert (lost.found, lost.why) == (
        "not read by it",
        "no service has an engine of its own: containers run in the node's, which has other "
        "images and volumes (om3: drivers/rescontainerdocker)",
    )
    assert lost.remedy.startswith("take docker_data_dir out of the site")


def test_where_no_file_is_installed_it_is_the_one_that_would_be() -> None:
    found = checks("2.1", None)
    assert "[DEFAULT] container_data_dir" in found
    nothing = checks("2.1", "[DEFAULT]\nnodes = n1\n")
    assert (nothing["file"].ok, nothing["file"].found) == (True, "the same")


def test_an_agent_of_2014_has_to_be_brought_to_2_1_first() -> None:
    found = checks("legacy", None)["agent"]
    assert (found.ok, found.remedy) == (False, "bring it to the latest 2.1 first")


def test_preflight_of_today_does_not_ask_for_tomorrow() -> None:
    assert "[DEFAULT] container_data_dir" not in checks("2.1", None, {})


def test_the_node_s_engine_has_to_be_started_at_boot_for_agent_3() -> None:
    for boot, is_well in ((("there",), False), (("docker.service", "there"), True)):
        facts = facts_of(up(), "2.1") | {"boot": boot}
        ask = ask_for(
            PLUGINS, "opensvc.agent", "preflight", section=SITE, facts=facts, options=FOR_3
        )
        found = {check.name: check for check in PLUGINS.ask(ask, "preflight")}
        assert (found["docker"].ok, found["docker"].blocks) == (is_well, False)
