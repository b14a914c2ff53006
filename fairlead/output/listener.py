"""The base of all parts of the output: listeners of a run."""

from collections.abc import Mapping
from typing import Any

from fairlead.model.results import Listing, Progress, RunResult, Table


class Listener:
    """An observer (fairlead.model.results) that ignores everything; others override some of it."""

    def began(
        self,
        verb: str,
        site: str,
        run: str,
        hosts: tuple[str, ...],
    ) -> None:
        """A verb begins; `hosts` in the order of the site."""

    def progress(self, progress: Progress) -> None:
        """Something happened on a host."""

    def remark(self, text: str) -> None:
        """Something that a person should know before it happens."""

    def output(
        self,
        host: str,
        data: bytes,
        errors: bool = False,
    ) -> None:
        """A program of exec or logs printed this; `errors`: on stderr, where that is known."""

    def ended(self, result: RunResult) -> None:
        """The verb has ended."""

    def failed(self, error: BaseException) -> None:
        """The command line ends here, with an error or an interruption."""

    def answered(
        self,
        data: Mapping[str, Any],
        text: str,
        listing: Listing | tuple[Table, ...] | None = None,
    ) -> None:
        """A command that is no run on hosts ended: its result as data and as words."""

    def pause(self) -> None:
        """Somebody else needs the terminal: a question, a shell."""

    def resume(self) -> None:
        """The terminal is ours again."""

    def close(self) -> None:
        """Nothing more comes. May be called twice."""
