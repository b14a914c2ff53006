"""Which verb stopped before all its hosts were as asked, by what the journal here remembers."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from fairlead.inventory.nodesets import fold
from fairlead.model.errors import CommandLineError
from fairlead.model.plan import Noun
from fairlead.runner.request import Common, Request

DONE = frozenset({"ok", "changed"})  # states of a host that is as asked
REMEMBERED = "what hosts remember: inv runs.list --all"
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


def last(entries: Iterable[Entry], run: str, site: str, hosts: Collection[str]) -> Stopped:
    """The last run for this site that left some of these hosts behind; with `run`, that of this
    name. `entries` the newest first. Raises CommandLineError where there is none.
    """
    done: dict[str, set[str]] = {}  # verb -> hosts that it has done since
    other = ""
    for entry in entries:
        is_meant = run in ("", entry["run"])
        if entry["site"] != site:
            other = other or (entry["site"] if is_meant else "")
            continue
        of_verb = done.setdefault(entry["verb"], set())
        stopped = _stopped(entry, _hosts(entry, done=False).intersection(hosts) - of_verb)
        if is_meant and stopped.hosts:
            return stopped
        if is_meant and run:
            what = f"all hosts of run {run} are as asked by now, or offline"
            raise CommandLineError("inv runs.resume", what, REMEMBERED)
        of_verb |= _hosts(entry, done=True)
    raise CommandLineError("inv runs.resume", *_why_none(run, site, other))


def _why_none(run: str, site: str, other: str) -> tuple[str, str]:
    """What is wrong, and the remedy; `other`: the site that a run of this name was about."""
    if not run:
        return f"nothing that was begun here for {site} has stopped", REMEMBERED
    if other:
        return f"run {run} was about the site {other}", f"name it: --site={other}"
    return f"no run {run} was begun here", REMEMBERED


def _stopped(entry: Entry, open_hosts: Collection[str]) -> Stopped:
    hosts = tuple(dict.fromkeys(row["host"] for row in entry["hosts"]))
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
