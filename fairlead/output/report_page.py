"""The page of `inv status --report`: one HTML file without a script, that fetches nothing."""

from collections.abc import Iterator, Sequence

from fairlead.model.plan import Noun
from fairlead.model.results import HostResult, RunResult
from fairlead.output import markup
from fairlead.output.fields import component_of
from fairlead.output.folding import common_text, grouped, impersonal
from fairlead.output.majority import Comparison, comparisons, counts_of_states, version_of
from fairlead.output.markup import cell, element, escaped, state_mark, table, table_row
from fairlead.output.rows import notes_of


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
    parts = (
        *_header(page),
        *_troubles(page.result),
        *_matrix(page.result.hosts),
        *_versions(comparisons(page.result.hosts)),
        *_secrets(page),
        *_runs(page.runs),
    )
    return markup.page(title, parts)


def _header(page: Page) -> Iterator[str]:
    yield element("h1", page.result.site)
    revision = f", revision {page.revision}" if page.revision else ""
    about = f"inv {page.result.verb}, {page.time}, by {page.who}"
    yield element("p", f"{about} (fairlead {page.version}{revision})", "faint")
    counts = counts_of_states(page.result.hosts).items()
    spans = [f"<span>{number} {state_mark(state)}</span>" for state, number in counts]
    yield f'<p class="counts">{"".join(spans)}</p>'


def _troubles(result: RunResult) -> Iterator[str]:
    """What is not well, equal sentences once, and what the reader should know besides."""
    rows = [row for row in result.hosts if row.code]
    if rows:
        yield element("h2", "Not well")
        groups = grouped(rows, lambda row: (component_of(row), row.state, _impersonal(row)))
        items = "".join(map(_trouble, groups))
        yield f"<ul>{items}</ul>"
    yield from (element("p", note) for note in notes_of(result))


def _impersonal(row: HostResult) -> str:
    return impersonal(row.error, row.host)


def _trouble(rows: Sequence[HostResult]) -> str:
    hosts = [row.host for row in rows]
    sentence = common_text([row.error for row in rows], hosts)
    name = element("b", component_of(rows[0]))
    return f"<li>{name} {state_mark(rows[0].state)} {escaped(sentence)}</li>"


def _matrix(rows: Sequence[HostResult]) -> Iterator[str]:
    """Hosts x components; a cell has the state and the version."""
    components = list(dict.fromkeys(map(component_of, rows)))
    yield element("h2", "Hosts and components")
    body = [_matrix_row(group, components) for group in grouped(rows, lambda row: row.host)]
    yield table(("host", *components), body)


def _matrix_row(rows: Sequence[HostResult], components: Sequence[str]) -> str:
    cells = [element("th", rows[0].host)]
    own = {component_of(row): row for row in rows}
    for component in components:
        row = own.get(component)
        cells.append(cell(component, _matrix_cell(row)) if row else '<td class="none">-</td>')
    return table_row(cells)


def _matrix_cell(row: HostResult) -> str:
    version = version_of(row)
    return state_mark(row.state) + (element("span", version, "version") if version else "")


def _versions(compared: Sequence[Comparison]) -> Iterator[str]:
    """What most hosts have, and the outliers."""
    yield element("h2", "Versions, and hosts that differ")
    if not compared:
        yield element("p", "no field of a status tells a version", "faint")
        return
    head = ("component", "field", "most hosts", "others")
    yield table(head, map(_version_row, compared))


def _version_row(comparison: Comparison) -> str:
    most = "no value is on more than half of the hosts"
    if comparison.common:
        most = f"{comparison.common} ({comparison.hosts})"
    outliers = [_outlier(hosts, value) for hosts, value in comparison.others]
    others = "<br>".join(outliers) or element("span", "none", "faint")
    cells = [
        element("th", comparison.component),
        cell("field", escaped(comparison.field)),
        cell("most hosts", escaped(most)),
        cell("others", others),
    ]
    return table_row(cells)


def _outlier(hosts: str, value: str) -> str:
    return f"{element('span', hosts, 'state alone')} {escaped(value)}"


def _secrets(page: Page) -> Iterator[str]:
    yield element("h2", "Certificates and other secrets that end")
    if page.secrets_trouble:
        yield element("p", page.secrets_trouble, "state failed")
        return
    if not page.secrets:
        yield element("p", "none", "faint")
        return
    yield table(("secret", "system", "state", "ends", "days"), map(_secret_row, page.secrets))


def _secret_row(secret: EndingSecret) -> str:
    days = "-" if secret.days is None else secret.days
    cells = [
        element("th", secret.name),
        cell("system", escaped(secret.system)),
        cell("state", state_mark(secret.state)),
        cell("ends", escaped(secret.ends or "-")),
        cell("days", escaped(days)),
    ]
    return table_row(cells)


def _runs(runs: Sequence[LastRun]) -> Iterator[str]:
    yield element("h2", "Last runs from this machine")
    if not runs:
        yield element("p", "none is remembered here", "faint")
        return
    yield table(("when", "verb", "hosts", "exit", "who", "run"), map(_run_row, runs))


def _run_row(run: LastRun) -> str:
    state = "ok" if run.code == 0 else "failed"
    cells = [
        element("th", run.time),
        cell("verb", element("code", f"inv {run.verb}")),
        cell("hosts", escaped(run.hosts)),
        cell("exit", element("span", run.code, f"state {state}")),
        cell("who", escaped(run.who)),
        cell("run", escaped(run.run)),
    ]
    return table_row(cells)
