"""Several verbs on one command line: the options that every verb takes hold for all of it, wherever
they stand.
"""

import pytest

from tests.e2e.ground import NAME, containers, done, listing
from tests.e2e.inv import inv


@pytest.mark.parametrize(
    "argv",
    [
        ("perfsonar.down", "perfsonar.up", "--dry-run"),
        ("perfsonar.down", "--dry-run", "perfsonar.up"),
        ("--dry-run", "perfsonar.down", "perfsonar.up"),
        ("--dry", "perfsonar.down", "perfsonar.up"),
        ("--dry", "perfsonar.down"),
        ("perfsonar.down", "--explain"),
    ],
    ids=" ".join,
)
def test_a_dry_run_of_a_chain_changes_nothing(running, argv) -> None:
    before = listing()
    said = inv(*argv)
    assert (said.code, listing()) == (0, before), said.err


def test_a_chain_gives_one_document(running) -> None:
    said = done("perfsonar.preflight", "perfsonar.up", "perfsonar.status", "--host=n1", "--json")
    assert [(run["verb"], run["code"]) for run in said.json["runs"]] == [
        ("perfsonar.preflight", 0),
        ("perfsonar.up", 0),
        ("perfsonar.status", 0),
    ]


def test_a_chain_ends_at_the_first_verb_that_fails(running) -> None:
    said = inv("perfsonar.exec", "perfsonar.down", "--host=n1", "--yes", "--json", "--", "false")
    assert said.code == 1
    assert containers("n1") == {NAME: "running"}


def test_down_then_up_is_done_in_that_order(running) -> None:
    said = done("perfsonar.down", "perfsonar.up", "--host=n1", "--json")
    assert [run["hosts"][0]["state"] for run in said.json["runs"]] == ["changed", "changed"]
    assert containers("n1") == {NAME: "running"}


def test_several_hosts_are_united(running) -> None:
    assert list(done("perfsonar.status", "--host=n3", "--host", "n1", "--json").rows) == [
        "n1",
        "n3",
    ]


def test_an_empty_host_is_refused(running) -> None:
    said = inv("perfsonar.down", "--host=", "--yes")
    assert (said.code, said.out, said.err) == (
        2,
        "",
        "fairlead: --host: was given empty (an unset variable?); give it a value, or leave it "
        "out\n",
    )
    assert containers("n1") == {NAME: "running"}


def test_down_on_many_hosts_asks_first(running) -> None:
    said = inv("perfsonar.down")
    assert (said.code, said.err) == (
        2,
        "fairlead: inv: there is no terminal to ask: Take perfsonar down on 3 hosts: n[1-3]?; say "
        "--yes\n",
    )


def test_the_whole_site_has_the_verbs_too(running) -> None:
    said = done("status", "--json")
    assert said.json["verb"] == "status"
    assert {row["system"] for row in said.json["hosts"]} == {"lab", "perfsonar"}
