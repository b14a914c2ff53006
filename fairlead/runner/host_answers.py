"""What a host has answered, and which of the facts that any component may want are wanted of it."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

import msgspec

from fairlead.model.plan import Ask, Fact
from fairlead.operations.facts import PROBES

CORE = {probe.name: probe for probe in PROBES}


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
