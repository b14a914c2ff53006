"""Equal texts of many hosts shown once, with a node set in place of the host's name."""

import re
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")

_ADDRESS = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]\d)")
_TIME = re.compile(r"\b\d{8}T\d{6}Z\b")  # when a file was made, in its name


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


def folded_notes(notes: Iterable[str], hosts: Collection[str]) -> Iterator[str]:
    """Notes that begin with `HOST: ` once for all hosts of which they say the same; where the times
    in the names of files are not the same, * stands for them.
    """
    pairs = [(note.partition(": ")[0], note) for note in notes]
    known = [(host if host in hosts else "", note) for host, note in pairs]
    for group in grouped(known, lambda pair: _alike(*pair)):
        texts = [note for _, note in group]
        if len({*map(_times, texts)}) > 1:
            texts = [_TIME.sub("*", text) for text in texts]
        yield common_text(texts, [host for host, _ in group])


def _alike(host: str, note: str) -> str:
    """What is equal of two notes that fold."""
    return _TIME.sub("*", impersonal(note, host)) if host else note


def _times(text: str) -> tuple[str, ...]:
    return tuple(_TIME.findall(text))
