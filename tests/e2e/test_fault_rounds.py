"""A few rounds with faults, so that they go on working; docs/lab.md tells how to play many."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.faults.arena import Arena
from tests.e2e.faults.perfsonar_arena import PerfSonar
from tests.e2e.faults.record import of_result
from tests.e2e.faults.rounds import Draw, leave, play
from tests.e2e.faults.table import table

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def arenas(
    lab: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[dict[str, Arena], Path]]:
    """The arena of the last round, and where arenas keep their files. A lab of tests has three
    hosts."""
    made: dict[str, Arena] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PerfSonar, "host", "n2")
        yield made, tmp_path_factory.mktemp("faults")
        leave(made)


@pytest.mark.parametrize(
    ("arena", "fault", "broken", "step"),
    [
        ("perfSONAR", "controller killed", False, 2),
        ("perfSONAR", "second operator", False, 3),
        ("xCAT", "link cut", True, 4),
        ("TRIUMF worker", "registry gone", True, 3),
    ],
)
def test_what_is_said_is_so_and_nothing_is_lost(arenas, arena, fault, broken, step) -> None:
    made, folder = arenas
    drawn = Draw(0, step, arena, fault, broken, step, 0.3, "restart")
    record = of_result(play(made, drawn, folder))
    print(table([record]))
    assert record.bad == (), (folder / "log").read_text()
