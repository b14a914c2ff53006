"""A RunResult as rows to read: which hosts, which component, which step or check, how it stands, in which words. Pure."""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence

from fairlead.contract.verbs import traits
from fairlead.model.plan import Noun
from fairlead.model.results import HostResult, RunResult, StepResult
from fairlead.output.folding import common, grouped, impersonal, nodes
from fairlead.output.sanitize import last_line, visible

BAD = frozenset({"failed", "rolled-back", "unreachable", "locked", "stuck", "blocks", "warns"})
DIGEST = re.compile(r"\b(sha256:[0-9a-f]{12})[0-9a-f]{52}\b")
GAP = 2  # columns between columns


class Row(Noun):
    """One line of the final table, true for all of `hosts`. `text` may have several lines."""

    hosts: str
    component: str
    label: str  # a step, a check, or ""
    state: str
    text: str = ""

    @property
    def bad(self) -> bool:
        return self.state in BAD


def verb_of(result: RunResult) -> str:
    """`up`, also where the whole name `daos.server.up` is given."""
    return result.verb.rpartition(".")[2]


def component_of(row: HostResult) -> str:
    return row.called or ".".join(filter(None, (row.system, row.component)))


def rows(result: RunResult) -> list[Row]:
    """Every row, the bad ones last: there the reader's eye is when the command has ended."""
    found = [*_passed(result), *_outcomes(result), *_wishes(result), *_failing(result)]
    return sorted(found, key=lambda row: row.bad)


def in_a_word(result: RunResult) -> str:
    """The one line for a run that found everything as asked; "" where there is more to say."""
    if any(_says_more(row, verb_of(result)) for row in result.hosts):
        return ""
    hosts = nodes(dict.fromkeys(row.host for row in result.hosts))
    return f"ok, nothing changed ({hosts})" if hosts else "ok, nothing to do"


def in_short(result: RunResult) -> str:
    """What a dry run says at its end; "" where nothing would change."""
    wishes = [step for row in result.hosts for step in row.steps if step.state == "would-change"]
    hosts = nodes(dict.fromkeys(row.host for row in result.hosts if row.state == "would-change"))
    names = {(step.phase, step.name) for step in wishes}
    return (
        f"dry run: {len(names)} step{'s' * (len(names) != 1)} would change something on {hosts}; nothing was changed"
        if wishes
        else ""
    )


def trouble(row: HostResult) -> str:
    """Where, what, remedy; then what failing steps printed, then what was undone."""
    said = _without_where(row.error, row)
    failing = [step for step in row.steps if step.state in ("failed", "stuck")]
    details = [
        _failure(step) for step in failing if not said or last_line(step.error) not in visible(said)
    ]
    undone = ", ".join(step.name for step in row.steps if step.state == "undone")
    return "\n".join(
        filter(None, (visible(said).strip(), *details, f"undone: {undone}" if undone else ""))
    )


def _says_more(row: HostResult, verb: str) -> bool:
    asked = row.checks and (traits(verb).checks or not all(check["ok"] for check in row.checks))
    return bool(row.state != "ok" or row.code or row.error or row.fields or asked)


def _failure(step: StepResult) -> str:
    printed = visible(step.error).strip("\n")
    what = f"{step.name}: could not be undone" if step.state == "stuck" else step.name
    return f"{what}:\n{printed}" if "\n" in printed else f"{what}: {printed or 'failed'}"


def _without_where(error: str, row: HostResult) -> str:
    """The row names host and component already."""
    for where in (row.host, component_of(row), row.component):
        if where and error.startswith((f"{where}: ", f"{where} ", f"{where}.")):
            error = error[len(where) :].lstrip(" :")
    return error


def _outcomes(result: RunResult) -> Iterator[Row]:
    """How each host ended."""
    told = [(row, _words(row)) for row in result.hosts if not _told_elsewhere(row)]
    for group in grouped(
        told, lambda pair: (component_of(pair[0]), pair[0].state, impersonal(pair[1], pair[0].host))
    ):
        hosts = [row.host for row, _ in group]
        yield Row(
            nodes(hosts),
            component_of(group[0][0]),
            "",
            group[0][0].state,
            common([text for _, text in group], hosts),
        )


def _told_elsewhere(row: HostResult) -> bool:
    """Checks, fields and steps that would change have rows of their own."""
    return not row.error and bool(
        row.fields
        or row.state == "would-change"
        or (row.checks and not row.steps and row.state in ("ok", "failed"))
    )


def _words(row: HostResult) -> str:
    if (
        row.state == "failed" and row.checks and not row.steps
    ):  # each has a row of its own, with its remedy
        return f"preflight blocks: {', '.join(check['name'] for check in row.checks if not check['ok'] and check.get('blocks', True))}"
    if row.state in BAD or row.error:
        return trouble(row)
    return ", ".join(
        f"{step.name} ({step.said})" if step.said else step.name
        for step in row.steps
        if step.state == "changed"
    )


def _wishes(result: RunResult) -> Iterator[Row]:
    """What would change, step by step."""
    steps = [
        (row, step)
        for row in result.hosts
        for step in row.steps
        if step.state in ("would-change", "ok")
    ]
    for group in grouped(steps, lambda pair: (component_of(pair[0]), pair[1].phase, pair[1].name)):
        wanting = [pair for pair in group if pair[1].state == "would-change"]
        settled = nodes(row.host for row, step in group if step.state == "ok")
        for alike in grouped(wanting, lambda pair: _shown(result, pair[1])):
            texts = filter(
                None, (_shown(result, alike[0][1]), f"already so on {settled}" if settled else "")
            )
            yield Row(
                nodes(row.host for row, _ in alike),
                component_of(alike[0][0]),
                alike[0][1].name,
                "would-change",
                "\n".join(texts),
            )


def _shown(result: RunResult, step: StepResult) -> str:
    """exec and logs are their command; of other verbs --explain shows it. Then what changes in a file."""
    return (
        "\n".join(map(shlex.join, step.commands))
        if traits(verb_of(result)).session
        else step.diff.rstrip("\n")
    )


def _checks(result: RunResult, ok: bool) -> list[tuple[HostResult, dict]]:
    return [
        (row, dict(check))
        for row in result.hosts
        for check in row.checks
        if bool(check["ok"]) == ok
    ]


def _failing(result: RunResult) -> Iterator[Row]:
    """Each check that failed: what was found, what is wanted, why it matters, what to do. Those that block last."""
    told = [(row, check, _finding(check)) for row, check in _checks(result, ok=False)]
    told.sort(key=lambda item: _severity(item[1]) == "blocks")
    for group in grouped(
        told,
        lambda item: (
            component_of(item[0]),
            item[1]["name"],
            _severity(item[1]),
            impersonal(item[2], item[0].host),
        ),
    ):
        hosts = [row.host for row, _, _ in group]
        yield Row(
            nodes(hosts),
            component_of(group[0][0]),
            group[0][1]["name"],
            _severity(group[0][1]),
            common([text for _, _, text in group], hosts),
        )


def _severity(check: dict) -> str:
    return "blocks" if check.get("blocks", True) else "warns"


def _finding(check: dict) -> str:
    lines = [
        f"found {check['found']}, wanted {check['wanted']}",
        check.get("why", ""),
        f"remedy: {check['remedy']}" if check.get("remedy") else "",
    ]
    return visible("\n".join(filter(None, lines)))


def _passed(result: RunResult) -> Iterator[Row]:
    """The names of checks that passed, together where they passed on the same hosts; preflight alone shows them."""
    if not traits(verb_of(result)).checks:
        return
    by_check = grouped(
        _checks(result, ok=True), lambda pair: (component_of(pair[0]), pair[1]["name"])
    )
    for group in grouped(
        by_check, lambda pairs: (component_of(pairs[0][0]), tuple(row.host for row, _ in pairs))
    ):
        names = ", ".join(pairs[0][1]["name"] for pairs in group)
        yield Row(
            nodes(row.host for row, _ in group[0]), component_of(group[0][0][0]), "", "ok", names
        )


def explained(result: RunResult) -> Iterator[tuple[str, str]]:
    """(heading, text) of --explain: the same text once for all its hosts."""
    for group in grouped(
        (row for row in result.hosts if row.explain), lambda row: (component_of(row), row.explain)
    ):
        yield (
            f"{nodes(row.host for row in group)} {component_of(group[0])}".rstrip(),
            group[0].explain,
        )


def brief(text: str) -> str:
    """Digests as the engines show them; whoever wants to compare all 64 letters takes --json or a pipe."""
    return DIGEST.sub(r"\1", text)


def values(fields: Iterable[tuple[str, object]], room: int = 0) -> tuple[tuple[str, str], ...]:
    """Fields of a status as words; a table begins on a line of its own. With `room`, the columns that a table may take, in brief."""
    found = (
        (visible(str(name)), visible("\n" * _is_table(value) + _value(value, room)))
        for name, value in fields
    )
    return tuple((name, brief(words) if room else words) for name, words in found)


def _value(value: object, room: int = 0) -> str:
    match value:
        case None | "":
            return "-"
        case bool():
            return "yes" if value else "no"
        case dict():
            lists = {name: item for name, item in value.items() if _is_table(item)}
            words = ", ".join(
                f"{name}={_value(item)}" for name, item in value.items() if name not in lists
            )
            return (
                "\n".join(filter(None, (words, *(_value(item, room) for item in lists.values()))))
                or "-"
            )
        case list() | tuple() if _is_table(value):
            return _table(list(_entries(value)), room)
        case list() | tuple():
            return ", ".join(map(_value, value)) or "-"
        case bytes():
            return value.decode("utf-8", "replace")
    return str(value)


def _is_table(value: object) -> bool:
    """A list of maps is shown as lines, their values under each other, the names above."""
    return (
        isinstance(value, list | tuple)
        and bool(value)
        and all(isinstance(entry, dict) for entry in value)
    )


def _entries(value: Iterable[Mapping[str, object]]) -> Iterator[list[str]]:
    """The names of what some of them have, then the values of each."""
    names = [
        name
        for name in dict.fromkeys(name for entry in value for name in entry)
        if any(entry.get(name) not in (None, "") for entry in value)
    ]
    yield names
    yield from (
        [_value(item) if (item := entry.get(name)) not in (None, "") else "" for name in names]
        for entry in value
    )


def _table(entries: list[list[str]], room: int) -> str:
    """Names first. Lines with their values under each other; where there is not room enough, one value under the other."""
    cells = [[brief(cell) for cell in entry] for entry in entries] if room else entries
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    if room and sum(widths) + GAP * (len(widths) - 1) > room:
        return "\n".join(_stacked(cells[0], entry) for entry in cells[1:])
    return "\n".join(
        (" " * GAP)
        .join(cell.ljust(width) for cell, width in zip(entry, widths, strict=True))
        .rstrip()
        for entry in cells
    )


def _stacked(names: list[str], entry: list[str]) -> str:
    """The first value is the head, the others are below it with their names."""
    wide = max(map(len, names[1:]), default=0)
    others = (
        f"  {name:{wide}}  {value}"
        for name, value in zip(names[1:], entry[1:], strict=True)
        if value
    )
    return "\n".join((entry[0], *others))


def statuses(
    result: RunResult, width: int = 0
) -> list[tuple[str, str, str, tuple[tuple[str, str], ...]]]:
    """(hosts, component, state, fields) of a status: the same fields once for all their hosts. With `width`, the columns of the screen, in brief."""
    beside = max((len(str(name)) for row in result.hosts for name in row.fields), default=0) + GAP
    found = [
        (row, values(row.fields.items(), max(width - beside, 1) if width else 0))
        for row in result.hosts
        if row.fields
    ]
    groups: Sequence = grouped(found, lambda pair: (component_of(pair[0]), pair[0].state, pair[1]))
    return [
        (
            nodes(row.host for row, _ in group),
            component_of(group[0][0]),
            group[0][0].state,
            group[0][1],
        )
        for group in groups
    ]
