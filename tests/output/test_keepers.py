"""A state folder that cannot be written harms no run, and is told."""

import pytest

from fairlead.model.results import RunResult
from fairlead.output.keepers import Keepers

RESULT = RunResult(verb="toy.up", site="prod", run="R", hosts=())


class Keeper:
    """Remembers runs, or has no place for them."""

    def __init__(self, error: Exception | None = None):
        self.error = error
        self.runs: list[str] = []

    def ended(self, result: RunResult) -> None:
        if self.error:
            raise self.error
        self.runs.append(result.run)


def test_where_one_cannot_be_written_that_is_told_and_the_others_remember() -> None:
    complaints: list[str] = []
    full, good = Keeper(OSError(30, "Read-only file system", "/x/journal")), Keeper()
    Keepers({"inv runs.history": full, "inv runs.report": good}, complaints.append).ended(RESULT)
    assert good.runs == ["R"]
    assert complaints == [
        "run R is not in inv runs.history (/x/journal: Read-only file system); make room, or name "
        "a folder of yours in XDG_STATE_HOME; the hosts know it: inv history"
    ]


def test_what_is_a_bug_is_shown_as_one() -> None:
    with pytest.raises(KeyError):
        Keepers({"inv runs.history": Keeper(KeyError("x"))}, print).ended(RESULT)
