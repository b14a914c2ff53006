"""Many hosts at once: bounded fan-out, batches, and when to stop."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def each(
    items: Sequence[Item],
    function: Callable[[Item], Result],
    fanout: int,
) -> list[Result]:
    """The results of `function` for every item, in their order, at most `fanout` at a time.

    What it raises is raised here once all have ended; Ctrl-C, and that nobody reads our output any
    more, at once.
    """
    if len(items) < 2:
        return [function(item) for item in items]
    from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

    pool = ThreadPoolExecutor(max(1, min(fanout, len(items))), "host")
    try:
        futures = [pool.submit(function, item) for item in items]
        for future in wait(futures, return_when=FIRST_EXCEPTION).done:
            if isinstance(future.exception(), BrokenPipeError):
                future.result()
        wait(futures)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return [future.result() for future in futures]


def batches(items: Sequence[Item], sizes: Iterable[int]) -> Iterator[Sequence[Item]]:
    """In their order, so many of them at a time."""
    start = 0
    for size in sizes:
        yield items[start : start + size]
        start += size


def rolling(
    items: Sequence[Item],
    sizes: Iterable[int],
    max_fail: int,
    function: Callable[[Sequence[Item]], Iterable[bool]],
    goes_on: Callable[[Sequence[Item], Sequence[Item]], bool],
) -> tuple[Item, ...]:
    """Do batch after batch; the items left out once more than `max_fail` have failed.

    `function` does a batch, and says of each of its items whether it went well. `goes_on` is asked
    before each but the first, with the items that are done and those that come next.
    """
    failed, done = 0, 0
    for batch in batches(items, sizes):
        if failed > max_fail or (done and not goes_on(items[:done], batch)):
            break
        failed += sum(not well for well in function(batch))
        done += len(batch)
    return tuple(items[done:])
