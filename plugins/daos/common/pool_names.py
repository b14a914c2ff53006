"""The pools that there are, as flags name them and TAB offers them."""

from collections.abc import Iterator
from itertools import dropwhile
from typing import Annotated, Any

from msgspec import Meta
from msgspec.structs import replace

from fairlead.api import Ask, NameList, Session, Status

from ..site import Word
from .system_state import SystemState

KIND = "daos.pools"
PoolName = Annotated[Word, Meta(extra={"completes": KIND})]
HEAD, RULE = "Pool", "-"  # dmg's table: its first head, and what stands below each


def listed(session: Session | None) -> Session | None:
    """A session of `dmg pool list`, of which TAB learns."""
    return session and replace(session, lists=NameList(KIND, labels))


def labels(table: str) -> Iterator[str]:
    """The first column of what `dmg pool list` prints, below its heads; of no pools it prints a
    sentence.
    """
    column = [line.split()[0] for line in table.splitlines() if line.strip()]
    rows = dropwhile(lambda word: word != HEAD, column)
    return (word for word in rows if word != HEAD and word.strip(RULE))


def of_status(status: Status, ask: Ask[Any]) -> Status:
    """A status of dmg, with the pools where dmg has said which there are."""
    state: SystemState | None = ask.facts.get("system")
    if state is None or state.error or state.pools_error:
        return status
    return replace(status, names={KIND: tuple(pool.label for pool in state.pools)})
