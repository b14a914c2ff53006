"""Upgrades into which something breaks: is what fairlead says of them so, and is anything lost?

    python -m bench.killer [--rounds 100] [--seed 1] [--round N] [--system NAME] [--fault NAME]
        [--minutes M]

Plays rounds on two hosts of a lab that it makes and takes down: root on Linux. A round is drawn
from seed and number alone, so each can be played again by itself: --seed 1 --round 17. Systems and
faults are those of tests/e2e/killer. Prints a line when a round has ended, then a table, and what
was not so; what was said in each round, and how the host was then, lies in the file that it names.
Exit code: 0 nothing untrue, nothing lost, no command that a person needed to find; else 1.
"""

import argparse
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.e2e.depot import serving
from tests.e2e.ground import done
from tests.e2e.inv import inv
from tests.e2e.killer.arenas import BY_NAME, Arena, Daos
from tests.e2e.killer.faults import FAULTS
from tests.e2e.killer.rounds import Draw, Result, draw, leave, play
from tests.e2e.killer.table import table
from tests.e2e.rocky import repository


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--round", type=int, action="append", help="this one alone; may repeat")
    parser.add_argument("--system", action="append", choices=BY_NAME, default=[])
    parser.add_argument("--fault", action="append", choices=FAULTS, default=[])
    parser.add_argument("--minutes", type=float, default=0, help="begin no round after these")
    return parser.parse_args()


@contextmanager
def lab(folder: Path) -> Iterator[None]:
    """Two hosts, and a depot of packages for DAOS."""
    done("lab.up", "--count=2", "--wait=11m", timeout=840)
    try:
        shelf = folder / "depot"
        shelf.mkdir()
        with serving(shelf) as depot:
            Daos.packages = repository(depot)
            yield
    finally:
        inv("lab.down", "--yes", timeout=120)


def played(draws: Iterable[Draw], folder: Path, minutes: float) -> Iterator[Result]:
    """Each round as it ends; one that could not be played is told and counts as lost."""
    arenas: dict[str, Arena] = {}
    began = time.monotonic()
    for drawn in draws:
        if minutes and time.monotonic() > began + minutes * 60:
            break
        try:
            result = play(arenas, drawn, folder)
        except Exception as error:
            traceback.print_exc()
            result = Result(drawn, lost=[f"could not be played: {error}"])
            arenas.pop(drawn.arena, None)
        print(table([result]).splitlines()[1], flush=True)
        yield result
    leave(arenas)


def main() -> int:
    given = options()
    numbers = given.round or range(1, given.rounds + 1)
    draws = [
        draw(given.seed, number, tuple(given.system), tuple(given.fault)) for number in numbers
    ]
    draws.sort(key=lambda drawn: list(BY_NAME).index(drawn.arena))  # each system is built once
    folder = Path(tempfile.mkdtemp(prefix="killer-"))
    results: list[Result] = []
    with ExitStack() as stack:
        stack.callback(lambda: print(f"what was said: {folder}/log"))
        stack.enter_context(lab(folder))
        for result in played(draws, folder, given.minutes):
            results.append(result)
    print(table(results))
    clean = not any((*result.untrue, *result.lost, *result.own) for result in results)
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
