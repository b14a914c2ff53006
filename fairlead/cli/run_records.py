"""An observer that remembers all of a run for its report: see reports.py.

One file for each run, in the operator's own state folder; nobody else may read it.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from fairlead import __version__
from fairlead.model import operator
from fairlead.model.results import HostResult, RunResult
from fairlead.output import journal, json_document
from fairlead.output.listener import Listener
from fairlead.output.run_sheet import FORMAT, RunRecord
from fairlead.secrets import files

KEPT = 200  # runs


class RunRecords(Listener):
    """Writes the file when a verb has ended that the journal has a line of."""

    def __init__(self, path: Path | None = None):
        self.path = path or folder()

    def ended(self, result: RunResult) -> None:
        if not journal.is_remembered(result):
            return
        record = RunRecord(
            ended=time.strftime(journal.TIME, time.gmtime()),
            who=operator.address(),
            fairlead=__version__,
            result=_without_output(result),
        )
        files.make_folder(self.path)
        document = msgspec.structs.asdict(record)
        files.replace(self.path / f"{result.run}.json", json_document.encoded(document))
        self._forget()

    def _forget(self) -> None:
        """The oldest; names of runs sort by time."""
        names = sorted(self.path.glob("*.json"))
        for path in names[:-KEPT]:
            path.unlink(missing_ok=True)


def folder() -> Path:
    return journal.folder() / "runs"


def find(run: str) -> RunRecord | None:
    """What is remembered of a run; None where that is nothing, or another format."""
    with suppress(OSError, msgspec.MsgspecError):
        data = (folder() / f"{run}.json").read_bytes()
        record = msgspec.json.decode(data, type=RunRecord)
        return record if record.record == FORMAT else None
    return None


def from_journal(entry: Mapping[str, Any]) -> RunRecord:
    """As much of a run as its line in the journal says."""
    result = RunResult(
        verb=entry["verb"],
        site=entry["site"],
        run=entry["run"],
        hosts=tuple(_rows(entry)),
        flags=tuple(entry.get("flags", ())),
        options=entry.get("options", {}),
        reason=entry.get("reason", ""),
        revision=entry.get("revision", ""),
    )
    return RunRecord(
        ended=entry["time"],
        who=entry["who"],
        fairlead=entry.get("fairlead", ""),
        result=result,
        is_whole=False,
    )


def _rows(entry: Mapping[str, Any]) -> Iterator[HostResult]:
    for row in entry["hosts"]:
        yield HostResult(
            host=row["host"],
            system=row.get("system", ""),
            component=row["component"],
            called=".".join(filter(None, (row.get("system", ""), row["component"]))),
            state=row["state"],
            code=row.get("code", 0),
        )


def _without_output(result: RunResult) -> RunResult:
    """What a program has printed on a host is in no journal."""
    rows = tuple(msgspec.structs.replace(row, output="") for row in result.hosts)
    return msgspec.structs.replace(result, hosts=rows)
