"""The first round trip with every host of a part: its facts, and its lease where one is taken."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

import msgspec

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Fact, Target
from fairlead.operations.facts import core
from fairlead.remote import transaction
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
        target.host: part.facts[part.runs_on(target)].values
        for target in part.open_targets
        if part.runs_on(target) in part.facts
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
            )


def _contact(part: PartRun, host: str) -> leases.FirstAnswer:
    try:
        with part.connection_lock(host):
            part.link(host, part.common.timeout).connection()
        part.report(host, "connected")
        facts = ask_facts(part, host, part.run if part.takes_leases else None)
        if facts.holder is None or facts.is_held_by_the_dead:
            unfinished.report(part, host, facts)
        if facts.holder is None:
            part.report(host, "asked")
    except FairleadError as error:
        return error
    return facts


def ask_facts(part: PartRun, host: str, lease: RunInfo | None) -> Facts:
    """Ask a host what is wanted of it, and keep that; with `lease`, it is taken.

    Raises FairleadError.
    """
    with part.connection_lock(host):
        connection = part.link(host, part.common.timeout).connection()
        facts = transaction.ask(connection, facts_to_ask(part, host), lease)
        answers = HostAnswers(facts.values, lambda fact: _ask_more(part, host, fact))
        part.facts[host] = msgspec.structs.replace(facts, values=answers)
        part.released.discard(host)
    return part.facts[host]


def _ask_more(part: PartRun, host: str, fact: Fact) -> Any:
    with part.connection_lock(host):
        connection = part.link(host, part.common.timeout).connection()
        return transaction.ask(connection, [fact], None).values[fact.name]


def facts_to_ask(part: PartRun, host: str) -> list[Fact]:
    """What the verb wants, its preflight where that is asked first, and we ourselves.

    One of a name.
    """
    targets = part.targets_on(host)
    own = chain.from_iterable(_facts_of_component(part, target) for target in targets)
    return list({fact.name: fact for fact in [*core(*part.readings()), *own]}.values())


def _facts_of_component(part: PartRun, target: Target) -> Iterable[Fact]:
    for verb in part.asked_verbs:
        yield from part.answer(part.bare_ask(target, verb), "facts") or ()
