"""A few rounds of the random killer, so that it goes on working; docs/lab.md tells how to play
many."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.killer.arenas import Arena
from tests.e2e.killer.rounds import Draw, leave, play
from tests.e2e.killer.table import table

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def arenas(
    lab: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[dict[str, Arena], Path]]:
    """The arena of the last round, and where arenas keep their files."""
    made: dict[str, Arena] = {}
    yield made, tmp_path_factory.mktemp("killer")
    leave(made)


@pytest.mark.parametrize(
    ("arena", "fault", "broken", "step"),
    [
        ("perfSONAR", "controller killed", False, 2),
        ("perfSONAR", "second operator", False, 3),
        ("xCAT", "link cut", True, 4),
        ("TRIUMF worker", "registry stopped", True, 3),
    ],
)
def test_what_is_said_is_so_and_nothing_is_lost(arenas, arena, fault, broken, step) -> None:
    made, folder = arenas
    drawn = Draw(0, step, arena, fault, broken, step, 0.3, "restart")
    result = play(made, drawn, folder)
    print(table([result]))
    assert (result.untrue, result.lost, result.own) == ([], [], []), (folder / "log").read_text()
