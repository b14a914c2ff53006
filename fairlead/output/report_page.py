"""The page of `inv status --report`: one HTML file without a script, that fetches nothing."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from fairlead.model.plan import Noun
from fairlead.model.results import HostResult, RunResult
from fairlead.output.fields import component_of
from fairlead.output.folding import common_text, grouped, impersonal
from fairlead.output.majority import Comparison, comparisons, counts_of_states, version_of
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


class EndingSecret(Noun):
    """A certificate, or another secret that ends or is not as it should be; never its value."""

    name: str
    system: str
    state: str
    ends: str
    days: int | None


class LastRun(Noun):
    """A line of the operator's journal."""

    time: str
    who: str
    verb: str
    hosts: str
    code: int
    run: str


class Page(Noun, kw_only=True):
    """What the page shows. `secrets_trouble`: why the secrets are not known, "" where they are."""

    result: RunResult
    secrets: tuple[EndingSecret, ...]
    secrets_trouble: str
    runs: tuple[LastRun, ...]
    time: str
    who: str
    version: str
    revision: str


def html(page: Page) -> str:
    """The whole file."""
    title = f"{page.result.site}: {page.result.verb}"
    head = HEAD.format(
        policy=_text(POLICY),
        title=_text(title),
        css=CSS,
    )
    parts = (
        *_header(page),
        *_troubles(page.result),
        *_matrix(page.result.hosts),
        *_versions(comparisons(page.result.hosts)),
        *_secrets(page),
        *_runs(page.runs),
    )
    return head + "\n".join(parts) + "\n</body>\n</html>\n"


def _text(text: object) -> str:
    """Anything as text of HTML: control characters spelt out, everything escaped."""
    return escape(visible(str(text)))


def _element(
    name: str,
    text: object,
    style: str = "",
) -> str:
    mark = f' class="{_text(style)}"' if style else ""
    return f"<{name}{mark}>{_text(text)}</{name}>"


def _state(state: str) -> str:
    return _element("span", state, f"state {state}")


def _header(page: Page) -> Iterator[str]:
    yield _element("h1", page.result.site)
    revision = f", revision {page.revision}" if page.revision else ""
    about = f"inv {page.result.verb}, {page.time}, by {page.who}"
    yield _element("p", f"{about} (fairlead {page.version}{revision})", "faint")
    counts = counts_of_states(page.result.hosts).items()
    spans = [f"<span>{number} {_state(state)}</span>" for state, number in counts]
    yield f'<p class="counts">{"".join(spans)}</p>'


def _troubles(result: RunResult) -> Iterator[str]:
    """What is not well, equal sentences once, and what the reader should know besides."""
    rows = [row for row in result.hosts if row.code]
    if rows:
        yield _element("h2", "Not well")
        groups = grouped(rows, lambda row: (component_of(row), row.state, _impersonal(row)))
        items = "".join(map(_trouble, groups))
        yield f"<ul>{items}</ul>"
    yield from (_element("p", note) for note in result.notes)


def _impersonal(row: HostResult) -> str:
    return impersonal(row.error, row.host)


def _trouble(rows: Sequence[HostResult]) -> str:
    hosts = [row.host for row in rows]
    sentence = common_text([row.error for row in rows], hosts)
    name = _element("b", component_of(rows[0]))
    return f"<li>{name} {_state(rows[0].state)} {_text(sentence)}</li>"


def _matrix(rows: Sequence[HostResult]) -> Iterator[str]:
    """Hosts x components; a cell has the state and the version."""
    components = list(dict.fromkeys(map(component_of, rows)))
    yield _element("h2", "Hosts and components")
    body = [_matrix_row(group, components) for group in grouped(rows, lambda row: row.host)]
    yield _table(("host", *components), body)


def _matrix_row(rows: Sequence[HostResult], components: Sequence[str]) -> str:
    cells = [_element("th", rows[0].host)]
    own = {component_of(row): row for row in rows}
    for component in components:
        row = own.get(component)
        cells.append(_cell(component, _matrix_cell(row)) if row else '<td class="none">-</td>')
    return _row(cells)


def _matrix_cell(row: HostResult) -> str:
    version = version_of(row)
    return _state(row.state) + (_element("span", version, "version") if version else "")


def _versions(compared: Sequence[Comparison]) -> Iterator[str]:
    """What most hosts have, and the outliers."""
    yield _element("h2", "Versions, and hosts that differ")
    if not compared:
        yield _element("p", "no field of a status tells a version", "faint")
        return
    head = ("component", "field", "most hosts", "others")
    yield _table(head, map(_version_row, compared))


def _version_row(comparison: Comparison) -> str:
    most = "no value is on more than half of the hosts"
    if comparison.common:
        most = f"{comparison.common} ({comparison.hosts})"
    outliers = [_outlier(hosts, value) for hosts, value in comparison.others]
    others = "<br>".join(outliers) or _element("span", "none", "faint")
    cells = [
        _element("th", comparison.component),
        _cell("field", _text(comparison.field)),
        _cell("most hosts", _text(most)),
        _cell("others", others),
    ]
    return _row(cells)


def _outlier(hosts: str, value: str) -> str:
    return f"{_element('span', hosts, 'state alone')} {_text(value)}"


def _secrets(page: Page) -> Iterator[str]:
    yield _element("h2", "Certificates and other secrets that end")
    if page.secrets_trouble:
        yield _element("p", page.secrets_trouble, "state failed")
        return
    if not page.secrets:
        yield _element("p", "none", "faint")
        return
    yield _table(("secret", "system", "state", "ends", "days"), map(_secret_row, page.secrets))


def _secret_row(secret: EndingSecret) -> str:
    days = "-" if secret.days is None else secret.days
    cells = [
        _element("th", secret.name),
        _cell("system", _text(secret.system)),
        _cell("state", _state(secret.state)),
        _cell("ends", _text(secret.ends or "-")),
        _cell("days", _text(days)),
    ]
    return _row(cells)


def _runs(runs: Sequence[LastRun]) -> Iterator[str]:
    yield _element("h2", "Last runs from this machine")
    if not runs:
        yield _element("p", "none is remembered here", "faint")
        return
    yield _table(("when", "verb", "hosts", "exit", "who", "run"), map(_run_row, runs))


def _run_row(run: LastRun) -> str:
    state = "ok" if run.code == 0 else "failed"
    cells = [
        _element("th", run.time),
        _cell("verb", _element("code", f"inv {run.verb}")),
        _cell("hosts", _text(run.hosts)),
        _cell("exit", _element("span", run.code, f"state {state}")),
        _cell("who", _text(run.who)),
        _cell("run", _text(run.run)),
    ]
    return _row(cells)


def _table(head: Sequence[str], rows: Iterable[str]) -> str:
    """`rows`: of HTML."""
    names = "".join(_element("th", name) for name in head)
    body = "".join(rows)
    table = f"<table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="wide" tabindex="0">{table}</div>'  # keys scroll it where it is wider


def _row(cells: Iterable[str]) -> str:
    return f"<tr>{''.join(cells)}</tr>\n"


def _cell(label: str, inner: str) -> str:
    """`inner`: HTML; the label stands before it where the page is narrow."""
    return f'<td data-label="{_text(label)}"><div>{inner}</div></td>'
