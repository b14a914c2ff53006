"""What a host's journal says, and whether a line of it was taken away or changed.

Each line is chained to the one before; see fl_journal, shell/ending.sh.
"""

import hashlib
import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import suppress

from fairlead.model.plan import Noun
from fairlead.remote.origin import Origin, parted

LINK = re.compile("[0-9a-f]{64}")
CUT = "\tcut"  # how fl_journal ends a line that was cut short
LINE = re.compile(r"(\S+Z) (\S+)\.(\d+) (\S+) (\S+) (\S+) (.*)")
REASON = re.compile(" --reason=")


class JournalEntry(Noun):
    """How one transaction ended; `run` is the name of its run."""

    time: str
    run: str
    system: str
    state: str
    who: str
    what: str
    reason: str = ""
    origin: Origin = Origin()


class JournalLine(Noun):
    """A line, where it stands, and its link; "": it has none. `is_cut`: only its beginning is
    there.
    """

    place: str
    text: str
    link: str
    is_cut: bool = False


class HostJournal(Noun):
    """The pieces of a host's journal by name, the oldest first; `last`: the link of its end."""

    host: str
    pieces: Mapping[str, str]
    last: str

    def entries(self) -> Iterator[JournalEntry]:
        """What is no entry is left out; `faults` names it."""
        for line in self._lines():
            known = entry(line.text)
            if known and not line.is_cut:
                yield known

    def faults(self) -> Iterator[str]:
        """Where a line is missing or was changed, in words; lines from before there were links
        may stand at the beginning.
        """
        links = [""]
        for line in self._lines():
            if line.is_cut:
                yield f"{line.place} was cut short, and how that run ended is lost: {_head(line)}"
                continue
            if not line.link and links == [""]:
                continue
            if not line.link:
                yield f"{line.place} is no line of a journal: {_head(line)}"
                continue
            # a worker that was killed before it noted the link leaves a line that nothing follows
            if not any(line.link == _link(before, line.text) for before in links[-2:]):
                yield f"before {line.place} ({line.text[:20]}) lines are missing, or it was changed"
            links.append(line.link)
        if links == [""]:
            yield "its journal has no chained line"
        elif self.last not in links[-2:]:
            yield "at the end of the journal lines are missing"

    def _lines(self) -> Iterator[JournalLine]:
        for name, text in self.pieces.items():
            *lines, unended = text.split("\n")
            for number, line in enumerate(lines, 1):
                yield _line(f"{name}:{number}", line)
            if unended:
                yield _line(f"{name}:{len(lines) + 1}", unended + CUT)


def _line(place: str, line: str) -> JournalLine:
    """Where nothing but the end of a line was lost, it is whole."""
    written = line.removesuffix(CUT)
    text, _, link = written.rpartition("\t")
    if LINK.fullmatch(link):
        return JournalLine(place, text, link)
    return JournalLine(place, written, "", is_cut=line != written)


def _head(line: JournalLine) -> str:
    return repr(line.text[:60])


def entry(text: str) -> JournalEntry | None:
    """What a line says, without its link; None: it is none."""
    match = LINE.fullmatch(text)
    if not match:
        return None
    time, run, _, system, state, who, label = match.groups()
    what, origin = parted(label)
    what, reason = _without_reason(what)
    return JournalEntry(
        time,
        run,
        system,
        state,
        who,
        what,
        reason,
        origin,
    )


def _without_reason(what: str) -> tuple[str, str]:
    """A command line without its --reason, which is its last word; and the reason."""
    for mark in REASON.finditer(what):
        with suppress(ValueError):  # several words, or half of one
            (reason,) = shlex.split(what[mark.end() :])
            return what[: mark.start()], reason
    return what, ""


def _link(before: str, text: str) -> str:
    return hashlib.sha256(f"{before}\n{text}\n".encode()).hexdigest()
