"""What a host reported of its steps, as data and as sentences."""

import signal
from collections.abc import Sequence

from fairlead.model.plan import Step
from fairlead.model.results import StepResult
from fairlead.remote.events import StepEnded
from fairlead.remote.results import Ended
from fairlead.runner.explain import commands

GOOD = ("ok", "changed", "would-change")
FAILED = (
    "failed",
    "late",
    "question",
    "unarmed",
    "unkept",
    "cancelled",
)  # how the step ended that ended a transaction

# How a step ended -> in words, with its time-out and its time for a new connection, in seconds.
IN_WORDS = {
    "late": "it did not become so within {0:g} s",
    "unarmed": "no new connection arrived within {1:g} s",
    "cancelled": "it was ended when the run was cancelled",
    "unkept": "it printed more than 64 KiB, which cannot be remembered",
}
TIMED_OUT_CODES = (124, 137, 143)  # of timeout(1), and of a program that it killed

LAST_LINES = 10  # of a long and talkative step, shown where it fails

Undone = tuple[int, str]  # exit code and output of an undo


def result(
    step: Step,
    phase: str,
    end: StepEnded | None,
    undone: Undone | None,
    after: tuple[str, ...] = (),
) -> StepResult:
    """The result of a step. `end` None: it was never begun; `undone` None: it was not undone.

    `after`: the steps from whose change it follows in a dry run that this one would change too.
    """
    if end is None:
        return StepResult(
            name=step.name,
            state="not-run",
            commands=commands(step),
            phase=phase,
        )
    is_good = end.state in GOOD
    state = "would-change" if after else _state(end, undone)
    return StepResult(
        name=step.name,
        state=state,
        commands=commands(step),
        seconds=end.milliseconds / 1000,
        error=_error(step, end, undone),
        phase=phase,
        diff=step.diff if state in ("changed", "would-change") else "",
        said=last_line(end.output) if is_good and step.show_output else "",
        after=after,
    )


def _state(end: StepEnded, undone: Undone | None) -> str:
    """One of results.STEP_STATES."""
    if undone is not None and undone[0]:
        return "stuck"
    if end.state not in GOOD:
        return "failed"
    return end.state if undone is None else "undone"


def _error(
    step: Step,
    end: StepEnded,
    undone: Undone | None,
) -> str:
    """Why the undo failed, else why the step did; "" where neither is so."""
    if undone is not None and undone[0] and undone[1].strip():
        return undone[1].strip()
    return "" if end.state in GOOD else why_failed(step, end)


def last_line(output: str) -> str:
    """The last line that is not empty."""
    return (output.strip().splitlines() or [""])[-1]


def why_failed(step: Step, end: StepEnded) -> str:
    """Why a step failed: the plan's words for its exit code, or its own."""
    output = "" if step.sensitive else _shown_output(step, end.output)
    appended = f": {output}" if output else ""
    if end.state in IN_WORDS:
        return IN_WORDS[end.state].format(step.timeout, step.confirm_within) + appended
    if end.state == "question":
        what = f"could not be asked whether it is already so (exit {end.exit_code})"
        return f"{what}: {output or 'it said nothing'}"
    if end.exit_code in TIMED_OUT_CODES and end.milliseconds >= step.timeout * 1000 - 50:
        return f"was ended after {step.timeout:g} s{appended}"
    silent = f"ended with {_exit_code(end.exit_code)} and said nothing"
    return dict(step.exit_messages).get(end.exit_code) or output or silent


def _exit_code(code: int) -> str:
    """A code with the signal that it stands for, if it does: 137 (SIGKILL)."""
    try:
        return f"{code} ({signal.Signals(code - 128).name})"
    except ValueError:
        return str(code)


def _shown_output(step: Step, output: str) -> str:
    """What a step printed; of a long and talkative one the last lines."""
    lines = output.strip().splitlines()
    return "\n".join(lines[-LAST_LINES:] if step.progress else lines)


def aftermath(
    ended: Ended,
    staying: Sequence[str],
    *,
    host: str,
    at_gate: bool,
    remedy: str = "",
) -> str:
    """What became of the other steps, and what to do; begins with `; `.

    `host`: where the transaction was. `staying` are the names of steps that stay done; `at_gate`:
    it was a health gate that failed; `remedy`: what helps where something came back and does not
    work.
    """
    if ended.state == "undone" and ended.silent:
        words = f" ({ended.silent[0]})" if ended.silent[0] else ""
        return f"; the old one was started and does not answer{words}: {remedy}"
    names = ", ".join(staying)
    if ended.state == "undone" and ended.undone:
        returned = "; the old one is back" if at_gate else "; what was begun is undone"
        return f"{returned} ({names} stays done)" if staying else returned
    if ended.state == "stuck":
        return f"; undoing it failed as well; try that again: inv runs.recover --host={host}"
    if ended.state == "interrupted":
        return f"; stopped by a shutdown of the host; undo it: inv runs.recover --host={host}"
    if ended.state == "open":
        return f"; what it had begun is not undone; undo it: inv runs.recover --host={host}"
    if staying:
        return f"; {names} stays done"
    nothing = "nothing else" if ended.state == "undone" else "nothing"
    return f"; {nothing} was changed"
