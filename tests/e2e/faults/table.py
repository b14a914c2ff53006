"""What came of many rounds."""

from collections.abc import Sequence

from tests.e2e.faults.record import KINDS, Record

COLUMNS = (
    *("seed:round", "system", "fault", "upgrade", "at step", "said", "stood", "then"),
    *(*KINDS, "seconds"),
)


def table(records: Sequence[Record]) -> str:
    """A row for each round, a sum below, then each untrue word, lost state, leftover and own
    command."""
    rows = [COLUMNS, *map(_row, records)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return "\n".join([*lines, "", total(records), *details(records)])


def line(record: Record) -> str:
    """One round, and what was wrong in it."""
    return "\n".join(["  ".join(filter(None, _row(record))), *details([record])])


def _row(record: Record) -> tuple[str, ...]:
    return (
        f"{record.seed}:{record.round}",
        record.system,
        f"{record.fault} {record.detail}".rstrip(),
        "broken" if record.broken else "sound",
        f"{record.moment} {'too late' if record.too_late else ''}".rstrip(),
        record.said,
        record.stood,
        ", ".join(way.split()[0] for way in record.ways) or "-",
        *(str(record.count(kind) or "") for kind in KINDS),
        f"{record.seconds} s",
    )


def total(records: Sequence[Record]) -> str:
    names = ("words untrue", "states lost", "left behind", "commands that a person needed to find")
    sums = {"rounds": len(records)}
    for name, kind in zip(names, KINDS, strict=True):
        sums[name] = sum(record.count(kind) for record in records)
    sums["minutes"] = round(sum(record.seconds for record in records) / 60)
    return ", ".join(f"{name}: {number}" for name, number in sums.items())


def details(records: Sequence[Record]) -> list[str]:
    return [
        f"{record.seed}:{record.round} {kind}: {text}"
        for record in records
        for kind, text in record.bad
    ]
