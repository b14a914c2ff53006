"""The lines to the hosts: can each be reached, and as whom; and whose key is trusted."""

import time
from typing import Any

from fairlead.cli.commands import CommandResult, folded
from fairlead.inventory.nodesets import fold
from fairlead.model.errors import (
    CommandLineError,
    FairleadError,
    HostKeyRefused,
    SecretError,
    worst,
)
from fairlead.model.plan import EngineFacts, Fact
from fairlead.operations.facts import PROBES
from fairlead.remote import transaction
from fairlead.runner import parallel

COLUMNS = ("reach", "key", "user", "sudo", "engine", "clock")
SKEW = 5.0  # seconds between a host's clock and ours from which it is told
CLOCK = Fact(
    "clock",
    ("date", "+%s"),
    lambda code, text: float(text) if code == 0 and text.strip().isdigit() else None,
)


def check(context: Any, common: Any) -> CommandResult:
    """Try the line to every host: reach, key, user, sudo, engine, clock, in one table."""
    site = context.site()
    names = (
        site.resolve(*common.hosts)
        if common.hosts
        else tuple(name for name, host in site.hosts.items() if host.transport != "local")
    )
    rows = parallel.each(names, lambda name: _checked(context, site.hosts[name]), common.fanout)
    code = worst(row["code"] for row in rows)
    errors = folded((row["host"], row["error"]) for row in rows if row["error"])
    return CommandResult("\n".join([*_table(rows), *errors]), rows, code)


def trust(context: Any, common: Any, *, fingerprint: str = "") -> CommandResult:
    """Trust the key that a host shows, if its fingerprint is the one given, or typed; --yes does not do."""
    site = context.site()
    if not common.hosts:
        raise CommandLineError("--host", "whose key?", "name the host: --host=n1")
    names = site.resolve(*common.hosts)
    if fingerprint and len(names) > 1:
        raise CommandLineError(
            "--fingerprint", f"one fingerprint for {len(names)} hosts", "trust them one by one"
        )
    rows = [_trusted(context, site, site.hosts[name], fingerprint) for name in names]
    return CommandResult(
        "\n".join(f"{row['host']}  {row['key']}  {row['state']}" for row in rows), rows
    )


def _checked(context: Any, host: Any) -> dict[str, Any]:
    row = {"host": host.name, **dict.fromkeys(COLUMNS, ""), "skew": 0.0, "code": 0, "error": ""}
    if host.offline:
        return row | {"reach": "offline"}
    try:
        line = context.link(host.name).connection()
    except FairleadError as error:
        refused = isinstance(error, HostKeyRefused)
        return row | {
            "reach": "yes" if refused else "no",
            "key": "refused" if refused else "",
            "code": error.code,
            "error": str(error),
        }
    row |= {"reach": "yes", "key": "known" if host.transport != "local" else "-"}
    try:
        return row | _asked(line, host)
    except FairleadError as error:
        locked_out = host.sudo and (isinstance(error, SecretError) or "sudo" in error.what)
        return row | {"sudo": "no" if locked_out else "", "code": error.code, "error": str(error)}


def _asked(line: Any, host: Any) -> dict[str, Any]:
    before = time.time()
    facts = transaction.ask(line, (*PROBES, CLOCK), None).values
    host_facts = facts.get("host")
    skew = _skew(before, facts.get("clock"), time.time())
    return {
        "user": host_facts.user if host_facts else "?",
        "sudo": "yes" if host.sudo else "-",
        "engine": _engine(facts.get("engine")),
        "clock": "ok" if abs(skew) < SKEW else f"{skew:+.0f} s",
        "skew": skew,
    }


def _skew(before: float, clock: float | None, after: float) -> float:
    """Seconds by which a clock is ahead of ours (behind: negative), as far as an answer in whole seconds between `before` and `after` proves."""
    if clock is None:
        return 0.0
    return round(max(clock - after, 0.0) + min(clock + 1 - before, 0.0), 1)


def _engine(engine: EngineFacts | None) -> str:
    if not engine:
        return "none"
    return f"{engine.name} {engine.server or engine.version}" + (
        ", not running" if engine.error else ""
    )


def _table(rows: list[dict[str, Any]]) -> list[str]:
    """Equal rows folded; every column as wide as its widest word."""
    same: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        same.setdefault(tuple(str(row[column]) or "-" for column in COLUMNS), []).append(
            row["host"]
        )
    lines = [("host", *COLUMNS), *((fold(hosts), *words) for words, hosts in same.items())]
    wide = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(word.ljust(width) for word, width in zip(line, wide, strict=True)).rstrip()
        for line in lines
    ]


def _trusted(context: Any, site: Any, host: Any, fingerprint: str) -> dict[str, str]:
    from fairlead import connections as hosts
    from fairlead.connections import known_hosts

    if host.transport == "local":
        return {"host": host.name, "key": "-", "state": "this machine needs no key"}
    name, entries = hosts.known_as(host, site)
    key = _wanted(host, hosts.shown_keys(host, site), fingerprint)
    if any(entry.marker and entry.key == key for entry in entries):
        raise HostKeyRefused(
            host.name,
            f"its host key {key} is revoked",
            "it must not be used; give the host a new one",
        )
    if any(entry.key == key for entry in entries):
        return {"host": host.name, "key": str(key), "state": "was trusted already"}
    before = next(
        (f", and not {entry.key} as in {entry.where}" for entry in entries if not entry.marker), ""
    )
    question = f"{host.name} ({name}) shows {key}{before}; is that what its console says (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub)?"
    if not fingerprint and not context.confirm(question, key.fingerprint):
        raise HostKeyRefused(
            host.name,
            f"its host key {key} was not trusted: another fingerprint was typed",
            "nothing was written",
        )
    known_hosts.trust(name, key)
    return {"host": host.name, "key": str(key), "state": f"is trusted now ({known_hosts.own()})"}


def _wanted(host: Any, shown: Any, fingerprint: str) -> Any:
    """The key with that fingerprint, or the first that is shown. A host has one of each type: where the first is another, the next is asked for."""
    seen = []
    for key in shown:
        if fingerprint.removeprefix("SHA256:").rstrip("=") in (
            "",
            key.fingerprint.removeprefix("SHA256:"),
        ):
            return key
        seen.append(str(key))
    what = (
        f"it shows {' and '.join(seen)}, not {fingerprint}"
        if seen
        else "it shows no key of a type that we know"
    )
    raise HostKeyRefused(
        host.name,
        what,
        "compare with its console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
    )
