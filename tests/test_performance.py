"""docs/performance.md is what the program has written, and its figures can be read."""

import re
from pathlib import Path

import pytest

from bench import jobs, peers, report
from bench.hosts import Fleet
from bench.report import Table, Target

PAGE = Path(__file__).resolve().parent.parent / "docs/performance.md"
NUMBER = r"\d+(\.\d+)?"
UNIT = r"( (s|ms|MB))?"
CELL = re.compile(rf"-|{NUMBER} MB|{NUMBER} \({NUMBER}{UNIT}\)")
TARGET = re.compile(
    rf"\| [^|]+ \| -?{NUMBER}{UNIT} \| at (most|least) {NUMBER}{UNIT} \|"
    rf" (met|missed by {NUMBER}{UNIT} \({NUMBER} %\)) \|"
)


def rows(text: str) -> list[str]:
    """The rows of the tables in a text, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    rules = [number for number, line in enumerate(lines) if line.startswith("|---")]
    return [lines[n] for n in range(len(lines)) if n not in rules and n + 1 not in rules]


def bad_rows(page: str) -> list[str]:
    """Those that cannot be read."""
    _, targets, *tables = re.split(r"^## ", page, flags=re.MULTILINE)
    bad = [row for row in rows(targets) if not TARGET.fullmatch(row)]
    for row in (row for table in tables for row in rows(table)):
        cells = row.strip("| ").split(" | ")[1:]
        bad += [] if cells and all(map(CELL.fullmatch, cells)) else [row]
    return bad


def sample(cell: str) -> str:
    table = Table("Something", "About it.", ("time",), (("fairlead", (cell,)),))
    targets = [Target("a", 5.5, 5, " ms"), Target("b", 9, 8, is_least=True)]
    return report.page([table], targets, {"OpenSSH": "9.2"}, [0.5, 1.25], ["not measured: c"])


def test_a_page_has_what_was_measured_and_by_how_much_a_target_is_missed():
    page = sample(report.ratio(3, 2))
    assert page.startswith(report.HEAD)
    assert "| load meanwhile | 0.5 to 1.2 |\n| versions | OpenSSH 9.2 |\n" in page
    assert "| a | 5.50 ms | at most 5 ms | missed by 0.50 ms (10 %) |\n" in page
    assert "| b | 9.00 | at least 8 | met |\n" in page
    assert page.endswith("| | time |\n|---|---|\n| fairlead | 1.50 (3.00 s) |\n")


@pytest.mark.parametrize(("cell", "is_bad"), [("1.50 (3.00 s)", 0), ("fast", 1), ("", 1)])
def test_a_figure_that_cannot_be_read_is_seen(cell, is_bad):
    assert len(bad_rows(sample(cell))) == is_bad


def test_the_page_is_of_the_program_and_its_figures_can_be_read():
    page = PAGE.read_text("utf-8")
    assert page.startswith(report.HEAD)
    assert bad_rows(page) == []
    assert len(rows(page)) > 20


def test_the_page_names_nothing_of_the_machine():
    assert re.findall(r"/(?:home|root|work|tmp)\b|fc-v", PAGE.read_text("utf-8")) == []


@pytest.mark.parametrize("name", peers.ALL)
def test_every_peer_is_asked_for_every_folder_on_every_host(name, tmp_path):
    hosts = Fleet(tmp_path, 3)
    jobs.repository(tmp_path, hosts)
    hosts.relay.server.close()
    folders = ("/srv/north", "/srv/south", "/srv/west")
    words = peers.ALL[name](tmp_path, hosts, jobs.Job("three", folders, 2, hosts.near))
    written = [path.read_text() for path in tmp_path.rglob("*three*") if path.is_file()]
    text = " ".join((*words, *written))
    assert [folder for folder in folders if folder not in text] == []
