"""What condor's processes tell of a worker, and what is said to them.

They are seen from the engine's host, so that an image needs no tools for it: condor_master keeps
the others alive, condor_startd takes jobs, each job that runs has a condor_starter.
"""

import re
from collections.abc import Iterable, Mapping

from fairlead.api import Argv, Command, Fact, Noun, Step, either, script

sh = script.beside(__file__)


class Condor(Noun):
    """What runs inside a worker."""

    master: bool = False
    startd: bool = False
    jobs: int = 0


def healthy() -> Argv:
    """Asked inside a container: do master and startd live?"""
    return sh("alive", "condor_master", "condor_startd")


def fact(names: Iterable[str]) -> Fact:
    """`condor`: worker -> what runs inside."""
    return Fact("condor", sh("condor", *names), parsed, timeout=20)


def parsed(code: int, text: str) -> Mapping[str, Condor]:
    """The lines of condor.sh; those that are none of them are left out."""
    rows = re.findall(r"^(\S+) (\d+) (\d+) (\d+)$", text, re.MULTILINE)
    return {
        name: Condor(master != "0", startd != "0", int(jobs)) for name, master, startd, jobs in rows
    }


def quiet(*names: str) -> Command:
    """Does none of them take or run jobs any more?"""
    return sh("quiet", *names)


def off(*names: str) -> Command:
    """No new jobs; what runs may end, however long that takes: condor_off(1). Only condor_master
    stays."""
    return ("sh", "-c", sh.text("say"), "off", "condor_off", "-peaceful", *names)


def on(*names: str) -> Command:
    """Jobs are taken again."""
    return ("sh", "-c", sh.text("say"), "on", "condor_on", "", *names)


def drain(names: Iterable[str], seconds: float, unless: Command | None = None) -> Step:
    """Wait until jobs have ended. Where they do not in time, nothing is stopped and jobs are taken
    again.

    `unless`: a question that makes it needless.
    """
    is_quiet = quiet(*names)
    return Step(
        name="drain",
        unless=either(unless, is_quiet) if unless else is_quiet,
        do=off(*names),
        until=is_quiet,
        undo=sh("again", *names),
        timeout=seconds,
        every=2,
        remedy="wait and say it again, give jobs more time (worker.drain), or lose them: --now",
    )
