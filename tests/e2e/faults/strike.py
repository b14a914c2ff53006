"""A fault as it is drawn: what it does to a host, and how that is mended."""

import random
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from tests.e2e.faults.arena import LAB, Arena

Act = Callable[[], object]


def nothing() -> None:
    """Some faults need no mending."""


@dataclass(frozen=True)
class Strike:
    """`lasts`: seconds until it is mended; None: until the command has ended. `kills`: it takes the
    operator's command with it. `options`: what was typed besides. `blinds`: the host cannot be
    looked at until it is mended. `detail`: which of its kinds it is. `narrow`: what of the host
    lies on a small file system. `steps`: how many steps have begun when it strikes, at most.
    """

    act: Act
    mend: Act = nothing
    lasts: float | None = 0
    kills: bool = False
    options: tuple[str, ...] = ()
    blinds: bool = False
    detail: str = ""
    narrow: str = ""
    steps: int | None = None


Fault = Callable[[Arena, random.Random], Strike]


def lab(*words: str) -> None:
    subprocess.run((*LAB, *words), check=False, capture_output=True, timeout=120)
