"""Before a change begins: who can be reached, and what people have open that it would end."""

from collections.abc import Iterable, Iterator

from fairlead.model.errors import FairleadError, Unreachable
from fairlead.runner import contact, parallel
from fairlead.runner.part import PartRun


def uses(part: PartRun) -> Iterator[str]:
    """What is open on the hosts of a part: `n2: a session since 14:02`.

    A host that does not answer now is told of when the part begins.
    """
    if not (part.changes and hasattr(part.component.module, "in_use")):
        return
    parallel.each(part.open_hosts(), lambda host: _ask_facts(part, host), part.common.fanout)
    for target in part.open_targets:
        if part.runs_on(target) in part.answers:
            for words in part.answer(part.ask(target), "in_use") or ():
                yield f"{target.host}: {words}"


def _ask_facts(part: PartRun, host: str) -> None:
    try:
        contact.ask_facts(part, host, None)
    except FairleadError:
        return


def unreachable(parts: Iterable[PartRun]) -> dict[str, Unreachable]:
    """The hosts of several parts that cannot be reached, by name."""
    hosts = {host: part for part in parts for host in part.open_hosts()}

    def reach(host: str) -> Unreachable | None:
        try:
            hosts[host].link(host, hosts[host].common.timeout).connection()
        except Unreachable as error:
            return error
        except FairleadError:
            return None  # the part itself will say so
        return None

    errors = parallel.each(list(hosts), reach, next(iter(hosts.values())).common.fanout)
    return {host: error for host, error in zip(hosts, errors, strict=True) if error}


def others_unreachable(hosts: Iterable[str]) -> str:
    """Why nothing is done on the others."""
    from fairlead.inventory.nodesets import fold

    return f"nothing was changed here because of {fold(hosts)}: --skip-unreachable goes on without"


def refuse_all(part: PartRun, errors: dict[str, Unreachable]) -> None:
    """Rows for a part that is not begun, for hosts of the whole command line are not reached."""
    for host, error in errors.items():
        for target in part.targets_on(host):
            part.refuse(target, error)
    part.skip_open(others_unreachable(errors))
    for row in part.rows.values():
        part.report(row.host, "ended", text=row.state)
