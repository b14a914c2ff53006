"""Dry runs that are kept in a file."""

import time
from pathlib import Path

from fairlead.model import operator
from fairlead.model.errors import CommandLineError
from fairlead.model.results import RunResult
from fairlead.output import journal
from fairlead.runner import driver, saved_plan
from fairlead.runner.context import Context
from fairlead.runner.request import Common, Request
from fairlead.secrets import files


def keep(request: Request, common: Common, context: Context) -> RunResult:
    """A dry run, and its plan in the file of --plan. Raises CommandLineError."""
    path = operator.path(common.plan)
    _require_place(path)
    keeper = saved_plan.PlanKeeper()
    context.keep_plans = keeper.take
    result = driver.perform(request, common, context)
    now = time.strftime(journal.TIME, time.gmtime())
    plan = saved_plan.saved(request, common, keeper, result, now)
    try:
        files.replace(path, saved_plan.encoded(plan))
    except OSError as error:
        raise _unwritten(common.plan, error) from error
    context.notify("remark", f"kept: inv apply {common.plan} does this, and nothing else")
    return result


def _require_place(path: Path) -> None:
    """Raise CommandLineError where a file would be lost that is no plan."""
    try:
        is_free = not path.exists() or saved_plan.is_plan(path)
    except OSError as error:
        raise _unwritten(str(path), error) from error
    if not is_free:
        what = f"{path} is there already, and no plan"
        raise CommandLineError("--plan", what, "name another file")


def _unwritten(path: str, error: OSError) -> CommandLineError:
    what = f"{path} cannot be written: {error.strerror}"
    return CommandLineError("--plan", what, "name a file in a folder of yours")
