"""Many hosts at once: never more than asked for, in order, and no further than failures allow."""

import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.model import shares
from fairlead.model.shares import batch_sizes
from fairlead.runner.parallel import batches, each, rolling


@pytest.mark.parametrize("fanout", [1, 3, 20])
def test_no_more_at_a_time_than_asked_for_and_results_in_order(fanout: int) -> None:
    lock, working, most = threading.Lock(), 0, 0

    def work(item: int) -> int:
        nonlocal working, most
        with lock:
            working += 1
            most = max(most, working)
        time.sleep(0.01 * (item % 3))
        with lock:
            working -= 1
        return item * 2

    assert each(range(12), work, fanout) == [item * 2 for item in range(12)]
    assert most <= min(fanout, 12)


def test_a_fanout_of_none_is_one() -> None:
    assert each([1, 2], str, 0) == ["1", "2"]


def test_that_nobody_reads_any_more_is_raised_at_once() -> None:
    over = threading.Event()

    def work(item: int) -> None:
        if item == 0:
            raise BrokenPipeError
        over.wait(20)

    began = time.monotonic()
    with pytest.raises(BrokenPipeError):
        each([0, 1, 2], work, 3)
    assert time.monotonic() - began < 5
    over.set()


def test_what_is_raised_is_raised_when_all_have_ended() -> None:
    ended = []

    def work(item: int) -> None:
        if item == 0:
            raise ValueError("first")
        time.sleep(0.05)
        ended.append(item)

    with pytest.raises(ValueError, match="first"):
        each(range(4), work, 4)
    assert sorted(ended) == [1, 2, 3]


def test_one_host_needs_no_thread() -> None:
    assert each(["n1"], lambda host: threading.current_thread(), 20) == [threading.current_thread()]


@pytest.mark.parametrize(
    ("sizes", "parts"),
    [((5,), ["abcde"]), ((1, 1, 3), ["a", "b", "cde"]), ((2, 2, 1), ["ab", "cd", "e"])],
)
def test_batches_go_in_order(sizes: tuple[int, ...], parts: list[str]) -> None:
    assert list(batches("abcde", sizes)) == parts


def test_no_hosts_are_no_batch() -> None:
    assert list(batches("", ())) == []


@settings(deadline=None)
@given(
    st.lists(st.booleans(), max_size=12),
    st.sampled_from(["0", "1", "2,3", "1,50%"]),
    st.integers(0, 3),
    st.sets(st.integers(0, 12)),
)
def test_a_rolling_change_stops_once_too_many_have_failed_or_somebody_wants_no_more(
    well: list[bool], text: str, most: int, pauses: set[int]
) -> None:
    seen: list[int] = []

    def work(batch) -> list[bool]:
        assert sum(not well[item] for item in seen) <= most
        seen.extend(batch)
        return [well[item] for item in batch]

    def goes_on(done, batch) -> bool:
        assert (list(done), next(iter(batch))) == (seen, len(seen))
        return len(seen) not in pauses

    sizes = batch_sizes(shares.sizes(text), len(well))
    left = rolling(range(len(well)), sizes, most, work, goes_on)
    assert [*seen, *left] == list(range(len(well)))
    assert not left or sum(not well[item] for item in seen) > most or len(seen) in pauses
