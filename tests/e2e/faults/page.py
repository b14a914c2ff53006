"""docs/reliability.md: what came of the rounds, in numbers. Made by the program alone."""

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

from tests.e2e.faults.catalogue import GOALS, ROUNDS
from tests.e2e.faults.record import KINDS, Record, latest, mended

PAGE = Path(__file__).parents[3] / "docs" / "reliability.md"
HEAD = (
    *("fault", "rounds", "of", "too late", "new", "old", "neither"),
    *("untrue", "lost", "left", "own", "seconds"),
)
TEXT = """\
# What was broken, and what came of it

An upgrade runs. At a moment that is drawn from a seed something breaks. The host is asked from
below, without fairlead, what stands there, and each word that fairlead has said is compared with
that. `./inv test --faults` plays such rounds and writes this page from all that were played
([what a round is](lab.md#faults)).

{sum}

{table}

- **of**: how many there have to be. **too late**: the upgrade had ended before the fault came; such
  a round is played to its end and proves little.
- **new, old**: which version served when the fault was over and nobody had looked after it.
  **neither**: nothing served, or it was not healthy. The next command brought it back, or the one
  that it named.
- **untrue**: words that were not so. **lost**: a host that no command mended, state that was
  another, or a round that could not be judged. **left**: a container, lock, mount, address, route,
  file or secret that was not there before. **own**: a command that nobody named, which a person had
  to find.
- **seconds**: the median of a round, with all that is asked in it, on a machine as busy as it was.

{systems}

{mended}

{bad}
"""


def page(records: Sequence[Record]) -> str:
    rounds = latest(records)
    return TEXT.format(
        sum=_sum(rounds),
        table=_table(rounds),
        systems=_systems(rounds),
        mended=_mended(records),
        bad=_bad(rounds),
    )


def write(records: Sequence[Record], file: Path = PAGE) -> None:
    """Whole at every moment, whoever else writes it."""
    new = file.with_name(f".{file.name}.{os.getpid()}")
    new.write_text(page(records), "utf-8")
    new.replace(file)


def _sum(rounds: Sequence[Record]) -> str:
    done = sum(_done(rounds).values())
    struck = sum(not record.too_late for record in rounds)
    bad = sum(bool(record.bad) for record in rounds)
    return (
        f"{len(rounds)} rounds were played ({_seeds(rounds)}), {done} of the {ROUNDS} that there "
        f"have to be; in {struck} the fault came in the middle; {bad} of them ended badly."
    )


def _seeds(rounds: Sequence[Record]) -> str:
    played = Counter(record.seed for record in rounds)
    return ", ".join(f"seed {seed}: {count}" for seed, count in sorted(played.items()))


def _done(rounds: Iterable[Record]) -> Counter[str]:
    """How many rounds of each fault count; more than there have to be count as many as that."""
    played = Counter(record.fault for record in rounds)
    return Counter({fault: min(played[fault], goal) for fault, goal in GOALS.items()})


def _table(rounds: Sequence[Record]) -> str:
    rows = [_row(fault, [r for r in rounds if r.fault == fault]) for fault in GOALS]
    rows.append(_row("**all**", rounds))
    return "\n".join(map(_line, (HEAD, ("---",) * len(HEAD), *rows)))


def _line(cells: Iterable[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _row(fault: str, rounds: Sequence[Record]) -> tuple[object, ...]:
    stood = Counter(record.stood for record in rounds)
    return (
        fault,
        len(rounds),
        GOALS.get(fault, ROUNDS),
        sum(record.too_late for record in rounds),
        *(stood[word] for word in ("new", "old", "neither")),
        *(sum(record.count(kind) for record in rounds) for kind in KINDS),
        round(median(record.seconds for record in rounds)) if rounds else "-",
    )


def _systems(rounds: Sequence[Record]) -> str:
    """Which system was how often struck by what."""
    names = sorted({record.system for record in rounds})
    counts = Counter((record.fault, record.system) for record in rounds)
    rows = [(fault, *(counts[fault, name] or "-" for name in names)) for fault in GOALS]
    head = ("fault", *names)
    return "\n".join(map(_line, (head, ("---",) * len(head), *rows)))


def _mended(records: Sequence[Record]) -> str:
    keys = mended(records)
    if not keys:
        return "No round that ended badly was played again and went well."
    names = ", ".join(f"{seed}:{number}" for seed, number in keys)
    return (
        f"Rounds that ended badly once, and well when they were played again ({len(keys)}): "
        f"{names} (seed:round)."
    )


def _bad(rounds: Sequence[Record]) -> str:
    bad = [record for record in rounds if record.bad]
    if not bad:
        return "No round ended badly when it was played last."
    lines = ["## Rounds that ended badly", ""]
    for record in bad:
        fault = f"{record.fault} {record.detail}".rstrip()
        lines.append(f"- {record.seed}:{record.round} {record.system}, {fault}")
        lines += [f"  - {kind}: {_quoted(text)}" for kind, text in record.bad]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """A sentence of somebody else in a page of Markdown."""
    words = text.replace("`", "'").split()
    return f"`{' '.join(words)}`"
