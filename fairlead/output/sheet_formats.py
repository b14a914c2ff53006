"""A hand-over sheet as Markdown, and as one page of HTML."""

import re
from collections.abc import Iterator

from fairlead.output.markup import cell, element, escaped, page, state_mark, table, table_row
from fairlead.output.run_sheet import Difference, Sheet, SheetTable
from fairlead.output.sanitize import visible

SPECIAL = re.compile(r"([\\`*_\[\]<>|#~])")
FENCE = re.compile("`{3,}")
STATE = "state"  # the column that has a colour
STYLES = {"+": "added", "-": "removed"}  # of the lines of a difference
EMPTY = '<td class="none"></td>'

# Markdown


def markdown(sheet: Sheet) -> str:
    return "\n".join(_markdown_lines(sheet)) + "\n"


def _markdown_lines(sheet: Sheet) -> Iterator[str]:
    yield f"# {_plain(sheet.title)}"
    yield ""
    for word, text in sheet.facts:
        yield f"- **{word}**: {_plain(text)}"
    for part in sheet.tables:
        yield from _markdown_table(part)
    yield from ("", "## Differences", "")
    if not sheet.differences:
        yield "no file was changed"
    for difference in sheet.differences:
        yield from _fenced(difference)
    if sheet.notes:
        yield from ("", "## Notes", "")
    for note in sheet.notes:
        yield f"- {_plain(note)}"


def _markdown_table(part: SheetTable) -> Iterator[str]:
    yield from ("", f"## {part.title}", "")
    if not part.rows:
        yield part.nothing
        return
    for row in (part.head, ("---",) * len(part.head)):
        yield f"| {' | '.join(row)} |"
    for row in part.rows:
        yield f"| {' | '.join(map(_plain, row))} |"


def _fenced(difference: Difference) -> Iterator[str]:
    """Behind a fence that is longer than any in it."""
    longest = max(map(len, FENCE.findall(difference.text)), default=2)
    fence = "`" * (longest + 1)
    yield f"{_plain(difference.title)}"
    yield ""
    yield f"{fence}diff"
    yield from map(visible, difference.text.splitlines())
    yield from (fence, "")


def _plain(text: str) -> str:
    """A line of words that mean nothing to Markdown."""
    line = " ".join(visible(text).split())
    return SPECIAL.sub(r"\\\1", line)


# HTML


def html(sheet: Sheet) -> str:
    return page(sheet.title, _html_parts(sheet))


def _html_parts(sheet: Sheet) -> Iterator[str]:
    outcome = "ok" if sheet.code == 0 else "failed"
    yield element("h1", sheet.title)
    yield f"<p>{element('span', sheet.facts[0][1], f'state {outcome}')}</p>"
    facts = "".join(_fact(*fact) for fact in sheet.facts[1:])
    yield f"<dl>{facts}</dl>"
    for part in sheet.tables:
        yield from _html_table(part)
    yield element("h2", "Differences")
    if not sheet.differences:
        yield element("p", "no file was changed", "faint")
    for difference in sheet.differences:
        yield element("p", difference.title)
        yield f"<pre>{''.join(map(_diff_line, difference.text.splitlines()))}</pre>"
    if sheet.notes:
        yield element("h2", "Notes")
    yield from (element("p", note) for note in sheet.notes)


def _fact(word: str, text: str) -> str:
    return element("dt", word) + element("dd", text)


def _html_table(part: SheetTable) -> Iterator[str]:
    yield element("h2", part.title)
    if not part.rows:
        yield element("p", part.nothing, "faint")
        return
    yield table(part.head, (_html_row(part, row) for row in part.rows))


def _html_row(part: SheetTable, row: tuple[str, ...]) -> str:
    first, *others = zip(part.head, row, strict=True)
    cells = [element("th", first[1])]
    for name, text in others:
        inner = state_mark(text) if name == STATE else escaped(text)
        cells.append(cell(name, inner) if text else EMPTY)
    return table_row(cells)


def _diff_line(line: str) -> str:
    """Coloured by what it begins with; the names of the files are not."""
    style = STYLES.get(line[:1], "")
    if line.startswith(("+++ ", "--- ")):
        style = "faint"
    return f"{element('span', line, style)}\n"
