"""A value of a file, and where it stands there."""

import re
from typing import Any

from fairlead.model.plan import Noun

_STEP = re.compile(r"\.([^.[`]+)|\[(\d+)\]")  # of a path: .KEY or [INDEX]


class Tree(Noun):
    """A value of a file and its place.

    `value`: a dict or tuple of Trees, a scalar or None. `where`: file:line, of the key where there
    is one. `written`: a scalar as it was typed.
    """

    value: Any
    where: str
    written: str = ""

    def plain(self) -> Any:
        """The value without places: lists for tuples, as JSON has it."""
        match self.value:
            case dict():
                return {key: part.plain() for key, part in self.value.items()}
            case tuple():
                return [part.plain() for part in self.value]
            case scalar:
                return scalar

    def part(self, key: str | int) -> "Tree":
        """The part of this key or index; where it has none, nothing, at the place of the whole."""
        match self.value, key:
            case dict(), str():
                return self.value.get(key) or Tree(None, self.where)
            case tuple(), int():
                return self.value[key]
            case _:
                return Tree(None, self.where)

    def or_empty(self) -> "Tree":
        """Itself; a key without a value is an empty map."""
        return Tree({}, self.where) if self.value is None else self


def place(
    tree: Tree,
    path: str,
    keys: tuple[str | int, ...],
) -> tuple[str, str]:
    """Where keys lead: the place of the last part that stands in the file, and its key path."""
    for key in keys:
        path += f"[{key}]" if isinstance(key, int) else f".{key}"
        tree = tree.part(key)
    return tree.where, path


def follow(tree: Tree, path: str, steps: str) -> tuple[str, str]:
    """The same for a path in msgspec's words: `.server.hosts[0]`, up to a `[...]` in it."""
    keys = (key or int(index) for key, index in _STEP.findall(steps.partition("[...]")[0]))
    return place(tree, path, tuple(keys))


def overlay(base: Tree, over: Tree) -> Tree:
    """One tree over another: maps merge, anything else replaces."""
    if not isinstance(base.value, dict) or not isinstance(over.value, dict):
        return over
    merged = {
        key: overlay(base.value[key], part) if key in base.value else part
        for key, part in over.value.items()
    }
    return Tree(base.value | merged, over.where)
