"""The first round trip with every host of a part: its facts, and its lease where one is taken."""

from collections.abc import Iterable
from contextlib import suppress
from itertools import chain
from typing import Any

import msgspec

from fairlead.model.errors import FairleadError, StepFailed, Unreachable
from fairlead.model.plan import Fact, Target
from fairlead.operations.facts import PROBES, core
from fairlead.remote import transaction
from fairlead.remote.link import Connection
from fairlead.remote.programs import RunInfo
from fairlead.remote.results import Facts
from fairlead.runner import leases, unfinished
from fairlead.runner.host_answers import HostAnswers
from fairlead.runner.part import PartRun


def contact_hosts(part: PartRun) -> bool:
    """Ask all hosts for their facts; a row for every target whose host gave none.

    False: a target has failed.
    """
    answers = leases.take_all(part, part.open_hosts(), lambda host: _contact(part, host))
    for host, answer in answers.items():
        if isinstance(answer, FairleadError):
            for target in part.targets_on(host):
                part.refuse(target, answer)
    part.facts_around = {
        target.host: part.answers[part.runs_on(target)]
        for target in part.open_targets
        if part.runs_on(target) in part.answers
    }
    if part.common.skip_unreachable:
        _skip_unreachable(part)
    return not part.has_failed


def _skip_unreachable(part: PartRun) -> None:
    for host, row in part.rows.items():
        if row.state == "unreachable":
            part.rows[host] = msgspec.structs.replace(
                row,
                state="skipped",
                code=0,
                left_out=True,
            )


def _contact(part: PartRun, host: str) -> leases.FirstAnswer:
    lease = part.run if part.takes_leases else None
    if not lease and (lost := part.known.error(host)):
        return lost
    try:
        facts = ask_facts(part, host, lease)
        if facts.holder is None or facts.is_held_by_the_dead:
            unfinished.report(part, host, facts)
        if facts.holder is None:
            part.report(host, "asked")
    except Unreachable as error:
        part.known.keep_error(host, error)
        return error
    except FairleadError as error:
        return error
    return facts


def ask_facts(part: PartRun, host: str, lease: RunInfo | None) -> Facts:
    """Ask a host what is wanted of it and not known yet, and keep that; with `lease`, it is taken,
    and what a component wants of its own is asked under it.

    Raises FairleadError.
    """
    needed = facts_to_ask(part, host)
    standing = [fact for fact in needed if not lease or fact in PROBES]
    known = part.known.answers(host, standing)
    missing = [fact for fact in needed if fact not in known]
    if lease or missing or not needed:
        with part.connection_lock(host):
            connection = part.link(host, part.common.timeout).connection()
            part.report(host, "connected")
            facts = _asked(part, host, connection, missing, lease)
        part.known.keep(host, facts)
        part.released.discard(host)
    else:
        facts = Facts({}, part.known.runs(host))
    answers = {**known, **facts.answers}
    values = {fact.name: answers[fact] for fact in needed if fact in answers}
    part.facts[host] = facts
    part.answers[host] = HostAnswers(values, lambda fact: _ask_more(part, host, fact))
    return facts


def _asked(
    part: PartRun, host: str, connection: Connection, missing: list[Fact], lease: RunInfo | None
) -> Facts:
    """What is missing; where nothing changes, with what the components after this one want."""
    later = [] if lease else _facts_of_later(part, host)
    known = part.known.answers(host, later)
    ahead = [fact for fact in later if fact not in known]
    with suppress(StepFailed):  # whose fault that is, its own component says
        if ahead:
            facts = list(dict.fromkeys([*missing, *ahead]))
            return transaction.ask(connection, facts, None, part.run.subject)
    return transaction.ask(connection, missing, lease, part.run.subject)


def _facts_of_later(part: PartRun, host: str) -> list[Fact]:
    """Those of the parts that come after this one."""
    parts = (later for later in part.later if later.targets_on(host))
    return list(chain.from_iterable(facts_to_ask(later, host) for later in parts))


def _ask_more(part: PartRun, host: str, fact: Fact) -> Any:
    with part.connection_lock(host):
        connection = part.link(host, part.common.timeout).connection()
        return transaction.ask(connection, [fact], None).answers[fact]


def facts_to_ask(part: PartRun, host: str) -> list[Fact]:
    """What the verb wants, its preflight where that is asked first, and we ourselves.

    One of a name, and always the same ones.
    """
    if host not in part.wanted:
        targets = part.targets_on(host)
        own = chain.from_iterable(_facts_of_component(part, target) for target in targets)
        by_name = {fact.name: fact for fact in [*core(*part.readings()), *own]}
        part.wanted[host] = list(by_name.values())
    return part.wanted[host]


def _facts_of_component(part: PartRun, target: Target) -> Iterable[Fact]:
    for verb in part.asked_verbs:
        yield from part.answer(part.bare_ask(target, verb), "facts") or ()
