"""What came of many rounds."""

from collections.abc import Sequence

from tests.e2e.faults.record import KINDS
from tests.e2e.faults.rounds import Result

COLUMNS = (
    *("seed:round", "system", "fault", "upgrade", "at step", "said", "stood", "then"),
    *(*KINDS, "seconds"),
)


def table(results: Sequence[Result]) -> str:
    """A row for each round, a sum below, then each untrue word, lost state, leftover and own
    command."""
    rows = [COLUMNS, *map(_row, results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return "\n".join([*lines, "", total(results), *details(results)])


def line(result: Result) -> str:
    """One round, and what was wrong in it."""
    return "\n".join(["  ".join(filter(None, _row(result))), *details([result])])


def _row(result: Result) -> tuple[str, ...]:
    drawn = result.draw
    return (
        f"{drawn.seed}:{drawn.number}",
        drawn.arena,
        f"{drawn.fault} {result.detail}".rstrip(),
        "broken" if drawn.broken else "sound",
        f"{drawn.step}+{drawn.delay:.1f}s {result.struck}".rstrip(),
        result.first,
        result.stood,
        ", ".join(command.replace(" --json", "").split()[0] for command in result.ways) or "-",
        *(str(len(getattr(result, kind)) or "") for kind in KINDS),
        f"{result.seconds:.0f} s",
    )


def total(results: Sequence[Result]) -> str:
    sums = {
        "rounds": len(results),
        "words untrue": sum(len(result.untrue) for result in results),
        "states lost": sum(len(result.lost) for result in results),
        "left behind": sum(len(result.left) for result in results),
        "commands that a person needed to find": sum(len(result.own) for result in results),
        "minutes": round(sum(result.seconds for result in results) / 60),
    }
    return ", ".join(f"{name}: {number}" for name, number in sums.items())


def details(results: Sequence[Result]) -> list[str]:
    return [
        f"{result.draw.seed}:{result.draw.number} {kind}: {item}"
        for result in results
        for kind in KINDS
        for item in getattr(result, kind)
    ]
