"""Programs run for their output: exec, logs. Nothing is locked, nothing is kept."""

import sys
from collections.abc import Mapping
from functools import partial
from typing import Any

from fairlead.contract.verbs import traits
from fairlead.model.errors import FairleadError
from fairlead.model.plan import Session, Target
from fairlead.model.results import Progress, StepResult
from fairlead.remote.programs import session_argv
from fairlead.runner import parallel

MOST = 1 << 20  # bytes of one host's output that are held for folding


def run(part: Any, answers: Mapping[str, Session]) -> None:
    """One host: its output as it comes, its exit code. Several: folded by equal output; with `follow`, line by line as it comes."""
    targets = part.open
    total = len(targets) + sum(row.state != "skipped" for row in part.rows.values())
    if part.common.dry_run or part.common.explain:
        for target in targets:
            _show(part, target, answers[target.host])
    elif len(targets) == 1:
        _one(part, targets[0], answers[targets[0].host], total)
    else:
        parallel.each(
            targets,
            lambda target: _of_many(part, target, answers[target.host], total),
            max(part.common.fanout, len(targets) if answers[targets[0].host].follow else 1),
        )


def _show(part: Any, target: Target, session: Session) -> None:
    import shlex

    argv = session_argv(session.argv)
    if part.common.explain:
        part.row(target, "ok", explain=shlex.join(argv))
    else:
        part.row(
            target,
            "ok",
            steps=(StepResult(name=part.request.verb, state="would-change", commands=(argv,)),),
        )


def _one(part: Any, target: Target, session: Session, total: int) -> None:
    terminal = (
        session.tty_argv is not None
        and sys.stdin.isatty()
        and sys.stdout.isatty()
        and not part.common.json
    )
    held = bytearray()
    _began(part, target, "tty" if terminal else "follow" if session.follow else "", total)

    def hear(data: bytes, errors: bool = False) -> None:
        if part.common.json:
            held.extend(data[: max(0, MOST - len(held))])
        else:
            part.context.tell("output", target.host, data, errors)

    hear_errors = (
        None if traits(part.request.verb).joins_streams else partial(hear, errors=True)
    )  # both streams of a log are its lines
    try:
        line = part.context.link(part.part.runs_on(target)).line()
        stdin = None if terminal or session.follow else _stdin()
        argv = session_argv(
            (session.tty_argv if terminal else session.fed_argv if stdin else None) or session.argv
        )
        code = line.session(argv, tty=terminal, stdin=stdin, on_output=hear, on_errors=hear_errors)
    except FairleadError as error:
        part.refuse(target, error)
    else:
        part.row(
            target, "failed" if code else "ok", code=code, output=held.decode(errors="replace")
        )


def _stdin() -> Any:
    """What is piped into us goes to the program; a terminal or /dev/null does not."""
    import stat
    from os import fstat

    mode = fstat(sys.stdin.fileno()).st_mode
    return sys.stdin.buffer if stat.S_ISFIFO(mode) or stat.S_ISREG(mode) else None


def _began(part: Any, target: Target, kind: str, total: int) -> None:
    part.context.tell(
        "progress",
        Progress(
            host=target.host, component=part.part.name, kind="session", text=kind, total=total
        ),
    )


def _of_many(part: Any, target: Target, session: Session, total: int) -> None:
    held = bytearray()
    _began(part, target, "follow" if session.follow else "", total)

    def hear(data: bytes) -> None:
        if session.follow and not part.common.json:
            part.context.tell("output", target.host, data, False)
        else:
            held.extend(data[: max(0, MOST - len(held))])

    try:
        code = (
            part.context.link(part.part.runs_on(target))
            .line()
            .session(session_argv(session.argv), on_output=hear)
        )
    except FairleadError as error:
        part.refuse(target, error)
    else:
        part.row(
            target,
            "failed" if code else "ok",
            code=1 if code else 0,
            output=held.decode(errors="replace"),
            error=f"{target.host}: ended with {code}" if code else "",
        )
