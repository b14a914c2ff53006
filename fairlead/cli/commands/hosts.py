"""The lines to the hosts: can each be reached, and as whom; and whose key is trusted."""

import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Annotated, Any

from msgspec import Meta

from fairlead import connections
from fairlead.cli.commands import CommandResult, chosen_hosts, folded_sentences
from fairlead.connections import Connection, kept_folder, known_hosts
from fairlead.connections.kept_folder import KeptLink
from fairlead.connections.known_hosts import Key, KnownHost
from fairlead.inventory.hosts import Host
from fairlead.inventory.nodesets import fold
from fairlead.inventory.site import Site
from fairlead.model.errors import (
    CommandLineError,
    FairleadError,
    HostKeyRefused,
    SecretError,
    worst,
)
from fairlead.model.plan import EngineFacts, Fact
from fairlead.model.results import Table
from fairlead.operations.facts import core
from fairlead.output.folding import grouped
from fairlead.remote import transaction
from fairlead.runner import parallel
from fairlead.runner.context import Context
from fairlead.runner.request import Common

COLUMNS = ("reach", "key", "user", "sudo", "engine", "clock")
SKEW = 5.0  # seconds between a host's clock and ours from which it is shown
CLOCK = Fact(
    "clock",
    ("date", "+%s"),
    lambda code, text: float(text) if code == 0 and text.strip().isdigit() else None,
)

HostData = dict[str, Any]  # a host in the JSON document: host, COLUMNS, skew, code, error


def check(context: Context, common: Common) -> CommandResult:
    """Try the line to every host: reach, key, user, sudo, engine, clock, in one table."""
    site = context.site()
    names = chosen_hosts(site, common, offline=True)
    rows = parallel.each(
        names,
        lambda name: _check_host(context, site.hosts[name]),
        common.fanout,
    )
    errors = [(row["host"], row["error"]) for row in rows if row["error"]]
    notes = [(row["host"], f"{row['host']}: {note}") for row in rows for note in _notes(row)]
    return CommandResult(
        "\n".join(folded_sentences((*errors, *notes))),
        rows,
        worst(row["code"] for row in rows),
        listing=(Table(rows=tuple(_table(rows))),),
    )


def trust(
    context: Context,
    common: Common,
    *,
    fingerprint: Annotated[
        str,
        Meta(description="That of the key, as the host's console shows it: SHA256:..."),
    ] = "",
) -> CommandResult:
    """Trust the key that a host shows, if its fingerprint is the one given, or typed; --yes does
    not do.
    """
    site = context.site()
    if not common.hosts:
        first = next(iter(site.hosts))
        raise CommandLineError("--host", "whose key?", f"name the host: --host={first}")
    names = site.resolve(*common.hosts)
    if fingerprint and len(names) > 1:
        what = f"one fingerprint for {len(names)} hosts"
        raise CommandLineError("--fingerprint", what, "trust them one by one")
    rows = [_trust_host(context, site, site.hosts[name], fingerprint) for name in names]
    width = max(map(len, names))
    lines = [f"{row['host']:{width}}  {row['key']}  {row['state']}" for row in rows]
    return CommandResult("\n".join(lines), rows)  # no table: a fingerprint is never cut in two


def close(context: Context, common: Common) -> CommandResult:
    """End the connections that are kept to hosts of this site (`ssh: {keep: SECONDS}`), and what
    other command lines do over them; --dry-run: only say which there are.
    """
    site = context.site()
    names = site.resolve(*common.hosts) if common.hosts else ()
    links = [link for link in kept_folder.kept_links(site) if not names or link.host in names]
    rows = [_close(link, common.only_shows) for link in links]
    table = [tuple(map(str, row.values())) for row in rows]
    head = ("host", "user", "address", "port", "state")
    return CommandResult(
        "" if rows else "no connection is kept",
        rows,
        listing=(Table(rows=(head, *table)),) if rows else None,
    )


def _close(link: KeptLink, only_shows: bool) -> HostData:
    has_ended = not only_shows and kept_folder.end(link)
    return {
        "host": link.host,
        "user": link.user,
        "address": link.address,
        "port": link.port,
        "state": _state(only_shows, has_ended),
    }


def _state(only_shows: bool, has_ended: bool) -> str:
    """Of a kept connection."""
    if only_shows:
        return "would be closed"
    return "closed" if has_ended else "had ended"


def _check_host(context: Context, host: Host) -> HostData:
    row: HostData = {
        "host": host.name,
        **dict.fromkeys(COLUMNS, ""),
        "skew": 0.0,
        "code": 0,
        "error": "",
        "ssh": None,
    }
    if host.offline:
        return row | {"reach": "offline"}
    try:
        row["ssh"] = _used(host, context.site())
        connection = context.link(host.name).fresh()  # not one that was kept
    except FairleadError as error:
        return row | _unreachable(error)
    row |= {"reach": "yes", "key": "known" if host.transport != "local" else "-"}
    try:
        with closing(connection):
            return row | _facts(connection, host)
    except FairleadError as error:
        locked_out = host.sudo and (isinstance(error, SecretError) or "sudo" in error.what)
        return row | {
            "sudo": "no" if locked_out else "",
            "code": error.code,
            "error": str(error),
        }


def _used(host: Host, site: Site) -> HostData | None:
    """What ssh uses for a host, be it from the site or from ssh_config."""
    import msgspec

    if host.transport == "local":
        return None
    config: HostData = msgspec.to_builtins(connections.used_for(host, site))
    return config


def _notes(row: HostData) -> tuple[str, ...]:
    """What is not understood of its ssh_config."""
    return tuple(row["ssh"]["notes"]) if row["ssh"] else ()


def _unreachable(error: FairleadError) -> HostData:
    if isinstance(error, HostKeyRefused):
        return {"reach": "yes", "key": "refused", "code": error.code, "error": str(error)}
    return {"reach": "no", "key": "", "code": error.code, "error": str(error)}


def _facts(connection: Connection, host: Host) -> HostData:
    before = time.time()
    facts = transaction.ask(connection, (*core("host", "engine"), CLOCK), None).values
    skew = _skew(before, facts.get("clock"), time.time())
    host_facts = facts.get("host")
    return {
        "user": host_facts.user if host_facts else "?",
        "sudo": "yes" if host.sudo else "-",
        "engine": _engine(facts.get("engine")),
        "clock": "ok" if abs(skew) < SKEW else f"{skew:+.0f} s",
        "skew": skew,
    }


def _skew(before: float, clock: float | None, after: float) -> float:
    """Seconds by which a clock is ahead of ours (behind: negative).

    As far as an answer in whole seconds that came between `before` and `after` proves.
    """
    if clock is None:
        return 0.0
    return round(max(clock - after, 0.0) + min(clock + 1 - before, 0.0), 1)


def _engine(engine: EngineFacts | None) -> str:
    if not engine:
        return "none"
    text = f"{engine.name} {engine.server or engine.version}"
    return f"{text}, not running" if engine.error else text


def _table(rows: Iterable[HostData]) -> Iterator[tuple[str, ...]]:
    """A head, then the hosts, equal ones in one row."""
    yield ("host", *COLUMNS)
    for group in grouped(rows, _cells):
        yield (fold(row["host"] for row in group), *_cells(group[0]))


def _cells(row: HostData) -> tuple[str, ...]:
    return tuple(str(row[column]) or "-" for column in COLUMNS)


def _trust_host(
    context: Context,
    site: Site,
    host: Host,
    fingerprint: str,
) -> dict[str, str]:
    if host.transport == "local":
        return {"host": host.name, "key": "-", "state": "this machine needs no key"}
    name, entries = connections.known_as(host, site)
    key = _key_with(fingerprint, host, connections.shown_keys(host, site))
    if any(entry.marker == known_hosts.REVOKED and entry.key == key for entry in entries):
        remedy = "it must not be used; give the host a new one"
        raise HostKeyRefused(host.name, f"its host key {key} is revoked", remedy)
    if any(entry.key == key and not entry.marker for entry in entries):
        return {"host": host.name, "key": str(key), "state": "was trusted already"}
    question = _question(host, name, key, entries)
    if not fingerprint and not context.confirm(question, key.fingerprint):
        what = f"its host key {key} was not trusted: another fingerprint was typed"
        raise HostKeyRefused(host.name, what, "nothing was written")
    try:
        known_hosts.trust(name, key)
    except OSError as error:
        what = f"{known_hosts.own()} cannot be written ({error.strerror})"
        remedy = "make room, or name a folder of yours in XDG_STATE_HOME; it is not trusted yet"
        raise FairleadError(host.name, what, remedy) from None
    return {"host": host.name, "key": str(key), "state": f"is trusted now ({known_hosts.own()})"}


def _question(
    host: Host,
    name: str,
    key: Key,
    entries: Iterable[KnownHost],
) -> str:
    other = next((entry for entry in entries if not entry.marker), None)
    before = f", and not {other.key} as in {other.where}" if other else ""
    return (
        f"{host.name} ({name}) shows {key}{before}; is that what its console says "
        "(ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub)?"
    )


def _key_with(fingerprint: str, host: Host, shown_keys: Iterable[Key]) -> Key:
    """The key with that fingerprint, or with "" the first that is shown. Raises HostKeyRefused.

    A host has one of each type: where the first is another, the next is asked for.
    """
    others = []
    wish = fingerprint.removeprefix("SHA256:").rstrip("=")
    for key in shown_keys:
        if wish in ("", key.fingerprint.removeprefix("SHA256:")):
            return key
        others.append(str(key))
    what = "it shows no key of a type that we know"
    if others:
        what = f"it shows {' and '.join(others)}, not {fingerprint}"
    remedy = "compare with its console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub"
    raise HostKeyRefused(host.name, what, remedy)
