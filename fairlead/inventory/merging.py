"""New hosts and groups in the text of a site file; every line that stands there stays."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from fairlead.inventory import yamlfile
from fairlead.inventory.fragment import Fragment
from fairlead.model.errors import SiteError

Part = Mapping[str, Any]


def text_of(fragment: Fragment) -> str:
    """The fragment as a YAML text of its own."""
    parts = {"hosts": fragment.hosts, "groups": fragment.groups}
    return "".join(
        "\n".join((f"{key}:", *_lines(part, "  "), "")) for key, part in parts.items() if part
    )


def merged(
    text: str,
    file: str,
    fragment: Fragment,
) -> str:
    """The text with what is new of the fragment at the end of `hosts:` and `groups:`.

    Raises SiteError where the text cannot take it so.
    """
    before = yamlfile.read(text, file).plain() or {}
    parts = {"hosts": fragment.hosts, "groups": fragment.groups}
    for key, part in parts.items():
        if part:
            text = _with(text, file, key, part)
    expected = dict(before)
    for key, part in parts.items():
        if part:
            expected[key] = (before.get(key) or {}) | dict(part)
    if yamlfile.read(text, file).plain() != expected:
        remedy = "add the lines of inv site.import yourself"
        raise SiteError(file, "cannot take new lines without others changing", remedy)
    return text


def with_sections(
    text: str,
    file: str,
    sections: Mapping[str, Part],
) -> str:
    """The text with new sections at its end. Raises SiteError where it cannot take them."""
    before = yamlfile.read(text, file).plain() or {}
    end = "\r\n" if "\r\n" in text else "\n"
    blocks = [yamlfile.write({name: section}) for name, section in sections.items()]
    lines = [line for block in blocks for line in ("", *block.splitlines())]
    text = end.join([text.rstrip("\r\n"), *lines, ""])
    if yamlfile.read(text, file).plain() != msgspec.to_builtins(before | dict(sections)):
        remedy = "add the lines of inv adopt yourself"
        raise SiteError(file, "cannot take new sections at its end", remedy)
    return text


def _lines(
    part: Part,
    indent: str,
) -> list[str]:
    return [f"{indent}{yamlfile.pair(key, value)}" for key, value in part.items()]


def _with(
    text: str,
    file: str,
    key: str,
    part: Part,
) -> str:
    """The text with these lines below a key that may not be there yet."""
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines()
    place = yamlfile.read(text, file)
    if place.value is None or key not in place.value:
        return end.join([*lines, f"{key}:", *_lines(part, "  "), ""])
    head = int(place.value[key].where.rpartition(":")[2]) - 1
    _check_block(lines[head], f"{file}:{head + 1}: {key}")
    lines[head] = re.sub(r"\s*\{\s*\}", "", lines[head])
    last, indent = _block(lines, head)
    lines[last + 1 : last + 1] = _lines(part, indent)
    return end.join([*lines, ""])


def _check_block(
    line: str,
    where: str,
) -> None:
    """Raise SiteError where a key has its value beside it, and not below."""
    value = line.partition(":")[2].partition(" #")[0].strip()
    if value and not re.fullmatch(r"\{\s*\}|&\S+", value):
        remedy = "write each of its keys on a line of its own below it"
        raise SiteError(where, "stands in one line, which takes no new ones", remedy)


def _block(
    lines: list[str],
    head: int,
) -> tuple[int, str]:
    """The last line of what stands below a line, and how far its keys are indented."""
    last, indent = head, "  "
    for number in range(head + 1, len(lines)):
        line = lines[number]
        bare = line.strip()
        if bare and not line.startswith((" ", "\t", "#")):
            break
        if bare and not bare.startswith("#"):
            if last == head:
                indent = line[: len(line) - len(line.lstrip())]
            last = number
    return last, indent
