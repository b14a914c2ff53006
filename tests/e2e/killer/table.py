"""What came of many rounds."""

from collections.abc import Sequence

from tests.e2e.killer.rounds import Result

COLUMNS = (
    "seed:round",
    "system",
    "fault",
    "upgrade",
    "at step",
    "said",
    "then",
    "untrue",
    "lost",
    "own",
)


def table(results: Sequence[Result]) -> str:
    """A row for each round, a sum below, then each untrue word, lost state and own command."""
    rows = [COLUMNS, *map(_row, results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return "\n".join([*lines, "", total(results), *details(results)])


def _row(result: Result) -> tuple[str, ...]:
    drawn = result.draw
    return (
        f"{drawn.seed}:{drawn.number}",
        drawn.arena,
        drawn.fault,
        "broken" if drawn.broken else "sound",
        f"{drawn.step}+{drawn.delay:.1f}s {result.struck}".rstrip(),
        result.first,
        ", ".join(command.replace(" --json", "").split()[0] for command in result.ways) or "-",
        *(str(len(items) or "") for items in (result.untrue, result.lost, result.own)),
    )


def total(results: Sequence[Result]) -> str:
    sums = {
        "rounds": len(results),
        "words untrue": sum(len(result.untrue) for result in results),
        "states lost": sum(len(result.lost) for result in results),
        "commands that a person needed to find": sum(len(result.own) for result in results),
        "minutes": round(sum(result.seconds for result in results) / 60),
    }
    return ", ".join(f"{name}: {number}" for name, number in sums.items())


def details(results: Sequence[Result]) -> list[str]:
    return [
        f"{result.draw.seed}:{result.draw.number} {kind}: {item}"
        for result in results
        for kind, items in (("untrue", result.untrue), ("lost", result.lost), ("own", result.own))
        for item in items
    ]
