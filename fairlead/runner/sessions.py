"""Programs run for their output: exec, logs. Nothing is locked, nothing is kept."""

import io
import os
import sys
import threading
from collections.abc import Mapping
from functools import partial
from typing import Any, BinaryIO, cast

from fairlead.connections.conversation import pieces
from fairlead.contract.verbs import traits
from fairlead.model.errors import CommandLineError, FairleadError
from fairlead.model.plan import NameList, Session, Target
from fairlead.model.results import StepResult
from fairlead.remote.programs import session_argv
from fairlead.runner import parallel
from fairlead.runner.part import PartRun

LARGEST_OUTPUT = 1 << 20  # bytes of one host's output that are kept for folding


class _Output:
    """What one host prints: passed on as it comes, or kept: of much the beginning, of logs the
    end.
    """

    def __init__(
        self,
        part: PartRun,
        target: Target,
        *,
        passes_on: bool,
        lists: NameList | None,
    ):
        self.part, self.host, self.passes_on = part, target.host, passes_on
        self.lists = lists
        self.kept, self.size = bytearray(), 0
        self.listing = bytearray()

    def __call__(self, data: bytes, errors: bool = False) -> None:
        self.size += len(data)
        if self.lists and not errors and self.size <= LARGEST_OUTPUT:
            self.listing.extend(data)
        if self.passes_on:
            self.part.context.notify("output", self.host, data, errors)
        elif self._keeps_end:
            self.kept.extend(data)
            if len(self.kept) > 2 * LARGEST_OUTPUT:
                del self.kept[:-LARGEST_OUTPUT]
        else:
            self.kept.extend(data[: max(0, LARGEST_OUTPUT - len(self.kept))])

    @property
    def _keeps_end(self) -> bool:
        return traits(self.part.verb).joins_streams

    @property
    def is_cut(self) -> bool:
        return not self.passes_on and self.size > LARGEST_OUTPUT

    def names(self) -> dict[str, tuple[str, ...]]:
        """What TAB can learn of it; nothing of what is too much to be kept."""
        if self.lists is None or self.size > LARGEST_OUTPUT:
            return {}
        text = self.listing.decode(errors="replace")
        return {self.lists.kind: tuple(self.lists.read(text))}

    def row(self, code: int) -> dict[str, Any]:
        """What a row says of it. A cut is told to the reader besides."""
        if self.is_cut:
            which = "last" if self._keeps_end else "first"
            self.part.notes.append(
                f"{self.host}: only the {which} 1 MiB of the {self.size} bytes that it printed is"
                f" here; all of it: --host={self.host}, without --json"
            )
        names = {} if code else self.names()
        return {
            "output": self._text(),
            "cut": self.is_cut,
            "names": names,
        }

    def _text(self) -> str:
        data = bytes(self.kept[-LARGEST_OUTPUT:])
        if self.is_cut and self._keeps_end:  # no half line
            data = data[data.find(b"\n") + 1 :]
        return data.decode(errors="replace")


class _Stdin:
    """What is piped into us, for several hosts: each gets all of it."""

    def __init__(self, source: BinaryIO):
        import tempfile

        self._source = source
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - until the last host has read it
        self._size, self._is_over = 0, False
        self._error: FairleadError | None = None
        self._changed = threading.Condition()
        threading.Thread(target=self._copy, daemon=True).start()

    def _copy(self) -> None:
        try:
            for data in pieces(self._source):
                self._file.write(data)
                self._file.flush()
                with self._changed:
                    self._size += len(data)
                    self._changed.notify_all()
        except FairleadError as error:
            self._error = error
        except OSError as error:
            what = f"cannot be kept for several hosts ({error.strerror})"
            self._error = CommandLineError("stdin", what, "give it to one host after the other")
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def read(self, position: int, most: int) -> bytes:
        """What lies there, once something does; nothing at its end."""
        with self._changed:
            self._changed.wait_for(lambda: self._size > position or self._is_over)
            available = self._size - position
        if not available and self._error:
            raise self._error
        return os.pread(self._file.fileno(), min(most, available), position)


class _Reader(io.RawIOBase):
    """One host's way through a _Stdin."""

    def __init__(self, stdin: _Stdin):
        self._stdin, self._position = stdin, 0

    def read(self, size: int = -1) -> bytes:
        data = self._stdin.read(self._position, size if size > 0 else 1 << 18)
        self._position += len(data)
        return data


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
        piped = None if follows or traits(part.verb).joins_streams else _stdin()
        stdin = _Stdin(piped) if piped else None
        parallel.each(
            targets,
            lambda target: _run_among_many(part, target, answers[target.host], total, stdin),
            max(part.common.fanout, len(targets) if follows else 1),
        )


def _show(part: PartRun, target: Target, session: Session) -> None:
    import shlex

    argv = session_argv(session.argv)
    if part.common.explain:
        text = shlex.join(argv)
        part.write_row(target, "ok", explain=text, script=text, script_host=target.host)
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
    output = _Output(
        part,
        target,
        passes_on=not part.common.json,
        lists=session.lists,
    )
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
            **output.row(code),
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

    try:
        mode = fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError, AttributeError):  # closed
        return None
    if not (stat.S_ISFIFO(mode) or stat.S_ISREG(mode)):
        return None
    # not the buffered one: Python aborts where it ends while a thread waits in it
    return cast(BinaryIO, getattr(sys.stdin.buffer, "raw", sys.stdin.buffer))


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
    stdin: _Stdin | None,
) -> None:
    _report_start(part, target, _kind(session), total)
    output = _Output(
        part,
        target,
        passes_on=session.follow and not part.common.json,
        lists=session.lists,
    )
    try:
        connection = part.link(part.runs_on(target)).connection()
        argv = _argv(session, False, stdin is not None)
        source = cast(BinaryIO, _Reader(stdin)) if stdin else None
        code = connection.session(argv, stdin=source, on_output=output)
    except FairleadError as error:
        part.refuse(target, error)
    else:
        part.write_row(
            target,
            "failed" if code else "ok",
            code=1 if code else 0,
            **output.row(code),
            error=f"{target.host}: ended with {code}" if code else "",
        )
