"""The order of the tests with a lab: names of files that are there, and who takes which."""

from pathlib import Path

from tests.e2e import turns

FILES = {path.name for path in Path(__file__).parent.rglob("test_*.py")}


def test_each_file_that_has_a_turn_is_there_once() -> None:
    assert set(turns.LONG) <= FILES
    assert len(set(turns.LONG)) == len(turns.LONG)
    assert sorted(turns.LONG, key=turns.turn) == list(turns.LONG)
    assert turns.turn("test_depot.py") == len(turns.LONG)


def test_files_that_would_wait_for_each_other_are_taken_by_one_process() -> None:
    taken = {turns.process(f"tests/e2e/{name}") for name in turns.HUGE}
    assert len(taken) == 1
    assert turns.process("tests/e2e/test_depot.py") == "tests/e2e/test_depot.py"
