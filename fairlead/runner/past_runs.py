"""Which hosts a run left in which state, by what the journal here remembers."""

from collections.abc import Collection, Iterable, Iterator
from itertools import chain, islice

from fairlead.inventory.nodesets import fold
from fairlead.inventory.run_groups import STATES
from fairlead.model.errors import CommandLineError
from fairlead.runner.stopped import Entry

ENOUGH = 100  # hosts by which it is guessed how long the next ones take
HISTORY = "which runs there are: inv runs.history"


def hosts(
    entries: Iterable[Entry],
    site: str,
    known: Collection[str],
    group: str,
    run: str,
) -> tuple[str, ...]:
    """The hosts of `@GROUP` in the last run for a site, or in the run of this name.

    `entries` the newest first; `known` are the hosts of the site. Raises CommandLineError where
    there are none.
    """
    entry = _run_of(entries, site, f"@{group}", run)
    states = STATES[group]
    names = dict.fromkeys(row["host"] for row in entry["hosts"] if row["state"] in states)
    title = f"run {entry['run']} (inv {entry['verb']} of {entry['time']})"
    if not names:
        remedy = f"another run: --host=@{group}:RUN; {HISTORY}"
        raise CommandLineError(f"@{group}", f"no host of {title} is {' or '.join(states)}", remedy)
    missing = [name for name in names if name not in known]
    if missing:
        what = f"{title} was about {fold(missing)} too, which the site does not have any more"
        raise CommandLineError(f"@{group}", what, "name the others by their names")
    return tuple(names)


def times(
    entries: Iterable[Entry], site: str, system: str, component: str, phase: str
) -> tuple[float, ...]:
    """How many seconds a phase has taken on each host that earlier runs have changed, of ENOUGH at
    most; `entries` the newest first.
    """
    return tuple(islice(_times(entries, site, system, component, phase), ENOUGH))


def _times(
    entries: Iterable[Entry], site: str, system: str, component: str, phase: str
) -> Iterator[float]:
    rows = chain.from_iterable(entry["hosts"] for entry in entries if entry["site"] == site)
    for row in rows:
        is_of = (row.get("system"), row["component"]) == (system, component)
        if row["state"] == "changed" and is_of and row.get("seconds", {}).get(phase):
            yield row["seconds"][phase]


def _run_of(entries: Iterable[Entry], site: str, where: str, run: str) -> Entry:
    other = ""
    for entry in entries:
        if run in ("", entry["run"]):
            if entry["site"] == site:
                return entry
            other = other or entry["site"]
    if other and run:
        what, remedy = f"run {run} was about the site {other}", f"name it: --site={other}"
        raise CommandLineError(where, what, remedy)
    what = f"no run {run} was begun here" if run else f"nothing was begun here for {site}"
    raise CommandLineError(where, what, HISTORY)
