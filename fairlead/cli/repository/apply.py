"""What a dry run has kept in a file is carried out."""

from typing import Annotated

from msgspec import Meta
from msgspec.structs import replace

from fairlead.cli.commands import CommandResult
from fairlead.inventory.nodesets import fold
from fairlead.model import operator
from fairlead.model.errors import CommandLineError, Drift
from fairlead.runner import driver, saved_plan
from fairlead.runner.context import Context
from fairlead.runner.request import Common
from fairlead.runner.saved_plan import HostPlan, PlanKeeper, SavedPlan

# What decides about the plan itself: field of Common -> flag
FIXED = {"hosts": "--host", "fix": "--fix", "skip_preflight": "--skip-preflight"}


def apply(
    context: Context,
    common: Common,
    *,
    file: Annotated[str, Meta(description="What --plan=FILE has written.")],
) -> CommandResult:
    """Do what a dry run has planned (inv VERB --plan=FILE), and nothing else; refused where hosts
    or the site have changed since.
    """
    plan = _read(file)
    site = context.site().name
    if plan.site != site:
        what = f"is about the site {plan.site}, not {site}"
        raise CommandLineError(file, what, f"name it: --site={plan.site}")
    planned = _options(plan, common)
    names = fold(host.host for host in plan.hosts)
    context.notify("remark", f"asking {names} whether the plan of {plan.time} fits")
    hosts = _planned_now(plan, replace(planned, dry_run=True), context)
    if common.only_shows:
        text = f"the plan of {plan.time} fits: inv {plan.request.title} is done as planned"
        return CommandResult(text, {"applied": "", "plan": file})
    context.keep_plans = PlanKeeper(hosts).take
    result = driver.perform(plan.request, planned, context)
    return CommandResult("", {"applied": result.run, "plan": file}, result.code)


def _options(plan: SavedPlan, common: Common) -> Common:
    """Those of the plan; what this command line says of pace, patience and reason counts.

    Raises CommandLineError for what would make it another plan.
    """
    typed = common.typed
    for name in FIXED.keys() & typed.keys():
        if typed[name] != getattr(plan.common, name):
            what = "is not what was planned, and a plan is done whole"
            raise CommandLineError(FIXED[name], what, "leave it out, or plan anew with it")
    own = {name: getattr(common, name) for name in saved_plan.OWN}
    return replace(plan.common, **(typed | own))


def _read(file: str) -> SavedPlan:
    try:
        return saved_plan.decoded(operator.path(file).read_bytes(), file)
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise CommandLineError(file, what, "inv VERB --plan=FILE writes one") from error


def _planned_now(plan: SavedPlan, common: Common, context: Context) -> tuple[HostPlan, ...]:
    """The plan as it is made now. Raises Drift where it is another."""
    keeper = PlanKeeper()
    context.keep_plans = keeper.take
    with context.unobserved():
        result = driver.perform(plan.request, common, context)
    if result.code and len(keeper.plans) < len(plan.hosts):
        what = f"nothing was done: the dry run before it ended with {result.code}"
        raise Drift("inv apply", what, "mend what it says, or plan anew")
    hosts = saved_plan.answered(keeper, result)
    plan.refuse_changes(hosts)
    return hosts
