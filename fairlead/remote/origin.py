"""What a run was begun with: leases, runs and journals of a host have it behind what it does."""

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


def parted(text: str) -> tuple[str, Origin]:
    """What a run does, and its origin; an older fairlead has noted none."""
    match = MARK.fullmatch(text)
    if not match:
        return text, Origin()
    what, version, revision = match.groups()
    return what, Origin(version, revision or "")
