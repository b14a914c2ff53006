"""Many hosts at once."""

import signal
import threading
import time

import pytest

from fairlead import fleet


def test_results_come_in_the_order_of_the_hosts() -> None:
    assert fleet.each([3, 1, 2], lambda pause: time.sleep(pause / 100) or pause, 3) == [3, 1, 2]


def test_no_more_than_fanout_work_at_a_time() -> None:
    working, most = set(), []

    def work(item: int) -> None:
        working.add(item)
        most.append(len(working))
        time.sleep(0.01)
        working.discard(item)

    fleet.each(range(8), work, 2)
    assert max(most) == 2


def test_what_one_raises_is_raised_when_all_have_ended() -> None:
    ended = []

    def work(item: int) -> None:
        if item == 0:
            raise ValueError("the first")
        time.sleep(0.05)
        ended.append(item)

    with pytest.raises(ValueError, match="the first"):
        fleet.each(range(3), work, 3)
    assert sorted(ended) == [1, 2]


def test_ctrl_c_waits_for_nobody() -> None:
    over, begun = threading.Event(), []

    def work(item: int) -> None:
        begun.append(item)
        if item == 1:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        over.wait(10)

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        fleet.each(range(4), work, 2)
    over.set()
    assert (time.monotonic() - began < 5, sorted(begun)) == (True, [0, 1])


@pytest.mark.parametrize(
    ("size", "max_fail", "done", "left"),
    [(0, 0, [1, 2, 3, 4], ()), (2, 0, [1, 2], (3, 4)), (1, 0, [1], (2, 3, 4)), (1, 1, [1, 2, 3], (4,)), (3, 9, [1, 2, 3, 4], ())],
)
def test_batches_stop_once_more_have_failed_than_may(size, max_fail, done, left) -> None:
    """The hosts with odd numbers fail."""
    seen = []

    def work(batch):
        seen.extend(batch)
        return [item % 2 == 0 for item in batch]

    assert fleet.rolling((1, 2, 3, 4), size, max_fail, work) == left
    assert seen == done
