"""What is said of runs and leases on hosts: lines for people, maps for programs."""

from collections.abc import Mapping
from typing import Any

from fairlead.inventory.nodesets import fold
from fairlead.remote import transaction
from fairlead.remote.events import StepEnded
from fairlead.remote.origin import Origin
from fairlead.remote.results import Ended, Holder, HostRun
from fairlead.runner.cancellation import Cancellation

STATES = {"open": "left open", "interrupted": "interrupted", "stuck": "half undone"}
OUTCOMES = {  # of a recovery
    "undone": "undone: nothing is left of it; how the host is now: inv status --host={host}",
    "forgotten": "left as it is; the next run plans from facts",
    "stuck": "an undo failed (inv runs.show --host={host}); leave it as it is, and let the next run"
    " plan from facts: inv runs.recover --host={host} --forward",
}


def state_of(run: HostRun) -> str:
    return "working" if run.alive else STATES.get(run.state, run.state)


def lease_line(host: str, system: str, holder: Holder) -> str:
    line = f"{host}  {system}  lease of {holder.who} since {holder.since}: {holder.what}"
    return f"{line} ({life(holder)})" if holder.is_gone else line


def life(holder: Holder) -> str:
    """What is known of the life of a lease's owner."""
    if holder.is_gone:
        return f"gone: no sign of life for {transaction.lasting(holder.silence)}"
    return f"there {holder.silence} s ago" if holder.left else "at work"


def lease_data(host: str, system: str, holder: Holder) -> dict[str, Any]:
    return {
        "host": host,
        "lease": system,
        "who": holder.who,
        "since": holder.since,
        "what": holder.what,
        "run": holder.run,
        **origin_data(holder.origin),
        "left": holder.left,
        "silence": holder.silence,
    }


def run_data(host: str, run: HostRun) -> dict[str, Any]:
    return {
        "host": host,
        "run": run.name,
        "state": run.state,
        "alive": run.alive,
        "seen": run.seen,
        "who": run.who,
        "what": run.what,
        **origin_data(run.origin),
    }


def origin_data(origin: Origin) -> dict[str, str]:
    """Version and commit of the site that a run was begun with, as far as they are known."""
    known = {"fairlead": origin.fairlead, "revision": origin.revision}
    return {key: value for key, value in known.items() if value}


def step_data(end: StepEnded, run: HostRun) -> dict[str, Any]:
    return {
        "step": end.step,
        "name": run.step_name(end.step),
        "state": end.state,
        "code": end.exit_code,
        "seconds": end.milliseconds / 1000,
        "said": end.output,
    }


def step_line(step: dict[str, Any]) -> str:
    line = f"  {step['name']}  {step['state']}  {step['seconds']:.1f} s"
    return f"{line}  {step['said'].strip()}".rstrip()


def undo_lines(ended: Ended, run: HostRun) -> list[str]:
    return [
        f"  undo of {run.step_name(number)}  {_undo_outcome(code, output)}"
        for number, (code, output) in ended.undone.items()
    ]


def _undo_outcome(code: int, output: str) -> str:
    return "ok" if code == 0 else f"failed ({code}): {output.strip()}"


def idle_line(host: str, system: str, holder: Holder) -> str:
    """Of a lease whose run does nothing on this host just now."""
    return (
        f"{host}  {holder.run}  nothing of it works here just now, between two phases or before its"
        f" turn: try again, or if {holder.who} is gone, inv runs.release --host={host}"
        f"  ({holder.who}: {holder.what})"
    )


def ended_line(host: str, run: HostRun) -> str:
    """Of a run that does not work any more."""
    state = f"had ended already: {run.state}"
    if run.is_stranded:
        state = (
            f"does not work any more and was {STATES[run.state]}: inv runs.recover --host={host}"
        )
    return f"{host}  {run.name}  {state}  ({run.who}: {run.what})"


def cancel_data(end: Cancellation) -> dict[str, Any]:
    return {
        "host": end.host,
        "run": end.run.name,
        "state": end.state,
        "cancelled": end.is_cancelled,
        "who": end.run.who,
        "what": end.run.what,
    }


def recovery(ended: Ended, host: str) -> str:
    """What a recovery has come to, in words."""
    if ended.state == "undone" and ended.silent:
        words = f" ({ended.silent[0]})" if ended.silent[0] else ""
        return f"undone; what was started again does not answer{words}: inv status --host={host}"
    return OUTCOMES[ended.state].format(host=host)


def history_row(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """A line of the journal here, as cells: when, who, what, which hosts became what, exit, run."""
    hosts: dict[str, list[str]] = {}
    for row in entry["hosts"]:
        hosts.setdefault(row["state"], []).append(row["host"])
    states = ", ".join(f"{fold(names)} {state}" for state, names in hosts.items())
    words = (entry["verb"], *entry.get("flags", ()), entry.get("reason", ""))
    what = " ".join(filter(None, words))
    return (entry["time"], entry["who"], what, states, str(entry["code"]), entry["run"])
