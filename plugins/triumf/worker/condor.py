"""What condor tells of a worker, and what is said to it.

Its processes are seen from the engine's host: condor_master keeps the others alive, condor_startd
takes jobs, each job that runs has a condor_starter. Whether it drains is asked inside, of the
startd itself. `condor_drain -graceful` is what can be taken back (condor_drain(1)); after
`condor_off -peaceful` a startd leaves for good, whatever is said to it later.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from fairlead.api import Argv, Command, Fact, Noun, Step, either, script

sh = script.beside(__file__)

REASON = "fairlead"  # of our drains: those of others are left to them
NONE = "undefined"


class Slot(Noun):
    """A slot of a startd. `promise`: seconds that a job may go on when it drains."""

    state: str
    activity: str
    promise: int = 0
    reason: str = ""


class Condor(Noun):
    """What runs inside a worker."""

    master: bool = False
    startd: bool = False
    jobs: int = 0
    slots: tuple[Slot, ...] = ()

    @property
    def takes_jobs(self) -> bool:
        return self.startd and bool(self.slots) and not self.reason

    @property
    def reason(self) -> str:
        """Why it drains; "" where it does not."""
        return next((slot.reason for slot in self.slots if slot.reason), "")

    @property
    def is_drained(self) -> bool:
        """Does it drain, with nothing left that runs?"""
        idle = (slot.state == "Drained" and slot.activity == "Idle" for slot in self.slots)
        return bool(self.reason) and not self.jobs and all(idle)

    @property
    def is_ours(self) -> bool:
        """Is it a drain of ours?"""
        return self.reason == REASON

    @property
    def is_well(self) -> bool:
        """Does it take jobs, or was it drained on purpose?"""
        return self.master and self.startd and bool(self.slots)


def healthy() -> Argv:
    """Asked inside a container: do master and startd live, and does the startd answer?"""
    return sh("answers", sh.text("alive"), sh.text("slots"))


def fact(engine: str, names: Iterable[str]) -> Fact:
    """`condor`: worker -> what runs inside."""
    return Fact("condor", sh("condor", engine, sh.text("slots"), *names), parsed, timeout=60)


def parsed(code: int, text: str) -> Mapping[str, Condor]:
    """What condor.sh prints; a block that does not begin with a worker's line is left out."""
    blocks = re.findall(r"^(\S+) (\d+) (\d+) (\d+)$((?:\n  .*)*)", text, re.MULTILINE)
    return {
        name: Condor(master != "0", startd != "0", int(jobs), tuple(_slots(lines)))
        for name, master, startd, jobs, lines in blocks
    }


def _slots(lines: str) -> Iterator[Slot]:
    for line in lines.split("\n"):
        words = line.split(maxsplit=3)
        if len(words) == 4:
            state, activity, promise, reason = words
            yield Slot(
                state,
                activity,
                int(promise) if promise.isdigit() else 0,
                "" if reason == NONE else reason,
            )


def quiet(engine: str, *names: str) -> Command:
    """Does none of them take or run jobs any more?"""
    return sh("quiet", engine, sh.text("slots"), *names)


def drained(engine: str, seconds: float, *names: str) -> Command:
    """No new jobs; what runs may end. It is refused where condor itself would end a job before
    these seconds have passed."""
    return sh("drain", engine, sh.text("drain_inside"), REASON, str(int(seconds)), *names)


def again(engine: str, *names: str) -> Command:
    """Jobs are taken again; a drain of somebody else's stays."""
    return sh("again", engine, sh.text("again_inside"), REASON, *names)


def drain(engine: str, names: Iterable[str], seconds: float, unless: Command | None = None) -> Step:
    """Wait until jobs have ended. Where they do not in time, nothing is stopped and jobs are taken
    again.

    `unless`: a question that makes it needless.
    """
    is_quiet = quiet(engine, *names)
    return Step(
        name="drain",
        unless=either(unless, is_quiet) if unless else is_quiet,
        do=drained(engine, seconds, *names),
        until=is_quiet,
        undo=again(engine, *names),
        timeout=seconds,
        every=2,
        remedy="wait and say it again, give jobs more time (worker.drain), or lose them: --now",
    )


def drained_before(
    engine: str, name: str, inside: Condor, unless: Command | None = None
) -> Iterator[Step]:
    """A worker that was drained on purpose drains again where what follows is undone: the startd of
    a container that starts takes jobs."""
    if inside.reason:
        back = sh("drained_again", engine, sh.text("drain_inside"), inside.reason, name)
        yield Step(name="drained before", unless=unless, do=("true",), undo=back)
