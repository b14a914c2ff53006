"""A rolling change: batch after batch of hosts, with a pause between where that is asked for."""

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from statistics import median

from fairlead.contract.verbs import participle
from fairlead.inventory.nodesets import fold
from fairlead.model.shares import Share, batch_sizes
from fairlead.remote.transaction import lasting
from fairlead.runner import parallel, past_runs
from fairlead.runner.part import PartRun
from fairlead.runner.phases import HostPhase

STOPPED = "the answer was no"
WAYS = {  # see Phase.way_back
    "": "not known",
    "yes": "yes, by rollback",
    "state": "with the state of that time, by rollback",
    "no": "none once a host is healthy",
    "first": "none, nothing stands there yet",
}


def sizes(part: PartRun, phases: Sequence[HostPhase]) -> tuple[int, ...]:
    """How many hosts go together in each batch."""
    return batch_sizes(part.common.batch, len(phases))


def announce(
    part: PartRun, name: str, phases: Sequence[HostPhase], ways: Mapping[str, str]
) -> None:
    """Say which hosts go in which batch, where they do not all go at once; what way back there is,
    and about how long it takes.

    `name` is that of the phase, `ways` the way back of each target host.
    """
    batches = list(parallel.batches(phases, sizes(part, phases)))
    if len(batches) < 2:
        return
    names = ", then ".join(fold(_hosts(batch)) for batch in batches)
    limit = part.common.max_fail
    end = f"once more than {limit} have failed" if limit != Share() else "with the first that fails"
    head = f"{part.name}.{part.verb}: {len(phases)} hosts in {len(batches)} batches"
    part.context.notify("remark", f"{head}: {names}; it ends {end}")
    hosts = chain.from_iterable(phase.target_hosts() for phase in phases)
    back = way_back({host: ways.get(host, "") for host in hosts})
    part.context.notify("remark", f"way back: {back}{_duration(part, name, batches)}")


def way_back(ways: Mapping[str, str]) -> str:
    """What way back there is once a host is done, hosts with the same together."""
    groups: dict[str, list[str]] = {}
    for host, way in ways.items():
        groups.setdefault(WAYS[way], []).append(host)
    if len(groups) == 1:
        return next(iter(groups))
    return ", ".join(f"{fold(hosts)} {way}" for way, hosts in groups.items())


def _duration(part: PartRun, name: str, batches: Iterable[Sequence[HostPhase]]) -> str:
    """About how long, where earlier runs here tell; "" where there are none."""
    past, site = part.context.past(), part.context.site().name
    component = part.component
    times = past_runs.times(past, site, component.system, component.name, name)
    if not times:
        return ""
    rounds = [math.ceil(len(batch) / part.common.fanout) for batch in batches]
    pauses = part.common.pause.seconds * (len(rounds) - 1)
    total = round(sum(rounds) * median(times) + pauses)
    count = f"{len(times)} host{'s' if len(times) > 1 else ''}"
    return f"; about {lasting(total)}, by {count} of earlier runs"


def why_to_stop(part: PartRun, done: Sequence[HostPhase], batch: Sequence[HostPhase]) -> str:
    """Wait before a batch as long as was asked for; why it is not begun: a person wants no more,
    or the window has ended; "": it is.
    """
    return part.outside_windows() if _goes_on(part, done, batch) else STOPPED


def _goes_on(part: PartRun, done: Sequence[HostPhase], batch: Sequence[HostPhase]) -> bool:
    pause = part.common.pause
    if pause.asks:
        past = f"{fold(_hosts(done))}: {participle(part.verb)}"
        return part.context.confirm(f"{past}. Go on with {fold(_hosts(batch))}?", "")
    time.sleep(pause.seconds)
    return True


def way_on(part: PartRun, behind: Sequence[HostPhase]) -> str:
    """What goes on with a roll-out that stopped before these hosts."""
    stop = f"{part.name}.{part.verb} stopped before {fold(_hosts(behind))}"
    return f"{stop}: inv runs.resume --run={part.run.name} goes on with what is left"


def _hosts(phases: Iterable[HostPhase]) -> list[str]:
    return [phase.host for phase in phases]
