"""The result of a run, as a person reads it: a table on a terminal, lines elsewhere, commands with --explain."""

from collections.abc import Mapping
from typing import Any, TextIO

from fairlead.contract.verbs import traits
from fairlead.model.results import Listing, RunResult
from fairlead.output.listener import Listener
from fairlead.output.rows import explained, in_a_word, in_short, trouble, verb_of
from fairlead.output.sanitize import visible
from fairlead.output.streams import console, say
from fairlead.output.text import lines, listed


class Summary(Listener):
    """The result to stdout, words about it to stderr."""

    def __init__(self, stdout: TextIO, stderr: TextIO, terminal: bool):
        self._stdout, self._stderr, self._terminal = stdout, stderr, terminal
        self._printed = False

    def began(self, verb: str, site: str, run: str, hosts: tuple[str, ...]) -> None:
        self._printed = False

    def output(self, host: str, data: bytes, errors: bool = False) -> None:
        self._printed = True

    def ended(self, result: RunResult) -> None:
        explanations = list(explained(result))
        if explanations:
            self._explain(explanations)
        elif self._is_session(result):
            self._troubles(result)
        else:
            self._tell(result)
        self._remark(result)

    def answered(self, data: Mapping[str, Any], text: str, listing: Listing | None = None) -> None:
        if listing and self._terminal:
            self._table(listing)
        elif listing:
            say(self._stdout, "".join(f"{line}\n" for line in listed(listing)))
        if text:
            say(self._stdout, (visible(text) if self._terminal else text).rstrip("\n") + "\n")

    def _is_session(self, result: RunResult) -> bool:
        asked = traits(verb_of(result)).session or any(row.output for row in result.hosts)
        return self._printed or (asked and not any(row.steps for row in result.hosts))

    def _explain(self, explanations: list[tuple[str, str]]) -> None:
        blocks = (f"# {heading}\n{text.rstrip()}\n" for heading, text in explanations)
        text = "\n".join(blocks)
        say(self._stdout, visible(text) if self._terminal else text)

    def _troubles(self, result: RunResult) -> None:
        """stdout belongs to the programs on the hosts."""
        for row in result.hosts:
            if row.error:
                self._say(f"{row.host}: {row.state}: {trouble(row)}")

    def _tell(self, result: RunResult) -> None:
        word = in_a_word(result)
        if word:
            say(self._stdout, f"{word}\n")
            return
        self._draw(result)

    def _remark(self, result: RunResult) -> None:
        """What the reader should know besides; last of all how it ended."""
        ending = (
            f"{result.verb}: exit {result.code}, run {result.run}"
            if result.code and not self._is_session(result)
            else ""
        )
        for line in filter(
            None, (*(f"note: {note}" for note in result.notes), in_short(result), ending)
        ):
            self._say(line)

    def _draw(self, result: RunResult) -> None:
        if self._terminal:
            self._table(result)
        else:
            say(self._stdout, "".join(f"{line}\n" for line in lines(result)))

    def _table(self, found: RunResult | Listing) -> None:
        from fairlead.output.tables import draw, draw_listing

        screen: Any = console(self._stdout)
        draw_listing(screen, found) if isinstance(found, Listing) else draw(screen, found)
        self._stdout.flush()

    def _say(self, text: str) -> None:
        say(self._stderr, f"{visible(text)}\n")
