"""Lines for files, pipes, screen readers: no colours, no cursor, one fact a line, fixed words."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from fairlead.model.results import Listing, Progress, RunResult, StepResult, Table
from fairlead.output.columns import aligned
from fairlead.output.fields import Fields, statuses
from fairlead.output.listener import Listener
from fairlead.output.rows import Row, rows
from fairlead.output.sanitize import last_line, visible
from fairlead.output.streams import write_text

QUIET = frozenset({"ok", "would-change", "not-run"})  # step states that the result shows anyway


class ProgressLines(Listener):
    """What happens, as it happens: `n1 perfsonar.testpoint: pull: changed (2.1 s)`.

    What changes in a file is shown below one head with `headed`, for eyes; else each line
    begins with host and step, for grep.
    """

    def __init__(self, stream: TextIO, headed: bool = False):
        self._stream, self._headed = stream, headed
        # (component, step, diff) -> the host that it was shown of
        self._shown: dict[tuple[str, str, str], str] = {}

    def began(
        self,
        verb: str,
        site: str,
        run: str,
        hosts: tuple[str, ...],
    ) -> None:
        self._shown = {}

    def progress(self, progress: Progress) -> None:
        lines = self._diff(progress) if progress.kind == "diff" else progress_lines(progress)
        for line in lines:
            where = row_name(progress.host, progress.component)
            write_text(self._stream, f"{where}: {line}\n")

    def _diff(self, progress: Progress) -> Iterator[str]:
        """What changes in a file, in full on the first host where it is so."""
        change = (progress.component, progress.step, progress.text)
        first = self._shown.setdefault(change, progress.host)
        if first != progress.host:
            yield f"{progress.step}: the same change as on {first}"
        elif self._headed:
            yield "\n    ".join((f"{progress.step}:", *visible(progress.text).splitlines()))
        else:
            yield from progress_lines(progress)


def row_name(host: str, component: str) -> str:
    """Host and component, as they begin a line."""
    return f"{host} {component}".rstrip()


def progress_lines(progress: Progress) -> Iterator[str]:
    """What of a progress is worth a line."""
    match progress:
        case Progress(kind="waiting"):
            yield f"waiting: {last_line(progress.text)}"
        case Progress(kind="silent") if progress.lasting:
            text = last_line(progress.text)
            yield f"{progress.step}: silent for {progress.lasting}: {text}"
        case Progress(kind="cancelled"):
            yield f"cancelled by {last_line(progress.text)}"
        case Progress(kind="diff"):
            for line in progress.text.splitlines():
                yield f"{progress.step}: {visible(line)}"
        case Progress(kind="undo", result=None):
            yield f"{progress.step}: being undone"
        case Progress(kind="step" | "undo", result=StepResult() as result):
            if result.state not in QUIET:
                yield _step_line(result)


def _step_line(result: StepResult) -> str:
    line = f"{result.name}: {result.state} ({result.seconds:.1f} s)"
    message = last_line(result.error or result.said)
    return f"{line}: {message}" if message else line


def result_lines(result: RunResult) -> Iterator[str]:
    """The result, a line for each fact; further lines of a text are indented."""
    for status in statuses(result):
        for text in _field_lines(status.fields):
            yield _line(Row(status.name, status.group, "", status.state, text))
    for row in rows(result):
        yield _line(row)


def listing_lines(listing: Listing) -> Iterator[str]:
    """A listing, a line for each: `perfsonar ps.key: ok: from=age file, ...`."""
    for name, group, state, fields in listing.rows:
        yield _line(Row(group, name, "", state, _joined(fields)))


def table_lines(tables: Sequence[Table]) -> Iterator[str]:
    """Tables as columns, a blank line between them; below a title they stand further in."""
    for number, table in enumerate(tables):
        if number:
            yield ""
        if table.title:
            yield visible(table.title)
        rows = [[visible(cell) or "-" for cell in row] for row in table.rows]
        yield from aligned(rows, indent=2 if table.title else 0)


def _field_lines(fields: Fields) -> Iterator[str]:
    """Values of one line together; those of several lines each on its own, below."""
    short = [field for field in fields if "\n" not in field[1]]
    if short:
        yield _joined(short)
    for field in fields:
        if field not in short:
            yield _joined([field])


def _joined(fields: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{name}={value}" for name, value in fields)


def _line(row: Row) -> str:
    text = row.text.replace("\n", "\n    ")
    parts = (row_name(row.hosts, row.component), row.label, row.state, text)
    return visible(": ".join(filter(None, parts)))
