"""What a person or a script sees of a run. Words for humans go to stderr, the result to stdout.

    with choose(common, sys.stdout, sys.stderr, chain=len(requests) > 1) as output:
        for request in requests:
            perform(request, common, Context(observers=(output, ...)))

An error or Ctrl-C that leaves the block is shown in its form (a sentence, or the JSON document)
and goes on its way.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Protocol, Self, TextIO

from fairlead.model.errors import FairleadError
from fairlead.model.results import Listing, Progress, RunResult, Table
from fairlead.output.listener import Listener
from fairlead.output.streams import is_terminal, write_text


class FormatOptions(Protocol):
    """Of the common options, what decides how a command line is shown."""

    @property
    def json(self) -> bool: ...


class Output:
    """An observer made of several listeners.

    None of them can harm the run: one that breaks is reported once and then left out.
    """

    def __init__(self, listeners: Sequence[Listener], stderr: TextIO):
        self._listeners, self._stderr = list(listeners), stderr
        self.is_incomplete = False  # something could not be written, and that is an error

    def began(
        self,
        verb: str,
        site: str,
        run: str,
        hosts: tuple[str, ...],
    ) -> None:
        self._tell("began", verb, site, run, hosts)

    def progress(self, progress: Progress) -> None:
        self._tell("progress", progress)

    def output(
        self,
        host: str,
        data: bytes,
        errors: bool = False,
    ) -> None:
        """What a program prints. Where nobody can have it the program ends as well: raises
        BrokenPipeError (the reader has gone), FairleadError (a full disk).
        """
        for listener in tuple(self._listeners):
            try:
                listener.output(host, data, errors)
            except BrokenPipeError:
                raise
            except OSError as error:
                raise _unwritten(error) from None
            except Exception as error:
                self._leave_out(listener, error)

    def remark(self, text: str) -> None:
        """Say something before it happens, while the live rows stand still."""
        with self.aside():
            self._tell("remark", text)

    def ended(self, result: RunResult) -> None:
        self._tell("ended", result)

    def answered(
        self,
        data: Mapping[str, Any],
        text: str,
        listing: Listing | tuple[Table, ...] | None = None,
    ) -> None:
        """Show the result of a command that is no run on hosts.

        `data` is (its part of) the document; the listing and then `text` are for a human.
        """
        self._tell("answered", data, text, listing)

    def failed(self, error: BaseException) -> None:
        """The command line ends with this: put the screen in order, show the error."""
        self._tell("pause")
        self._tell("failed", error)

    def close(self) -> None:
        """Write what is still to be written. Every way out of a command line leads through here."""
        self._tell("close")

    @contextmanager
    def aside(self) -> Iterator[None]:
        """The terminal is somebody else's meanwhile: a question, a password."""
        self._tell("pause")
        try:
            yield
        finally:
            self._tell("resume")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: object,
        error: BaseException | None,
        trace: object,
    ) -> None:
        if error is not None and not isinstance(error, SystemExit):
            self.failed(error)
        self.close()

    def _tell(self, method: str, *arguments: object) -> None:
        for listener in tuple(self._listeners):
            try:
                getattr(listener, method)(*arguments)
            except Exception as error:  # the run is worth more than its picture
                self._leave_out(listener, error)

    def _leave_out(self, listener: Listener, error: Exception) -> None:
        self._listeners.remove(listener)
        if isinstance(error, BrokenPipeError):
            return
        if isinstance(error, OSError):
            self.is_incomplete = True
            with suppress(OSError, ValueError):
                write_text(self._stderr, f"fairlead: {_unwritten(error)}\n")
            return
        what = f"{type(error).__name__}: {error}"
        text = f"{type(listener).__name__} broke and is left out: {what}; the run goes on"
        try:
            write_text(self._stderr, f"fairlead.output: {text}\n")
        except (OSError, ValueError):
            return


def _unwritten(error: OSError) -> FairleadError:
    what = f"cannot be written ({error.strerror})"
    return FairleadError("output", what, "make room; the run is known: inv runs.list --all")


class ErrorSentence(Listener):
    """Shows an error that ends a command line, for a human.

    What is no FairleadError is a bug and shows its traceback elsewhere.
    """

    def __init__(self, stderr: TextIO):
        self._stderr = stderr

    def failed(self, error: BaseException) -> None:
        from fairlead.output.json_document import sentence
        from fairlead.output.sanitize import visible

        if isinstance(error, FairleadError | KeyboardInterrupt):
            write_text(self._stderr, f"fairlead: {visible(sentence(error))}\n")


def choose(
    common: FormatOptions,
    stdout: TextIO,
    stderr: TextIO,
    chain: bool = False,
) -> Output:
    """The output of a command line: with --json a document; else for humans.

    For humans: live rows where stderr is a terminal, a table where stdout is; lines elsewhere.
    With `chain` (several verbs on the command line) the document is {"runs": [...]} always.
    """
    listeners = (_for_programs if common.json else _for_humans)(stdout, stderr, chain)
    return Output([*listeners, ErrorSentence(stderr)], stderr)


def _for_programs(stdout: TextIO, stderr: TextIO, chain: bool) -> Iterator[Listener]:
    from fairlead.output.json_document import JsonDocument

    if is_terminal(stderr):
        yield _progress_lines(stderr)
    yield JsonDocument(stdout, chain)


def _for_humans(stdout: TextIO, stderr: TextIO, chain: bool) -> Iterator[Listener]:
    from fairlead.output.sessions import Sessions
    from fairlead.output.summary import Summary

    terminal = is_terminal(stdout)
    yield _live_rows(stderr) if is_terminal(stderr) else _progress_lines(stderr)
    yield Sessions(stdout, stderr, terminal)
    yield Summary(stdout, stderr, terminal)


def _live_rows(stderr: TextIO) -> Listener:
    from fairlead.output.live import LiveRows

    return LiveRows(stderr)


def _progress_lines(stderr: TextIO) -> Listener:
    from fairlead.output.text import ProgressLines

    return ProgressLines(stderr)
