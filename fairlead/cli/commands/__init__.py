"""Commands that belong to no system. File = noun, public function = command: site.py's `show` is `inv site.show`."""

from collections.abc import Iterable
from typing import Any

from fairlead.model.plan import Noun
from fairlead.model.results import Listing


class CommandResult(Noun):
    """What a chore found: `text` for humans, below the listing if there is one; `data` for --json (plain maps, lists and scalars); the exit code."""

    text: str
    data: Any
    code: int = 0
    listing: Listing | None = None


def folded(errors: Iterable[tuple[str, str]]) -> list[str]:
    """The sentences of several hosts, equal ones said once with the node set in place of the name."""
    from fairlead.output.folding import common_text, grouped, impersonal

    groups = grouped(errors, key=lambda pair: impersonal(pair[1], pair[0]))
    return [common_text([text for _, text in group], [host for host, _ in group]) for group in groups]
