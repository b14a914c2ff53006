"""The events of a transaction as they happen: observers see them, an armed step is answered."""

import threading
import time

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Step
from fairlead.model.results import StepResult
from fairlead.remote import transaction
from fairlead.remote.events import (
    Event,
    RunCancelled,
    StepArmed,
    StepBegun,
    StepEnded,
    StepEvent,
    StepNote,
    StepSilent,
    StepUndone,
)
from fairlead.runner import silence, step_results
from fairlead.runner.part import PartRun
from fairlead.runner.phases import HostPhase, SharedStep
from fairlead.runner.silence import Silence

SHOWN = StepBegun | StepNote | StepEnded | StepUndone  # the events that observers see


def report_differences(part: PartRun, phase: HostPhase) -> None:
    """Show what is about to change in files, before it is done; of a step that shows what it
    prints, that is enough.
    """
    for number, shared in enumerate(phase.steps, 1):
        step = shared.step
        if step.diff and not step.show_output:
            host = shared.hosts[0] if len(shared.hosts) == 1 else phase.host
            part.report(
                host,
                "diff",
                step=step.name,
                text=step.diff,
                number=number,
            )


def on_event(
    part: PartRun,
    phase: HostPhase,
    event: Event,
    quiet: Silence,
) -> None:
    """Pass one event to the observers; answer an armed step through a new connection.

    `quiet`: that of this transaction.
    """
    match event:
        case StepArmed():
            words = (part, phase, event.step)
            threading.Thread(target=_confirm, args=words, daemon=True).start()
        case StepSilent():
            _report_silence(part, phase, event, quiet)
        case RunCancelled():
            for host in phase.target_hosts():
                part.report(host, "cancelled", text=event.who)
        case event if isinstance(event, SHOWN):
            shared = phase.steps[event.step - 1]
            for host in _shown_hosts(phase, shared):
                _report(part, host, shared, event, len(phase.steps))


def _shown_hosts(phase: HostPhase, shared: SharedStep) -> tuple[str, ...]:
    """The hosts in whose rows a step is shown."""
    return shared.hosts if len(shared.hosts) == 1 else (phase.host,)


def _report_silence(
    part: PartRun,
    phase: HostPhase,
    event: StepSilent,
    quiet: Silence,
) -> None:
    """Show that nothing comes from a step, or that something has come again."""
    lasting = quiet.lasting(event)
    if lasting is None:
        return
    shared = phase.steps[event.step - 1]
    step = shared.step
    for host in _shown_hosts(phase, shared):
        part.report(
            host,
            "silent",
            step=silence.step_name(event, step.name),
            text=silence.sentence(event, phase.host, part.run.name, step.timeout),
            lasting=lasting,
            number=event.step,
            total=len(phase.steps),
        )


def _report(
    part: PartRun,
    host: str,
    shared: SharedStep,
    event: StepEvent,
    total: int,
) -> None:
    part.report(
        host,
        event.kind,
        step=shared.step.name,
        text=_note(shared.step, event),
        number=event.step,
        total=total,
        result=_result(shared, event),
    )


def _note(step: Step, event: StepEvent) -> str:
    """The last line that a long step printed."""
    if not isinstance(event, StepNote) or step.sensitive:
        return ""
    return event.text.strip()


def _result(shared: SharedStep, event: StepEvent) -> StepResult | None:
    """The result that an event brings, where it is the end of a step or of an undo."""
    step = shared.step
    if isinstance(event, StepUndone):
        state = "stuck" if event.exit_code else "undone"
        return StepResult(
            name=step.name,
            state=state,
            phase=shared.phase,
        )
    if not isinstance(event, StepEnded):
        return None
    state = event.state if event.state in step_results.GOOD else "failed"
    shows_output = step.show_output and state in ("ok", "changed")
    return StepResult(
        name=step.name,
        state=state,
        seconds=event.milliseconds / 1000,
        phase=shared.phase,
        said=step_results.last_line(event.output) if shows_output else "",
    )


def _confirm(part: PartRun, phase: HostPhase, number: int) -> None:
    """Reach the host again by a connection of its own, until the armed step's time is over."""
    step = phase.steps[number - 1].step
    name = f"{part.run.name}.{phase.number}"
    deadline = time.monotonic() + step.confirm_within
    while time.monotonic() < deadline:
        try:
            connection = part.link(phase.host).fresh()
            transaction.disarm(connection, name, number)
            connection.close()
        except FairleadError:
            time.sleep(0.5)
        else:
            return
