"""Lines for a file, a pipe, a screen reader: no colours, no cursor, one fact a line, the same words every time."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from fairlead.model.results import Listing, Progress, RunResult, StepResult
from fairlead.output.listener import Listener
from fairlead.output.rows import Row, rows, statuses
from fairlead.output.sanitize import last_line, visible
from fairlead.output.streams import say

QUIET = frozenset(
    {"ok", "would-change", "not-run"}
)  # states of steps that the result tells well enough


class Lines(Listener):
    """What happens, as it happens: `n1 perfsonar.testpoint: pull: changed (2.1 s)`."""

    def __init__(self, stream: TextIO, headed: bool = False):
        self._stream, self._headed = (
            stream,
            headed,
        )  # what changes in a file: below one head, for eyes; or each line whole, for grep
        self._changes: dict[
            tuple[str, str, str], str
        ] = {}  # component, step, what changes in a file -> the host that it was shown of

    def began(self, verb: str, site: str, run: str, hosts: tuple[str, ...]) -> None:
        self._changes = {}

    def progress(self, progress: Progress) -> None:
        lines = self._change(progress) if progress.kind == "diff" else told(progress)
        for line in lines:
            say(self._stream, f"{where(progress.host, progress.component)}: {line}\n")

    def _change(self, progress: Progress) -> Iterator[str]:
        """What changes in a file, in full on the first host where it is so."""
        first = self._changes.setdefault(
            (progress.component, progress.step, progress.text), progress.host
        )
        if first != progress.host:
            yield f"{progress.step}: the same change as on {first}"
        elif self._headed:
            yield "\n    ".join((f"{progress.step}:", *visible(progress.text).splitlines()))
        else:
            yield from told(progress)


def where(host: str, component: str) -> str:
    return f"{host} {component}".rstrip()


def told(progress: Progress) -> Iterator[str]:
    """What of it is worth a line."""
    match progress:
        case Progress(kind="waiting"):
            yield f"waiting: {last_line(progress.text)}"
        case Progress(kind="diff"):
            yield from (f"{progress.step}: {visible(line)}" for line in progress.text.splitlines())
        case Progress(kind="undo", result=None):
            yield f"{progress.step}: being undone"
        case Progress(kind="step" | "undo", result=StepResult() as result) if (
            result.state not in QUIET
        ):
            yield _ending(result)


def _ending(result: StepResult) -> str:
    said = last_line(result.error or result.said)
    return f"{result.name}: {result.state} ({result.seconds:.1f} s)" + (f": {said}" if said else "")


def lines(result: RunResult) -> Iterator[str]:
    """The result, a line for each fact; further lines of a text are indented."""
    for hosts, component, state, fields in statuses(result):
        for text in _texts(fields):
            yield _line(Row(hosts, component, "", state, text))
    for row in rows(result):
        yield _line(row)


def listed(listing: Listing) -> Iterator[str]:
    """A listing, a line for each: `perfsonar ps.key: ok: from=age file, ...`."""
    for name, group, state, fields in listing.rows:
        yield _line(Row(group, name, "", state, _fields(fields)))


def _texts(fields: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Fields of one line together; one of several has a line of its own, and the others under it."""
    if short := [field for field in fields if "\n" not in field[1]]:
        yield _fields(short)
    yield from (_fields([field]) for field in fields if field not in short)


def _fields(fields: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{name}={value}" for name, value in fields)


def _line(row: Row) -> str:
    parts = (
        where(row.hosts, row.component),
        row.label,
        row.state,
        row.text.replace("\n", "\n    "),
    )
    return visible(": ".join(filter(None, parts)))
