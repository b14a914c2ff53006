"""What the site file says, with every default filled in."""

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.cli.commands import CommandResult
from fairlead.inventory.nodesets import fold


def show(context: Any, common: Any) -> CommandResult:
    """Show the site: hosts, groups and every section."""
    import msgspec

    site = context.site()
    said = [f"{site.path}", *_table(_overview(site))]
    for system, section in site.sections.items():
        said += ["", system, *_table(_flat(msgspec.to_builtins(section)))]
    return CommandResult("\n".join(said), msgspec.to_builtins(site))


def hosts(context: Any, common: Any) -> CommandResult:
    """List the hosts (of --host), and the way to each."""
    import msgspec

    site = context.site()
    wanted = site.resolve(*common.hosts) if common.hosts else tuple(site.hosts)
    found = [site.hosts[name] for name in wanted]
    head = ("host", "address", "user", "port", "via", "carrier", "sudo", "offline")
    rows = [
        (h.name, h.address, h.user, str(h.port), h.via, h.transport, _yes(h.sudo), _yes(h.offline))
        for h in found
    ]
    return CommandResult("\n".join(_table([head, *rows])), msgspec.to_builtins(found))


def validate(context: Any, common: Any) -> CommandResult:
    """Check the site file; the first thing wrong is told with its line (exit 3)."""
    site = context.site()
    named = len([name for name in site.hosts if name != "local"])
    said = f"{site.path}: {_count(named, 'host')}, {_count(len(site.sections), 'section')}: ok"
    return CommandResult(
        said, {"path": site.path, "hosts": named, "sections": list(site.sections), "ok": True}
    )


def schema(context: Any, common: Any) -> CommandResult:
    """Print the JSON Schema of site files, for editors."""
    import json

    from fairlead.inventory import schema as site_schema

    found = site_schema.schema(context.plugins.systems, context.plugins.settings())
    return CommandResult(json.dumps(found, indent=2), found)


def _overview(site: Any) -> Iterator[tuple[str, str]]:
    yield "hosts", fold(name for name in site.hosts if name != "local")
    offline = fold(host.name for host in site.hosts.values() if host.offline)
    yield from [("offline", offline)] if offline else []
    yield from ((f"@{name}", fold(site.resolve(f"@{name}"))) for name in site.groups)


def _flat(found: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Every value under its dotted key."""
    for key, value in found.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", _word(value)


def _word(value: Any) -> str:
    match value:
        case list() | tuple():
            return "[" + ", ".join(map(_word, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{key}: {_word(part)}" for key, part in value.items()) + "}"
        case None | "":
            return "-"
        case bool():
            return str(value).lower()
        case _:
            return str(value)


def _table(rows: Any) -> list[str]:
    """Columns as wide as their widest word, indented by two."""
    rows = [tuple(word or "-" for word in row) for row in rows]
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  " + "  ".join(word.ljust(width) for word, width in zip(row, wide, strict=True)).rstrip()
        for row in rows
    ]


def _yes(is_so: bool) -> str:
    return "yes" if is_so else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
