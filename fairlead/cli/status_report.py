"""`inv status --report FILE.html`: the status of hosts as one page."""

from typing import Annotated

from msgspec import Meta

from fairlead.cli.commands import CommandResult
from fairlead.runner.context import Context
from fairlead.runner.request import Common, Request


def write_report(
    request: Request,
    context: Context,
    common: Common,
    *,
    report: Annotated[str, Meta(description="Write it as one HTML file as well: FILE.html.")] = "",
) -> CommandResult:
    """Do the verb, and write what came of it as a page that needs nothing else."""
    from fairlead.cli import status_page  # brings what no status without a page needs

    return status_page.write(report, request, context, common)
