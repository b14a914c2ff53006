"""A bracket around what stops a host's containers: no new work before it, work again after it."""

from collections.abc import Callable, Generator, Iterable
from typing import Any, Protocol

from msgspec.structs import replace

from fairlead.model.plan import Ask, Command, Noun, Phase, Step, Word, either, then
from fairlead.operations.script import Shell


class BatchNode(Noun, kw_only=True):
    """A host as a node of a batch system, which programs of `sh` speak to on the node itself.

    They are `drain NODE REASON`, `jobs NODE`, which waits until none is left, and `undrain NODE
    MARK`; their questions `is_out`, `is_idle` and `is_not_ours`; `takes_jobs`, and `staying`, which
    says why it takes none. `system`: its section in the site. `limits`: what drain is told besides.
    `remedy`: where it does not drain.
    """

    system: str
    name: str
    patience: float
    sh: Shell
    remedy: str
    limits: tuple[Word, ...] = ()

    def drain(self, reason: str) -> Step:
        return Step(
            name=f"drain {self.name}",
            unless=self.sh("is_out", self.name),
            do=self.sh("drain", self.name, reason, *self.limits),
            remedy=self.remedy,
        )

    def jobs(self) -> Step:
        """Wait until its jobs have ended; meanwhile their number and their latest end are shown."""
        return Step(
            name=f"jobs of {self.name}",
            unless=self.sh("is_idle", self.name),
            do=self.sh("jobs", self.name),
            timeout=self.patience,
            read_only=True,
            progress=True,
            remedy=f"wait and say it again, or give them more time ({self.system}.patience); "
            f"{self.name} takes no new jobs until inv {self.system}.undrain",
        )

    def undrain(self, mark: str = "") -> Step:
        """It takes jobs again where the reason of its drain begins with `mark`; "": any."""
        return Step(
            name=f"undrain {self.name}",
            unless=self.sh("is_not_ours", self.name, mark),
            do=self.sh("undrain", self.name, mark),
        )

    def staying(self) -> Step:
        """Says by whom it stays drained."""
        return Step(
            name=f"{self.name} stays drained",
            unless=self.sh("takes_jobs", self.name),
            do=self.sh("staying", self.name),
            read_only=True,
            show_output=True,
        )


Wrapper = Callable[[Ask[Any]], Generator[None, Any, Any]]


class Section(Protocol):
    """What the section of a batch system has. `systems`: whose changes it is for; (): all."""

    @property
    def systems(self) -> tuple[str, ...]: ...


def wrappers(system: str, node: Callable[[Any, str], BatchNode]) -> tuple[Wrapper, Wrapper]:
    """What stands around `down`, and around the verbs that bring back what they stop (`restart`,
    `upgrade`, `rollback`): what is down stays drained. See `bracket`.
    """

    def down(ask: Ask[Any]) -> Generator[None, Any, Any]:
        answer = yield
        return bracket(ask, answer, system, node, is_back=False)

    def restart(ask: Ask[Any]) -> Generator[None, Any, Any]:
        answer = yield
        return bracket(ask, answer, system, node)

    return down, restart


def bracket(
    ask: Ask[Any],
    answer: Any,
    system: str,
    node: Callable[[Any, str], BatchNode],
    is_back: bool = True,
) -> Any:
    """What a verb answered, for a node of a batch system: drained before, given back after.

    `node`: of a section and a host. `is_back`: False: it stays drained.
    """
    section: Section | None = ask.sections.get(system)
    if section is None or (section.systems and ask.target.system not in section.systems):
        return answer
    batch_node = node(section, ask.target.host)
    before = (batch_node.drain(reason(ask)), batch_node.jobs())
    back = (batch_node.undrain(mark(ask)),) if is_back else ()
    return around(answer, before, (*back, batch_node.staying()))


def reason(ask: Ask[Any]) -> str:
    """What a batch system is told: `mark`, then the command, who and what for."""
    words = f"{mark(ask)} inv {ask.target.system}.{ask.verb} by {ask.who} {ask.reason}"
    return "".join(letter for letter in words if letter.isalnum() or letter in " .:@/+=,-_").strip()


def mark(ask: Ask[Any]) -> str:
    """With what the reason begins, by which a run knows its own drain."""
    return f"fairlead {ask.run}"


def around(answer: Any, before: tuple[Step, ...], after: tuple[Step, ...]) -> Any:
    """What a verb answered, with steps before and after it.

    In a plan that goes host by host they stand around that part alone. Those before are needless
    where all that they stand around is so already. `after` is done where all went well.
    """
    elements = tuple(answer or ())
    if elements and isinstance(elements[0], Step):
        return (*_needed(before, elements), *elements, *after)
    places = _places(elements)
    if not places:
        return answer
    covered = [step for place in places for step in elements[place].steps]
    phases = list(elements)
    for place in _openings(elements, places):
        own = phases[place].steps if elements[place].rolling else covered
        phases[place] = _with(phases[place], first=_needed(before, own))
    for place in _closings(elements, places):
        phases[place] = _with(phases[place], last=after)
    return tuple(phases)


def _places(elements: tuple[Any, ...]) -> list[int]:
    """Which phases are to be covered: those that go host by host, else all that have steps."""
    if not all(isinstance(element, Phase) for element in elements):
        return []
    filled = [place for place, phase in enumerate(elements) if phase.steps]
    return [place for place in filled if elements[place].rolling] or filled


def _openings(elements: tuple[Any, ...], places: list[int]) -> list[int]:
    return places if elements[places[0]].rolling else places[:1]


def _closings(elements: tuple[Any, ...], places: list[int]) -> list[int]:
    return places if elements[places[0]].rolling else places[-1:]


def _with(phase: Phase, first: tuple[Step, ...] = (), last: tuple[Step, ...] = ()) -> Phase:
    return replace(phase, steps=(*first, *phase.steps, *last))


def _needed(before: tuple[Step, ...], covered: Iterable[Step]) -> tuple[Step, ...]:
    """The steps before, each passed over where all that follows is so already."""
    is_so = _is_so(covered)
    if is_so is None:
        return before
    return tuple(
        replace(step, unless=either(is_so, step.unless) if step.unless else is_so)
        for step in before
    )


def _is_so(steps: Iterable[Step]) -> Command | None:
    """Is all of it so already? None: that cannot be asked beforehand."""
    changing = [step for step in steps if not step.read_only]
    questions = [step.unless for step in changing if step.unless and not _needs_more(step)]
    if not changing or len(questions) < len(changing):
        return None
    return then(*dict.fromkeys(questions))


def _needs_more(step: Step) -> bool:
    """Is its question asked with more than its words?"""
    return bool(step.compares or step.run_as or step.cwd or step.env or step.after)
