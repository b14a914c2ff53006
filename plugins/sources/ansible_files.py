"""The files of an inventory of Ansible: INI or YAML, and the variables beside it."""

import ast
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fairlead.api import SiteError, SourceAccess, yamlfile

MOST = 10_000  # hosts of a pattern
_SECTION = re.compile(r"\[([^:\]]+)(?::(children|vars))?\]\s*(?:[#;].*)?")
_RANGE = re.compile(r"\[([0-9]+|[A-Za-z]):([0-9]+|[A-Za-z])(?::([0-9]+))?\]")
_YAML = re.compile(r"(?:\s*(?:#[^\n]*)?\n)*(?:---|[\w-]+:\s*(?:#[^\n]*)?\n|\{)")  # how one begins
_PORT = re.compile(r"(.*[^:]):([0-9]{1,5})")


@dataclass
class Group:
    """A group as the files have it; a host or child may be named before it is described."""

    hosts: dict[str, None] = field(default_factory=dict)
    children: dict[str, None] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)


@dataclass
class Files:
    """What the files say, none of it joined: hosts with their own variables, groups."""

    hosts: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    remarks: dict[str, None] = field(default_factory=dict)

    def group(self, name: str) -> Group:
        return self.groups.setdefault(name, Group())

    def add(self, group: str, pattern: str, variables: Mapping[str, Any], where: str) -> None:
        """The hosts of a pattern as members of a group."""
        match = _PORT.fullmatch(pattern)
        port: dict[str, Any] = {}
        if match and not pattern.endswith("]"):
            pattern, port = match[1], {"ansible_port": int(match[2])}
        for name in names(pattern, where):
            self.group(group).hosts[name] = None
            self.hosts.setdefault(name, {}).update({**port, **variables})


def names(pattern: str, where: str) -> tuple[str, ...]:
    """n[01:50], n[a:c], n[1:9:2]: the names, the last range runs fastest. Raises SiteError."""
    match = _RANGE.search(pattern)
    if not match:
        return (pattern,)
    first, last, step = match[1], match[2], int(match[3] or 1)
    if first.isdigit() != last.isdigit() or not step:
        raise SiteError(where, f"{pattern!r} is no range", "write n[01:50]")
    items = _numbers(first, last, step) if first.isdigit() else _letters(first, last, step)
    rests = names(pattern[match.end() :], where)
    if len(items) * len(rests) > MOST:
        raise SiteError(where, f"{pattern!r} goes beyond {MOST:,} names", "name fewer hosts")
    return tuple(f"{pattern[: match.start()]}{item}{rest}" for item in items for rest in rests)


def _numbers(first: str, last: str, step: int) -> list[str]:
    numbers = range(int(first), int(last) + 1, step)
    width = len(first) if first.startswith("0") else 0
    return [f"{number:0{width}d}" for number in numbers[: MOST + 1]]


def _letters(first: str, last: str, step: int) -> list[str]:
    return [chr(number) for number in range(ord(first), ord(last) + 1, step)]


def read(access: SourceAccess, file: str) -> Files:
    """The inventory in a file, and group_vars and host_vars beside it. Raises SiteError."""
    files = Files()
    text = access.read(file)
    if file.endswith((".yml", ".yaml", ".json")) or _YAML.match(text):
        _of_yaml(files, text, file)
    else:
        _of_ini(files, text, file)
    return files


def _of_ini(files: Files, text: str, file: str) -> None:
    group, kind = "ungrouped", ""
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{file}:{number}"
        line = line.strip()
        if not line or line[0] in "#;":
            continue
        section = _SECTION.fullmatch(line)
        if section:
            group, kind = section[1].strip(), section[2] or ""
            files.group(group)
        elif kind == "children":
            child = _words(line, where)[0]
            files.group(group).children[child] = None
            files.group(child)
        elif kind == "vars":
            key, _, value = line.partition("=")
            files.group(group).variables[key.strip()] = _value(value.strip())
        else:
            pattern, *words = _words(line, where)
            files.add(group, pattern, dict(_pairs(words, where)), where)


def _words(line: str, where: str) -> list[str]:
    try:
        return shlex.split(line, comments=True)
    except ValueError as error:
        raise SiteError(where, f"cannot be read: {error}", "close the quotes") from None


def _pairs(words: list[str], where: str) -> Iterator[tuple[str, Any]]:
    for word in words:
        key, equals, text = word.partition("=")
        if not equals:
            raise SiteError(where, f"{word!r} is no variable", "write NAME=VALUE behind a host")
        yield key, _value(text)


def _value(text: str) -> Any:
    """A value of an INI file: a literal of Python where it is one, else the text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _of_yaml(files: Files, text: str, file: str) -> None:
    data = yamlfile.read(text, file).plain()
    if not isinstance(data, dict):
        raise SiteError(file, "is no inventory", "give an inventory in INI or YAML")
    for name, group in data.items():
        _yaml_group(files, name, group, file)


def _yaml_group(files: Files, name: str, data: Any, file: str) -> None:
    group = files.group(name)
    if data is None:
        return
    if not isinstance(data, dict):
        raise SiteError(file, f"the group {name!r} is no map", "write hosts, children, vars in it")
    for pattern, variables in _map(data, "hosts", name, file):
        files.add(name, pattern, variables or {}, file)
    for child, inner in _map(data, "children", name, file):
        group.children[child] = None
        _yaml_group(files, child, inner, file)
    group.variables.update(_map(data, "vars", name, file))


def _map(data: Mapping[str, Any], key: str, group: str, file: str) -> Iterator[tuple[str, Any]]:
    """The pairs of a part of a group; Ansible takes a text for a single name."""
    part = data.get(key) or {}
    if isinstance(part, str):
        part = {part: None}
    if not isinstance(part, dict):
        raise SiteError(file, f"{key} of {group!r} is no map", f"write {key}: {{NAME: }}")
    return iter(part.items())


def beside(access: SourceAccess, file: str, kind: str, files: Files) -> Mapping[str, Any]:
    """group_vars or host_vars beside an inventory: name -> variables."""
    folder = f"{file.rpartition('/')[0] or '.'}/{kind}"
    known: dict[str, dict[str, Any]] = {}
    for path in (*access.glob(f"{folder}/*"), *access.glob(f"{folder}/*/*")):
        parts = path.removeprefix(f"{folder}/").split("/")
        if path.endswith((".yml", ".yaml")) or "." not in parts[-1]:
            name = re.sub(r"\.ya?ml$", "", parts[0])
            known.setdefault(name, {}).update(_variables(access, path, files))
    return known


def _variables(access: SourceAccess, path: str, files: Files) -> Mapping[str, Any]:
    try:
        data = yamlfile.read(access.read(path), path).plain()
    except SiteError as error:
        files.remarks[f"{error.where}: is not read: {error.what}"] = None
        return {}
    return data if isinstance(data, dict) else {}
