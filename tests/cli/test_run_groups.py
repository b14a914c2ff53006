"""`--host=@failed` on a command line: the journal here says which hosts that are."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Line


@pytest.fixture
def state(ops: Path) -> Path:
    """Where the journal lies; the site is called as the fake driver calls it."""
    (ops / "sites").mkdir(exist_ok=True)
    (ops / "sites/s.yml").write_text("hosts: {n1: {}}\ntoy: {hosts: n1}\n")
    return ops.parent / "state"


def resolved(inv: Line, text: str) -> tuple[str, ...]:
    """What a dry run finds behind a node set."""
    hosts: list[tuple[str, ...]] = []
    inv.does = lambda context: hosts.append(context.site().resolve(text))
    inv("toy.up", "--dry-run")
    inv.does = None
    return hosts[0] if hosts else ()


def test_the_hosts_that_failed_are_those_of_the_journal_here(
    inv: Line, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inv.fails = "up"
    assert inv("toy.up") == 1
    assert resolved(inv, "@failed") == resolved(inv, "@failed:r1") == ("n1",)
    capsys.readouterr()
    assert resolved(inv, "@changed") == ()
    assert capsys.readouterr().err.startswith("fairlead: @changed: no host of run r1 (inv up of 20")


def test_a_dry_run_is_no_run_that_hosts_are_named_by(inv: Line, state: Path) -> None:
    inv.fails = "up"
    inv("toy.up")
    inv.fails = ""
    assert inv("toy.up", "--dry-run") == 0
    assert resolved(inv, "@failed") == ("n1",)
    assert inv("toy.up") == 0
    assert resolved(inv, "@failed") == ()
    lines = (state / "fairlead/journal.jsonl").read_text().splitlines()
    assert [json.loads(line)["code"] for line in lines] == [1, 0]
