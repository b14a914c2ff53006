"""What remembers runs on this machine: a state folder that cannot be written harms no run."""

from collections.abc import Callable, Mapping
from typing import Protocol

from fairlead.model.results import RunResult
from fairlead.output.listener import Listener
from fairlead.output.sanitize import visible

REMEDY = "make room, or name a folder of yours in XDG_STATE_HOME; the hosts know it: inv history"


class Keeper(Protocol):
    """What remembers a run when that has ended."""

    def ended(self, result: RunResult) -> None: ...


class Keepers(Listener):
    """Lets each remember a run; where one cannot, that is told, and the others do.

    `keepers`: where a run is looked for then -> what remembers it. `complain`: what hears the
    sentence.
    """

    def __init__(self, keepers: Mapping[str, Keeper], complain: Callable[[str], None]):
        self.keepers = keepers
        self.complain = complain

    def ended(self, result: RunResult) -> None:
        for place, keeper in self.keepers.items():
            try:
                keeper.ended(result)
            except OSError as error:
                why = f"{error.filename or place}: {error.strerror or type(error).__name__}"
                self.complain(visible(f"run {result.run} is not in {place} ({why}); {REMEDY}"))
