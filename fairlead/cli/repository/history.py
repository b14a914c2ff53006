"""Who did what, by the journals of the hosts and by the one here."""

import time
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from msgspec import Meta

from fairlead.cli.commands import CommandResult, chosen_hosts, folded_errors
from fairlead.cli.options import duration, read_value
from fairlead.inventory.nodesets import fold
from fairlead.model.errors import FairleadError, worst
from fairlead.model.results import Table
from fairlead.output import journal
from fairlead.remote import transaction
from fairlead.remote.host_journal import HostJournal, JournalEntry
from fairlead.runner import parallel
from fairlead.runner.context import Context
from fairlead.runner.request import Common

HEAD = ("when", "who", "what", "reason", "hosts", "exit", "revision", "run")
Entries = dict[str, list[JournalEntry]]  # host -> its lines of one run


def history(
    context: Context,
    common: Common,
    *,
    since: str = "4w",
    who: str = "",
    system: str = "",
    verify: Annotated[bool, Meta(description="Is a line missing in a host's journal?")] = False,
) -> CommandResult:
    """What was changed on the hosts, by whom, and how it ended, whoever did it from wherever: by
    their own journals (--since=2d, --who, --system, --host); --verify: is any line missing there?
    """
    seconds = read_value("--since", since, duration)
    hosts = chosen_hosts(context.site(), common, offline=False)
    answers = parallel.each(hosts, lambda host: _ask(context, host), common.fanout)
    journals = [answer for answer in answers if isinstance(answer, HostJournal)]
    errors = [answer for answer in answers if isinstance(answer, FairleadError)]
    if verify:
        return _verified(journals, errors)
    earliest = time.strftime(journal.TIME, time.gmtime(time.time() - seconds))
    runs = _by_run(journals, earliest, who, system)
    codes = {entry["run"]: entry["code"] for entry in journal.since(earliest)}
    data = [_run(of_run, codes) for of_run in runs.values()]
    nothing = [] if data else [f"nothing was changed there within {since}"]
    text = "\n".join([*nothing, *folded_errors(errors)])
    listing = (Table(rows=(HEAD, *map(_row, data))),) if data else None
    return CommandResult(text, data, worst(error.code for error in errors), listing)


def _ask(context: Context, host: str) -> HostJournal | FairleadError:
    try:
        return transaction.journal(context.link(host).connection())
    except FairleadError as error:
        return error


def _verified(journals: Iterable[HostJournal], errors: list[FairleadError]) -> CommandResult:
    faults = {read.host: [*read.faults()] for read in journals}
    lines = [f"{host}  {fault}" for host, of_host in faults.items() for fault in of_host]
    whole = [host for host, of_host in faults.items() if not of_host]
    if whole:
        lines.append(f"{fold(whole)}  no line is missing")
    code = worst([*(error.code for error in errors), int(any(faults.values()))])
    data = [{"host": host, "faults": of_host} for host, of_host in faults.items()]
    return CommandResult("\n".join([*lines, *folded_errors(errors)]), data, code)


def _by_run(
    journals: Iterable[HostJournal], earliest: str, who: str, system: str
) -> dict[str, Entries]:
    """The lines of each run, the runs in the order in which they began."""
    runs: dict[str, Entries] = {}
    for read in journals:
        for entry in read.entries():
            is_named = system in ("", entry.system.partition(".")[0])
            if is_named and who in entry.who and entry.time >= earliest:
                runs.setdefault(entry.run, {}).setdefault(read.host, []).append(entry)
    return dict(sorted(runs.items()))


def _run(hosts: Entries, codes: Mapping[str, int]) -> dict[str, Any]:
    """A run as data; its exit code where it was begun here, by `codes`."""
    first = min((entries[0] for entries in hosts.values()), key=lambda entry: entry.time)
    rows = []
    for host, entries in hosts.items():
        last = {entry.system: entry.state for entry in entries}
        rows += [{"host": host, "system": name, "state": state} for name, state in last.items()]
    return {
        "time": first.time,
        "run": first.run,
        "who": first.who,
        "what": first.what,
        "reason": first.reason,
        "fairlead": first.origin.fairlead,
        "revision": first.origin.revision,
        "code": codes.get(first.run),
        "hosts": rows,
    }


def _row(run: Mapping[str, Any]) -> tuple[str, ...]:
    """A run as cells."""
    states: dict[str, dict[str, None]] = {}
    for row in run["hosts"]:
        states.setdefault(row["state"], {})[row["host"]] = None
    hosts = ", ".join(f"{fold(names)} {state}" for state, names in states.items())
    code = "not known" if run["code"] is None else str(run["code"])
    return (
        run["time"],
        run["who"],
        run["what"],
        run["reason"],
        hosts,
        code,
        run["revision"][:12],
        run["run"],
    )
