"""ClusterShell's groups: groups.conf with what it names, a YAML file, or lines `GROUP: NODES`."""

import configparser
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

from msgspec import Meta
from msgspec.structs import replace

from fairlead.api import (
    Inventory,
    SiteError,
    SourceAccess,
    SourceHost,
    SourceSettings,
    hookimpl,
    nodesets,
    yamlfile,
)

from .common import ALL, group_name

PLACE = "/etc/clustershell/groups.conf"
_REFERENCE = re.compile(r"@(?:([A-Za-z0-9_.-]+):)?([A-Za-z0-9_.-]+)")


class Settings(SourceSettings, kw_only=True, forbid_unknown_fields=True):
    """Where groups.conf lies."""

    file: Annotated[
        str, Meta(description="groups.conf, a .yaml or a file of groups; default: groups.conf")
    ] = ""


@hookimpl
def read_inventory(access: SourceAccess) -> Inventory:
    inventory = _inventory(access)
    if access.group and access.group not in inventory.groups:  # it may name groups of others
        inventory = _inventory(replace(access, group=""))
    return inventory


def _inventory(access: SourceAccess) -> Inventory:
    file = access.file or PLACE
    sources = dict(_sources(access, file))
    if not sources:
        raise SiteError(file, "has no groups", "name a groups.conf, a .yaml or a file of groups")
    default = next(iter(sources))
    every = _named(sources, default)
    groups: dict[str, str] = {}
    remarks: list[str] = []
    for source, texts in sources.items():
        for group, text in texts.items():
            if group == ALL and source == default:
                continue
            name = group_name(_name(source, group, default))
            try:
                groups[name] = _text(text, source, default)
                nodesets.members([groups[name]], groups | every, name, SiteError)
            except SiteError as error:
                groups.pop(name, None)
                remarks.append(f"the group {group!r} of {source} is left out: {error.what}")
    _drop_those_that_name_others(groups, remarks)
    extra = [
        _text(texts[ALL], source, default) for source, texts in sources.items() if ALL in texts
    ]
    hosts = nodesets.members((*groups.values(), *extra), groups, file, SiteError)
    return Inventory(
        hosts=tuple(SourceHost(name=name) for name in hosts),
        groups=groups,
        remarks=tuple(remarks),
    )


def _name(source: str, group: str, default: str) -> str:
    return group if source == default else f"{source}.{group}"


def _text(text: str, source: str, default: str) -> str:
    """A node set of ClusterShell's as one of fairlead's: blanks are commas, @source:group is one
    name.
    """

    def name(match: re.Match[str]) -> str:
        return "@" + group_name(_name(match[1] or source, match[2], default))

    return _REFERENCE.sub(name, ",".join(re.sub(r"\s*([,&!])\s*", r"\1", text).split()))


def _named(sources: Mapping[str, Mapping[str, str]], default: str) -> dict[str, str]:
    """Every group of every source, by the name that it gets."""
    return {
        group_name(_name(source, group, default)): _text(text, source, default)
        for source, texts in sources.items()
        for group, text in texts.items()
    }


def _drop_those_that_name_others(groups: dict[str, str], remarks: list[str]) -> None:
    """Take away what names a group that was left out, until nothing does."""
    while True:
        lost = [name for name, text in groups.items() if _unknown(text, groups)]
        if not lost:
            return
        for name in lost:
            missing = ", ".join(f"@{other}" for other in _unknown(groups[name], groups))
            remarks.append(f"the group {name!r} is left out: it names {missing}")
            del groups[name]


def _unknown(text: str, groups: Mapping[str, str]) -> list[str]:
    return [match[2] for match in _REFERENCE.finditer(text) if match[2] not in groups]


def _sources(access: SourceAccess, file: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Source -> group -> text, the default source first."""
    text = access.read(file)
    if file.endswith((".yaml", ".yml")):
        yield from _of_yaml(text, file).items()
    elif re.search(r"^\[", text, re.MULTILINE):
        yield from _of_configuration(access, text, file)
    else:
        yield "local", _of_lines(text, file)


def _of_yaml(text: str, file: str) -> Mapping[str, Mapping[str, str]]:
    data = yamlfile.read(text, file).plain() or {}
    if not isinstance(data, dict) or not all(isinstance(part, dict) for part in data.values()):
        raise SiteError(file, "is no file of groups", "write SOURCE: {GROUP: NODES}")
    return {
        source: {group: _joined(nodes) for group, nodes in groups.items()}
        for source, groups in data.items()
    }


def _joined(nodes: object) -> str:
    return ",".join(map(str, nodes)) if isinstance(nodes, list) else str(nodes)


def _of_lines(text: str, file: str) -> Mapping[str, str]:
    """A file of groups as ClusterShell had it before YAML."""
    groups: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        group, colon, nodes = line.partition("#")[0].partition(":")
        if colon:
            groups[group.strip()] = nodes.strip()
        elif group.strip():
            raise SiteError(f"{file}:{number}", f"{line[:40]!r} is no line", "write GROUP: NODES")
    return groups


def _of_configuration(
    access: SourceAccess, text: str, file: str
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The sources of a groups.conf: those that it has commands for, and files."""
    main = _configuration(text, file)
    folder = file.rpartition("/")[0] or "."
    options = dict(main["Main"]) if main.has_section("Main") else {}
    default = options.get("default", "")
    sources: dict[str, Mapping[str, str]] = {}
    for name in _patterns(options.get("autodir", ""), folder, "*.yaml"):
        for path in access.glob(name):
            sources |= _of_yaml(access.read(path), path)
    configurations = [main]
    for name in _patterns(options.get("confdir", options.get("groupsdir", "")), folder, "*.conf"):
        configurations += [_configuration(access.read(path), path) for path in access.glob(name)]
    for configuration in configurations:
        for section in configuration.sections():
            for source in section.split(",") if section.lower() != "main" else ():
                commands = dict(configuration[section])
                only = _only(access.group, source, default)
                if only is not None:
                    sources[source] = _asked(access, source, commands, folder, only)
    names = sorted(sources, key=lambda name: name != default)
    return iter([(name, sources[name]) for name in names])


def _configuration(text: str, file: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        what = f"is no groups.conf: {str(error).splitlines()[0]}"
        raise SiteError(file, what, "see `man groups.conf`") from None
    return parser


def _patterns(folders: str, folder: str, pattern: str) -> Iterable[str]:
    for name in folders.replace("$CFGDIR", folder).split():
        yield f"{name if name.startswith('/') else f'{folder}/{name}'}/{pattern}"


def _only(group: str, source: str, default: str) -> str | None:
    """Which group of a source is needed: "" all, None none."""
    if not group or group.startswith(f"{source}."):
        return group.removeprefix(f"{source}.")
    return group if source == default else None


def _asked(
    access: SourceAccess, source: str, commands: Mapping[str, str], folder: str, only: str
) -> Mapping[str, str]:
    """The groups of a source whose commands are run as ClusterShell runs them."""

    def run(text: str, group: str = "") -> str:
        words = {"CFGDIR": folder, "SOURCE": source, "GROUP": group}
        line = re.sub(r"\$(CFGDIR|SOURCE|GROUP)\b", lambda match: words[match[1]], text)
        return ",".join(access.run(("sh", "-c", line)).split())

    if only:
        nodes = run(commands["map"], only)
        if "@" not in nodes:
            return {only: nodes}
    names = run(commands.get("list", "true")).split(",")
    groups = {name: run(commands["map"], name) for name in filter(None, names)}
    return groups | ({ALL: run(commands["all"])} if "all" in commands else {})
