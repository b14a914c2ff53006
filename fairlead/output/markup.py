"""Pages of HTML: one file without a script, that fetches nothing; everything is escaped."""

from collections.abc import Iterable, Sequence
from html import escape

from fairlead.output.report_style import CSS
from fairlead.output.sanitize import visible

POLICY = "default-src 'none'; style-src 'unsafe-inline'"  # nothing is fetched, no script runs
HEAD = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>{css}</style>
</head>
<body>
"""


def page(title: str, parts: Iterable[str]) -> str:
    """The whole file; `parts`: of HTML."""
    head = HEAD.format(
        policy=escaped(POLICY),
        title=escaped(title),
        css=CSS,
    )
    return head + "\n".join(parts) + "\n</body>\n</html>\n"


def escaped(text: object) -> str:
    """Anything as text of HTML: control characters spelt out, everything escaped."""
    return escape(visible(str(text)))


def element(
    name: str,
    text: object,
    style: str = "",
) -> str:
    mark = f' class="{escaped(style)}"' if style else ""
    return f"<{name}{mark}>{escaped(text)}</{name}>"


def state_mark(state: str) -> str:
    return element("span", state, f"state {state}")


def table(head: Sequence[str], rows: Iterable[str]) -> str:
    """`rows`: of HTML."""
    names = "".join(element("th", name) for name in head)
    body = "".join(rows)
    text = f"<table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="wide" tabindex="0">{text}</div>'  # keys scroll it where it is wider


def table_row(cells: Iterable[str]) -> str:
    return f"<tr>{''.join(cells)}</tr>\n"


def cell(label: str, inner: str) -> str:
    """`inner`: HTML; the label stands before it where the page is narrow."""
    return f'<td data-label="{escaped(label)}"><div>{inner}</div></td>'
