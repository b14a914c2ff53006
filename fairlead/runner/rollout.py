"""A rolling change: batch after batch of hosts, with a pause between where that is asked for."""

import time
from collections.abc import Iterable, Sequence

from fairlead.contract.verbs import participle
from fairlead.inventory.nodesets import fold
from fairlead.model.shares import Share, batch_sizes
from fairlead.runner import parallel
from fairlead.runner.part import PartRun
from fairlead.runner.phases import HostPhase

STOPPED = "the answer was no"


def sizes(part: PartRun, phases: Sequence[HostPhase]) -> tuple[int, ...]:
    """How many hosts go together in each batch."""
    return batch_sizes(part.common.batch, len(phases))


def announce(part: PartRun, phases: Sequence[HostPhase]) -> None:
    """Say which hosts go in which batch, where they do not all go at once."""
    batches = list(parallel.batches(phases, sizes(part, phases)))
    if len(batches) < 2:
        return
    names = ", then ".join(fold(_hosts(batch)) for batch in batches)
    limit = part.common.max_fail
    end = f"once more than {limit} have failed" if limit != Share() else "with the first that fails"
    head = f"{part.name}.{part.verb}: {len(phases)} hosts in {len(batches)} batches"
    part.context.notify("remark", f"{head}: {names}; it ends {end}")


def goes_on(part: PartRun, done: Sequence[HostPhase], batch: Sequence[HostPhase]) -> bool:
    """Wait before a batch as long as was asked for; False where a person wants no more."""
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
