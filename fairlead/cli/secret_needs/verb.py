"""`inv secrets`, `inv SYSTEM.secrets`, `inv SYSTEM.COMPONENT.secrets`: the state of secrets.

No host is contacted.
"""

import time
from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta
from msgspec.structs import replace

from fairlead.cli.commands import CommandResult
from fairlead.cli.options import duration, read_value
from fairlead.cli.secret_needs import generate as generation
from fairlead.cli.secret_needs.report import ReportLine, line_data, listing, sentences
from fairlead.cli.secret_needs.requirements import Requirement, recipes, requirements
from fairlead.cli.secret_needs.state import GOOD, SecretState, remedy, state_of
from fairlead.model.errors import CommandLineError, Drift, SecretError, worst
from fairlead.model.plan import Noun
from fairlead.runner.context import Context
from fairlead.runner.request import Common, Request
from fairlead.runner.targets import parts

Requirements = tuple[Requirement, ...]


class _Options(Noun):
    """Which secrets are shown, and what is made."""

    rotate: bool
    generate: bool
    names: tuple[str, ...]  # only these secrets; (): all


def show_secrets(
    request: Request,
    context: Context,
    common: Common,
    *,
    fail_within: Annotated[
        str, Meta(description="End with 7 also where one ends within this time: 12h, 30d, 4w.")
    ] = "",
    generate: Annotated[
        bool,
        Meta(
            description="Make those that are missing and can be made; "
            "nothing that is there is touched."
        ),
    ] = False,
    rotate: Annotated[
        bool,
        Meta(
            description="Make them anew: those of --name, else all but authorities and their keys."
        ),
    ] = False,
    name: Annotated[
        tuple[str, ...],
        Meta(
            description="Only this secret; may be given several times.",
            extra={"completes": "secrets"},
        ),
    ] = (),
    deliver: Annotated[
        bool, Meta(description="Put them on the hosts, and nothing else; up does it too.")
    ] = False,
) -> CommandResult:
    """Show which secrets are needed, where each comes from and lands, and when it ends.

    Make them; put them on the hosts.
    """
    if generate and rotate:
        raise CommandLineError(
            "--rotate",
            "was given with --generate",
            "give one of the two: --rotate makes anew what is there",
        )
    within = read_value("--fail-within", fail_within, duration) if fail_within else 0
    with context.redacted_errors():
        return _show(request, context, common, within, _Options(rotate, generate, name))


def _show(
    request: Request,
    context: Context,
    common: Common,
    within: float,
    options: _Options,
) -> CommandResult:
    now = time.time()
    scope = parts(request, common.hosts, context.plugins, context.site())
    shown = _chosen(requirements(scope, context.plugins), options.names)
    made: tuple[str, ...] = ()
    if options.rotate or options.generate:
        whole = _of_whole_site(request, common, context)
        made = _make(whole, shown, context, common, options)
        known = {requirement.key for requirement in shown}
        others = [requirement for requirement in whole if requirement.name in made]
        shown += tuple(other for other in others if other.key not in known)
    made_state = "would-change" if common.dry_run or common.explain else "changed"
    known_recipes = recipes(shown)
    lines = []
    for requirement in shown:
        current = state_of(requirement.spec, context.find_secret, now, within)
        if requirement.name in made:
            current = replace(current, state=made_state)
        lines.append(ReportLine(requirement, current, remedy(requirement, current, known_recipes)))
    return _result(tuple(lines), request, context, common, now, made)


def _chosen(all_requirements: Requirements, names: tuple[str, ...]) -> Requirements:
    """Those of `names`, () for all. Raises CommandLineError for a name that nothing needs."""
    known = tuple(dict.fromkeys(requirement.name for requirement in all_requirements))
    for name in names:
        if name not in known:
            what = f"nothing here needs a secret {name!r}"
            raise CommandLineError("--name", what, f"there are {', '.join(known) or 'none'}")
    if not names:
        return all_requirements
    return tuple(requirement for requirement in all_requirements if requirement.name in names)


def _of_whole_site(request: Request, common: Common, context: Context) -> Requirements:
    """Those of the whole site and of the request.

    A secret of another component may be made of the same.
    """
    site = context.site()
    requested = parts(request, common.hosts, context.plugins, site)
    everything = parts(Request(verb=request.verb), (), context.plugins, site)
    return requirements((*everything, *requested), context.plugins)


def _make(
    whole: Requirements,
    shown: Iterable[Requirement],
    context: Context,
    common: Common,
    options: _Options,
) -> tuple[str, ...]:
    """Make secrets; the names of those that are made, or would be in a dry run."""
    known_recipes = recipes(whole)
    states: dict[str, SecretState] = {}
    for requirement in whole:
        unchecked = replace(requirement.spec, check=None)  # what is there is there, however it is
        states[requirement.name] = state_of(unchecked, context.find_secret, 0, 0)
    names = [requirement.name for requirement in shown]
    if options.rotate:
        made = generation.rotated_names(known_recipes, states, names, by_name=bool(options.names))
    else:
        made = generation.missing_names(known_recipes, states, names)
    if not (common.dry_run or common.explain):
        context.write_secrets(generation.make_values(known_recipes, made, context.secret))
    return made


def _result(
    lines: tuple[ReportLine, ...],
    request: Request,
    context: Context,
    common: Common,
    now: float,
    made: tuple[str, ...],
) -> CommandResult:
    code = _exit_code(lines, has_drift=bool(made and common.fail_on_changed))
    data = {
        "verb": ".".join(filter(None, (request.system, request.component, request.verb))),
        "site": context.site().name,
        "run": "",
        "ok": not code,
        "changed": bool(made),
        "code": code,
        "hosts": [],
        "secrets": [line_data(line, now) for line in lines],
    }
    text = sentences(lines, made, request.system)
    cut = context.redactor.cut
    return CommandResult(cut(text), cut(data), code, listing(lines, now))


def _exit_code(lines: tuple[ReportLine, ...], has_drift: bool) -> int:
    all_good = all(line.current.state in GOOD for line in lines)
    return worst([0 if all_good else SecretError.code, Drift.code if has_drift else 0])
