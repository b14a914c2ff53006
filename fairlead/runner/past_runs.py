"""Which hosts a run left in which state, by what the journal here remembers."""

from collections.abc import Collection, Iterable, Sequence
from itertools import chain

from fairlead.inventory.nodesets import fold
from fairlead.inventory.run_groups import STATES
from fairlead.model.errors import CommandLineError
from fairlead.runner.stopped import Entry

HISTORY = "which runs there are: inv runs.history"


def hosts(
    entries: Sequence[Entry],
    site: str,
    known: Collection[str],
    group: str,
    run: str,
) -> tuple[str, ...]:
    """The hosts of `@GROUP` in the last run for a site, or in the run of this name.

    `known` are the hosts of the site. Raises CommandLineError where there are none.
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
    """How many seconds a phase has taken on each host that earlier runs have changed."""
    rows = chain.from_iterable(entry["hosts"] for entry in entries if entry["site"] == site)
    return tuple(
        row["seconds"][phase]
        for row in rows
        if row["state"] == "changed"
        and (row.get("system"), row["component"]) == (system, component)
        and row.get("seconds", {}).get(phase)
    )


def _run_of(entries: Sequence[Entry], site: str, where: str, run: str) -> Entry:
    named = [entry for entry in entries if run in ("", entry["run"])]
    own = [entry for entry in named if entry["site"] == site]
    if own:
        return own[-1]
    if named and run:
        other = named[-1]["site"]
        what, remedy = f"run {run} was about the site {other}", f"name it: --site={other}"
        raise CommandLineError(where, what, remedy)
    what = f"no run {run} was begun here" if run else f"nothing was begun here for {site}"
    raise CommandLineError(where, what, HISTORY)
