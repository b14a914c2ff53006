"""Tells of what others have changed with something newer, before something older undoes it."""

import itertools
from collections.abc import Iterable, Mapping

from fairlead.inventory.nodesets import fold
from fairlead.model.errors import CommandLineError
from fairlead.remote.host_journal import JournalEntry
from fairlead.remote.origin import Origin
from fairlead.runner.part import PartRun
from fairlead.runner.revision import has_commit

REMEDY = "get it first (git pull), or go on and perhaps undo it"


def is_agreed(part: PartRun) -> bool:
    """Ask where hosts were last changed with what is not here; the answer no ends all targets."""
    newer: dict[str, JournalEntry] = {}
    for host, facts in part.facts.items():
        change = facts.change
        if change and _is_news(part, change.origin):
            newer[host] = change
    if not newer:
        return True
    sentences = "; ".join(_sentences(part, newer))
    sentence = f"{sentences}: {REMEDY}"
    for change in newer.values():
        part.known.agreed.add(change.origin)
    if part.common.only_shows or part.common.yes:
        part.notes.append(sentence)
        return True
    return _ask(part, sentence)


def _ask(
    part: PartRun,
    sentence: str,
) -> bool:
    try:
        if part.context.confirm(f"{sentence}. Go on?", ""):
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


def _sentences(
    part: PartRun,
    changes: Mapping[str, JournalEntry],
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
