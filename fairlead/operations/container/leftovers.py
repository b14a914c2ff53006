"""What changes of a container leave on its host: seen by `du`, taken away by `prune`."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from fairlead.model.errors import FairleadError
from fairlead.model.plan import NOT_KNOWN, Argv, Ask, Command, Fact, Noun, Status, Step
from fairlead.operations import script
from fairlead.operations.argv import docker
from fairlead.operations.argv.docker import Container
from fairlead.operations.container import steps
from fairlead.operations.container.replacement import BACKUPS, memory

sh = script.beside(__file__)

DAY = 86400  # seconds
VERBS = frozenset({"du", "prune"})  # those that look at leftovers
TITLES = {
    "container": "containers",
    "image": "images",
    "state": "states",
    "backup": "backups",
    "whole backup": "whole backups",
    "own": "fairlead",
}
KINDS = tuple(TITLES)
COUNTED = "whole backup"  # has a use, and goes all the same once there are newer ones
NOTHING = "-"  # what a leftover is for that nobody needs
UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


class PruneOptions(msgspec.Struct, frozen=True):
    """Which leftovers go."""

    days: Annotated[
        int, Meta(ge=0, description="only what is older than so many days; an image by its build")
    ] = 30
    keep: Annotated[
        int, Meta(ge=0, description="how many of each kind stay all the same, the newest first")
    ] = 3


class Leftover(Noun):
    """One of them; sizes in bytes, ages in seconds, None: not known. `use`: what it is for."""

    kind: str
    name: str
    size: int | None
    age: int | None
    use: str = ""

    @property
    def title(self) -> str:
        """In words: of an image its name and the beginning of its ID."""
        name, _, digest = self.name.partition("@")
        id_ = f" {digest[:12]}" if digest else ""
        return f"{self.kind} {name}{id_} ({human(self.size)}, {days(self.age)})"


def human(size: int | None) -> str:
    """A size in bytes, in the unit in which it is read best."""
    if size is None:
        return NOT_KNOWN
    value, unit = float(size), 0
    while value >= 1024 and unit < len(UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:.0f} {UNITS[unit]}" if unit < 2 else f"{value:.1f} {UNITS[unit]}"


def days(age: int | None) -> str:
    """An age in seconds, in days."""
    if age is None:
        return f"age {NOT_KNOWN}"
    count = age // DAY
    return "1 day old" if count == 1 else f"{count} days old"


def facts(
    c: Container,
    ask: Ask,
    *others: Container,
    keeping: Iterable[str] = (),
) -> Iterator[Fact]:
    """`leftovers`: those of this container; a text: why they are not known. For VERBS alone.

    `others` are of the same image and engine, without state; what `keeping` names is for a
    rollback.
    """
    if ask.verb not in VERBS:
        return
    every = (c, *others)
    names = " ".join(container.name for container in every)
    image, folder = docker.with_tag(c.image), f"{BACKUPS}/{ask.target.system}"
    needed = (*map(memory, every), *map(steps.spare, every), *keeping)
    words = (c.engine, names, c.root, folder, image, *needed)
    yield Fact("leftovers", sh("leftovers", *words), _leftovers, timeout=60)


def _leftovers(code: int, text: str) -> tuple[Leftover, ...] | str:
    if code:
        lines = text.strip().splitlines()
        return lines[-1] if lines else "the engine does not answer"
    rows = [line.split("\t") for line in text.splitlines()]
    items = (_leftover(*row) for row in rows if len(row) == 5)
    return tuple(items)


def _leftover(
    kind: str,
    name: str,
    size: str,
    age: str,
    use: str,
) -> Leftover:
    return Leftover(kind, name, _number(size), _number(age), "" if use == NOTHING else use)


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def du(c: Container, ask: Ask) -> Status:
    """What it takes on the host, kind by kind, and what each thing is for."""
    leftovers = ask.facts.get("leftovers")
    if not isinstance(leftovers, tuple):
        return Status(False, (("leftovers", NOT_KNOWN), ("why", leftovers)))
    rows = {kind: [_row(item) for item in leftovers if item.kind == kind] for kind in KINDS}
    fields = [(TITLES[kind], rows[kind]) for kind in KINDS if rows[kind]]
    needless = sum(item.size or 0 for item in leftovers if not item.use)
    return Status(True, (*fields, ("nobody needs", human(needless))))


def _row(item: Leftover) -> dict[str, Any]:
    name, _, digest = item.name.partition("@")
    return {
        "name": name,
        "id": digest[:12],
        "size": human(item.size) if item.size is not None else "",
        "age": days(item.age) if item.age is not None else "",
        "for": item.use,
    }


def prune(c: Container, ask: Ask) -> Iterator[Step]:
    """Take away what nobody needs; what a rollback needs is named, and stays.

    Raises FairleadError where it is not known what there is.
    """
    leftovers = ask.facts.get("leftovers", ())
    if isinstance(leftovers, str):
        where = ask.target.typed("preflight")
        raise FairleadError(ask.target.host, f"{c.engine} does not answer: {leftovers}", where)
    options = ask.options or PruneOptions()
    doomed = list(old(leftovers, options.days, options.keep))
    staying = (item for item in leftovers if item.use and item not in doomed)
    spared = "\n".join(f" spared: {item.title}: {item.use}" for item in staying)
    for number, item in enumerate(doomed):
        yield _removal(c, item, "" if number else spared)


def old(leftovers: Iterable[Leftover], at_least: int, keep: int) -> Iterator[Leftover]:
    """Those that nobody needs, and whole backups, so many days old at least, without the newest of
    each kind.

    What has no age that is known stays.
    """
    dispensable = [
        item
        for item in leftovers
        if item.age is not None and (not item.use or item.kind == COUNTED)
    ]
    dispensable.sort(key=lambda item: (item.kind, item.age or 0))
    for _, group in groupby(dispensable, key=lambda item: item.kind):
        for item in list(group)[keep:]:
            if (item.age or 0) >= at_least * DAY:
                yield item


def _removal(c: Container, item: Leftover, spared: str) -> Step:
    """What has gone has gone; `spared` says what does not, beside the first of them."""
    gone: Command = ("test", "!", "-e", item.name)
    do: Argv = ("rm", "-rf", "--", item.name)
    if item.kind == "image":
        reference, _, digest = item.name.partition("@")
        word = digest if reference.endswith(":<none>") else reference
        gone = sh("image_gone", c.engine, word)
        do = (c.engine, "rmi", word)
    return Step(name=f"remove {item.title}", unless=gone, do=do, timeout=600, diff=spared)
