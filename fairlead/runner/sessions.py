"""Programs run for their output: exec, logs. Nothing is locked, nothing is kept."""

import sys
from collections.abc import Mapping
from functools import partial
from typing import BinaryIO

from fairlead.contract.verbs import traits
from fairlead.model.errors import FairleadError
from fairlead.model.plan import Session, Target
from fairlead.model.results import StepResult
from fairlead.remote.programs import session_argv
from fairlead.runner import parallel
from fairlead.runner.part import PartRun

LARGEST_OUTPUT = 1 << 20  # bytes of one host's output that are kept for folding


class _Output:
    """What one host prints: passed on as it comes, or kept."""

    def __init__(
        self,
        part: PartRun,
        target: Target,
        *,
        passes_on: bool,
    ):
        self.part, self.host, self.passes_on = part, target.host, passes_on
        self.kept = bytearray()

    def __call__(self, data: bytes, errors: bool = False) -> None:
        if self.passes_on:
            self.part.context.notify("output", self.host, data, errors)
        else:
            self.kept.extend(data[: max(0, LARGEST_OUTPUT - len(self.kept))])

    @property
    def text(self) -> str:
        return self.kept.decode(errors="replace")


def run(part: PartRun, answers: Mapping[str, Session]) -> None:
    """One host: its output as it comes, its exit code.

    Several: folded by equal output; with `follow`, line by line as it comes.
    """
    targets = part.open_targets
    total = len(targets) + sum(row.state != "skipped" for row in part.rows.values())
    if part.common.only_shows:
        for target in targets:
            _show(part, target, answers[target.host])
    elif len(targets) == 1:
        _run_alone(
            part,
            targets[0],
            answers[targets[0].host],
            total,
        )
    else:
        follows = answers[targets[0].host].follow
        parallel.each(
            targets,
            lambda target: _run_among_many(part, target, answers[target.host], total),
            max(part.common.fanout, len(targets) if follows else 1),
        )


def _show(part: PartRun, target: Target, session: Session) -> None:
    import shlex

    argv = session_argv(session.argv)
    if part.common.explain:
        part.write_row(target, "ok", explain=shlex.join(argv))
    else:
        step = StepResult(
            name=part.verb,
            state="would-change",
            commands=(argv,),
        )
        part.write_row(target, "ok", steps=(step,))


def _run_alone(
    part: PartRun,
    target: Target,
    session: Session,
    total: int,
) -> None:
    """On a terminal where there is one for it; else what is piped into us goes to the program."""
    has_terminal = _has_terminal(part, session)
    _report_start(part, target, "tty" if has_terminal else _kind(session), total)
    output = _Output(part, target, passes_on=not part.common.json)
    # None: both streams of a log are its lines
    on_errors = None if traits(part.verb).joins_streams else partial(output, errors=True)
    try:
        connection = part.link(part.runs_on(target)).connection()
        stdin = None if has_terminal or session.follow else _stdin()
        argv = _argv(session, has_terminal, stdin is not None)
        code = connection.session(
            argv, tty=has_terminal, stdin=stdin, on_output=output, on_errors=on_errors
        )
    except FairleadError as error:
        part.refuse(target, error)
    else:
        part.write_row(
            target,
            "failed" if code else "ok",
            code=code,
            output=output.text,
        )


def _has_terminal(part: PartRun, session: Session) -> bool:
    """Does the program get a terminal: does it want one, and have we one to give?"""
    ours = sys.stdin.isatty() and sys.stdout.isatty() and not part.common.json
    return session.tty_argv is not None and ours


def _argv(
    session: Session,
    has_terminal: bool,
    is_fed: bool,
) -> tuple[str, ...]:
    special = session.fed_argv if is_fed else None
    if has_terminal:
        special = session.tty_argv
    return session_argv(special or session.argv)


def _kind(session: Session) -> str:
    return "follow" if session.follow else ""


def _stdin() -> BinaryIO | None:
    """What is piped into us goes to the program; a terminal or /dev/null does not."""
    import stat
    from os import fstat

    mode = fstat(sys.stdin.fileno()).st_mode
    return sys.stdin.buffer if stat.S_ISFIFO(mode) or stat.S_ISREG(mode) else None


def _report_start(
    part: PartRun,
    target: Target,
    kind: str,
    total: int,
) -> None:
    part.report(target.host, "session", text=kind, total=total)


def _run_among_many(
    part: PartRun,
    target: Target,
    session: Session,
    total: int,
) -> None:
    _report_start(part, target, _kind(session), total)
    output = _Output(
        part,
        target,
        passes_on=session.follow and not part.common.json,
    )
    try:
        connection = part.link(part.runs_on(target)).connection()
        code = connection.session(session_argv(session.argv), on_output=output)
    except FairleadError as error:
        part.refuse(target, error)
    else:
        part.write_row(
            target,
            "failed" if code else "ok",
            code=1 if code else 0,
            output=output.text,
            error=f"{target.host}: ended with {code}" if code else "",
        )
