"""What a host has answered, and which of the facts that any component may want are wanted of it."""

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

import msgspec

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Ask, Fact
from fairlead.operations.facts import PROBES
from fairlead.remote.origin import Origin
from fairlead.remote.results import Facts, HostRun

CORE = {probe.name: probe for probe in PROBES}
FRESH = 60.0  # seconds for which an answer stands for the next component


class HostAnswers(dict[str, Any]):
    """The facts of one host, by name.

    Those of PROBES that were not asked are asked when they are read, which is a round trip of its
    own; `ask` asks one. Reading them raises what `ask` raises.
    """

    def __init__(self, values: Mapping[str, Any], ask: Callable[[Fact], Any]):
        super().__init__(values)
        self._ask = ask

    def __missing__(self, name: str) -> Any:
        if name not in CORE:
            raise KeyError(name)
        self[name] = self._ask(CORE[name])
        return self[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in CORE else super().get(name, default)


class Readings(dict[str, Any]):
    """The facts of a host of which nothing is known; `names`: those of PROBES that were read."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def __missing__(self, name: str) -> Any:
        self.get(name)
        raise KeyError(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.names |= CORE.keys() & {name}
        return super().get(name, default)


def readings(ask: Ask[Any], answer: Callable[[Ask[Any]], object]) -> Iterable[str]:
    """Which of PROBES a component reads when it answers an ask.

    It answers as on a host of which nothing is known, and that is thrown away; so are its errors,
    which come again once something is known.
    """
    facts = Readings()
    unknown = msgspec.structs.replace(ask, facts=facts, around={ask.target.host: facts})
    with suppress(Exception):
        answer(unknown)
    return facts.names


class Known:
    """What hosts have answered to the components of one verb so far, or why they do not; each is
    asked once, and again only what has become old, or what a change may have changed.
    """

    def __init__(self) -> None:
        self._answers: dict[str, dict[Fact, tuple[float, Any]]] = {}
        self._runs: dict[str, tuple[HostRun, ...]] = {}
        self._errors: dict[str, tuple[float, FairleadError]] = {}
        self.agreed: set[Origin] = set()  # those of others' changes that may be undone

    def keep(self, host: str, facts: Facts) -> None:
        now = time.monotonic()
        entries = {fact: (now, value) for fact, value in facts.answers.items()}
        self._answers.setdefault(host, {}).update(entries)
        self._runs[host] = facts.runs

    def keep_error(self, host: str, error: FairleadError) -> None:
        """It cannot be reached."""
        self._errors[host] = (time.monotonic(), error)

    def forget(self, host: str) -> None:
        """Something may be another there now."""
        self._answers.pop(host, None)

    def answers(self, host: str, facts: Iterable[Fact]) -> dict[Fact, Any]:
        """Those of these facts that are known."""
        known = self._answers.get(host, {})
        since = time.monotonic() - FRESH
        return {fact: known[fact][1] for fact in facts if known.get(fact, (since,))[0] > since}

    def runs(self, host: str) -> tuple[HostRun, ...]:
        """The runs that it has told of when it was last asked."""
        return self._runs.get(host, ())

    def error(self, host: str) -> FairleadError | None:
        when, error = self._errors.get(host, (0.0, None))
        return error if time.monotonic() - when < FRESH else None
