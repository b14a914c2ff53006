"""What a person or a script sees of a run. Human words go to stderr, the result to stdout.

    with choose(common, sys.stdout, sys.stderr, chain=len(requests) > 1) as show:
        for request in requests:
            perform(request, common, World(observers=(show, ...)))

An error or Ctrl-C that leaves the block is told in its form (a sentence, or the JSON document) and goes on its way.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Self, TextIO

from fairlead.model.errors import FairleadError
from fairlead.model.results import Listing, Progress, RunResult
from fairlead.output.listener import Listener
from fairlead.output.streams import is_terminal, say


class Show:
    """An observer made of several. None of them can harm the run: one that breaks is reported once and then left out."""

    def __init__(self, listeners: Sequence[Listener], stderr: TextIO):
        self._listeners, self._stderr = list(listeners), stderr

    def began(self, verb: str, site: str, run: str, hosts: tuple[str, ...]) -> None:
        self._tell("began", verb, site, run, hosts)

    def progress(self, progress: Progress) -> None:
        self._tell("progress", progress)

    def output(self, host: str, data: bytes, errors: bool = False) -> None:
        self._tell("output", host, data, errors)

    def ended(self, result: RunResult) -> None:
        self._tell("ended", result)

    def answered(self, data: Mapping[str, Any], text: str, listing: Listing | None = None) -> None:
        """A command that is no run on hosts: `data` is (its part of) the document, the listing and then `text` are for a human."""
        self._tell("answered", data, text, listing)

    def failed(self, error: BaseException) -> None:
        """The command line ends with this: the screen is put in order, the error told."""
        self._tell("pause")
        self._tell("failed", error)

    def close(self) -> None:
        """The end of the command line: what is still to be written is written. Every way out leads through here."""
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

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None and not isinstance(error, SystemExit):
            self.failed(error)
        self.close()

    def _tell(self, what: str, *words: Any) -> None:
        for listener in tuple(self._listeners):
            try:
                getattr(listener, what)(*words)
            except Exception as error:  # the run is worth more than its picture
                self._leave_out(listener, error)

    def _leave_out(self, listener: Listener, error: Exception) -> None:
        self._listeners.remove(listener)
        what = f"{type(listener).__name__} broke and is left out: {type(error).__name__}: {error}; the run goes on"
        try:
            if not isinstance(error, BrokenPipeError):
                say(self._stderr, f"fairlead.output: {what}\n")
        except (OSError, ValueError):
            return


class Sentence(Listener):
    """How an error ends a command line for a human; what is no FairleadError is a bug and shows its traceback elsewhere."""

    def __init__(self, stderr: TextIO):
        self._stderr = stderr

    def failed(self, error: BaseException) -> None:
        from fairlead.output.json_document import sentence
        from fairlead.output.sanitize import visible

        if isinstance(error, FairleadError | KeyboardInterrupt):
            say(self._stderr, f"fairlead: {visible(sentence(error))}\n")


def choose(common: Any, stdout: TextIO, stderr: TextIO, chain: bool = False) -> Show:
    """How this command line is shown: --json a document; live rows where stderr is a terminal, a table where stdout is; lines elsewhere.

    `common` has `json`; with `chain` (several verbs on the command line) the document is {"runs": [...]} whatever becomes of them.
    """
    parts = (_document if common.json else _words)(stdout, stderr, chain)
    return Show([*parts, Sentence(stderr)], stderr)


def _document(stdout: TextIO, stderr: TextIO, chain: bool) -> Iterator[Listener]:
    from fairlead.output.json_document import Document

    if is_terminal(stderr):
        yield _lines(stderr)
    yield Document(stdout, chain)


def _words(stdout: TextIO, stderr: TextIO, chain: bool) -> Iterator[Listener]:
    from fairlead.output.sessions import Sessions
    from fairlead.output.summary import Summary

    terminal = is_terminal(stdout)
    yield _rows(stderr) if is_terminal(stderr) else _lines(stderr)
    yield Sessions(stdout, stderr, terminal)
    yield Summary(stdout, stderr, terminal)


def _rows(stderr: TextIO) -> Listener:
    from fairlead.output.live import Rows

    return Rows(stderr)


def _lines(stderr: TextIO) -> Listener:
    from fairlead.output.text import Lines

    return Lines(stderr)
