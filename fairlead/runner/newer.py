"""Tells of what others have changed with something newer, before something older undoes it."""

import itertools
from collections.abc import Container, Iterable, Mapping

from fairlead.inventory.nodesets import fold
from fairlead.model.errors import CommandLineError
from fairlead.model.results import UNCHANGED, HostResult
from fairlead.remote.host_journal import JournalEntry
from fairlead.remote.origin import Origin
from fairlead.runner import dry, executor
from fairlead.runner.part import PartRun
from fairlead.runner.phases import HostPlans
from fairlead.runner.revision import has_commit

Changes = Mapping[str, JournalEntry]  # by host

REMEDY = "get it first (git pull), or go on and perhaps undo it"


def run(part: PartRun, plans: HostPlans) -> None:
    """Do (or show) the plans. Where they change what was last changed with something that is not
    here, that is asked before, and the answer no ends all targets; where nobody is to be asked, it
    is a note.
    """
    newer = _newer(part)
    is_silent = part.common.only_shows or part.common.yes
    if newer and not is_silent:
        newer = _of_hosts(newer, dry.changing(part, plans, newer))
        if newer and not _ask(part, f"{_sentence(part, newer)}. Go on?"):
            return
    targets = part.open_targets
    executor.run(part, plans)
    if newer and is_silent:
        acted = {part.runs_on(target) for target in targets if _is_about(part.rows[target.host])}
        _note(part, _of_hosts(newer, acted))


def _newer(part: PartRun) -> Changes:
    """The last changes by others that were made with what is not here, by host."""
    changes = {host: part.facts[host].change for host in part.open_hosts()}
    return {
        host: change for host, change in changes.items() if change and _is_news(part, change.origin)
    }


def _of_hosts(changes: Changes, hosts: Container[str]) -> Changes:
    return {host: change for host, change in changes.items() if host in hosts}


def _is_about(row: HostResult) -> bool:
    """Is there something in a row that was done, would be done, or is explained?"""
    return row.state not in UNCHANGED or bool(row.explain)


def _note(part: PartRun, newer: Changes) -> None:
    if newer:
        part.notes.append(_sentence(part, newer))


def _ask(
    part: PartRun,
    question: str,
) -> bool:
    try:
        if part.context.confirm(question, ""):
            return True
        error = CommandLineError("inv", "nothing was done: the answer was no", "")
    except CommandLineError as nobody_there:
        error = nobody_there
    for target in part.open_targets:
        part.refuse(target, error)
    return False


def _is_news(
    part: PartRun,
    origin: Origin,
) -> bool:
    """Whether a change was made with what this run does not have, and nobody has agreed to that."""
    if origin in part.known.agreed:
        return False
    theirs = _numbers(origin.fairlead)
    if theirs > _numbers(part.run.origin.fairlead):
        return True
    return _is_missing(part, origin.revision)


def _numbers(version: str) -> tuple[int, ...]:
    """Those that a version begins with: 0.2.0.dev3 is 0, 2, 0."""
    numeric = itertools.takewhile(str.isdecimal, version.split("."))
    return tuple(map(int, numeric))


def _is_missing(
    part: PartRun,
    revision: str,
) -> bool:
    """Is a commit of the site in none that this checkout is made of? Without git that is not known,
    and no reason to ask.
    """
    ours = part.run.origin.revision
    if not revision or not ours:
        return False
    if revision == ours:
        return False
    path = part.context.site().path
    return not has_commit(path, revision)


def _sentence(
    part: PartRun,
    newer: Changes,
) -> str:
    """Who did what with what, and what helps; it is said of each origin once in a run."""
    part.known.agreed |= {change.origin for change in newer.values()}
    return f"{'; '.join(_sentences(part, newer))}: {REMEDY}"


def _sentences(
    part: PartRun,
    changes: Changes,
) -> Iterable[str]:
    """What was changed by whom and with what, equal ones once."""
    ours = part.run.origin

    def words(host: str) -> str:
        change = changes[host]
        return (
            f"{change.who} did {change.what}"
            f" on {change.time[:10]}"
            f" with {_short(change.origin)},"
            f" which {_short(ours)} here does not have"
        )

    for text, hosts in itertools.groupby(sorted(changes, key=words), words):
        yield f"{fold(hosts)}: {text}"


def _short(origin: Origin) -> str:
    """With 12 letters of the commit, as it is shown elsewhere."""
    return Origin(origin.fairlead, origin.revision[:12]).text
