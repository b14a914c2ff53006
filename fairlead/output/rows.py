"""A RunResult as rows to read: which hosts, component, step or check, its state, its words. Pure.

Rows that differ by host names and addresses alone are folded into one row with a node set.
"""

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from fairlead.contract.verbs import traits
from fairlead.model.plan import Noun
from fairlead.model.results import HostResult, RunResult, StepResult
from fairlead.output.fields import component_of
from fairlead.output.folding import common_text, folded_notes, grouped, impersonal, nodes
from fairlead.output.sanitize import last_line, visible
from fairlead.output.states import is_bad, severity

CheckResult = Mapping[str, Any]  # as docs/json.md has it: name, ok, blocks, wanted, found, ...


class Row(Noun):
    """One line of the final table, true for all of `hosts`. `text` may have several lines."""

    hosts: str
    component: str
    label: str  # a step, a check, or ""
    state: str
    text: str = ""

    @property
    def bad(self) -> bool:
        return is_bad(self.state)


class HostRow(Noun):
    """What a Row says of one host, before equal ones are folded."""

    host: str
    component: str
    label: str
    state: str
    text: str

    @property
    def signature(self) -> tuple[str, str, str, str]:
        """Equal for rows that are folded into one."""
        return (self.component, self.label, self.state, impersonal(self.text, self.host))


def verb_of(result: RunResult) -> str:
    """`up`, also where the whole name `daos.server.up` is given."""
    return result.verb.rpartition(".")[2]


def rows(result: RunResult) -> list[Row]:
    """Every row, the bad ones last: there the reader's eye is when the command has ended."""
    every = [
        *_passed_checks(result),
        *_folded(_outcomes(result)),
        *_would_change(result),
        *_folded(_failed_checks(result)),
    ]
    return sorted(every, key=lambda row: row.bad)


def unchanged_sentence(result: RunResult) -> str:
    """The one line for a run in which nothing had to be done; "" where there is more to say."""
    if any(_says_more(row, verb_of(result)) for row in result.hosts):
        return ""
    hosts = nodes(dict.fromkeys(row.host for row in result.hosts))
    return f"ok, nothing changed ({hosts})" if hosts else "ok, nothing to do"


def _says_more(row: HostResult, verb: str) -> bool:
    if row.state != "ok" or row.code or row.error or row.fields:
        return True
    if traits(verb).checks:
        return bool(row.checks)
    return not all(check["ok"] for check in row.checks)


def dry_run_sentence(result: RunResult) -> str:
    """What a dry run says at its end; "" where nothing would change."""
    names = {(step.phase, step.name) for _, step in _steps(result) if step.state == "would-change"}
    if not names:
        return ""
    hosts = nodes(dict.fromkeys(row.host for row in result.hosts if row.state == "would-change"))
    steps = "1 step" if len(names) == 1 else f"{len(names)} steps"
    return f"dry run: {steps} would change something on {hosts}; nothing was changed"


def trouble(row: HostResult) -> str:
    """Where, what, remedy; then what failing steps printed, then what was undone."""
    error = visible(_without_where(row.error, row))
    failing = [step for step in row.steps if step.state in ("failed", "stuck")]
    details = [
        _failure(step) for step in failing if not error or last_line(step.error) not in error
    ]
    undone = ", ".join(step.name for step in row.steps if step.state == "undone")
    last = f"undone: {undone}" if undone else ""
    return "\n".join(filter(None, (error.strip(), *details, last)))


def _failure(step: StepResult) -> str:
    printed = visible(step.error).strip("\n")
    what = f"{step.name}: could not be undone" if step.state == "stuck" else step.name
    return f"{what}:\n{printed}" if "\n" in printed else f"{what}: {printed or 'failed'}"


def _without_where(error: str, row: HostResult) -> str:
    """The error without host and component at its beginning: the row names them already."""
    for where in (row.host, component_of(row), row.component):
        if where and error.startswith((f"{where}: ", f"{where} ", f"{where}.")):
            error = error[len(where) :].lstrip(" :")
    return error


def _folded(host_rows: Iterable[HostRow]) -> Iterator[Row]:
    """One row for all hosts of which the same is to be said."""
    for group in grouped(host_rows, lambda row: row.signature):
        first, hosts = group[0], [row.host for row in group]
        text = common_text([row.text for row in group], hosts)
        yield Row(nodes(hosts), first.component, first.label, first.state, text)


def _outcomes(result: RunResult) -> Iterator[HostRow]:
    """How each host ended."""
    for row in result.hosts:
        if not _has_other_rows(row):
            yield HostRow(row.host, component_of(row), "", row.state, _outcome_text(row))


def _has_other_rows(row: HostResult) -> bool:
    """Checks, fields and steps that would change have rows of their own."""
    if row.error:
        return False
    only_checks = row.checks and not row.steps and row.state in ("ok", "failed")
    return bool(row.fields or row.state == "would-change" or only_checks)


def _outcome_text(row: HostResult) -> str:
    if row.state == "failed" and row.checks and not row.steps:  # each check has a row of its own
        blocking = [check for check in row.checks if not check["ok"]]
        names = [check["name"] for check in blocking if severity(check) == "blocks"]
        return f"preflight blocks: {', '.join(names)}"
    if is_bad(row.state) or row.error:
        return trouble(row)
    return ", ".join(_named(step) for step in row.steps if _is_news(step))


def _is_news(step: StepResult) -> bool:
    """It changed something, or has looked and says what it found."""
    return step.state == "changed" or bool(step.state == "ok" and step.said)


def _named(step: StepResult) -> str:
    return f"{step.name} ({step.said})" if step.said else step.name


def _steps(result: RunResult) -> Iterator[tuple[HostResult, StepResult]]:
    for row in result.hosts:
        for step in row.steps:
            yield row, step


def _would_change(result: RunResult) -> Iterator[Row]:
    """What would change, step by step."""
    steps = [pair for pair in _steps(result) if pair[1].state in ("would-change", "ok")]
    for group in grouped(steps, lambda pair: (component_of(pair[0]), pair[1].phase, pair[1].name)):
        changing = [pair for pair in group if pair[1].state == "would-change"]
        settled = nodes(row.host for row, step in group if step.state == "ok")
        for alike in grouped(changing, lambda pair: _change_text(result, pair[1])):
            yield _would_change_row(alike, _change_text(result, alike[0][1]), settled)


def _would_change_row(
    pairs: Sequence[tuple[HostResult, StepResult]], change: str, settled: str
) -> Row:
    row, step = pairs[0]
    texts = (change, f"already so on {settled}" if settled else "")
    text = "\n".join(filter(None, texts))
    hosts = nodes(row.host for row, _ in pairs)
    return Row(hosts, component_of(row), step.name, "would-change", text)


def _change_text(result: RunResult, step: StepResult) -> str:
    """What would change in a file, and from what that follows; of exec and logs their command (else
    --explain shows it).
    """
    if traits(verb_of(result)).session:
        return "\n".join(map(shlex.join, step.commands))
    after = f"after {', '.join(step.after)}" if step.after else ""
    return "\n".join(filter(None, (after, step.diff.rstrip("\n"))))


def _checks(result: RunResult, ok: bool) -> Iterator[tuple[HostResult, CheckResult]]:
    for row in result.hosts:
        for check in row.checks:
            if bool(check["ok"]) == ok:
                yield row, check


def _failed_checks(result: RunResult) -> list[HostRow]:
    """Each check that failed, on each host. Those that block last."""
    failed = [
        HostRow(
            row.host,
            component_of(row),
            check["name"],
            severity(check),
            _check_text(check),
        )
        for row, check in _checks(result, ok=False)
    ]
    return sorted(failed, key=lambda row: row.state == "blocks")


def _check_text(check: CheckResult) -> str:
    """What a check found, what it wants, why it matters, what to do."""
    lines = [
        f"found {check['found']}, wanted {check['wanted']}",
        check.get("why", ""),
        f"remedy: {check['remedy']}" if check.get("remedy") else "",
    ]
    return visible("\n".join(filter(None, lines)))


def _passed_checks(result: RunResult) -> Iterator[Row]:
    """The names of checks that passed, together where they passed on the same hosts.

    preflight alone shows them.
    """
    if not traits(verb_of(result)).checks:
        return
    hosts_of: dict[tuple[str, str], list[str]] = {}  # (component, check) -> hosts
    for row, check in _checks(result, ok=True):
        hosts_of.setdefault((component_of(row), check["name"]), []).append(row.host)
    for group in grouped(hosts_of.items(), lambda item: (item[0][0], tuple(item[1]))):
        (component, _), hosts = group[0]
        names = ", ".join(check for (_, check), _ in group)
        yield Row(nodes(hosts), component, "", "ok", names)


def notes_of(result: RunResult) -> tuple[str, ...]:
    """What the reader should know besides, what is so on several hosts once."""
    return tuple(folded_notes(result.notes, {row.host for row in result.hosts}))


def explanations(result: RunResult) -> Iterator[tuple[str, str]]:
    """(heading, text) of --explain: the same text once for all its hosts."""
    explained = [row for row in result.hosts if row.explain]
    for group in grouped(explained, lambda row: (component_of(row), row.explain)):
        hosts = nodes(row.host for row in group)
        yield f"{hosts} {component_of(group[0])}".rstrip(), group[0].explain
