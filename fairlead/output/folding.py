"""Equal answers of many hosts said once."""

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item")

_ADDRESS = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]\d)")


def grouped(items: Iterable[Item], key: Callable[[Item], Hashable]) -> list[list[Item]]:
    """Items of one key together, in the order in which the keys first came."""
    groups: dict[Hashable, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.values())


def nodes(names: Iterable[str]) -> str:
    """n[1-13], whatever the names look like."""
    from fairlead.inventory.nodesets import fold

    return fold(names)


def impersonal(text: str, host: str) -> str:
    """The text without what is the host's own in it, its name and IPv4 addresses: by this, equal troubles are known as equal."""
    return _ADDRESS.sub(
        "<address>", re.sub(rf"(?<![\w.-]){re.escape(host)}(?![\w-])", "<host>", text)
    )


def common(texts: Sequence[str], hosts: Sequence[str]) -> str:
    """One text for hosts whose texts are equal but for names and addresses; the node set stands for the names."""
    return (
        texts[0]
        if len(set(texts)) == 1
        else impersonal(texts[0], hosts[0]).replace("<host>", nodes(hosts))
    )
