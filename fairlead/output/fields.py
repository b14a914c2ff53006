"""The fields of a status as words: hosts with equal fields together, values of any type as text."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from fairlead.model.plan import Noun
from fairlead.model.results import HostResult, RunResult
from fairlead.output.columns import GAP, aligned, total_width
from fairlead.output.folding import grouped, nodes
from fairlead.output.sanitize import visible

Fields = tuple[tuple[str, str], ...]  # (name, text), in the order in which they are shown

DIGEST = re.compile(r"\b(sha256:[0-9a-f]{12})[0-9a-f]{52}\b")


class StatusRow(Noun):
    """One row of a table of fields.

    `name`: of a status a node set, of a listing the thing itself; `group`: the component.
    """

    name: str
    group: str
    state: str
    fields: Fields


def component_of(row: HostResult) -> str:
    """The component in words: `perfsonar`, or `daos.server` where the system has several."""
    return row.called or ".".join(filter(None, (row.system, row.component)))


def statuses(result: RunResult, width: int = 0) -> list[StatusRow]:
    """The fields of a status, the same fields once for all their hosts.

    With `width`, the columns of the screen, long values are shortened; 0: all in full.
    """
    with_fields = [row for row in result.hosts if row.fields]
    room = _room(with_fields, width) if width else 0
    pairs = [(row, field_texts(row.fields.items(), room)) for row in with_fields]
    groups = grouped(pairs, lambda pair: (component_of(pair[0]), pair[0].state, pair[1]))
    return [_status_row(group) for group in groups]


def _room(rows: Sequence[HostResult], width: int) -> int:
    """The columns that are left for values beside the names of the fields."""
    names = [max(len(str(name)) for name in row.fields) for row in rows]
    return max(width - max(names, default=0) - GAP, 1)


def _status_row(group: Sequence[tuple[HostResult, Fields]]) -> StatusRow:
    row, fields = group[0]
    hosts = nodes(row.host for row, _ in group)
    return StatusRow(hosts, component_of(row), row.state, fields)


def field_texts(fields: Iterable[tuple[str, object]], width: int = 0) -> Fields:
    """Fields as text, made harmless; a table begins on a line of its own.

    `width`: the columns that a table may take, digests are shortened then; 0: no limit.
    """
    return tuple((visible(str(name)), _field_text(value, width)) for name, value in fields)


def _field_text(value: object, width: int) -> str:
    text = visible(_text(value, width))
    if _is_table(value):
        text = f"\n{text}"
    return brief(text) if width else text


def brief(text: str) -> str:
    """Digests as the engines show them; JSON and pipes have all 64 letters."""
    return DIGEST.sub(r"\1", text)


def _text(value: object, width: int = 0) -> str:
    match value:
        case None | "":
            return "-"
        case bool():
            return "yes" if value else "no"
        case dict():
            return _map_text(value, width)
        case list() | tuple() if _is_table(value):
            return _table_text(list(_table_rows(value)), width)
        case list() | tuple():
            return ", ".join(map(_text, value)) or "-"
        case bytes():
            return value.decode("utf-8", "replace")
    return str(value)


def _map_text(value: Mapping[str, object], width: int) -> str:
    """`name=value, ...` in one line, then the tables among the values."""
    tables = [item for item in value.values() if _is_table(item)]
    words = [f"{name}={_text(item)}" for name, item in value.items() if not _is_table(item)]
    parts = (", ".join(words), *(_text(table, width) for table in tables))
    return "\n".join(filter(None, parts)) or "-"


def _is_table(value: object) -> bool:
    """A list of maps is shown as lines, their values under each other, the names above."""
    if not isinstance(value, list | tuple) or not value:
        return False
    return all(isinstance(entry, dict) for entry in value)


def _is_empty(value: object) -> bool:
    return value is None or value == ""


def _table_rows(entries: Sequence[Mapping[str, object]]) -> Iterator[list[str]]:
    """The names of what some of the entries have, then the values of each."""
    names: dict[str, None] = {}
    for entry in entries:
        names |= dict.fromkeys(entry)
    used = [name for name in names if not all(_is_empty(entry.get(name)) for entry in entries)]
    yield used
    for entry in entries:
        values = [entry.get(name) for name in used]
        yield ["" if _is_empty(value) else _text(value) for value in values]


def _table_text(rows: list[list[str]], width: int) -> str:
    """Names first. Lines in columns; where they are wider than `width`, one value a line."""
    if width:
        rows = [[brief(cell) for cell in row] for row in rows]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        if total_width(widths) > width:
            return "\n".join(_stacked(rows[0], row) for row in rows[1:])
    return "\n".join(aligned(rows))


def _stacked(names: list[str], row: list[str]) -> str:
    """The first value is the head, the others are below it with their names."""
    width = max(map(len, names[1:]), default=0)
    pairs = zip(names[1:], row[1:], strict=True)
    return "\n".join((row[0], *(f"  {name:{width}}  {value}" for name, value in pairs if value)))
