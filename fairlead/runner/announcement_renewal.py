"""Makes what is announced longer, again and again, while a run lasts."""

import threading
from collections.abc import Callable

from fairlead.runner.announcement_records import Opened


class Renewal:
    """Something open; `renew` makes it longer every `interval` seconds; 0: never."""

    def __init__(
        self,
        opened: Opened,
        renew: Callable[[Opened], Opened] | None = None,
        interval: float = 0,
    ):
        self._opened, self._renew, self._interval = opened, renew, interval
        self._has_ended = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while self._renew and not self._has_ended.wait(self._interval):
            self._opened = self._renew(self._opened)

    def end(self) -> Opened:
        """As it is open now, to be closed; nothing makes it longer any more."""
        self._has_ended.set()
        self._thread.join()
        return self._opened
