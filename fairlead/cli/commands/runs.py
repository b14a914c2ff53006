"""What runs and ran on the hosts: list, show, follow, release, recover."""

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fairlead.cli.commands import CommandResult, chosen_hosts, folded_errors
from fairlead.connections import Connection
from fairlead.model.errors import CommandLineError, FairleadError, StepFailed, worst
from fairlead.model.plan import Noun
from fairlead.remote import transaction
from fairlead.remote.events import Event, StepEnded
from fairlead.remote.results import Ended, Holder, HostRun
from fairlead.runner import parallel
from fairlead.runner.context import Context
from fairlead.runner.request import Common

STATES = {"open": "left open", "interrupted": "interrupted", "stuck": "half undone"}
OUTCOMES = {  # of a recovery
    "undone": "undone: nothing is left of it; how the host is now: inv status --host={host}",
    "forgotten": "left as it is; the next run plans from facts",
    "stuck": "an undo failed (inv runs.show --host={host}); leave it as it is, and let the next run"
    " plan from facts: inv runs.recover --host={host} --forward",
}


class HostState(Noun):
    """What one host remembers: its runs, and who holds which lease (system -> holder)."""

    host: str
    runs: tuple[HostRun, ...]
    leases: Mapping[str, Holder]


class Gathered(Noun):
    """What the hosts remember, and the errors of those that could not be asked."""

    states: tuple[HostState, ...]
    errors: tuple[FairleadError, ...]


def list_(context: Context, common: Common, *, all: bool = False) -> CommandResult:
    """Which runs the hosts remember, and who holds a lease now; --all: those that ended well
    and were seen, too.
    """
    gathered = _gather(context, common)
    lines, data = [], []
    for state in gathered.states:
        for system, holder in state.leases.items():
            lines.append(_lease_line(state.host, system, holder))
            data.append(_lease_data(state.host, system, holder))
        for run in state.runs:
            if all or run.alive or run.is_stranded or not run.seen:
                lines.append(f"{state.host}  {run.name}  {_state(run)}  {run.who}: {run.what}")
                data.append(_run_data(state.host, run))
    return _result(lines, "nothing runs, nothing was left open", data, gathered.errors)


def show(context: Context, common: Common, *, run: str = "") -> CommandResult:
    """What one run did on a host, step by step; without --run the last one."""
    host, connection = _single_host(context, common)
    on_host = _run_named(connection, run, lambda candidate: True)
    ended = _ended(connection, on_host)
    steps = [_step_data(end, on_host) for end in ended.steps]
    lines = [
        f"{host}  {on_host.name}  {ended.state}  {on_host.who}: {on_host.what}",
        *map(_step_line, steps),
        *_undo_lines(ended, on_host),
    ]
    data = {"host": host, "run": on_host.name, "state": ended.state, "steps": steps}
    return CommandResult("\n".join(lines), data)


def follow(context: Context, common: Common, *, run: str = "") -> CommandResult:
    """Follow a run that works on a host to its end (after a lost link, or Ctrl-C); its exit code
    says how it ended.
    """
    host, connection = _single_host(context, common)
    has_working = any(candidate.alive for candidate in transaction.runs(connection)[0])

    def fits(candidate: HostRun) -> bool:
        if run:
            return True
        return candidate.alive if has_working else not candidate.seen

    on_host = _run_named(connection, run, fits)

    def print_step(event: Event) -> None:
        if isinstance(event, StepEnded):
            name = _step_name(on_host, event.step)
            print(f"{host}  {name}  {event.state}", file=sys.stderr, flush=True)

    ended = transaction.follow(context.link(host), on_host.name, print_step)
    text = f"{host}  {on_host.name}  {ended.state}"
    data = {"host": host, "run": on_host.name, "state": ended.state}
    return CommandResult(text, data, 0 if ended.state in ("ok", "changed") else 1)


def release(context: Context, common: Common, *, system: str = "") -> CommandResult:
    """Give back the leases that a dead operator left on these hosts (asks first)."""
    gathered = _gather(context, common)
    lines, data = [], []
    for state in gathered.states:
        for name, holder in state.leases.items():
            if system in ("", name):
                _release_lease(context, state.host, name, holder)
                lines.append(f"{state.host}  {name}  released (was {holder.who}'s)")
                data.append({"host": state.host, "system": name, "who": holder.who})
    lines = lines or ["no leases here"]
    return _result(lines, "", data, gathered.errors)


def recover(context: Context, common: Common, *, forward: bool = False) -> CommandResult:
    """Bring runs that were cut off in the middle to one side: undo what they began, or with
    --forward leave it and plan anew.
    """
    gathered = _gather(context, common)
    lines, data, codes, errors = [], [], [], list(gathered.errors)
    for host, run in _stranded(gathered):
        try:
            ended = _recover_run(context, host, run, forward)
        except FairleadError as error:
            errors.append(error)
            continue
        codes.append(1 if ended.state == "stuck" or ended.silent else 0)
        lines.append(f"{host}  {run.name}  {_outcome(ended, host)}  ({run.who}: {run.what})")
        data.append({"host": host, "run": run.name, "state": ended.state})
    nothing = "nothing to recover: no run was left open on these hosts"
    result = _result(lines, nothing, data, errors)
    return CommandResult(result.text, result.data, worst([result.code, *codes]))


def _gather(context: Context, common: Common) -> Gathered:
    """What the hosts remember, of many at a time."""

    def ask(host: str) -> HostState | FairleadError:
        try:
            return HostState(host, *transaction.runs(context.link(host).connection()))
        except FairleadError as error:
            return error

    hosts = chosen_hosts(context.site(), common, offline=False)
    answers = parallel.each(hosts, ask, common.fanout)
    states = tuple(answer for answer in answers if isinstance(answer, HostState))
    errors = tuple(answer for answer in answers if isinstance(answer, FairleadError))
    return Gathered(states, errors)


def _single_host(context: Context, common: Common) -> tuple[str, Connection]:
    hosts = chosen_hosts(context.site(), common, offline=False)
    if len(hosts) != 1:
        raise CommandLineError("--host", "this command is about one host", "name it: --host=n1")
    return hosts[0], context.link(hosts[0]).connection()


def _run_named(
    connection: Connection,
    name: str,
    fits: Callable[[HostRun], bool],
) -> HostRun:
    """The last run of a host that fits and, unless `name` is "", has this name.

    A name without the number of the transaction will do. Raises StepFailed.
    """
    runs = [run for run in transaction.runs(connection)[0] if fits(run)]
    if name:
        runs = [run for run in runs if name in (run.name, run.name.rpartition(".")[0])]
    if not runs:
        what = f"there is no run {name or 'to speak of'} here"
        raise StepFailed(connection.host, what, f"see inv runs.list --all --host={connection.host}")
    return runs[-1]


def _result(
    lines: list[str],
    nothing: str,
    data: object,
    errors: Iterable[FairleadError],
) -> CommandResult:
    """Lines, then errors; `nothing` where there are neither."""
    errors = tuple(errors)
    texts = [*lines, *folded_errors(errors)] or [nothing]
    return CommandResult("\n".join(texts), data, worst(error.code for error in errors))


def _state(run: HostRun) -> str:
    return "working" if run.alive else STATES.get(run.state, run.state)


def _lease_line(host: str, system: str, holder: Holder) -> str:
    line = f"{host}  {system}  lease of {holder.who} since {holder.since}: {holder.what}"
    return f"{line} ({_life(holder)})" if holder.is_gone else line


def _life(holder: Holder) -> str:
    """What is known of the life of a lease's owner."""
    if holder.is_gone:
        return f"gone: no sign of life for {transaction.lasting(holder.silence)}"
    return f"there {holder.silence} s ago" if holder.left else "at work"


def _lease_data(host: str, system: str, holder: Holder) -> dict[str, Any]:
    return {
        "host": host,
        "lease": system,
        "who": holder.who,
        "since": holder.since,
        "what": holder.what,
        "run": holder.run,
        "left": holder.left,
        "silence": holder.silence,
    }


def _run_data(host: str, run: HostRun) -> dict[str, Any]:
    return {
        "host": host,
        "run": run.name,
        "state": run.state,
        "alive": run.alive,
        "seen": run.seen,
        "who": run.who,
        "what": run.what,
    }


def _ended(connection: Connection, run: HostRun) -> Ended:
    """How a run ended; of one that works, nothing."""
    if run.alive:
        return Ended("open")
    return transaction.replay(connection, run.name)


def _step_name(run: HostRun, number: int) -> str:
    """The name of a step; its number where the host does not know it."""
    return run.steps[number - 1] if number <= len(run.steps) else f"step {number}"


def _step_data(end: StepEnded, run: HostRun) -> dict[str, Any]:
    return {
        "step": end.step,
        "name": _step_name(run, end.step),
        "state": end.state,
        "code": end.exit_code,
        "seconds": end.milliseconds / 1000,
        "said": end.output,
    }


def _step_line(step: dict[str, Any]) -> str:
    line = f"  {step['name']}  {step['state']}  {step['seconds']:.1f} s"
    return f"{line}  {step['said'].strip()}".rstrip()


def _undo_lines(ended: Ended, run: HostRun) -> list[str]:
    return [
        f"  undo of {_step_name(run, number)}  {_undo_outcome(code, output)}"
        for number, (code, output) in ended.undone.items()
    ]


def _undo_outcome(code: int, output: str) -> str:
    return "ok" if code == 0 else f"failed ({code}): {output.strip()}"


def _release_lease(
    context: Context,
    host: str,
    system: str,
    holder: Holder,
) -> None:
    what = f"{system} since {holder.since} ({holder.what}), {_life(holder)}"
    question = f"{host}: {holder.who} has had {what}. Release it?"
    if not context.confirm(question, ""):
        what = "nothing more was released: the answer was no"
        raise CommandLineError("inv runs.release", what, "")
    transaction.release(context.link(host).connection(), system, "any")


def _stranded(gathered: Gathered) -> list[tuple[str, HostRun]]:
    """The runs that were cut off in the middle, of each host the last one first."""
    pairs = []
    for state in gathered.states:
        pairs += [(state.host, run) for run in reversed(state.runs) if run.is_stranded]
    return pairs


def _recover_run(
    context: Context,
    host: str,
    run: HostRun,
    forward: bool,
) -> Ended:
    """Bring one run to one side; its state afterwards is one of OUTCOMES."""
    connection = context.link(host).connection()
    return transaction.recover(connection, run.name, run.system, forward=forward)


def _outcome(ended: Ended, host: str) -> str:
    """What a recovery has come to, in words."""
    if ended.state == "undone" and ended.silent:
        words = f" ({ended.silent[0]})" if ended.silent[0] else ""
        return f"undone; what was started again does not answer{words}: inv status --host={host}"
    return OUTCOMES[ended.state].format(host=host)
