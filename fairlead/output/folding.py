"""Equal texts of many hosts shown once, with a node set in place of the host's name."""

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
    """The text with <host> and <address> for the host's own name and IPv4 addresses; its key in a
    site file (hosts.n1.user) counts as its name.

    Texts of two hosts that are equal by this say the same.
    """
    name = re.compile(rf"(?:(?<=\bhosts\.)|(?<![\w.-])){re.escape(host)}(?![\w-])")
    return _ADDRESS.sub("<address>", name.sub("<host>", text))


def common_text(texts: Sequence[str], hosts: Sequence[str]) -> str:
    """One text for hosts whose texts are equal but for names and addresses.

    The node set stands for the names.
    """
    if len(set(texts)) == 1:
        return texts[0]
    return impersonal(texts[0], hosts[0]).replace("<host>", nodes(hosts))
