"""One transaction is ended in an orderly way by somebody who may not be its operator, and followed
until it is known what became of it.
"""

from collections.abc import Callable, Iterator

from fairlead.model.plan import Noun
from fairlead.remote import transaction
from fairlead.remote.events import CancelAnswer, Event, StepEnded, StepSilent, StepUndone
from fairlead.remote.link import C, Link, StillWorking, follow
from fairlead.remote.programs import ARMED, STAYS
from fairlead.remote.results import Ended, HostRun
from fairlead.runner.silence import Silence, step_name
from fairlead.runner.step_results import aftermath

LIMIT = 600.0  # seconds for which its end is waited for


class Cancellation(Noun):
    """What became of a transaction.

    `text`: in words; `state`: as `HostRun` has it, "open" where it still works; `is_cancelled`: it
    ended because of this, or of another who asked for it.
    """

    host: str
    run: HostRun
    text: str
    state: str
    is_cancelled: bool = False
    code: int = 0


def cancel(
    link: Link[C],
    run: HostRun,
    who: str,
    report: Callable[[str], None],
) -> Cancellation:
    """Ask for the end of a transaction, and wait for it; `report` gets what happens meanwhile."""
    answer = transaction.cancel(link.connection(), run.name, who)
    for line in _first_words(run, answer):
        report(line)
    listen = listener(run, report)
    try:
        ended = follow(link, run.name, listen, limit=LIMIT)
    except StillWorking:
        return _still_working(link.host, run)
    return _outcome(link.host, run, ended)


def listener(run: HostRun, report: Callable[[str], None]) -> Callable[[Event], None]:
    """Tells of the events of a transaction that people see, a line for each."""
    silence = Silence()

    def listen(event: Event) -> None:
        match event:
            case StepEnded():
                report(f"{run.step_name(event.step)}  {event.state}")
            case StepUndone():
                outcome = "failed" if event.exit_code else "ok"
                report(f"undo of {run.step_name(event.step)}  {outcome}")
            case StepSilent():
                if lasting := silence.lasting(event):
                    name = step_name(event, run.step_name(event.step))
                    report(f"{name}  silent for {lasting}")

    return listen


def _first_words(run: HostRun, answer: CancelAnswer) -> Iterator[str]:
    """What is asked to end, and what of it cannot end at once."""
    if answer.state == "undoing":
        yield "it is on its way back already, which is not cancelled but waited for"
    elif answer.state == "asked":
        yield f"{run.name} is asked to end ({run.who}: {run.what})"
        name = run.step_name(answer.step) if answer.step else ""
        if answer.mode == STAYS:
            yield (
                f"{name} cannot be cancelled: it has no way back and is let end ({answer.left} s at"
                " most), and the run ends after it"
            )
        elif answer.mode == ARMED:
            yield (
                f"{name} cannot be cancelled: it is under the dead man's switch, which keeps or"
                " undoes it within its time, and the run ends after it"
            )


def _still_working(host: str, run: HostRun) -> Cancellation:
    text = (
        f"it was asked to end and still works after {transaction.lasting(int(LIMIT))}; it goes on"
        f" by itself: inv runs.follow --host={host}"
    )
    return Cancellation(host, run, text, "open", code=1)


def _outcome(host: str, run: HostRun, ended: Ended) -> Cancellation:
    """What a transaction that has ended came to."""
    changed = [end.step for end in ended.steps if end.state == "changed"]
    staying = [run.step_name(step) for step in changed if step not in ended.undone]
    remedy = f"see inv status --host={host}"
    after = aftermath(ended, staying, host=host, at_gate=False, remedy=remedy)
    has_trouble = bool(ended.silent) or ended.state in ("stuck", "interrupted", "open")
    code = int(has_trouble)
    if ended.cancelled_by:
        text = f"cancelled by {ended.cancelled_by}{after}"
        return Cancellation(host, run, text, ended.state, True, code)
    if ended.state in ("ok", "changed"):
        text = f"it had ended before it could be cancelled: {ended.state}"
        if run.more:
            text += "; what follows of the run here is not cancelled: try again"
        return Cancellation(host, run, text, ended.state, code=int(run.more))
    if ended.state == "open":
        text = f"its worker was killed in the middle{after}"
        return Cancellation(host, run, text, ended.state, code=code)
    return Cancellation(host, run, f"it ended by itself{after}", ended.state, code=code)
