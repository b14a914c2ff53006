"""Which images a host's containers ran before a run, and which they run afterwards."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from fairlead.contract.verbs import traits
from fairlead.model.errors import FairleadError
from fairlead.model.plan import NOT_KNOWN, Fact
from fairlead.model.results import ImageChange
from fairlead.operations.container.state import ContainerState
from fairlead.remote import transaction
from fairlead.runner import parallel
from fairlead.runner.part import PartRun

FACT = "container"  # of operations.container: what stands there
KEPT = (".kept", ".previous")  # how names end of what an upgrade keeps
Containers = Mapping[str, ContainerState]


def note(part: PartRun) -> None:
    """Write into the rows of hosts on which something was done what has become of their images;
    that is one question more of these, where the verb may give a container another one.
    """
    if not part.takes_leases or part.on_this_machine or traits(part.verb).keeps_images:
        return
    hosts = [target.host for target in part.targets if _has_acted(part, target.host)]
    afterwards = parallel.each(hosts, lambda host: _ask(part, host), part.common.fanout)
    for host, after in zip(hosts, afterwards, strict=True):
        before = part.answers[host][FACT]
        row = part.rows[host]
        part.rows[host] = replace(row, images=tuple(_changes(before, after)))


def _has_acted(
    part: PartRun,
    host: str,
) -> bool:
    """Was something begun there, and is it known what stood there before? Of a host that has gone
    nothing can be learnt.
    """
    row = part.rows[host]
    if row.state == "unreachable" or not row.has_acted:
        return False
    known = part.answers.get(host, {})
    return FACT in known and isinstance(known[FACT], Mapping)


def _ask(
    part: PartRun,
    host: str,
) -> Containers | None:
    """The containers by now; None where that cannot be learnt."""
    try:
        with part.connection_lock(host):
            connection = part.link(host).connection()
            answers = transaction.ask(connection, [_fact(part, host)], None).answers
    except FairleadError:
        return None
    (containers,) = answers.values()
    return containers if isinstance(containers, Mapping) else None


def _fact(
    part: PartRun,
    host: str,
) -> Fact:
    return next(fact for fact in part.wanted[host] if fact.name == FACT)


def _changes(
    before: Containers,
    after: Containers | None,
) -> list[ImageChange]:
    """Of each container by its name; what an upgrade keeps beside it is left out."""
    names = dict.fromkeys([*before, *(after or {})])
    return [
        ImageChange(
            name,
            _reference(before, after, name),
            _image(before.get(name)),
            NOT_KNOWN if after is None else _image(after.get(name)),
        )
        for name in names
        if not name.endswith(KEPT)
    ]


def _reference(
    before: Containers,
    after: Containers | None,
    name: str,
) -> str:
    """The name by which its image was meant last."""
    container: Any = (after or {}).get(name) or before.get(name)
    return container.reference


def _image(container: ContainerState | None) -> str:
    return container.image if container else ""
