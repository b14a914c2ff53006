"""A dry run as data: what it would do on which host, and by what it was made; no secrets.

Of secrets it holds nothing, not even a digest: that one has changed since is not noticed.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from fairlead import __version__
from fairlead.model import operator
from fairlead.model.errors import CommandLineError, Drift
from fairlead.model.plan import Noun, Phase, Secret, Step
from fairlead.model.results import RunResult
from fairlead.runner.part import PartRun
from fairlead.runner.phases import HostPlans
from fairlead.runner.request import Common, Request

FORMAT = 1
HEAD = 64  # bytes, in which the key `plan` stands
BEGINNING = re.compile(rb'\{\s*"plan":\s*[0-9]')
OWN = ("site", "dry_run", "json", "explain", "yes", "plan")  # of the command line that applies it


class PlannedStep(Noun):
    """A step; `digest` covers all of it but secrets, `state` is the dry run's answer."""

    phase: str
    name: str
    digest: str
    state: str = ""


class HostPlan(Noun):
    """What one component does on one host; `section` and `facts` are digests."""

    part: str
    host: str
    section: str
    facts: Mapping[str, str]
    steps: tuple[PlannedStep, ...]

    @property
    def key(self) -> tuple[str, str]:
        return self.part, self.host

    def differences(self, now: "HostPlan") -> Iterator[str]:
        """What is not as it was planned, in words."""
        if self.section != now.section:
            yield "the site says something else of it"
        if self.steps == now.steps:
            return
        names = _different(self.steps, now.steps)
        facts = sorted({*self.facts, *now.facts})
        changed = [name for name in facts if self.facts.get(name) != now.facts.get(name)]
        because = f" (facts that have changed: {', '.join(changed)})" if changed else ""
        yield f"another plan from the step {names} on{because}"


class SavedPlan(Noun, kw_only=True):
    """What `inv apply` carries out."""

    plan: int = FORMAT
    fairlead: str
    time: str
    who: str
    site: str
    request: Request
    common: Common
    hosts: tuple[HostPlan, ...]

    def refuse_changes(self, hosts: tuple[HostPlan, ...]) -> None:
        """Raise Drift where what would be done now on these hosts is not what was planned."""
        planned = {plan.key: plan for plan in self.hosts}
        now = {plan.key: plan for plan in hosts}
        sentences = [
            f"{host}: {part}: {words}"
            for part, host in dict.fromkeys((*planned, *now))
            for words in _differences(planned.get((part, host)), now.get((part, host)))
        ]
        if sentences:
            what = f"nothing was done, for the plan of {self.time} fits no more: "
            raise Drift("inv apply", what + "; ".join(sentences), "plan anew: --plan=FILE")


class PlanKeeper:
    """Hears of the plan of every part before it is shown or done.

    With `expected`, what a part is about to do under its lock has to be that, on every host that
    no earlier part of this run has worked on.
    """

    def __init__(self, expected: tuple[HostPlan, ...] = ()):
        self.expected = {plan.key: plan for plan in expected}
        self.plans: list[HostPlan] = []
        self.touched: set[str] = set()

    def take(self, part: PartRun, plans: HostPlans) -> None:
        """Raises nothing: a host whose plan is another gets its row."""
        for target in part.open_targets:
            plan = _host_plan(part, target.host, plans[target.host])
            known = self.expected.get(plan.key)
            if known and part.runs_on(target) not in self.touched:
                words = [*replace(known, steps=_asked(known.steps)).differences(plan)]
                if words:
                    what = f"{part.name}: {'; '.join(words)}"
                    part.refuse(target, Drift(target.host, what, "plan anew"))
            self.plans.append(plan)
        self.touched |= {part.runs_on(target) for target in part.targets}


def saved(
    request: Request, common: Common, keeper: PlanKeeper, result: RunResult, time: str
) -> SavedPlan:
    """The plan of a dry run that has ended well. Raises CommandLineError where there is none."""
    if not keeper.plans:
        what = f"inv {request.title} does nothing that a plan could hold"
        raise CommandLineError("--plan", what, "name a verb that changes hosts")
    if result.code:
        what = f"nothing was kept: the dry run ended with {result.code}"
        raise CommandLineError("--plan", what, "mend what it says")
    own = {name: getattr(Common(), name) for name in OWN}
    return SavedPlan(
        fairlead=__version__,
        time=time,
        who=operator.address(),
        site=result.site,
        request=request,
        common=replace(common, **own),
        hosts=answered(keeper, result),
    )


def answered(keeper: PlanKeeper, result: RunResult) -> tuple[HostPlan, ...]:
    """The plans, with what the dry run says of each step."""
    states = {
        (row.called, row.host, step.phase, step.name): step.state
        for row in result.hosts
        for step in row.steps
    }
    return tuple(
        replace(
            plan,
            steps=tuple(
                replace(step, state=states.get((*plan.key, step.phase, step.name), ""))
                for step in plan.steps
            ),
        )
        for plan in keeper.plans
    )


def encoded(plan: SavedPlan) -> bytes:
    return msgspec.json.format(msgspec.json.encode(plan), indent=1) + b"\n"


def is_plan(path: Path) -> bool:
    """Is it the file of a plan, of whatever format, or an empty one? Raises OSError."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(HEAD)
    return not head or BEGINNING.match(head) is not None


def decoded(data: bytes, where: str) -> SavedPlan:
    """Raises CommandLineError."""
    try:
        plan = msgspec.json.decode(data, type=SavedPlan)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        what = f"is no saved plan: {error}"
        raise CommandLineError(where, what, "inv VERB --plan=FILE writes one") from error
    if plan.plan != FORMAT:
        what = f"was written by fairlead {plan.fairlead}, in another format"
        raise CommandLineError(where, what, "plan anew with this one")
    return plan


def _host_plan(part: PartRun, host: str, phases: tuple[Phase, ...]) -> HostPlan:
    target = next(target for target in part.targets if target.host == host)
    spec = part.context.site().hosts[host]
    facts = part.answers[part.runs_on(target)]
    cut = part.context.redactor.cut

    def digest(value: Any) -> str:
        return hashlib.sha256(cut(_text(value)).encode()).hexdigest()[:16]

    steps = tuple(
        PlannedStep(phase.name, step.name, digest(step)) for phase in phases for step in phase.steps
    )
    section = digest((target.section, spec))
    digests = {name: digest(value) for name, value in facts.items()}
    return HostPlan(part.title, host, section, digests, steps)


def _asked(steps: tuple[PlannedStep, ...]) -> tuple[PlannedStep, ...]:
    """The steps without what a dry run said of them."""
    return tuple(replace(step, state="") for step in steps)


def _differences(planned: HostPlan | None, now: HostPlan | None) -> Iterator[str]:
    if planned and now:
        yield from planned.differences(now)
    else:
        yield "was not planned" if now else "is not planned any more"


def _different(planned: tuple[PlannedStep, ...], now: tuple[PlannedStep, ...]) -> str:
    """The first step that is not the same, by its name."""
    for old, new in zip(planned, now, strict=False):
        if old != new:
            return repr(old.name)
    longer = max(planned, now, key=len)
    return repr(longer[min(len(planned), len(now))].name)


def _text(value: Any) -> str:
    """All that a value says, the same in every process; a Secret says `***`."""
    return msgspec.json.encode(_plain(value), order="deterministic").decode()


def _plain(value: Any) -> Any:
    """The same in lists, maps and words, sets in order."""
    match value:
        case Step(stdin=Secret(), diff=diff) if diff:
            return _plain(replace(value, diff=""))
        case msgspec.Struct():
            fields = {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
            return {"": type(value).__name__, **fields}
        case Mapping():
            return {repr(key): _plain(part) for key, part in value.items()}
        case set() | frozenset():
            return sorted(map(repr, value))
        case list() | tuple():
            return [_plain(part) for part in value]
    return repr(value)
