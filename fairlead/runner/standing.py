"""How a service stands where a change of it has failed: its status, asked once more."""

from msgspec.structs import replace

from fairlead.model.results import HostResult
from fairlead.runner import stages
from fairlead.runner.part import PartRun

SHOWN = ("container", "healthy")  # of the fields of a status, those that say whether it serves


def is_asked(row: HostResult) -> bool:
    """Has a change failed in the middle there? What was refused before it began says enough, and a
    host that is away cannot be asked.
    """
    return row.state in ("failed", "rolled-back") and row.has_acted


def told(part: PartRun, rows: list[HostResult], verb: str) -> list[HostResult]:
    """These rows of a verb with how it stands on their hosts now; `part` is `status` of the same
    component.
    """
    status = {row.host: row for row in stages.perform(part)}
    return [_told(part, row, status[row.host], verb) for row in rows]


def _told(part: PartRun, row: HostResult, status: HostResult, verb: str) -> HostResult:
    way = _way(part, row, status, verb) if status.code and "inv " not in row.error else ""
    return replace(row, error=f"{row.error}; its status now: {_words(status)}{way}")


def _way(part: PartRun, row: HostResult, status: HostResult, verb: str) -> str:
    """What leads on; where the old one is back `up` might begin with the new one once more."""
    has_up = "up" in part.component.verbs
    if not status.fields:
        return f", then {part.typed('up', row.host)}" if has_up else ""
    if verb == "up":
        return ""
    if row.state == "failed" and has_up:
        return f": {stages.way(part, row.host)}"
    return f": see {part.typed('status', row.host)}"


def _words(status: HostResult) -> str:
    """`well`, or not, with what it shows of its container, or why that is not known."""
    if not status.code:
        return "well"
    if not status.fields:
        return f"not known ({status.error.removeprefix(f'{status.host}: ')})"
    shown = ", ".join(f"{name} {status.fields[name]}" for name in SHOWN if name in status.fields)
    return f"not well ({shown})" if shown else "not well"
