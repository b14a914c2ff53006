"""When it is told that nothing comes from what a host works on, and in which words."""

import time

from fairlead.remote.events import StepSilent
from fairlead.remote.programs import ARMED, STAYS
from fairlead.remote.transaction import lasting

FIRST = 30  # seconds without a word after which it is told; then each time they have doubled


class Silence:
    """What was told of the silence of one transaction."""

    def __init__(self) -> None:
        self._source = ("", 0)  # what is silent: out, undo or proof, and of which step
        self._due = FIRST

    def lasting(self, event: StepSilent) -> str | None:
        """For how long it has lasted, where that is to be told now; "" once something has come
        again; None: there is nothing to tell.
        """
        source = (event.what, event.step)
        was_reported = self._due > FIRST and source == self._source
        if source != self._source or event.seconds < FIRST:
            self._source, self._due = source, FIRST
        if event.seconds < self._due:
            return "" if was_reported and self._due == FIRST else None
        while self._due <= event.seconds:
            self._due *= 2
        return lasting(event.seconds)


def step_name(event: StepSilent, name: str) -> str:
    """What is silent, in words."""
    if event.what == "undo":
        return f"undo of {name}"
    return f"{name} after its undo" if event.what == "proof" else name


def sentence(
    event: StepSilent,
    host: str,
    run: str,
    timeout: float,
) -> str:
    """Since when nothing has come, and what can be done; `timeout`: of the step, in seconds."""
    since = time.strftime("%H:%M:%S", time.localtime(time.time() - event.seconds))
    begin, leave = f"nothing since {since}", "Ctrl-C leaves it to the host"
    if event.what != "out":
        return f"{begin}; it is on its way back, which is not cancelled; {leave}"
    if event.mode == ARMED:
        return f"{begin}; it is under the dead man's switch, which undoes it in time; {leave}"
    command = f"inv runs.cancel --host={host} --run={run}"
    if event.mode == STAYS:
        return (
            f"{begin}; it has no way back and is given {timeout:g} s; {command} ends the run after"
            f" it, {leave}"
        )
    return f"{begin}; {command} ends and undoes it, {leave}"
