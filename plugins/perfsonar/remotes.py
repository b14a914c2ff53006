"""psconfig's remote templates: which of them a host wants, and how its agent comes to have them.

`psconfig remote add` of a URL that is there replaces the entry, and what is not said again of it is
gone; it ends with 0 also for what it refuses. So entries are compared with all that is said of
them, and the list is read back. Source: psconfig, bin/commands/remote.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from fairlead.api import (
    Argv,
    Ask,
    Container,
    FairleadError,
    Noun,
    Step,
    Word,
    digest,
    docker,
    not_,
    script,
    then,
)

from .site import AGENT, EACH_NAME, PerfSonar, Remote

sh = script.beside(__file__)


class Entry(Noun):
    """A remote of one host. `settings`: all that psconfig keeps of it beside its URL, by the keys
    of its file; None: whatever it is told of it by others.
    """

    url: str
    settings: tuple[tuple[str, Any], ...] | None = None

    @property
    def line(self) -> str:
        """As shell/entries.awk writes it."""
        words = (f"{json.dumps(key)}:{_compact(value)}" for key, value in self.settings or ())
        return f"{json.dumps(self.url)}\t{','.join(sorted(words))}"


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


@cache
def entries_program() -> str:
    """The program for awk that reads psconfig's list."""
    return (sh.folder / "entries.awk").read_text("utf-8")


# Which


def names(ask: Ask[Any]) -> tuple[str, ...]:
    """Under which a host is measured: the site's, else its full name; () where it has none."""
    own = ask.section.names.get(ask.target.host, ())
    full = (ask.facts.get("name") or {}).get("full", "")
    return tuple(own) or ((full,) if "." in full else ())


def urls(site: PerfSonar) -> tuple[str, ...]:
    """Those of the site, as they are written."""
    return tuple(wanted if isinstance(wanted, str) else wanted.url for wanted in site.psconfig)


def wants_names(site: PerfSonar) -> bool:
    """Does psconfig go by the names of the hosts?"""
    return any(EACH_NAME in url for url in urls(site))


def of_host(ask: Ask[Any]) -> tuple[Entry, ...]:
    """The remotes that the site wants on this host. Raises FairleadError where %h stands for
    nothing, or two of them are one."""
    entries = tuple(e for wanted in ask.section.psconfig for e in _entries(wanted, ask))
    all_urls = [entry.url for entry in entries]
    for url in all_urls:
        if all_urls.count(url) > 1:
            what = f"two entries of perfsonar.psconfig give {url}"
            raise FairleadError(ask.target.host, what, "leave one of them out")
    return entries


def _entries(wanted: str | Remote, ask: Ask[Any]) -> Iterator[Entry]:
    url = wanted if isinstance(wanted, str) else wanted.url
    settings = None if isinstance(wanted, str) else _settings(wanted)
    if EACH_NAME not in url:
        yield Entry(url, settings)
        return
    known = names(ask)
    if not known:
        what = f"its full name is not known, and {url} wants it"
        raise FairleadError(ask.target.host, what, "write it into perfsonar.names of the site")
    for name in known:
        yield Entry(url.replace(EACH_NAME, name), settings)


def _settings(wanted: Remote) -> tuple[tuple[str, Any], ...]:
    """By the keys of the agent's file; what is not set has no key there."""
    values = (
        ("configure-archives", wanted.archives),
        ("transform", {"script": wanted.transform} if wanted.transform else None),
        ("bind-address", wanted.bind or None),
        ("ssl-ca-file", wanted.ca or None),
    )
    return tuple((key, value) for key, value in values if value is not None)


# Lines that are said inside


def listing(c: Container) -> Argv:
    return docker.inside(c, "psconfig", "remote", "list")


def listing_unsigned(c: Container) -> Argv:
    """The same without user and password of any."""
    return sh("list_unsigned", *listing(c))


def _add(c: Container, entry: Entry) -> Argv:
    return docker.inside(c, "psconfig", "remote", "add", *_flags(entry), entry.url)


def _flags(entry: Entry) -> Iterator[str]:
    """The settings as `psconfig remote add` takes them, the flag of archives written out."""
    for key, value in entry.settings or ():
        if key == "configure-archives":
            yield f"--{key}" if value else f"--no-{key}"
        else:
            yield from (f"--{key}", value["script"] if key == "transform" else value)


def _is_listed(c: Container, entry: Entry) -> tuple[Word, ...]:
    if entry.settings is None:
        return sh("is_listed", entry.url, *listing(c))
    return sh("is_entry", entries_program(), entry.line, *listing(c))


# Steps


def add(c: Container, entry: Entry) -> Step:
    """It is among the remotes. Of one with settings the agent's file is kept before: the entry that
    it replaces may have had others."""
    question, name = _is_listed(c, entry), f"psconfig {entry.url}"
    do = then(_add(c, entry), sh("taken", entry.url, *question))
    undo: Argv = docker.inside(c, "psconfig", "remote", "delete", entry.url)
    if entry.settings is not None:
        keep, undo = _kept(c, name)
        do = then(keep, do)
    return Step(name=name, unless=question, do=do, undo=undo, timeout=60)


def delete(c: Container, url: str) -> Step:
    """It is not among the remotes."""
    return Step(
        name=f"no psconfig {url}",
        unless=not_(_is_listed(c, Entry(url))),
        do=docker.inside(c, "psconfig", "remote", "delete", url),
        undo=docker.inside(c, "psconfig", "remote", "add", url),
        timeout=60,
    )


def bare(url: str) -> str:
    """A URL without user and password."""
    return re.sub("//[^/@]*@", "//", url)


def only(c: Container, urls: tuple[str, ...], listed: tuple[str, ...]) -> Step:
    """No others are among them than these; of both, user and password do not count. `listed`: those
    of today, for a dry run to show which go."""
    others = [bare(url) for url in listed if bare(url) not in urls]
    gone = "".join(f"-{url}\n" for url in others)
    name = "no other psconfig"
    keep, undo = _kept(c, name)
    words = (c.engine, c.name, *urls)
    return Step(
        name=name,
        unless=sh("others", entries_program(), "none", *words),
        do=then(keep, sh("others", entries_program(), "delete", *words)),
        undo=undo,
        timeout=300,
        diff=f"--- {AGENT}\n+++ {AGENT}\n{gone}" if gone else "",
    )


def _kept(c: Container, name: str) -> tuple[Argv, Argv]:
    """What keeps the agent's file before a step of this name, and what brings it back."""
    words = (f"{c.root}/current{AGENT}", f"{c.root}/agent.{digest.sha256(name)[:12]}")
    return sh("keep_file", *words), sh("file_back", *words)
