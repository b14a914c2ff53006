"""`inv secrets`, `inv SYSTEM.secrets`, `inv SYSTEM.COMPONENT.secrets`: how the secrets of components stand. No host is contacted."""

import time
from collections.abc import Iterable
from typing import Annotated, Any

from msgspec import Meta

from fairlead.cli.commands import CommandResult
from fairlead.cli.options import duration
from fairlead.cli.secret_needs import generate as making
from fairlead.cli.secret_needs.report import Line, data, listing, words
from fairlead.cli.secret_needs.requirements import Need, recipes, requirements
from fairlead.cli.secret_needs.state import GOOD, SecretState, remedy, standing
from fairlead.model.errors import CommandLineError, Drift, SecretError, worst
from fairlead.runner.request import Request
from fairlead.runner.targets import parts


def look(
    request: Request,
    context: Any,
    common: Any,
    *,
    fail_within: Annotated[
        str, Meta(description="End with 7 also where one ends within this time: 12h, 30d, 4w.")
    ] = "",
    generate: Annotated[
        bool,
        Meta(
            description="Make those that are missing and can be made; nothing that is there is touched."
        ),
    ] = False,
    rotate: Annotated[
        bool,
        Meta(
            description="Make them anew: those of --name, else all but authorities and their keys."
        ),
    ] = False,
    name: Annotated[
        tuple[str, ...], Meta(description="Only this secret; may be given several times.")
    ] = (),
    deliver: Annotated[
        bool, Meta(description="Put them on the hosts, and nothing else; up does it too.")
    ] = False,
) -> CommandResult:
    """Show which secrets are needed, where each comes from and lands, and when it ends; make them; put them on the hosts."""
    if generate and rotate:
        raise CommandLineError(
            "--rotate",
            "was given with --generate",
            "give one of the two: --rotate makes anew what is there",
        )
    within = _seconds(fail_within)
    with context.redacted_errors():
        return _looked(
            request, context, common, within, "generate" * generate or "rotate" * rotate, name
        )


def _looked(
    request: Request, context: Any, common: Any, within: float, wish: str, name: tuple[str, ...]
) -> CommandResult:
    now = time.time()
    needs = _chosen(
        requirements(
            parts(request, common.hosts, context.plugins, context.site()), context.plugins
        ),
        name,
    )
    done: tuple[str, ...] = ()
    if wish:
        whole = _whole(request, common, context)
        done = _make(whole, needs, context, common, wish == "rotate", bool(name))
        here = {need.where for need in needs}
        needs = (
            *needs,
            *(need for need in whole if need.spec.name in done and need.where not in here),
        )
    mark = "would-change" if common.dry_run or common.explain else "changed"
    known = recipes(needs)
    found = [
        (
            need,
            _marked(
                standing(need.spec, context.find_secret, now, within),
                mark if need.spec.name in done else "",
            ),
        )
        for need in needs
    ]
    lines = tuple(Line(need, stands, remedy(need, stands, known)) for need, stands in found)
    return _answer(lines, request, context, common, now, done)


def _seconds(text: str) -> float:
    try:
        return duration(text) if text else 0
    except ValueError as error:
        what, _, todo = str(error).partition("; ")
        raise CommandLineError("--fail-within", f"{text!r} {what}", todo) from None


def _chosen(needs: tuple[Need, ...], names: tuple[str, ...]) -> tuple[Need, ...]:
    known = tuple(dict.fromkeys(need.spec.name for need in needs))
    for name in names:
        if name not in known:
            raise CommandLineError(
                "--name",
                f"nothing here needs a secret {name!r}",
                f"there are {', '.join(known) or 'none'}",
            )
    return tuple(need for need in needs if not names or need.spec.name in names)


def _whole(request: Request, common: Any, context: Any) -> tuple[Need, ...]:
    """Those of the whole site and of what was asked for: one of another component may be made of the same."""
    site = context.site()
    asked = parts(request, common.hosts, context.plugins, site)
    return requirements(
        (*parts(Request(verb=request.verb), (), context.plugins, site), *asked), context.plugins
    )


def _make(
    whole: Iterable[Need],
    needs: Iterable[Need],
    context: Any,
    common: Any,
    rotate: bool,
    by_name: bool,
) -> tuple[str, ...]:
    """The names of those that are made, or would be."""
    known = recipes(whole)
    standings = {need.spec.name: standing(need.spec, context.find_secret, 0, 0) for need in whole}
    asked = [need.spec.name for need in needs]
    names = (
        making.anew(known, standings, asked, by_name)
        if rotate
        else making.lacking(known, standings, asked)
    )
    if not (common.dry_run or common.explain):
        context.write_secrets(making.made(known, names, context.secret))
    return names


def _marked(found: SecretState, mark: str) -> SecretState:
    import msgspec

    return msgspec.structs.replace(found, state=mark) if mark else found


def _answer(
    lines: tuple[Line, ...],
    request: Request,
    context: Any,
    common: Any,
    now: float,
    done: tuple[str, ...],
) -> CommandResult:
    code = worst(
        [
            SecretError.code * any(line.found.state not in GOOD for line in lines),
            Drift.code * bool(done and common.fail_on_changed),
        ]
    )
    verb = ".".join(filter(None, (request.system, request.component, request.verb)))
    head = {
        "verb": verb,
        "site": context.site().name,
        "run": "",
        "ok": not code,
        "changed": bool(done),
        "code": code,
        "hosts": [],
    }
    text, told = (
        words(lines, done, request.system),
        head | {"secrets": [data(line, now) for line in lines]},
    )
    return CommandResult(
        context.redactor.cut(text), context.redactor.cut(told), code, listing(lines, now)
    )
