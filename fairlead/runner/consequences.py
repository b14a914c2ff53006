"""What the questions of a dry run cannot know: what follows from a step that would change."""

from collections.abc import Mapping

from fairlead.remote.events import StepEnded
from fairlead.runner.phases import HostPhase


def consequences(
    phase: HostPhase,
    ends: Mapping[int, StepEnded],
) -> dict[int, tuple[str, ...]]:
    """The steps that are so already and would not stay it, by their number in the phase.

    For each the names of the earlier steps that would change, of those that it is `after`. A step
    that several targets share follows from a step of any of them.
    """
    changing: set[tuple[str, str]] = set()  # host of a target, name of a step
    follows: dict[int, tuple[str, ...]] = {}
    for number, shared in enumerate(phase.steps, 1):
        state = ends[number].state if number in ends else "not-run"
        causes = tuple(
            name
            for name in dict.fromkeys(shared.step.after)
            if any((host, name) in changing for host in shared.hosts)
        )
        if state == "ok" and causes and not shared.step.read_only:
            follows[number] = causes
        if state == "would-change" or number in follows:
            changing |= {(host, shared.step.name) for host in shared.hosts}
    return follows
