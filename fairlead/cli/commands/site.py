"""What the site file says, with every default filled in."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fairlead.cli.commands import CommandResult
from fairlead.inventory.nodesets import fold
from fairlead.inventory.site import Site
from fairlead.output.columns import aligned
from fairlead.runner.context import Context
from fairlead.runner.request import Common


def show(context: Context, common: Common) -> CommandResult:
    """Show the site: hosts, groups and every section."""
    import msgspec

    site = context.site()
    lines = [str(site.path), *_table(_overview(site))]
    for system, section in site.sections.items():
        lines += ["", system, *_table(_flat(msgspec.to_builtins(section)))]
    return CommandResult("\n".join(lines), msgspec.to_builtins(site))


def hosts(context: Context, common: Common) -> CommandResult:
    """List the hosts (of --host), and the way to each."""
    import msgspec

    site = context.site()
    names = site.resolve(*common.hosts) if common.hosts else tuple(site.hosts)
    chosen = [site.hosts[name] for name in names]
    head = ("host", "address", "user", "port", "via", "carrier", "sudo", "offline")
    rows = [
        (h.name, h.address, h.user, str(h.port), h.via, h.transport, _yes(h.sudo), _yes(h.offline))
        for h in chosen
    ]
    return CommandResult("\n".join(_table([head, *rows])), msgspec.to_builtins(chosen))


def validate(context: Context, common: Common) -> CommandResult:
    """Check the site file; the first thing wrong is told with its line (exit 3)."""
    site = context.site()
    hosts = len([name for name in site.hosts if name != "local"])
    counts = f"{_count(hosts, 'host')}, {_count(len(site.sections), 'section')}"
    data = {
        "path": site.path,
        "hosts": hosts,
        "sections": list(site.sections),
        "ok": True,
    }
    return CommandResult(f"{site.path}: {counts}: ok", data)


def schema(context: Context, common: Common) -> CommandResult:
    """Print the JSON Schema of site files, for editors."""
    import json

    from fairlead.inventory import schema as site_schema

    document = site_schema.schema(context.plugins.systems, context.plugins.settings())
    return CommandResult(json.dumps(document, indent=2), document)


def _overview(site: Site) -> Iterator[tuple[str, str]]:
    yield "hosts", fold(name for name in site.hosts if name != "local")
    offline = fold(host.name for host in site.hosts.values() if host.offline)
    if offline:
        yield "offline", offline
    for name in site.groups:
        yield f"@{name}", fold(site.resolve(f"@{name}"))


def _flat(values: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Every value under its dotted key."""
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", _text(value)


def _text(value: object) -> str:
    """A value as a site file has it."""
    match value:
        case list() | tuple():
            return "[" + ", ".join(map(_text, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{key}: {_text(part)}" for key, part in value.items()) + "}"
        case None | "":
            return "-"
        case bool():
            return str(value).lower()
        case _:
            return str(value)


def _table(rows: Iterable[tuple[str, ...]]) -> list[str]:
    return aligned([[cell or "-" for cell in row] for row in rows], indent=2)


def _yes(is_so: bool) -> str:
    return "yes" if is_so else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
