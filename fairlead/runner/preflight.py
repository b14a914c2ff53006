"""Preflight: the verb itself with its fixes, and the question before a verb that needs it."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from fairlead.model.errors import PreflightBlocked, SecretError, SecretToMake
from fairlead.model.plan import Ask, Check, Phase, Target
from fairlead.model.results import HostResult, StepResult
from fairlead.runner import contact, leases, newer
from fairlead.runner.part import PartRun

Checks = tuple[Check, ...]

# The fields of a check in --json (docs/json.md), and `fixable`.
FIELDS = ("name", "ok", "blocks", "wanted", "found", "why", "remedy")


def checks_of(part: PartRun, target: Target) -> Checks:
    """The checks of a target: the secrets that `up` would not get, who logs in, then the
    component's own.
    """
    secrets = part.secrets.get(target.host, {}).values()
    errors = [secret for secret in secrets if isinstance(secret, SecretError)]
    ask = part.ask(target, "preflight")
    own = part.answer(ask) or ()
    return (*map(_missing_secret, errors), *_not_root(part, ask), *own)


def _checks(part: PartRun) -> dict[str, Checks]:
    """The checks of all open targets, by their hosts."""
    return part.ask_each(lambda target: checks_of(part, target))


def check_fields(check: Check) -> dict[str, Any]:
    """A check as data, for the row of its host."""
    fields = {name: getattr(check, name) for name in FIELDS}
    return fields | {"fixable": bool(check.fix)}


def passes(part: PartRun) -> bool:
    """Ask preflight before a verb that needs it; a row for every target that is blocked."""
    checks = _checks(part)
    for target in part.open_targets:
        blocking = _blocking(checks[target.host])
        if blocking:
            _refuse(part, target, blocking)
    return not part.has_failed


def perform(part: PartRun, checks: Mapping[str, Checks]) -> None:
    """The verb: a row with its checks for every target. With --fix, what can be mended is mended.

    `checks` by target host.
    """
    plans = {host: _fix_plan(of_host, part.common.fix) for host, of_host in checks.items()}
    steps: dict[str, tuple[StepResult, ...]] = {}
    _note_unknown_fixes(part, checks)
    if any(plan.steps for plan in plans.values()):
        newer.run(part, {host: (plan,) for host, plan in plans.items()})
        if part.common.only_shows or part.has_failed:
            return
        fixed = _begin_anew(part)
        checks = _checks(part)
        steps = {host: row.steps for host, row in fixed.items()}
    for target in part.open_targets:
        _write_row(
            part,
            target,
            checks[target.host],
            steps.get(target.host, ()),
        )


def _begin_anew(part: PartRun) -> dict[str, HostResult]:
    """Ask all hosts for their facts again, without a lease; the rows that were written so far."""
    rows, part.rows = part.rows, {}
    leases.give_back(part)
    part.takes_leases = False  # what is left to do is looking
    for host in part.open_hosts():
        part.known.forget(host)
    contact.contact_hosts(part)
    return rows


def _note_unknown_fixes(part: PartRun, checks: Mapping[str, Checks]) -> None:
    names = (check.fix_name for check in chain.from_iterable(checks.values()))
    known = {"safe", *filter(None, names)}
    listed = ", ".join(sorted(known))
    part.notes.extend(
        f"--fix={name}: {part.name} has {listed} to fix"
        for name in part.common.fix
        if name not in known
    )


def _blocking(checks: Checks) -> list[Check]:
    return [check for check in checks if check.blocks and not check.ok]


def _fix_plan(checks: Checks, names: tuple[str, ...]) -> Phase:
    """The steps that mend what --fix names; those without a name of their own are `safe`."""
    failed = [check for check in checks if not check.ok]
    named = [check for check in failed if (check.fix_name or "safe") in names]
    return Phase("fix", tuple(chain.from_iterable(check.fix for check in named)))


def _refuse(
    part: PartRun,
    target: Target,
    blocking: list[Check],
) -> None:
    can_be_fixed = any(check.fix for check in blocking)
    hint = "; what is safe to mend, --fix mends" if can_be_fixed else ""
    error = PreflightBlocked(
        target.host,
        "; ".join(f"{check.name}: {check.found}" for check in blocking),
        f"see {part.typed('preflight', target.host)}{hint}",
    )
    checks = tuple(map(check_fields, blocking))
    part.write_row(
        target,
        "failed",
        code=error.code,
        error=str(error),
        checks=checks,
    )


def _write_row(
    part: PartRun,
    target: Target,
    checks: Checks,
    steps: tuple[StepResult, ...],
) -> None:
    blocked = bool(_blocking(checks)) and not _is_waived(part)
    changed = any(step.state == "changed" for step in steps)
    part.write_row(
        target,
        "failed" if blocked else _state(changed),
        code=PreflightBlocked.code if blocked else 0,
        checks=tuple(map(check_fields, checks)),
        steps=steps,
    )


def _is_waived(part: PartRun) -> bool:
    """Was it said to go on whatever is asked before a verb? `preflight` itself always answers."""
    return part.common.skip_preflight and part.verb != "preflight"


def _state(changed: bool) -> str:
    return "changed" if changed else "ok"


def _not_root(part: PartRun, ask: Ask) -> Iterator[Check]:
    """Somebody else than root logs in, for a system that needs root."""
    if part.needs_root and ask.host.user and ask.host.uid:
        yield Check(
            name="user",
            ok=False,
            wanted="root",
            found=f"{ask.host.user} (uid {ask.host.uid})",
            why="state and settings lie where root alone may write, whoever may use the engine",
            remedy="log in as root, or say `sudo: true` of this host in the site",
        )


def _missing_secret(error: SecretError) -> Check:
    """A secret that `up` would not get, as a check.

    One that fairlead can make stands in nobody's way: it is made after preflight.
    """
    return Check(
        name=error.where,
        ok=False,
        wanted="a secret that opens",
        found=error.what,
        why="up needs it here",
        remedy=error.remedy or "inv secrets",
        blocks=not isinstance(error, SecretToMake),
    )
