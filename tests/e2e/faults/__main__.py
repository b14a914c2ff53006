"""Upgrades into which something breaks: is what fairlead says of them so, and is anything lost?

    ./inv test --faults [--rounds 40] [--minutes 30] [--seed 1]
    python -m tests.e2e.faults [--rounds N] [--minutes M] [--seed 1] [--round N] [--system NAME]
        [--fault NAME] [--again] [--labs N] [--page]

Plays rounds on hosts of a lab that it makes and takes down: root on Linux. A round is drawn from
seed and number alone, so each can be played again by itself: --seed 1 --round 17. Without --round
it plays those that were not played yet, until so many are done or the minutes are over; --again:
those that ended badly. With --labs so many labs are made, numbered from FAIRLEAD_LAB_NUMBER on,
and each plays a share: a round waits more than it works. A line is printed when a round has ended
and kept in tests/e2e/faults/rounds.jsonl, of which docs/reliability.md is made each time (--page:
only that). What was said in each round, and how the host was then, lies in the file that is named
first.
Exit code: 0 no round of these ended badly, else 1.
"""

import argparse
import compileall
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.e2e.depot import serving
from tests.e2e.faults import page, record
from tests.e2e.faults.arena import Arena
from tests.e2e.faults.arenas import BY_NAME
from tests.e2e.faults.catalogue import FAULTS, ROUNDS, fault_of
from tests.e2e.faults.daos_arena import Daos
from tests.e2e.faults.labs import share, side_by_side
from tests.e2e.faults.record import Record
from tests.e2e.faults.rounds import Draw, Result, draw, leave, play
from tests.e2e.faults.table import line, table
from tests.e2e.ground import done
from tests.e2e.inv import REPOSITORY, inv
from tests.e2e.rocky import repository

SHARE = 40  # rounds that are put in the order of their systems: each system is made once in them


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=0, help="so many at most; 0: all")
    parser.add_argument("--minutes", type=float, default=0, help="begin no round after these")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--round", type=int, action="append", help="this one; may repeat")
    parser.add_argument("--system", action="append", choices=BY_NAME, default=[])
    parser.add_argument("--fault", action="append", choices=FAULTS, default=[])
    parser.add_argument("--again", action="store_true", help="those that ended badly")
    parser.add_argument("--labs", type=int, default=1, help="so many, each with its share")
    parser.add_argument("--share", type=int, help=argparse.SUPPRESS)  # which lab of these it is
    parser.add_argument("--page", action="store_true", help="only docs/reliability.md")
    return parser.parse_args()


def draws(chosen: argparse.Namespace) -> list[Draw]:
    """What is played, in this order."""
    records = record.latest(record.read())
    systems = tuple(chosen.system)
    if chosen.again:
        numbers = [one.round for one in records if one.bad and one.seed == chosen.seed]
    else:
        numbers = chosen.round or record.due(records, chosen.seed, range(1, ROUNDS + 1))
    numbers = [n for n in numbers if not chosen.fault or fault_of(n) in chosen.fault]
    places = {one.key: one.system for one in records if chosen.again and not systems}
    rounds = [
        draw(chosen.seed, n, (places[chosen.seed, n],) if places else systems) for n in numbers
    ]
    rounds = _by_system(rounds[: chosen.rounds or None])
    return share(rounds, chosen.labs, chosen.share or 0)


def _by_system(rounds: list[Draw]) -> list[Draw]:
    """Share after share, in each those of one system side by side."""
    order = list(BY_NAME)
    shares = [rounds[n : n + SHARE] for n in range(0, len(rounds), SHARE)]
    return [
        drawn for share in shares for drawn in sorted(share, key=lambda one: order.index(one.arena))
    ]


@contextmanager
def lab(folder: Path, systems: Iterable[str]) -> Iterator[None]:
    """The hosts of these systems, and a depot of packages for DAOS."""
    kinds = [BY_NAME[name] for name in systems]
    hosts = sorted({host for kind in kinds for host in (kind.host, *kind.hosts)})
    count = f"--count={len(hosts)}"
    try:
        done("lab.up", f"--host={','.join(hosts)}", count, "--wait=11m", timeout=840)
        with ExitStack() as stack:
            if Daos in kinds:
                shelf = folder / "depot"
                shelf.mkdir()
                Daos.packages = repository(stack.enter_context(serving(shelf)))
            yield
    finally:
        inv("lab.down", "--yes", timeout=120)


def played(rounds: Iterable[Draw], folder: Path, minutes: float) -> Iterator[Record]:
    """Each round as it ends; one that could not be played or judged counts as lost."""
    arenas: dict[str, Arena] = {}
    before = len(record.read())
    end = time.monotonic() + minutes * 60
    for drawn in rounds:
        if minutes and time.monotonic() > end:
            break
        if drawn.key in {one.key for one in record.read()[before:]}:
            continue  # another lab has played it
        began = time.monotonic()
        try:
            result = play(arenas, drawn, folder)
        except Exception as error:
            traceback.print_exc()
            seconds = time.monotonic() - began
            lost = [f"could not be judged: {type(error).__name__}: {error}"]
            result = Result(drawn, lost=lost, seconds=seconds)
            _give_up(arenas, drawn.arena)
        one = record.of_result(result)
        print(line(one), flush=True)
        record.append(one)
        page.write(record.read())
        yield one
    leave(arenas)


def _give_up(arenas: dict[str, Arena], name: str) -> None:
    """The next round of this system makes it anew, on a host as it was."""
    arena = arenas.pop(name, None)
    try:
        if arena:
            arena.leave()
    except Exception:
        traceback.print_exc()


def main() -> int:
    chosen = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what it has made it takes away
    before = len(record.read())
    if chosen.page:
        page.write(record.read())
        return 0
    if chosen.labs > 1 and chosen.share is None:
        is_well = side_by_side(chosen.labs, sys.argv[1:])
        records = record.read()[before:]
        print(table(records))
        return 0 if is_well else 1
    records = _play(chosen)
    if chosen.share is None:
        print(table(records))
    return 1 if any(one.bad for one in records) else 0


def _play(chosen: argparse.Namespace) -> list[Record]:
    """What came of the rounds of one lab."""
    rounds = draws(chosen)
    if not rounds:
        return []
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    print(f"what is said: {folder}/log", flush=True)
    for part in ("fairlead", "plugins"):  # as they are where they are installed
        compileall.compile_dir(REPOSITORY / part, quiet=1)
    with lab(folder, {drawn.arena for drawn in rounds}):
        return list(played(rounds, folder, chosen.minutes))


if __name__ == "__main__":
    sys.exit(main())
