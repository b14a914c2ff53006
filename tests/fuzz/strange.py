"""Strange values: what a program prints that is broken, cut, of another version, or no program."""

import ast
import functools
import inspect
import json
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from fairlead.model.plan import Fact

TIMES = int(os.environ.get("FAIRLEAD_FUZZ") or 1)
CODES = (0, 1, 2, 3, 124, 125, 126, 127, 255, -9)
CHECKS = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)
DOCUMENT = '{"any": "document"}'


def examples(count: int) -> settings:
    """So many, always the same; or as many times that as the environment's FAIRLEAD_FUZZ says,
    always others."""
    return settings(
        max_examples=count * TIMES,
        deadline=None,
        derandomize=TIMES == 1,
        suppress_health_check=CHECKS,
    )


@cache
def vocabulary(path: str) -> tuple[str, ...]:
    """The words that stand in the texts of a module: marks of lines, keys of documents."""
    words = {"", "-", "0", "x"}
    for node in ast.walk(ast.parse(Path(path).read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words |= {word for word in (node.value, *node.value.split()) if len(word) < 30}
    return tuple(sorted(words))


@cache
def outputs_of(fact: Fact) -> st.SearchStrategy[str]:
    """What a program may print whose words the parser of this fact looks for."""
    parser: Any = fact.parse
    while isinstance(parser, functools.partial):
        parser = parser.func
    return outputs(vocabulary(inspect.getsourcefile(parser) or __file__))


def outputs(words: tuple[str, ...]) -> st.SearchStrategy[str]:
    """A document, lines of words, noise, or half of it."""
    word = st.sampled_from(words) | st.text(max_size=6) | st.just(DOCUMENT)
    rows = st.lists(st.lists(word, max_size=7), max_size=6)
    texts = (
        st.just(DOCUMENT)
        | rows.map(lambda lines: "\n".join(map(" ".join, lines)))
        | rows.map(lambda lines: "\n".join(map("\t".join, lines)))
        | st.binary(max_size=60).map(lambda data: data.decode(errors="replace"))
    )
    return st.one_of(texts, st.tuples(texts, st.floats(0, 1)).map(_cut))


def _cut(both: tuple[str, float]) -> str:
    text, share = both
    return text[: int(len(text) * share)]


LEAVES = (None, True, 0, -1.5, "", "x", "1.2.3", "\u00e9\n", 10**20)


class Document(dict[str, Any]):
    """A document that has every key that somebody looks for, with something else behind it."""

    def __init__(self, chance: Random, depth: int = 0):
        super().__init__()
        self._chance, self._depth = chance, depth

    def __missing__(self, key: str) -> Any:
        self[key] = self._value()
        return self[key]

    def get(self, key: str, default: Any = None) -> Any:
        return self[key]

    def __contains__(self, key: object) -> bool:
        return True

    def __bool__(self) -> bool:
        return True

    def _value(self) -> Any:
        kind = self._chance.choice(("leaf", "leaf", "document", "list"))
        if kind == "leaf" or self._depth > 3:
            return self._chance.choice(LEAVES)
        if kind == "document":
            return Document(self._chance, self._depth + 1)
        return [self._value() for _ in range(self._chance.randrange(3))]


def loads(seed: int) -> Callable[..., Any]:
    """json.loads, by which each document is one that has every key."""
    real, chance = json.loads, Random(seed)

    def load(text: Any, **more: Any) -> Any:
        value = real(text, **more)
        return Document(chance) if isinstance(value, dict) else value

    return load
