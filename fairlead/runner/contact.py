"""The first round trip with every host of a part: its facts, and its lease where one is taken."""

from collections.abc import Iterable
from itertools import chain

import msgspec

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Fact, Target
from fairlead.operations.facts import PROBES
from fairlead.remote import transaction
from fairlead.runner import leases, unfinished
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
        lease = part.run if part.takes_leases else None
        with part.connection_lock(host):
            connection = part.link(host, part.common.timeout).connection()
            part.report(host, "connected")
            facts = transaction.ask(connection, facts_to_ask(part, host), lease)
            part.facts[host] = facts
            part.released.discard(host)
        if facts.holder is None or facts.is_held_by_the_dead:
            unfinished.report(part, host, facts)
        if facts.holder is None:
            part.report(host, "asked")
    except FairleadError as error:
        return error
    return facts


def facts_to_ask(part: PartRun, host: str) -> list[Fact]:
    """Core facts and the component's; those of its preflight too where that is asked first.

    One of a name.
    """
    targets = part.targets_on(host)
    own = chain.from_iterable(_facts_of_component(part, target) for target in targets)
    return list({fact.name: fact for fact in [*PROBES, *own]}.values())


def _facts_of_component(part: PartRun, target: Target) -> Iterable[Fact]:
    verbs = [part.verb, "preflight"] if part.asks_preflight else [part.verb]
    for verb in verbs:
        yield from part.answer(part.bare_ask(target, verb), "facts") or ()
