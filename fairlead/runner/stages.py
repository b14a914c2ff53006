"""The stages of one part of a run: contact, preflight, what the verb means, doing or showing it."""

from collections.abc import Mapping
from typing import Any, cast

from fairlead.contract.verbs import traits
from fairlead.model.plan import Check, Session, Status, Target
from fairlead.model.results import HostResult
from fairlead.runner import contact, images, leases, newer, preflight, sessions, survey
from fairlead.runner.part import PartRun
from fairlead.runner.phases import StepsOrPhases, phases

OTHERS_FAILED = "nothing was changed here because of {}"
OTHERS_BLOCKED = "nothing was changed here: preflight blocks {}"

# What a component answers to a verb; a tuple has Steps, Phases or Checks.
Answer = Status | Session | tuple[Any, ...] | None


def perform(part: PartRun) -> list[HostResult]:
    """All that a part does; a row for every target."""
    try:
        with leases.kept_alive(part):
            _perform(part)
    finally:
        leases.give_back(part)
    images.note(part)
    rows = [part.rows[target.host] for target in part.targets]
    for row in rows:
        part.report(row.host, "ended", text=row.state)
    return rows


def _perform(part: PartRun) -> None:
    if not contact.contact_hosts(part) and part.changes:
        _skip_open(part, _why_of_others(part))
        return
    asks_preflight = part.asks_preflight and not part.common.skip_preflight
    if asks_preflight and not preflight.passes(part):
        _skip_open(part, OTHERS_BLOCKED)
        return
    answers: dict[str, Answer] = part.ask_each(lambda target: _answer(part, target))
    if part.changes and part.has_failed:
        _skip_open(part, OTHERS_FAILED)
        return
    _act(part, answers)


def _why_of_others(part: PartRun) -> str:
    """Why the hosts that could be asked are left as they are."""
    failed = [row for row in part.rows.values() if row.code]
    if all(row.state == "unreachable" for row in failed):
        return survey.others_unreachable(row.host for row in failed)
    return OTHERS_FAILED


def _skip_open(part: PartRun, why: str) -> None:
    """End all other targets; `why` has a place for the hosts that are in the way."""
    from fairlead.inventory.nodesets import fold

    part.skip_open(why.format(fold(row.host for row in part.rows.values() if row.code)))


def _answer(part: PartRun, target: Target) -> Answer:
    if traits(part.verb).checks:
        return preflight.checks_of(part, target)
    return part.answer(part.ask(target))


def _act(part: PartRun, answers: Mapping[str, Answer]) -> None:
    """Do or show what the component answered; the answers of all hosts are of one kind."""
    first = next((answer for answer in answers.values() if answer), ())
    if isinstance(first, Status):
        _write_status(part, cast(Mapping[str, Status], answers))
    elif isinstance(first, Session):
        _run_sessions(part, answers)
    elif traits(part.verb).checks or (first and isinstance(first[0], Check)):
        preflight.perform(part, cast(Mapping[str, preflight.Checks], answers))
    else:
        steps = cast(Mapping[str, StepsOrPhases | None], answers)
        plans = {host: phases(of_host, part.verb) for host, of_host in steps.items()}
        if part.context.keep_plans:
            part.context.keep_plans(part, plans)
        if part.changes and part.has_failed:
            _skip_open(part, OTHERS_FAILED)
        else:
            newer.run(part, plans)


def _write_status(part: PartRun, answers: Mapping[str, Status]) -> None:
    for target in part.open_targets:
        status = answers[target.host]
        state, code, error = ("ok", 0, "") if status.well else ("failed", 1, _unwell(part, target))
        part.write_row(
            target,
            state,
            code=code,
            error=error,
            fields=dict(status.fields),
            names=status.names,
        )


def _unwell(part: PartRun, target: Target) -> str:
    leads = way(part, target.host)
    return f"{target.host}: not well; {leads}" if leads else ""


def way(part: PartRun, host: str) -> str:
    """What leads on from a status that is not well; "" where the component has no `up`."""
    if "up" not in part.component.verbs:
        return ""
    return f"{part.typed('up', host)} brings it there, or says what is in the way"


def _run_sessions(part: PartRun, answers: Mapping[str, Answer]) -> None:
    """Run the programs; a host that has none is skipped."""
    for target in part.open_targets:
        if answers[target.host] is None:
            part.write_row(target, "skipped")
    sessions.run(part, cast(Mapping[str, Session], answers))
