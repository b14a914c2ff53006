"""A run: who does what with what. Leases, runs and journals of a host have all of it in a line."""

import re

from fairlead.model.plan import Noun

MARK = re.compile(r"(.*) \[fairlead (\S+)(?: site ([0-9a-f]{7,64}))?\]")


class Origin(Noun):
    """The version of fairlead, and the commit of the site where git knows it."""

    fairlead: str = ""
    revision: str = ""

    @property
    def text(self) -> str:
        words = ["fairlead", self.fairlead]
        if self.revision:
            words += ["site", self.revision]
        return " ".join(words)

    def behind(self, what: str) -> str:
        """What a run does, and what it was begun with: `parted` takes it apart."""
        return f"{what} [{self.text}]" if self.fairlead else what


class RunInfo(Noun, kw_only=True):
    """Who does what: written into leases, locks and journals.

    `name` sorts by time; a transaction is `name` with its number. `subject`: whose last change on a
    host is noted there; "": that is not. `syslog`: its journal is copied there.
    """

    name: str
    who: str  # user@machine
    what: str  # the verb and what it is for, in the words of the command line
    lock: str  # what it works on alone: the name of a system, or of one of several labs
    site: str = ""
    syslog: bool = False
    subject: str = ""
    origin: Origin = Origin()

    @property
    def label(self) -> str:
        """What it does, and what it was begun with."""
        return self.origin.behind(self.what)


def parted(text: str) -> tuple[str, Origin]:
    """What a run does, and its origin; an older fairlead has noted none."""
    match = MARK.fullmatch(text)
    if not match:
        return text, Origin()
    what, version, revision = match.groups()
    return what, Origin(version, revision or "")
