"""Commands that belong to no system.

File = noun, public function = command: site.py's `show` is `inv site.show`. The underscore after
a name that is a builtin's is not part of the command: `list_` is `inv runs.list`. The first
paragraph of its docstring is what `inv --list` and `--help` say of it.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Noun
from fairlead.model.results import Listing, Table

if TYPE_CHECKING:
    from fairlead.inventory.site import Site
    from fairlead.runner.request import Common


class CommandResult(Noun):
    """The result of a command.

    `text` for humans, below the listing or the tables if there are any; `data` for --json (plain
    maps, lists and scalars); the exit code.
    """

    text: str
    data: Any
    code: int = 0
    listing: Listing | tuple[Table, ...] | None = None


def chosen_hosts(
    site: "Site",
    common: "Common",
    *,
    offline: bool,
) -> tuple[str, ...]:
    """The hosts of --host, else all but this machine; with `offline` also those marked so."""
    if common.hosts:
        return site.resolve(*common.hosts)
    hosts = site.hosts.values()
    remote = [host for host in hosts if host.transport != "local"]
    return tuple(host.name for host in remote if offline or not host.offline)


def folded_errors(errors: Iterable[FairleadError]) -> list[str]:
    """The errors of several hosts as sentences, `where` being the host; see folded_sentences."""
    return folded_sentences((error.where, str(error)) for error in errors)


def folded_sentences(sentences: Iterable[tuple[str, str]]) -> list[str]:
    """(host, sentence) of several hosts; equal ones once with the node set in place of the name."""
    from fairlead.output.folding import common_text, grouped, impersonal

    texts = []
    for group in grouped(sentences, key=lambda pair: impersonal(pair[1], pair[0])):
        hosts = [host for host, _ in group]
        texts.append(common_text([sentence for _, sentence in group], hosts))
    return texts
