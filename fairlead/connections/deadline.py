"""An end for what has none of its own: the look-up of a name, an answer that comes in drops."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

Result = TypeVar("Result")


def within(seconds: float, do: Callable[[], Result]) -> Result:
    """What `do` comes to. It works in a thread that nobody waits for any longer than that.

    Raises TimeoutError, and what `do` raises.
    """
    future: Future[Result] = Future()

    def work() -> None:
        try:
            future.set_result(do())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    return future.result(seconds)
