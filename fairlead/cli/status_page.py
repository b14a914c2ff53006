"""The status of hosts, and what belongs to it, as one page: fairlead.cli.status_report."""

import time
from itertools import islice
from pathlib import Path
from typing import Any

from fairlead import __version__
from fairlead.cli.commands import CommandResult
from fairlead.cli.watching.survey import secrets_on
from fairlead.inventory.nodesets import fold
from fairlead.model import operator
from fairlead.model.errors import CommandLineError, FairleadError
from fairlead.model.plan import NOT_KNOWN
from fairlead.output import journal, report_page
from fairlead.output.report_page import EndingSecret, LastRun, Page
from fairlead.runner import driver
from fairlead.runner.context import Context
from fairlead.runner.request import Common, Request
from fairlead.runner.revision import commit
from fairlead.secrets import files

MONTH = 30 * 86400.0  # seconds
LAST = 20  # runs on the page


def write(report: str, request: Request, context: Context, common: Common) -> CommandResult:
    """Do the verb, and write what came of it as a page that needs nothing else."""
    path = operator.path(report)
    _check(path, report)
    result = driver.perform(request, common, context)
    data = {"report": report, "ok": result.ok, "code": result.code}
    if common.only_shows:
        return CommandResult(f"{report}: is not written by a dry run", data, result.code)
    with context.redacted_errors():
        hosts = frozenset(row.host for row in result.hosts)
        secrets, trouble = _secrets(context, common, hosts)
        page = Page(
            result=result,
            secrets=secrets,
            secrets_trouble=trouble,
            runs=_last_runs(result.site),
            time=time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
            who=operator.address(),
            version=__version__,
            revision=commit(context.site().path)[:12],
        )
        _write(path, report_page.html(context.redactor.cut(page)))
    return CommandResult(f"{report}: written", data, result.code)


def _check(path: Path, typed: str) -> None:
    """Raise CommandLineError for what shall not be written over, before any host is asked."""
    if path.suffix not in (".html", ".htm"):
        what = f"{typed!r} is no name of a page"
        raise CommandLineError("--report", what, "end it with .html")
    if not path.parent.is_dir():
        raise CommandLineError("--report", f"there is no folder {path.parent}", "make it")


def _secrets(
    context: Context, common: Common, hosts: frozenset[str]
) -> tuple[tuple[EndingSecret, ...], str]:
    """Those that end, the first to end first; and why they are not known."""
    try:
        rows = secrets_on(context, common, hosts, MONTH)
    except FairleadError as error:
        return (), f"{NOT_KNOWN} ({error})"
    ending = {row["name"]: _ending(row) for row in rows if row["ends"] or row["state"] != "ok"}
    return tuple(sorted(ending.values(), key=lambda secret: secret.ends)), ""


def _ending(row: Any) -> EndingSecret:
    return EndingSecret(
        row["name"],
        row["system"],
        row["state"],
        row["ends"],
        row["days"],
    )


def _last_runs(site: str) -> tuple[LastRun, ...]:
    """The last that were begun from here, the newest first."""
    entries = (entry for entry in journal.newest() if entry["site"] == site)
    return tuple(map(_last_run, islice(entries, LAST)))


def _last_run(entry: Any) -> LastRun:
    hosts = fold(dict.fromkeys(row["host"] for row in entry["hosts"]))
    return LastRun(
        entry["time"],
        entry["who"],
        entry["verb"],
        hosts,
        entry["code"],
        entry["run"],
    )


def _write(path: Path, text: str) -> None:
    """Raises FairleadError."""
    try:
        files.replace(path, text.encode(), 0o644)
    except OSError as error:
        what = f"cannot be written ({error.strerror})"
        raise FairleadError(str(path), what, "make room, or name another file") from None
