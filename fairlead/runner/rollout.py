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


def _hosts(phases: Iterable[HostPhase]) -> list[str]:
    return [phase.host for phase in phases]
