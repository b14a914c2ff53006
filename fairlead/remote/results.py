"""What hosts report of runs, summed up."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from fairlead.model.plan import Fact, Noun
from fairlead.remote.events import (
    EntryUncopied,
    Event,
    LastChange,
    LeaseHeld,
    LockRefused,
    Message,
    Over,
    RunCancelled,
    RunReport,
    StepEnded,
    StepProved,
    StepRegistered,
    StepUndone,
)
from fairlead.remote.host_journal import JournalEntry, entry
from fairlead.remote.origin import Origin, parted
from fairlead.remote.programs import TAKING

Report = Event | Message
R = TypeVar("R")
GONE = 60  # seconds without a sign of life after which the owner of a lease counts as gone
NO_ROOM = ("No space left on device", "Disk quota exceeded")
FINISHED = {"ok", "changed", "failed", "undone", "forgotten", "locked"}  # nobody has to decide


class Holder(Noun):
    """Who has a lease or a lock.

    A lease between two transactions has `left` seconds to go, and its owner has given no sign of
    life for `silence` seconds; `is_taking`: he has not got it on all his hosts yet.
    """

    run: str = ""
    who: str = "somebody"
    since: str = "a moment ago"
    what: str = ""
    left: int = 0
    silence: int = 0
    is_taking: bool = False
    origin: Origin = Origin()

    @classmethod
    def read(cls, text: str, lease: LeaseHeld | None = None) -> "Holder":
        """From the text of a lease's file, or of a lock's."""
        words = zip(("run", "who", "since", "what"), text.split("\n"), strict=False)
        holder = msgspec.convert(dict(words), cls)
        what, origin = parted(holder.what)
        holder = msgspec.structs.replace(holder, what=what, origin=origin)
        if not lease:
            return holder
        return msgspec.structs.replace(
            holder,
            left=max(lease.left, 0),
            silence=lease.silence,
            is_taking=lease.progress == TAKING and lease.left > 0,  # 0: a worker of his works
        )

    @property
    def is_gone(self) -> bool:
        """Nothing works there, and its owner has given no sign of life for long."""
        return bool(self.left) and self.silence > GONE


class HostRun(Noun):
    """A transaction as a host knows it.

    `state`: open ok changed failed undone stuck interrupted forgotten locked.
    """

    name: str
    state: str
    alive: bool
    seen: bool
    system: str
    who: str
    what: str
    steps: tuple[str, ...] = ()  # their names
    more: bool = False  # others of the same run were to follow it here
    origin: Origin = Origin()

    @property
    def run(self) -> str:
        """The name of the run that it is a transaction of."""
        return self.name.rpartition(".")[0]

    def step_name(self, number: int) -> str:
        """The name of a step; its number where the host does not know it."""
        return self.steps[number - 1] if number <= len(self.steps) else f"step {number}"

    @property
    def is_finished(self) -> bool:
        """Ended, and nobody has to decide anything."""
        return not self.alive and self.state in FINISHED

    @property
    def is_stranded(self) -> bool:
        """Begun, and neither finished nor undone: somebody has to decide."""
        return not self.alive and self.state in ("open", "interrupted", "stuck")


class Facts(Noun):
    """What the first round trip brought.

    `holder`: who has the lease that we need. `change`: how the subject of the run was last changed.
    """

    answers: Mapping[Fact, Any]
    runs: tuple[HostRun, ...] = ()
    holder: Holder | None = None
    change: JournalEntry | None = None

    @property
    def values(self) -> Mapping[str, Any]:
        """The answers by the names of their facts."""
        return {fact.name: answer for fact, answer in self.answers.items()}

    @property
    def is_held_by_the_dead(self) -> bool:
        """Whether the lease is that of a run which was left open.

        Nobody has to be waited for then, but somebody has to decide.
        """
        stranded = {run.run for run in self.runs if run.is_stranded}
        return self.holder is not None and self.holder.run in stranded


class Ended(Noun):
    """How a transaction ended.

    `undone`: step -> exit code and output of its undo; `proofs`: the same of the question whether
    what came back works; `kept`: step -> what it printed, where that
    is registered. `cancelled_by`: who asked for its end. `uncopied`: why the host's syslog has no
    line of it.
    """

    state: str
    steps: tuple[StepEnded, ...] = ()
    undone: Mapping[int, tuple[int, str]] = {}
    kept: Mapping[int, str] = {}
    holder: Holder | None = None
    proofs: Mapping[int, tuple[int, str]] = {}
    cancelled_by: str = ""
    uncopied: str = ""

    @property
    def silent(self) -> tuple[str, ...]:
        """What was said, where something came back and does not work."""
        return tuple(output.strip() for code, output in self.proofs.values() if code)


def lacks_room(*words: str) -> bool:
    """Do these words of a program say that a disk is full?"""
    return any(text in word for text in NO_ROOM for word in words)


def of_kind(reports: Iterable[Report], kind: type[R]) -> list[R]:
    """Those of one kind, in their order."""
    return [report for report in reports if isinstance(report, kind)]


def ended(reports: Iterable[Report]) -> Ended:
    """The sum of what was reported of one transaction; "open" where its end was not."""
    reports = tuple(reports)
    states = [over.state for over in of_kind(reports, Over)]
    refusals = of_kind(reports, LockRefused)
    cancels = of_kind(reports, RunCancelled)
    return Ended(
        state=states[0] if states else "open",
        steps=tuple(of_kind(reports, StepEnded)),
        undone={undo.step: (undo.exit_code, undo.output) for undo in of_kind(reports, StepUndone)},
        kept={step.step: step.output for step in of_kind(reports, StepRegistered)},
        holder=Holder.read(refusals[0].holder) if refusals else None,
        proofs={
            proof.step: (proof.exit_code, proof.output) for proof in of_kind(reports, StepProved)
        },
        cancelled_by=cancels[0].who if cancels else "",
        uncopied=next((event.why for event in of_kind(reports, EntryUncopied)), ""),
    )


def host_runs(reports: Iterable[Report]) -> tuple[HostRun, ...]:
    """Every run that the host has told of."""
    return tuple(map(host_run, of_kind(reports, RunReport)))


def host_run(report: RunReport) -> HostRun:
    """A run, from what programs.py has written about it; an older version wrote fewer lines."""
    lines = report.about.splitlines()
    _, system, who, label, _, more = [*lines, *[""] * 6][:6]
    what, origin = parted(label)
    return HostRun(
        report.name,
        report.state,
        report.alive,
        report.seen,
        system,
        who,
        what,
        tuple(lines[6:]),
        bool(more),
        origin,
    )


def change(reports: Iterable[Report]) -> JournalEntry | None:
    """The last change that the host has told of; None: it knows of none."""
    entries = [entry(report.entry) for report in of_kind(reports, LastChange)]
    return entries[0] if entries else None


def holders(reports: Iterable[Report]) -> dict[str, Holder]:
    """The leases that others have: lock -> holder."""
    return {lease.lock: Holder.read(lease.holder, lease) for lease in of_kind(reports, LeaseHeld)}
