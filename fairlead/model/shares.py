"""How a roll-out goes: batches and failures as numbers or shares of hosts, and its pauses."""

import re

from fairlead.model.plan import Noun


class Share(Noun):
    """So many of a number of hosts: `count` of them, or `percent` of all."""

    count: int = 0
    percent: float = 0

    def __str__(self) -> str:
        return f"{self.percent:g}%" if self.percent else str(self.count)

    def of(self, total: int) -> int:
        """How many that are of `total` hosts, rounded down."""
        return int(total * self.percent / 100) if self.percent else self.count


def share(text: str) -> Share:
    """What `5` or `25%` says. Raises ValueError."""
    match = re.fullmatch(r"([0-9]{1,9})(%?)", text.strip())
    if not match:
        raise ValueError("is neither a number nor a share; write 5 or 25%")
    value = int(match[1])
    if not match[2]:
        return Share(value)
    if value > 100:
        raise ValueError("is more than all; write 100% at most")
    return Share(percent=value)


def sizes(text: str) -> tuple[Share, ...]:
    """The sizes of batches, as `2` or `1,5,25%,100%` says them. Raises ValueError."""
    parts = tuple(map(share, text.split(",")))
    if len(parts) > 1 and not all(part.count or part.percent for part in parts):
        raise ValueError("has an empty batch; leave the 0 out")
    return parts


def batch_sizes(parts: tuple[Share, ...], total: int) -> tuple[int, ...]:
    """How many hosts each batch has, of `total`: the last size is repeated until all are in one.

    No size, or 0: all at once. A share that is less than one host is one host.
    """
    steps = [max(1, part.of(total)) for part in parts if part != Share()] or [max(1, total)]
    counts: list[int] = []
    while sum(counts) < total:
        size = steps[min(len(counts), len(steps) - 1)]
        counts.append(min(size, total - sum(counts)))
    return tuple(counts)


class Pause(Noun):
    """What comes between two batches: so many seconds, or a question to the operator."""

    seconds: float = 0
    asks: bool = False

    def __str__(self) -> str:
        return "ask" if self.asks else f"{self.seconds:g}s"
