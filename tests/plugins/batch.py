"""What the tests of batch systems share: a change, and what was shown of it."""

from typing import Any

from fairlead.model.plan import Phase, Step
from tests.driver import Driver


def swap(driver: Driver) -> Any:
    """A roll-out of one step, which changes a host once."""

    def verb(ask: Any) -> Any:
        path = str(driver.folder / f"made-{ask.target.host}")
        step = Step(name="swap", unless=("test", "-e", path), do=("touch", path))
        return [
            Phase("look", (Step(name="look", do=("true",), read_only=True),)),
            Phase("swap", (step,), rolling=True),
        ]

    return verb


def notes(driver: Driver, host: str) -> list[str]:
    """The lines of progress of a host."""
    events = driver.watcher.progress_of_kind("note")
    return [note.text for note in events if note.host == host]
