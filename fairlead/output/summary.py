"""The result of a run, as a person reads it.

A table on a terminal, lines elsewhere, commands with --explain.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from fairlead.contract.verbs import traits
from fairlead.model.results import Listing, RunResult, Table
from fairlead.output import job
from fairlead.output.listener import Listener
from fairlead.output.rows import (
    dry_run_sentence,
    explanations,
    notes_of,
    trouble,
    unchanged_sentence,
    verb_of,
)
from fairlead.output.sanitize import visible
from fairlead.output.streams import console, write_text
from fairlead.output.text import listing_lines, result_lines, table_lines


class Summary(Listener):
    """The result to stdout, words about it to stderr."""

    def __init__(self, stdout: TextIO, stderr: TextIO, terminal: bool):
        self._stdout, self._stderr, self._terminal = stdout, stderr, terminal
        self._has_output = False
        self._has_library = False  # of the script that --explain writes

    def began(
        self,
        verb: str,
        site: str,
        run: str,
        hosts: tuple[str, ...],
    ) -> None:
        self._has_output = False

    def output(self, host: str, data: bytes, errors: bool = False) -> None:
        self._has_output = True

    def remark(self, text: str) -> None:
        self._remark(f"note: {text}")

    def ended(self, result: RunResult) -> None:
        if any(row.explain for row in result.hosts):
            self._write_explanations(result)
        elif self._is_session(result):
            self._write_troubles(result)
        else:
            self._write_result(result)
        self._write_remarks(result)

    def answered(
        self,
        data: Mapping[str, Any],
        text: str,
        listing: Listing | tuple[Table, ...] | None = None,
    ) -> None:
        if listing:
            self._write_listing(listing)
        if text:
            shown = visible(text) if self._terminal else text
            write_text(self._stdout, shown.rstrip("\n") + "\n")

    def _is_session(self, result: RunResult) -> bool:
        if self._has_output:
            return True
        if any(row.steps for row in result.hosts):
            return False
        return traits(verb_of(result)).session or any(row.output for row in result.hosts)

    def _write_explanations(self, result: RunResult) -> None:
        """On a terminal what a person would type; into a file or a pipe, a script that does it."""
        if self._terminal:
            blocks = [f"# {head}\n{text.rstrip()}\n" for head, text in explanations(result)]
            write_text(self._stdout, visible("\n".join(blocks)))
            return
        if not self._has_library:
            write_text(self._stdout, job.library())
        self._has_library = True
        for text in job.parts(result):
            write_text(self._stdout, f"\n{text}")

    def _write_troubles(self, result: RunResult) -> None:
        """To stderr: stdout belongs to the programs on the hosts."""
        for row in result.hosts:
            if row.error:
                self._remark(f"{row.host}: {row.state}: {trouble(row)}")

    def _write_remarks(self, result: RunResult) -> None:
        """What the reader should know besides; last of all how it ended."""
        for note in notes_of(result):
            self._remark(f"note: {note}")
        dry_run = dry_run_sentence(result)
        if dry_run:
            self._remark(dry_run)
        if result.code and not self._is_session(result):
            self._remark(f"{result.verb}: exit {result.code}, run {result.run}")

    def _write_result(self, result: RunResult) -> None:
        sentence = unchanged_sentence(result)
        if sentence:
            write_text(self._stdout, f"{sentence}\n")
        elif self._terminal:
            from fairlead.output.tables import draw

            draw(console(self._stdout), result)
            self._stdout.flush()
        else:
            self._write_lines(result_lines(result))

    def _write_listing(self, listing: Listing | tuple[Table, ...]) -> None:
        if self._terminal:
            from fairlead.output.tables import draw_listing, draw_tables

            screen = console(self._stdout)
            if isinstance(listing, Listing):
                draw_listing(screen, listing)
            else:
                draw_tables(screen, listing)
            self._stdout.flush()
        elif isinstance(listing, Listing):
            self._write_lines(listing_lines(listing))
        else:
            self._write_lines(table_lines(listing))

    def _write_lines(self, lines: Iterable[str]) -> None:
        write_text(self._stdout, "".join(f"{line}\n" for line in lines))

    def _remark(self, text: str) -> None:
        write_text(self._stderr, f"{visible(text)}\n")
