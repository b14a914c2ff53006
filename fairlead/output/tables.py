"""The result on a terminal: one table, equal rows folded, every trouble in full. Rich is imported when it is drawn."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from fairlead.model.results import Listing, RunResult
from fairlead.output.rows import BAD, GAP, Row, component_of, rows, statuses, values

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

STYLES = {
    "ok": "green",
    "changed": "yellow",
    "would-change": "cyan",
    "skipped": "dim",
    "warns": "yellow",
    "locked": "bold yellow",
    "rolled-back": "bold magenta",
    "ending": "bold yellow",
    **dict.fromkeys(("missing", "expired", "closed", "unusable"), "bold red"),
}
ROOM = 36  # columns below which a text goes under its row instead of beside it

Status = tuple[str, str, str, tuple[tuple[str, str], ...]]


def style_of(state: str) -> str:
    return STYLES.get(state, "bold red" if state in BAD else "")


def draw(console: "Console", result: RunResult) -> None:
    """Statuses first, then everything else, a blank line between."""
    one = len({component_of(row) for row in result.hosts}) == 1
    found = list(_statuses(list(map(_beside, statuses(result, console.width))), console.width, one))
    others = list(_rows(rows(result), console.width, one))
    for part in (*found, *([""] if found and others else []), *others):
        console.print(part)


def draw_listing(console: "Console", listing: Listing) -> None:
    """A table for each group, its longer texts folded between words; where even that does not fit, one under the other."""
    rows = [(name, group, state, values(fields)) for name, group, state, fields in listing.rows]
    for group in dict.fromkeys(row[1] for row in rows):
        entries = [row for row in rows if row[1] == group]
        folded = _by_host(entries, [name for name, _ in entries[0][3]], listing.of)
        console.print(_title(group))
        widths = _folded(folded, console.width)
        for part in (
            [_grid(folded, widths)] if widths else _status(entries, console.width, listing.of)
        ):
            console.print(part)


def _beside(status: Status) -> Status:
    """A table of values stands beside its name."""
    hosts, component, state, fields = status
    return (
        hosts,
        component,
        state,
        tuple((name, value.removeprefix("\n")) for name, value in fields),
    )


def _rows(found: Sequence[Row], width: int, one: bool) -> Iterator["RenderableType"]:
    """Rows under each other; the columns are as wide as their words, host sets at most half the width."""
    lines = [
        (row, [row.hosts, *([] if one else [row.component]), row.label, row.state]) for row in found
    ]
    widths = _widths([cells for _, cells in lines], width // 2)
    beside = width - sum(size + GAP for size in widths if size)
    for row, cells in lines:
        fits = beside >= ROOM or len(row.text) <= beside
        yield _line(cells, widths, row, row.text if fits else "")
        if not fits:
            yield _under(row.text)


def _widths(table: Sequence[Sequence[str]], most: int) -> list[int]:
    from rich.cells import cell_len

    natural = [
        max((cell_len(cell) for cell in column), default=0) for column in zip(*table, strict=True)
    ]
    return [min(size, most) for size in natural[:1]] + [min(size, 40) for size in natural[1:]]


def _line(cells: Sequence[str], widths: Sequence[int], row: Row, text: str) -> "RenderableType":
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, GAP, 0, 0))
    shown = [(cell, size) for cell, size in zip(cells, widths, strict=True) if size]
    for _, size in shown:
        grid.add_column(width=size, overflow="fold")
    grid.add_column(overflow="fold", ratio=1)
    grid.add_row(
        *(Text(cell, style=style_of(cell) if cell == row.state else "") for cell, _ in shown),
        Text(text),
    )
    return grid


def _under(text: str) -> "RenderableType":
    from rich.padding import Padding
    from rich.text import Text

    return Padding(Text(text, overflow="fold"), (0, 0, 0, 4))


def _statuses(found: Sequence[Status], width: int, one: bool) -> Iterator["RenderableType"]:
    """A table for each component: hosts as rows or as columns, whichever the terminal holds, else host by host."""
    for number, component in enumerate(dict.fromkeys(entry[1] for entry in found)):
        entries = [entry for entry in found if entry[1] == component]
        if number:
            yield ""
        if not one:
            yield _title(component)
        yield from _status(entries, width, "hosts")


def _title(component: str) -> "RenderableType":
    from rich.text import Text

    return Text(component, style="bold underline")


def _status(entries: Sequence[Status], width: int, of: str) -> Iterator["RenderableType"]:
    names = tuple(dict.fromkeys(name for _, _, _, fields in entries for name, _ in fields))
    by_host = _by_host(entries, names, of)
    by_field = list(zip(*by_host, strict=True))
    upright = _needs(by_field) <= width
    if (
        len(entries) > 1
        and _needs(by_host) <= width
        and not (upright and len(names) > len(entries) * 2)
    ):
        yield _grid(by_host)
    elif upright or len(entries) == 1:
        yield _grid(by_field)
    else:
        yield from _apart(entries, names, width, of)


def _by_host(entries: Sequence[Status], names: Sequence[str], of: str) -> list[tuple[str, ...]]:
    return [
        (of, "state", *names),
        *((hosts, state, *_pick(fields, names)) for hosts, _, state, fields in entries),
    ]


def _apart(
    entries: Sequence[Status], names: Sequence[str], width: int, of: str
) -> Iterator["RenderableType"]:
    """What is the same everywhere once; then what differs, as a table if it fits, else host by host."""
    shared = [
        name for name in names if len({dict(fields).get(name) for _, _, _, fields in entries}) == 1
    ]
    if shared:
        yield _grid(
            [("everywhere", ""), *((name, next(_pick(entries[0][3], [name]))) for name in shared)]
        )
        yield ""
    own = [name for name in names if name not in shared]
    trees = any(
        "\n" in value for _, _, _, fields in entries for _, value in fields
    )  # lines of which none may be folded
    if not trees and _needs(_by_host(entries, own, of), most=ROOM) <= width:
        yield _grid(_by_host(entries, own, of))
        return
    for number, (hosts, _, state, fields) in enumerate(entries):
        yield from [""] * bool(number)
        yield _grid(
            [(of, hosts), ("state", state), *(field for field in fields if field[0] in own)]
        )


def _pick(fields: Iterable[tuple[str, str]], names: Sequence[str]) -> Iterator[str]:
    known = dict(fields)
    return (known.get(name, "-") for name in names)


def _needs(table: Sequence[Sequence[str]], most: int = 1000) -> int:
    """Columns that a table takes without wrapping what is shorter than `most`."""
    return sum(min(size, most) + GAP for size in _natural(table)) - GAP


def _natural(table: Sequence[Sequence[str]]) -> list[int]:
    from rich.cells import cell_len

    return [
        max(cell_len(line) for cell in column for line in cell.split("\n"))
        for column in zip(*table, strict=True)
    ]


def _folded(table: Sequence[Sequence[str]], width: int) -> list[int]:
    """How wide each column is, so that all fit and no word is broken: those that fold most give way first. []: it cannot be."""
    sizes, least = (
        _natural(table),
        _natural([["\n".join(cell.split()) for cell in cells] for cells in table]),
    )
    for _ in range(sum(sizes) + GAP * (len(sizes) - 1) - width):
        widest = max(range(len(sizes)), key=lambda column: sizes[column] - least[column])
        if sizes[widest] == least[widest]:
            return []
        sizes[widest] -= 1
    return sizes


def _grid(table: Sequence[Sequence[str]], widths: Sequence[int] = ()) -> "RenderableType":
    """The first row and the first column are names."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, GAP, 0, 0))
    first, *_ = _natural(table)
    grid.add_column(
        overflow="fold", min_width=min(first, 24), style="bold", width=widths[0] if widths else None
    )
    for column in range(1, len(table[0])):
        grid.add_column(overflow="fold", width=widths[column] if widths else None)
    for number, cells in enumerate(table):
        grid.add_row(
            *(Text(cell, style="bold" if not number else style_of(cell)) for cell in cells)
        )
    return grid
