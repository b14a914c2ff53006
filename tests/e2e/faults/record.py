"""What came of rounds, as lines of JSON: played on another day, they go on where these end."""

import fcntl
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.e2e.faults.rounds import Result

FILE = Path(__file__).with_name("rounds.jsonl")
JUDGE = ("judge.py", "truth.py", "words.py")


@dataclass(frozen=True)
class Record:
    """A round that was played. `moment`: steps that had begun, and seconds after that; `detail`:
    which of its fault's kinds; `too_late`: the upgrade had ended before; `bad`: what was untrue,
    lost, left, or what a person had to find, a sentence each behind its kind; `judge`: which
    edition of the judge said so, "" before they had any."""

    seed: int
    round: int
    system: str
    fault: str
    detail: str
    moment: str
    broken: bool
    too_late: bool
    said: str
    stood: str
    ways: tuple[str, ...]
    bad: tuple[tuple[str, str], ...]
    seconds: int
    judge: str = ""

    @property
    def key(self) -> tuple[int, int]:
        return (self.seed, self.round)

    def count(self, kind: str) -> int:
        return sum(1 for of_kind, _ in self.bad if of_kind == kind)


KINDS = ("untrue", "lost", "left", "own")


def edition() -> str:
    """A short word for what judges now; another where one of its files is another."""
    files = (FILE.with_name(name).read_bytes() for name in JUDGE)
    return hashlib.sha256(b"".join(files)).hexdigest()[:8]


def of_result(result: Result) -> Record:
    drawn = result.draw
    return Record(
        seed=drawn.seed,
        round=drawn.number,
        system=drawn.arena,
        fault=drawn.fault,
        detail=result.detail,
        moment=f"{drawn.step}+{drawn.delay:.1f}s",
        broken=drawn.broken,
        too_late=bool(result.struck),
        said=result.first,
        stood=result.stood,
        ways=tuple(way.replace(" --json", "") for way in result.ways),
        bad=tuple((kind, text[:600]) for kind in KINDS for text in getattr(result, kind)),
        seconds=round(result.seconds),
        judge=edition(),
    )


def read(file: Path = FILE) -> list[Record]:
    """All that were played, in their order. One that was played again stands there again."""
    if not file.exists():
        return []
    return [_of_line(line) for line in file.read_text("utf-8").splitlines() if line.strip()]


def _of_line(line: str) -> Record:
    values = json.loads(line)
    values["ways"] = tuple(values["ways"])
    values["bad"] = tuple((kind, text) for kind, text in values["bad"])
    return Record(**values)


def append(record: Record, file: Path = FILE) -> None:
    """A whole line, whoever else writes at this moment."""
    with file.open("a", encoding="utf-8") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        opened.write(json.dumps(asdict(record), ensure_ascii=False) + "\n")


def latest(records: Iterable[Record]) -> list[Record]:
    """Each round once, as it ended the last time; by seed and number."""
    last = {record.key: record for record in records}
    return [last[key] for key in sorted(last)]


def mended(records: Sequence[Record]) -> list[tuple[int, int]]:
    """The rounds that went wrong once and are well now."""
    well = {record.key for record in latest(records) if not record.bad}
    return sorted({record.key for record in records if record.bad} & well)


def due(records: Iterable[Record], seed: int, numbers: Iterable[int]) -> list[int]:
    """Those of these numbers that this seed has not played yet."""
    played = {record.round for record in records if record.seed == seed}
    return [number for number in numbers if number not in played]
