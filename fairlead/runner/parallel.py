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


def batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """In their order, `size` at a time; 0: all at once."""
    size = size or max(len(items), 1)
    return (
        items[start : start + size]
        for start in range(
            0,
            len(items),
            size,
        )
    )


def rolling(
    items: Sequence[Item],
    size: int,
    max_fail: int,
    function: Callable[[Sequence[Item]], Iterable[bool]],
) -> tuple[Item, ...]:
    """Do batch after batch; the items left out once more than `max_fail` have failed.

    `function` does a batch, and says of each of its items whether it went well.
    """
    failed, done = 0, 0
    for batch in batches(items, size):
        if failed > max_fail:
            break
        failed += sum(not well for well in function(batch))
        done += len(batch)
    return tuple(items[done:])
