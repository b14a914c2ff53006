"""Which verb stopped before all its hosts were as asked, by what the journal here remembers."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from fairlead.inventory.nodesets import fold
from fairlead.model.errors import CommandLineError
from fairlead.model.plan import Noun
from fairlead.runner.request import Common, Request

DONE = frozenset({"ok", "changed"})  # states of a host that is as asked
Entry = Mapping[str, Any]  # a line of the journal: run, site, verb, time, hosts, options, common


class Stopped(Noun):
    """A run that stopped; `hosts` are those that are not as it wanted, then nor later."""

    run: str
    verb: str
    time: str
    hosts: tuple[str, ...]
    total: int
    options: Mapping[str, Any]
    common: Mapping[str, Any] = {}
    reason: str = ""

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

    def common_with(self, now: Common) -> Common:
        """The options of every verb as they were then, and what is said now. Raises
        CommandLineError.
        """
        try:
            then = msgspec.convert({"reason": self.reason, **self.common}, Common)
        except msgspec.ValidationError as error:
            what = f"how run {self.run} was to go is not understood ({error})"
            raise CommandLineError("inv runs.resume", what, "say the verb itself anew") from error
        return replace(then, **now.typed)


def last(entries: Sequence[Entry], run: str, site: str, hosts: Collection[str]) -> Stopped:
    """The last run for this site that left some of these hosts behind; with `run`, that of this
    name. Raises CommandLineError where there is none.
    """
    own = [entry for entry in entries if entry["site"] == site]
    runs = [_stopped(entry, own[number + 1 :], hosts) for number, entry in enumerate(own)]
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
        return f"all hosts of run {run} are as asked by now, or offline", remedy
    others = [entry["site"] for entry in entries if entry["run"] == run]
    if others:
        return f"run {run} was about the site {others[0]}", f"name it: --site={others[0]}"
    return f"no run {run} was begun here", remedy


def _stopped(entry: Entry, later: Iterable[Entry], known: Collection[str]) -> Stopped:
    hosts = tuple(dict.fromkeys(row["host"] for row in entry["hosts"]))
    open_hosts = _hosts(entry, done=False).intersection(known)
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
        entry.get("common", {}),
        entry.get("reason", ""),
    )


def _hosts(entry: Entry, *, done: bool) -> set[str]:
    """The hosts of a run all of whose rows are as asked; without `done`, those that it has left
    behind. Of a host that was left out nothing was wanted.
    """
    rows = [row for row in entry["hosts"] if not row.get("left_out")]
    behind = {row["host"] for row in rows if row["state"] not in DONE}
    every = {row["host"] for row in rows}
    return every - behind if done else behind
