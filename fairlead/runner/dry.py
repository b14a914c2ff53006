"""What hosts answer to the questions of a plan, nothing done."""

from collections.abc import Iterable

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Step
from fairlead.remote import transaction
from fairlead.remote.registered import fill
from fairlead.remote.results import Ended
from fairlead.runner import parallel
from fairlead.runner.part import PartRun
from fairlead.runner.phases import HostPhase, HostPlans, Plans


def ask(part: PartRun, phase: HostPhase) -> tuple[tuple[Step, ...], Ended]:
    """The steps as they were asked about, and the answers. Raises FairleadError."""
    steps = tuple(named(shared.step, phase.host) for shared in phase.steps)
    with part.connection_lock(phase.host):
        connection = part.link(phase.host).connection()
        return steps, transaction.dry(connection, part.run, phase.number, steps)


def named(step: Step, host: str) -> Step:
    """A step that is not done: what another would have registered goes by its name."""
    return fill(step, {}, host, dry=True)


def changing(part: PartRun, plans: HostPlans, hosts: Iterable[str]) -> set[str]:
    """Those of these hosts on which a plan changes something, or may: where that cannot be asked,
    it counts as a change.
    """
    among = frozenset(hosts)
    phases = [phase for phase in Plans(part, plans).whole() if phase.host in among]
    answers = parallel.each(phases, lambda phase: _changes(part, phase), part.common.fanout)
    return {phase.host for phase, changes in zip(phases, answers, strict=True) if changes}


def _changes(part: PartRun, phase: HostPhase) -> bool:
    try:
        steps, ended = ask(part, phase)
    except FairleadError:
        return True
    changing = (
        end.state == "would-change" and bool(step.do) and not step.read_only
        for end, step in ((end, steps[end.step - 1]) for end in ended.steps)
    )
    return ended.state != "ok" or any(changing)
