"""Which verb stopped before all its hosts were as asked, by what the journal here remembers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fairlead.inventory.nodesets import fold
from fairlead.model.errors import CommandLineError
from fairlead.model.plan import Noun
from fairlead.runner.request import Request

DONE = frozenset({"ok", "changed"})  # states of a host that is as asked
Entry = Mapping[str, Any]  # a line of the journal: run, site, verb, time, hosts, options


class Stopped(Noun):
    """A run that stopped; `hosts` are those that are not as it wanted, then nor later."""

    run: str
    verb: str
    time: str
    hosts: tuple[str, ...]
    total: int
    options: Mapping[str, Any]

    @property
    def sentence(self) -> str:
        """What there is to go on with."""
        share = f"{len(self.hosts)} of {self.total} hosts are not as asked: {fold(self.hosts)}."
        return f"inv {self.verb} of {self.time} stopped; {share}"

    def request(self) -> Request:
        """The same verb once more."""
        *names, verb = self.verb.split(".")
        system, component = (*names, "", "")[:2]
        return Request(verb=verb, system=system, component=component, options=self.options)


def last(entries: Sequence[Entry], run: str, site: str) -> Stopped:
    """The last run for this site that left hosts behind; with `run`, that of this name.

    Raises CommandLineError where there is none.
    """
    own = [entry for entry in entries if entry["site"] == site]
    runs = [_stopped(entry, own[number + 1 :]) for number, entry in enumerate(own)]
    named = [stopped for stopped in runs if run in ("", stopped.run)]
    open_runs = [stopped for stopped in named if stopped.hosts]
    if open_runs:
        return open_runs[-1]
    raise CommandLineError("inv runs.resume", *_why_none(entries, run, site, bool(named)))


def _why_none(
    entries: Iterable[Entry],
    run: str,
    site: str,
    is_known: bool,
) -> tuple[str, str]:
    """What is wrong, and the remedy."""
    remedy = "what hosts remember: inv runs.list --all"
    if not run:
        return f"nothing that was begun here for {site} has stopped", remedy
    if is_known:
        return f"all hosts of run {run} are as asked by now", remedy
    others = [entry["site"] for entry in entries if entry["run"] == run]
    if others:
        return f"run {run} was about the site {others[0]}", f"name it: --site={others[0]}"
    return f"no run {run} was begun here", remedy


def _stopped(entry: Entry, later: Iterable[Entry]) -> Stopped:
    hosts = tuple(dict.fromkeys(row["host"] for row in entry["hosts"]))
    open_hosts = _hosts(entry, done=False)
    for other in later:
        if other["verb"] == entry["verb"]:
            open_hosts -= _hosts(other, done=True)
    return Stopped(
        entry["run"],
        entry["verb"],
        entry["time"],
        tuple(host for host in hosts if host in open_hosts),
        len(hosts),
        entry.get("options", {}),
    )


def _hosts(entry: Entry, *, done: bool) -> set[str]:
    """The hosts of a run all of whose rows are as asked; without `done`, the others."""
    behind = {row["host"] for row in entry["hosts"] if row["state"] not in DONE}
    every = {row["host"] for row in entry["hosts"]}
    return every - behind if done else behind
