"""What the site file says, with every default filled in."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta

from fairlead import connections
from fairlead.cli.commands import CommandResult, folded_sentences
from fairlead.connections.ssh_config import SshConfig
from fairlead.inventory.hosts import Host
from fairlead.inventory.nodesets import expand, fold
from fairlead.inventory.site import Site
from fairlead.model import operator
from fairlead.model.errors import CommandLineError, FairleadError, SiteError
from fairlead.model.plan import Noun
from fairlead.model.results import Table
from fairlead.model.suggest import suggestion
from fairlead.runner import parallel
from fairlead.runner.context import Context
from fairlead.runner.request import Common


def show(context: Context, common: Common) -> CommandResult:
    """Show the site: hosts, groups and every section."""
    import msgspec

    site = context.site()
    tables = [_table(_overview(site), str(site.path))]
    for system, section in site.sections.items():
        tables.append(_table(_flat(msgspec.to_builtins(section)), system))
    hosts = {name: _as_data(host) for name, host in site.hosts.items()}
    data = msgspec.to_builtins(site) | {"hosts": hosts}
    del data["run_groups"]  # those are an operator's
    return CommandResult("", data, listing=tuple(tables))


def hosts(context: Context, common: Common) -> CommandResult:
    """List the hosts (of --host), and the way to each, as ssh_config and the site make it."""
    site = context.site()
    names = site.resolve(*common.hosts) if common.hosts else tuple(site.hosts)
    ways = parallel.each(names, lambda name: _way(site, site.hosts[name]), common.fanout)
    head = ("host", "address", "user", "port", "via", "key", "carrier", "sudo", "offline")
    sentences = [(way.host.name, text) for way in ways for text in way.sentences]
    table = Table(rows=(head, *(way.cells for way in ways)))
    text = "\n".join(folded_sentences(sentences))
    return CommandResult(text, [way.data for way in ways], listing=(table,))


def _as_data(host: Host) -> dict[str, Any]:
    """A host for --json: what it is, not how the file has said it."""
    import msgspec

    data: dict[str, Any] = msgspec.to_builtins(host)
    return {key: value for key, value in data.items() if key != "has_port"}


class _Way(Noun):
    """The way to a host; `config` None where it is this machine, or cannot be known (`error`)."""

    host: Host
    config: SshConfig | None = None
    error: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        h, config = self.host, self.config
        way = (h.address, h.user, str(h.port), h.via, h.identity)
        if config:
            place = (config.hostname, config.user, str(config.port))
            way = (*place, h.via or config.gateway, config.key)
        carrier = "tree" if h.gateways else h.transport
        return (h.name, *way, carrier, _yes(h.sudo), _yes(h.offline))

    @property
    def sentences(self) -> tuple[str, ...]:
        if self.config:
            return tuple(f"{self.host.name}: {note}" for note in self.config.notes)
        return (self.error,) if self.error else ()

    @property
    def data(self) -> dict[str, Any]:
        import msgspec

        return {**_as_data(self.host), "ssh": msgspec.to_builtins(self.config)}


def _way(site: Site, host: Host) -> _Way:
    if host.transport == "local":
        return _Way(host)
    try:
        return _Way(host, connections.used_for(host, site))
    except FairleadError as error:
        return _Way(host, error=str(error))


def groups(
    context: Context,
    common: Common,
    *,
    source: Annotated[str, Meta(description="Of this source alone.")] = "",
) -> CommandResult:
    """List the groups: the site's own, and those that its sources know, which are asked anew."""
    site = context.site()
    data = [] if source else list(_own_groups(site))
    for name in _sources(site, source):
        data += _groups_of_source(context, site, name)
    rows = [(row["group"], fold(row["hosts"])) for row in data]
    table = Table(rows=(("group", "hosts"), *rows))
    return CommandResult("", data, listing=(table,))


def map_(
    context: Context,
    common: Common,
    *,
    svg: Annotated[str, Meta(description="Write it as a drawing as well: FILE.svg.")] = "",
) -> CommandResult:
    """Draw which hosts stand behind which gateways, and what runs on them."""
    from fairlead.cli import site_layout
    from fairlead.output import site_map

    site = context.site()
    path = operator.path(svg)
    if svg and path.suffix != ".svg":
        raise CommandLineError("--svg", f"{svg!r} is no name of a drawing", "end it with .svg")
    ways = parallel.each(tuple(site.hosts), lambda name: _way(site, site.hosts[name]), 64)
    gateways = {way.host.name: _gateway(way) for way in ways}
    components = site_layout.components_of(site, context.plugins)
    place = site_layout.Layout(site, gateways, components).root()
    if common.hosts:
        place = site_layout.only(place, site.resolve(*common.hosts))
    errors = dict.fromkeys(way.error for way in ways if way.error)
    lines = [*site_map.tree_lines(place), *errors]
    if svg and not common.only_shows:
        _write_drawing(path, site_map.svg(place, site.name))
        lines.append(f"{svg}: written")
    data = site_layout.data_of(place) | {"svg": svg}
    return CommandResult("\n".join(lines), data, int(bool(errors)))


def _gateway(way: _Way) -> str:
    """What a host is reached by; "" for nothing between."""
    from fairlead.cli.site_layout import NOWHERE

    if way.host.gateways:
        return ",".join(sorted(way.host.gateways))
    if way.error:
        return way.host.via or NOWHERE
    return way.host.via or (way.config.gateway if way.config else "")


def _write_drawing(path: Path, text: str) -> None:
    from fairlead.secrets import files

    if not path.parent.is_dir():
        raise CommandLineError("--svg", f"there is no folder {path.parent}", "make it")
    try:
        files.replace(path, text.encode(), 0o644)
    except OSError as error:
        what = f"cannot be written ({error.strerror})"
        raise FairleadError(str(path), what, "make room, or name another file") from None


def _own_groups(site: Site) -> Iterator[dict[str, Any]]:
    for name in dict.fromkeys((*site.groups, "all")):
        yield {"group": f"@{name}", "hosts": [*site.resolve(f"@{name}")], "source": ""}


def _sources(site: Site, source: str) -> Collection[str]:
    """The source that is named, else all. Raises CommandLineError."""
    if source and source not in site.sources:
        remedy = suggestion(source, tuple(site.sources))
        raise CommandLineError("--source", f"the site has no source {source!r}", remedy)
    return [source] if source else list(site.sources)


def _groups_of_source(context: Context, site: Site, source: str) -> Iterator[dict[str, Any]]:
    from fairlead.cli.group_sources import GroupSources

    asker = GroupSources(context.plugins)
    answers = asker.groups(site.path, source, site.sources[source])
    for name, answer in answers.items():
        yield {"group": f"@{source}:{name}", "hosts": [*answer.hosts], "source": source}


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


def import_(
    context: Context,
    common: Common,
    *,
    from_: Annotated[
        str,
        Meta(
            description="Which source: ansible, ssh_config, clustershell...; docs/import.md tells.",
            extra={"completes": "sources"},
        ),
    ],
    file: Annotated[str, Meta(description="Read this file, not what is usual there.")] = "",
    write: Annotated[bool, Meta(description="Add it to the site file.")] = False,
) -> CommandResult:
    """Hosts and groups from where they are known already: shown, and with --write added to the
    site file.
    """
    from fairlead.cli import site_import
    from fairlead.inventory import merging

    inventory = site_import.read(context.plugins, from_, file)
    site = _present_site(context)
    news = site_import.news(inventory, site)
    remarks = [f"# {' '.join(text.split())}" for text in news.remarks]
    data = {**site_import.data_of(news), "written": ""}
    if not write:
        text = merging.text_of(news) or "# nothing is new\n"
        return CommandResult("\n".join([*remarks, text.rstrip("\n")]), data)
    path = Path(site.path) if site else _new_site(context, common)
    if news.hosts or news.groups:
        site_import.write(path, news, context.plugins)
    text = f"{path}: {_added(news.hosts, news.groups)}"
    return CommandResult("\n".join([*remarks, text]), data | {"written": str(path)})


def _added(hosts: Iterable[str], groups: Collection[str]) -> str:
    names = [name for node_set in hosts for name in expand(node_set, "hosts")]
    if not names and not groups:
        return "nothing is new"
    return f"{_count(len(names), 'host')} and {_count(len(groups), 'group')} added"


def _present_site(context: Context) -> Site | None:
    """The site that is meant; None where there is none yet, or none is meant."""
    try:
        return context.site()
    except CommandLineError:
        return None
    except SiteError:
        if any((_folder(context) / "sites").glob("*.yml")):
            raise
        return None


def _new_site(context: Context, common: Common) -> Path:
    """Where the site will be that --site names. Raises CommandLineError."""
    name = common.site
    if not name or "/" in name or name.endswith((".yml", ".yaml")):
        what = "says not which site"
        raise CommandLineError("--site", what, "name one: --site=NAME is sites/NAME.yml")
    return _folder(context) / "sites" / f"{name}.yml"


def _folder(context: Context) -> Path:
    """The ops repository."""
    return context.store().folder.parent if context.store else Path()


def schema(context: Context, common: Common) -> CommandResult:
    """Print the JSON Schema of site files, for editors."""
    import json

    from fairlead.inventory import schema as site_schema

    plugins = context.plugins
    sources = {name: plugins.source(name).Settings for name in plugins.sources}
    document = site_schema.schema(plugins.systems, plugins.settings(), sources)
    return CommandResult(json.dumps(document, indent=2), document)


def draft(
    context: Context,
    common: Common,
    *,
    system: Annotated[str, Meta(description="Which system.")],
) -> CommandResult:
    """Print a section to be filled in, every key of the system with its default."""
    from fairlead.inventory import draft as site_draft

    systems = context.plugins.systems
    if system not in systems:
        what = f"no such system {system!r}"
        raise CommandLineError("--system", what, suggestion(system, systems))
    hosts = ",".join(common.hosts) or "n1"
    text = site_draft.of(hosts).of_system(systems[system])
    return CommandResult(text.rstrip(), {"system": system, "text": text})


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


def _table(rows: Iterable[tuple[str, ...]], title: str) -> Table:
    return Table(rows=tuple(rows), title=title, headed=False)


def _yes(is_so: bool) -> str:
    return "yes" if is_so else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
