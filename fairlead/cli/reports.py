"""The hand-over sheet of a run, by what is remembered of it on this machine."""

from typing import Any

import msgspec

from fairlead.cli import run_records
from fairlead.inventory.site import Site
from fairlead.model.errors import CommandLineError
from fairlead.output import journal, sheet_formats
from fairlead.output.run_sheet import RunRecord, sheet

FORMATS = {"md": sheet_formats.markdown, "html": sheet_formats.html}


def record(site: Site, run: str) -> RunRecord:
    """Of the run of this name, or the last one for the site. Raises CommandLineError."""
    own = (entry for entry in journal.newest() if entry["site"] == site.name)
    entry = next((entry for entry in own if run in ("", entry["run"])), None)
    if not entry:
        what = f"no run {run or 'at all'} was begun here for {site.name}"
        remedy = "inv runs.history lists those that were, inv history those of others"
        raise CommandLineError("inv runs.report", what, remedy)
    return run_records.find(entry["run"]) or run_records.from_journal(entry)


def text(record: RunRecord, form: str) -> str:
    return FORMATS[form](sheet(record))


def data(record: RunRecord) -> dict[str, Any]:
    """For programs: what is remembered, and the sheet that people read."""
    return {"record": msgspec.to_builtins(record), "sheet": msgspec.to_builtins(sheet(record))}
