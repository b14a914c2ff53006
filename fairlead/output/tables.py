"""Tables on a terminal: equal rows folded, errors in full. Rich is imported when it draws."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from fairlead.model.results import Listing, RunResult, Table
from fairlead.output.columns import GAP, total_width
from fairlead.output.fields import Fields, StatusRow, component_of, field_texts, statuses
from fairlead.output.folding import grouped
from fairlead.output.rows import Row, rows
from fairlead.output.sanitize import visible
from fairlead.output.states import style_of

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

ROOM = 36  # columns below which a text goes under its row instead of beside it
WIDEST_NAME = 24  # columns that the names of fields keep where a grid has to shrink
WIDEST_CELL = 40  # columns that a component or a label takes at most

Cells = Sequence[Sequence[str]]  # the rows of a table, all of one length


def draw(console: "Console", result: RunResult) -> None:
    """Statuses first, then everything else, a blank line between."""
    single = len({component_of(row) for row in result.hosts}) == 1
    status_rows = [_beside_name(row) for row in statuses(result, console.width)]
    tables = list(_status_tables(status_rows, console.width, single))
    lines = list(_row_lines(rows(result), console.width, single))
    separator = [""] if tables and lines else []
    for part in (*tables, *separator, *lines):
        console.print(part)


def draw_listing(console: "Console", listing: Listing) -> None:
    """A table for each group, its longer texts folded between words.

    Where even that does not fit, one value under the other.
    """
    entries = [
        StatusRow(name, group, state, field_texts(fields))
        for name, group, state, fields in listing.rows
    ]
    for group in grouped(entries, lambda entry: entry.group):
        console.print(_title(group[0].group))
        for part in _listing_table(group, console.width, listing.of):
            console.print(part)


def draw_tables(console: "Console", tables: Sequence[Table]) -> None:
    """Tables below each other, their longer texts folded between words.

    Where even that does not fit, row by row.
    """
    for number, table in enumerate(tables):
        if number:
            console.print("")
        if table.title:
            console.print(_title(table.title))
        cells = [[visible(cell) or "-" for cell in row] for row in table.rows]
        for part in _table_parts(cells, console.width, table.headed):
            console.print(part)


def _table_parts(table: Cells, width: int, headed: bool) -> "Iterator[RenderableType]":
    from rich.text import Text

    widths = _shrunk_widths(table, width) if table else []
    if headed and not widths:
        table = _filled_columns(table)
        widths = _shrunk_widths(table, width) if table else []
    if widths:
        yield _grid(table, widths, headed)
    elif headed:
        yield from _row_by_row(table)
    else:
        yield from (Text("  ".join(cells), overflow="fold") for cells in table)


def _filled_columns(table: Cells) -> Cells:
    """Without the columns in which no row has anything."""
    columns = [column for column in zip(*table, strict=True) if {*column[1:]} != {"-"}]
    return [*zip(*columns, strict=True)]


def _row_by_row(table: Cells) -> "Iterator[RenderableType]":
    """What each row has beside its name, one value under the other; what it has none of is left
    out.
    """
    for number, cells in enumerate(table[1:]):
        if number:
            yield ""
        fields = zip(table[0], cells, strict=True)
        yield _grid([field for field in fields if field[1] != "-"], headed=False)


def _listing_table(
    entries: Sequence[StatusRow], width: int, heading: str
) -> "Iterator[RenderableType]":
    table = _rows_by_name(entries, [name for name, _ in entries[0].fields], heading)
    widths = _shrunk_widths(table, width)
    if widths:
        yield _grid(table, widths)
    else:
        yield from _status_table(entries, width, heading)


def _beside_name(row: StatusRow) -> StatusRow:
    """A table among the values stands beside its name, not below it."""
    fields = tuple((name, value.removeprefix("\n")) for name, value in row.fields)
    return replace(row, fields=fields)


def _row_lines(table_rows: Sequence[Row], width: int, single: bool) -> "Iterator[RenderableType]":
    """Rows under each other, the component left out where there is a `single` one.

    The columns are as wide as their words, host sets at most half the width.
    """
    cells = [_cells(row, single) for row in table_rows]
    widths = _column_widths(cells, width // 2)
    room = width - sum(size + GAP for size in widths if size)
    for row, row_cells in zip(table_rows, cells, strict=True):
        fits = room >= ROOM or len(row.text) <= room
        yield _row_line(row_cells, widths, row.state, row.text if fits else "")
        if not fits:
            yield _text_below(row.text)


def _cells(row: Row, single: bool) -> list[str]:
    component = [] if single else [row.component]
    return [row.hosts, *component, row.label, row.state]


def _column_widths(table: Cells, widest_hosts: int) -> list[int]:
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in zip(*table, strict=True)]
    limits = [widest_hosts] + [WIDEST_CELL] * len(widths)
    return [min(size, limit) for size, limit in zip(widths, limits, strict=False)]


def _row_line(
    cells: Sequence[str],
    widths: Sequence[int],
    state: str,
    text: str,
) -> "RenderableType":
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, GAP, 0, 0))
    shown = [
        (cell, size)
        for cell, size in zip(
            cells,
            widths,
            strict=True,
        )
        if size
    ]
    for _, size in shown:
        grid.add_column(width=size, overflow="fold")
    grid.add_column(overflow="fold", ratio=1)
    styled = [Text(cell, style_of(cell) if cell == state else "") for cell, _ in shown]
    grid.add_row(*styled, Text(text))
    return grid


def _text_below(text: str) -> "RenderableType":
    from rich.padding import Padding
    from rich.text import Text

    return Padding(Text(text, overflow="fold"), (0, 0, 0, 4))


def _status_tables(
    entries: Sequence[StatusRow], width: int, single: bool
) -> "Iterator[RenderableType]":
    """A table for each component, with a title unless there is a `single` one."""
    for number, group in enumerate(grouped(entries, lambda entry: entry.group)):
        if number:
            yield ""
        if not single:
            yield _title(group[0].group)
        yield from _status_table(group, width, "hosts")


def _title(component: str) -> "RenderableType":
    from rich.text import Text

    return Text(component, style="bold underline")


def _status_table(
    entries: Sequence[StatusRow], width: int, heading: str
) -> "Iterator[RenderableType]":
    """Hosts as rows or as columns, whichever the terminal holds, else host by host."""
    names = _field_names(entries)
    by_name = _rows_by_name(entries, names, heading)
    by_field = list(zip(*by_name, strict=True))
    several = len(entries) > 1
    by_field_fits = _table_width(by_field) <= width
    prefers_by_field = by_field_fits and len(names) > len(entries) * 2
    if several and _table_width(by_name) <= width and not prefers_by_field:
        yield _grid(by_name)
    elif by_field_fits or not several:
        yield _grid(by_field)
    else:
        yield from _one_by_one(entries, names, width, heading)


def _field_names(entries: Sequence[StatusRow]) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for entry in entries:
        names |= dict.fromkeys(name for name, _ in entry.fields)
    return tuple(names)


def _rows_by_name(
    entries: Sequence[StatusRow], names: Sequence[str], heading: str
) -> list[tuple[str, ...]]:
    """A row of names, then one for each entry; `heading` stands over the entries' names."""
    head = (heading, "state", *names)
    return [head, *((entry.name, entry.state, *_pick(entry, names)) for entry in entries)]


def _one_by_one(
    entries: Sequence[StatusRow],
    names: Sequence[str],
    width: int,
    heading: str,
) -> "Iterator[RenderableType]":
    """What is the same everywhere, once; then what differs.

    The latter as a table if it fits, else one entry after the other.
    """
    shared = _shared_fields(entries, names)
    if shared:
        yield _grid([("everywhere", ""), *shared])
        yield ""
    own = [name for name in names if name not in dict(shared)]
    table = _rows_by_name(entries, own, heading)
    if not any(map(_has_lines, entries)) and _table_width(table, widest=ROOM) <= width:
        yield _grid(table)
        return
    for number, entry in enumerate(entries):
        if number:
            yield ""
        fields = [field for field in entry.fields if field[0] in own]
        yield _grid([(heading, entry.name), ("state", entry.state), *fields])


def _shared_fields(entries: Sequence[StatusRow], names: Sequence[str]) -> Fields:
    """The fields that have the same value in all entries."""
    known = [dict(entry.fields) for entry in entries]
    shared = [name for name in names if len({fields.get(name) for fields in known}) == 1]
    return tuple((name, known[0].get(name, "-")) for name in shared)


def _has_lines(entry: StatusRow) -> bool:
    """Has it a value of several lines? None of them may be folded."""
    return any("\n" in value for _, value in entry.fields)


def _pick(entry: StatusRow, names: Sequence[str]) -> Iterator[str]:
    known = dict(entry.fields)
    return (known.get(name, "-") for name in names)


def _table_width(table: Cells, widest: int = 1000) -> int:
    """Columns that a table takes without wrapping what is shorter than `widest`."""
    return total_width([min(size, widest) for size in _natural_widths(table)])


def _natural_widths(table: Cells) -> list[int]:
    """The columns that the longest line of each column takes."""
    return [max(map(_longest_line, column)) for column in zip(*table, strict=True)]


def _longest_line(cell: str) -> int:
    from rich.cells import cell_len

    return max(map(cell_len, cell.split("\n")))


def _shrunk_widths(table: Cells, width: int) -> list[int]:
    """How wide each column is, so that all fit into `width` and no word is broken.

    The columns that fold most give way first. []: it cannot be.
    """
    widths = _natural_widths(table)
    one_word_a_line = [["\n".join(cell.split()) for cell in cells] for cells in table]
    least = _natural_widths(one_word_a_line)
    for _ in range(total_width(widths) - width):
        spare = [size - minimum for size, minimum in zip(widths, least, strict=True)]
        widest = spare.index(max(spare))
        if not spare[widest]:
            return []
        widths[widest] -= 1
    return widths


def _grid(table: Cells, widths: Sequence[int] = (), headed: bool = True) -> "RenderableType":
    """The first column has names, and with `headed` the first row."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, GAP, 0, 0))
    names_width = min(_natural_widths(table)[0], WIDEST_NAME)
    fixed: Sequence[int | None] = widths or [None] * len(table[0])
    grid.add_column(overflow="fold", min_width=names_width, style="bold", width=fixed[0])
    for size in fixed[1:]:
        grid.add_column(overflow="fold", width=size)
    head = table[: int(headed)]
    for cells in head:
        grid.add_row(*(Text(cell, "bold") for cell in cells))
    for cells in table[len(head) :]:
        grid.add_row(*(Text(cell, style_of(cell)) for cell in cells))
    return grid
