"""docs/lab.md: its table of engines is what `./inv test --engines` ends with."""

from pathlib import Path

import pytest

from tests.e2e.engines import matrix
from tests.e2e.engines.matrix import ENGINES, Record

PAGE = (Path(__file__).parents[2] / "docs" / "lab.md").read_text("utf-8")


def test_the_table_has_every_stage_and_every_engine_and_each_went_its_whole_way() -> None:
    lines = PAGE.splitlines()
    assert lines.count(matrix.head()) == 1
    for engine in ENGINES:
        (row,) = [line for line in lines if line.startswith(f"| {engine} |")]
        cells = row.strip("| ").split(" | ")
        assert len(cells) == len(matrix.STAGES) + 1
        assert not {"-", "FAILED"} & {cell.split()[0] for cell in cells}


def test_a_row_that_ran_takes_the_place_of_the_one_before_and_no_other() -> None:
    record = Record("docker-26.1")
    with record.stage("up", "changed"):
        pass
    page = "| docker-26.1 | old |\n| docker-26.1-containerd | old |\ntext"
    first, *others = matrix.rewritten(page, [record]).splitlines()
    assert first.startswith("| docker-26.1 | changed 0 s | - |")
    assert others == page.splitlines()[1:]


def test_a_stage_that_fails_says_so() -> None:
    record = Record("docker-26.1")
    with pytest.raises(ZeroDivisionError), record.stage("up", "changed"):
        1 / 0  # noqa: B018
    assert "| FAILED 0 s |" in matrix.row(record)
