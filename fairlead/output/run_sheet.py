"""The hand-over sheet of a run: plan, differences, times, images before and after, who, and why."""

import calendar
import time
from collections.abc import Iterable, Iterator, Sequence

from fairlead.inventory.nodesets import fold
from fairlead.model.plan import NOT_KNOWN, Noun
from fairlead.model.results import HostResult, RunResult, StepResult
from fairlead.output import journal
from fairlead.output.fields import component_of
from fairlead.output.folding import common_text, grouped, impersonal
from fairlead.output.majority import counts_of_states
from fairlead.output.rows import notes_of

BEGAN = "%Y%m%dT%H%M%S"  # what the name of a run begins with
SHOWN = "%Y-%m-%d %H:%M:%S UTC"
FORMAT = 1  # of a record that is kept
NO_PLAN = "what was planned and done is not remembered here any more"
Acts = tuple[HostResult, StepResult]  # a row, and a step in it


class RunRecord(Noun, kw_only=True):
    """What came of a run. `is_whole`: what was done, and not only by which hosts."""

    record: int = FORMAT
    ended: str
    who: str
    fairlead: str
    result: RunResult
    is_whole: bool = True


class SheetTable(Noun):
    """`nothing` stands there where it has no rows."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    nothing: str


class Difference(Noun):
    """What a step has changed in a file of some hosts."""

    title: str
    text: str


class Sheet(Noun, kw_only=True):
    """What a sheet says, in this order; `facts`: a word, and what is so."""

    title: str
    code: int
    facts: tuple[tuple[str, str], ...]
    tables: tuple[SheetTable, ...]
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]


def sheet(record: RunRecord) -> Sheet:
    result = record.result
    return Sheet(
        title=f"inv {result.verb} on {result.site}",
        code=result.code,
        facts=tuple(_facts(record)),
        tables=(
            _hosts(result.hosts),
            _images(result.hosts),
            _plan(record),
        ),
        differences=tuple(_differences(result.hosts)),
        notes=notes_of(result),
    )


def _facts(record: RunRecord) -> Iterator[tuple[str, str]]:
    result = record.result
    counts = counts_of_states(result.hosts).items()
    states = ", ".join(f"{number} {state}" for state, number in counts)
    yield "outcome", f"exit code {result.code}: {states}"
    yield "what", " ".join(("inv", result.verb, *result.flags))
    options = {name: value for name, value in result.options.items() if value not in (True, None)}
    if options:
        yield "with", ", ".join(f"{name} {value}" for name, value in options.items())
    yield "why", result.reason or "no reason was given"
    yield "who", record.who
    yield from _times(record)
    yield "run", result.run
    yield "fairlead", record.fairlead or NOT_KNOWN
    yield "revision of the site", result.revision or NOT_KNOWN


def _times(record: RunRecord) -> Iterator[tuple[str, str]]:
    """When it began, by its name, when it ended, and how long that was."""
    ended = time.strptime(record.ended, journal.TIME)
    try:
        began = time.strptime(record.result.run.partition("-")[0], BEGAN)
    except ValueError:
        yield "ended", time.strftime(SHOWN, ended)
        return
    yield "began", time.strftime(SHOWN, began)
    yield "ended", time.strftime(SHOWN, ended)
    yield "took", _lasting(calendar.timegm(ended) - calendar.timegm(began))


def _lasting(seconds: float) -> str:
    """4.2 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 60:
        return f"{round(seconds, 1):g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def _hosts(rows: Iterable[HostResult]) -> SheetTable:
    """What became of which hosts; those of which the same is to be said are one row."""

    def alike(row: HostResult) -> tuple[str, str, str]:
        return (component_of(row), row.state, impersonal(row.error, row.host))

    groups = grouped(rows, alike)
    head = ("hosts", "component", "state", "remark")
    return SheetTable("Hosts", head, tuple(map(_host_row, groups)), "no host was asked")


def _host_row(rows: Sequence[HostResult]) -> tuple[str, ...]:
    hosts = [row.host for row in rows]
    first = rows[0]
    text = common_text([row.error for row in rows], hosts)
    return (fold(hosts), component_of(first), first.state, text)


def _images(rows: Iterable[HostResult]) -> SheetTable:
    """Images of containers, by their digests."""
    changes = [(row.host, image) for row in rows for image in row.images]
    groups = grouped(changes, lambda change: change[1])
    lines = []
    for group in groups:
        hosts = fold(host for host, _ in group)
        image = group[0][1]
        before, after = (text or "none" for text in (image.before, image.after))
        lines.append((hosts, image.container, image.image, before, after))
    head = ("hosts", "container", "image", "before", "after")
    nothing = "no container was looked at before and after"
    return SheetTable("Images before and after", head, tuple(lines), nothing)


def _plan(record: RunRecord) -> SheetTable:
    """Every step in its order, what became of it on which hosts, and the longest that it took."""
    acts = [(row, step) for row in record.result.hosts for step in row.steps]
    order = _in_order(record.result.hosts)
    groups = sorted(grouped(acts, _step_of), key=lambda group: order.index(_step_of(group[0])))
    head = ("step", "phase", "component", "outcome", "longest")
    nothing = "nothing was to be done" if record.is_whole else NO_PLAN
    return SheetTable("Plan, step by step", head, tuple(map(_plan_row, groups)), nothing)


def _in_order(rows: Iterable[HostResult]) -> list[tuple[str, str, str]]:
    """The steps of all hosts, each before what comes after it on any of them."""
    sequences = [tuple(_step_of((row, step)) for step in row.steps) for row in rows]
    order: list[tuple[str, str, str]] = []
    for sequence in dict.fromkeys(sequences):
        place = len(order)
        for step in reversed(sequence):
            if step in order:
                place = order.index(step)
            else:
                order.insert(place, step)
    return order


def _step_of(act: Acts) -> tuple[str, str, str]:
    row, step = act
    return (component_of(row), step.phase, step.name)


def _plan_row(acts: Sequence[Acts]) -> tuple[str, ...]:
    states = grouped(acts, lambda act: act[1].state)
    outcomes = []
    for group in states:
        hosts = fold(row.host for row, _ in group)
        outcomes.append(f"{hosts} {group[0][1].state}")
    longest = max(step.seconds for _, step in acts)
    component, phase, name = _step_of(acts[0])
    return (name, phase or "-", component, ", ".join(outcomes), _lasting(longest))


def _differences(rows: Iterable[HostResult]) -> Iterator[Difference]:
    """What changed in files; equal ones once."""
    acts = [(row, step) for row in rows for step in row.steps if step.diff]
    groups = grouped(acts, lambda act: (*_step_of(act), act[1].state, act[1].diff))
    for group in groups:
        row, step = group[0]
        hosts = fold(each.host for each, _ in group)
        title = f"{hosts}: {component_of(row)}: {step.name} ({step.state})"
        yield Difference(title, step.diff)
