"""What the tests of batch systems share: their nodes, a change, and what was shown of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fairlead.model.plan import Phase, Step
from fairlead.testing import plugins_in
from tests.driver import Driver
from tests.machine import Machine

PLUGINS = Path(__file__).parents[2] / "plugins"


def with_nodes(
    driver: Driver, system: str, tools: Callable[[Machine], None], **section: Any
) -> Driver:
    """n1 and n2 are nodes, which get the programs of the batch system; n3 is none."""
    driver.plugins = plugins_in(PLUGINS)
    for name in ("n1", "n2"):
        tools(driver[name])
    driver.sections[system] = {"hosts": "n[1-2]", **section}
    return driver


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
