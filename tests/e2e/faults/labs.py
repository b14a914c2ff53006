"""Several labs at once: each plays its share of the rounds in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Sequence

from tests.e2e.faults.rounds import Draw
from tests.e2e.inv import NUMBER, REPOSITORY


def share(rounds: Sequence[Draw], labs: int, number: int) -> list[Draw]:
    """What the lab of this number, from 0, plays of them: its own share, then from their ends what
    the others have not come to yet."""
    own = rounds[number::labs]
    others = (rounds[other::labs] for other in range(labs) if other != number)
    return [*own, *(drawn for rest in others for drawn in reversed(rest))]


def side_by_side(labs: int, words: Sequence[str]) -> bool:
    """Play with these words in so many labs, whose numbers follow ours; did all end well?"""
    processes = [
        subprocess.Popen(
            (sys.executable, "-m", "tests.e2e.faults", *words, f"--share={number}"),
            cwd=REPOSITORY,
            env=os.environ | {"FAIRLEAD_LAB_NUMBER": str(NUMBER + number)},
        )
        for number in range(labs)
    ]
    try:
        codes = [process.wait() for process in processes]
    finally:
        for process in processes:
            process.terminate()  # where it has not ended: it takes its lab down
        for process in processes:
            process.wait()
    return not any(codes)
