"""What runs and ran on the hosts: list, show, follow, release, recover."""

from collections.abc import Callable
from typing import Any

from fairlead.cli.commands import CommandResult, folded
from fairlead.model.errors import CommandLineError, FairleadError, StepFailed, worst
from fairlead.remote import transaction
from fairlead.remote.events import Event, StepEnded
from fairlead.runner import parallel

Host = str


def list(context: Any, common: Any, *, all: bool = False) -> CommandResult:
    """Which runs the hosts remember, and who holds a lease now; --all: those that ended well and were seen, too."""
    rows, failed = _gather(context, common, transaction.runs)
    lines, data = [], []
    for host, (runs, leases) in rows.items():
        for system, holder in leases.items():
            lines.append(
                f"{host}  {system}  lease of {holder.who} since {holder.since}: {holder.what}"
            )
            data.append(
                {
                    "host": host,
                    "lease": system,
                    "who": holder.who,
                    "since": holder.since,
                    "what": holder.what,
                    "run": holder.run,
                }
            )
        for run in runs:
            if all or run.alive or run.is_stranded or not run.seen:
                lines.append(f"{host}  {run.name}  {_state(run)}  {run.who}: {run.what}")
                data.append(
                    {
                        "host": host,
                        "run": run.name,
                        "state": run.state,
                        "alive": run.alive,
                        "seen": run.seen,
                        "who": run.who,
                        "what": run.what,
                    }
                )
    return _answer(
        [*lines, *folded((error.where, str(error)) for error in failed)]
        or ["nothing runs, nothing was left open"],
        data,
        failed,
    )


def show(context: Any, common: Any, *, run: str = "") -> CommandResult:
    """What one run did on a host, step by step; without --run the last one."""
    host, line = _one(context, common)
    found = _named(line, run, lambda one: True)
    ended = transaction.Ended("open") if found.alive else transaction.replay(line, found.name)
    steps = [_told(one, found) for one in ended.steps]
    lines = [
        f"{host}  {found.name}  {ended.state}  {found.who}: {found.what}",
        *(
            f"  {one['name']}  {one['state']}  {one['seconds']:.1f} s  {one['said'].strip()}".rstrip()
            for one in steps
        ),
    ]
    lines += [
        f"  undo of {_step(found, number)}  {'ok' if code == 0 else f'failed ({code}): {text.strip()}'}"
        for number, (code, text) in ended.undone.items()
    ]
    return CommandResult(
        "\n".join(lines), {"host": host, "run": found.name, "state": ended.state, "steps": steps}
    )


def _told(end: StepEnded, run: transaction.HostRun) -> dict[str, Any]:
    said = {
        "state": end.state,
        "code": end.exit_code,
        "seconds": end.milliseconds / 1000,
        "said": end.output,
    }
    return {"step": end.step, "name": _step(run, end.step)} | said


def _step(run: transaction.HostRun, number: int) -> str:
    """The name of a step; its number where the host does not know it."""
    return run.steps[number - 1] if number <= len(run.steps) else f"step {number}"


def follow(context: Any, common: Any, *, run: str = "") -> CommandResult:
    """Follow a run that works on a host to its end (after a lost link, or Ctrl-C); its exit code says how it ended."""
    import sys

    host, line = _one(context, common)
    works = any(one.alive for one in transaction.runs(line)[0])
    found = _named(line, run, lambda one: bool(run) or (one.alive if works else not one.seen))

    def heard(event: Event) -> None:
        if isinstance(event, StepEnded):
            print(f"{host}  {_step(found, event.step)}  {event.state}", file=sys.stderr, flush=True)

    ended = transaction.follow(context.link(host), found.name, heard)
    code = 0 if ended.state in ("ok", "changed") else 1
    return CommandResult(
        f"{host}  {found.name}  {ended.state}",
        {"host": host, "run": found.name, "state": ended.state},
        code,
    )


def release(context: Any, common: Any, *, system: str = "") -> CommandResult:
    """Give back the leases that a dead operator left on these hosts (asks first)."""
    rows, failed = _gather(context, common, transaction.runs)
    held = [
        (host, name, holder)
        for host, (_, leases) in rows.items()
        for name, holder in leases.items()
        if system in ("", name)
    ]
    for host, name, holder in held:
        if not context.confirm(
            f"{host}: {holder.who} has had {name} since {holder.since} ({holder.what}). Release it?",
            "",
        ):
            raise CommandLineError(
                "inv runs.release", "nothing more was released: the answer was no", ""
            )
        transaction.release(context.link(host).connection(), name, "any")
    lines = [f"{host}  {name}  released (was {holder.who}'s)" for host, name, holder in held] or [
        "no leases here"
    ]
    data = [{"host": host, "system": name, "who": holder.who} for host, name, holder in held]
    return _answer([*lines, *folded((error.where, str(error)) for error in failed)], data, failed)


def recover(context: Any, common: Any, *, forward: bool = False) -> CommandResult:
    """Bring runs that were cut off in the middle to one side: undo what they began, or with --forward leave it and plan anew."""
    rows, failed = _gather(context, common, transaction.runs)
    lines, data, codes = [], [], []
    for host, (runs, _) in rows.items():
        for one in (run for run in reversed(runs) if run.is_stranded):
            try:
                state = transaction.recover(
                    context.link(host).connection(), one.name, one.system, forward=forward
                ).state
            except FairleadError as error:
                failed = (*failed, error)
                continue
            codes.append(1 if state == "stuck" else 0)
            lines.append(f"{host}  {one.name}  {_outcome(state)}  ({one.who}: {one.what})")
            data.append({"host": host, "run": one.name, "state": state})
    told = [*lines, *folded((error.where, str(error)) for error in failed)]
    answer = _answer(
        told or ["nothing to recover: no run was left open on these hosts"], data, failed
    )
    return CommandResult(answer.text, answer.data, worst([answer.code, *codes]))


def _outcome(state: str) -> str:
    return {
        "undone": "undone: the host is as it was before",
        "forgotten": "left as it is; the next run plans from facts",
        "stuck": "an undo failed: see inv runs.show",
    }[state]


def _state(run: transaction.HostRun) -> str:
    return (
        "working"
        if run.alive
        else {"open": "left open", "interrupted": "interrupted", "stuck": "half undone"}.get(
            run.state, run.state
        )
    )


def _gather(
    context: Any, common: Any, ask: Callable[[Any], Any]
) -> tuple[dict[Host, Any], tuple[FairleadError, ...]]:
    """An answer of each host, and the errors of those that gave none."""

    def one(host: str) -> Any:
        try:
            return ask(context.link(host).connection())
        except FairleadError as error:
            return error

    hosts = _hosts(context, common)
    found = dict(zip(hosts, parallel.each(hosts, one, common.fanout), strict=True))
    errors = tuple(answer for answer in found.values() if isinstance(answer, FairleadError))
    return {
        host: answer for host, answer in found.items() if not isinstance(answer, FairleadError)
    }, errors


def _hosts(context: Any, common: Any) -> tuple[str, ...]:
    site = context.site()
    return (
        site.resolve(*common.hosts)
        if common.hosts
        else tuple(
            name
            for name, host in site.hosts.items()
            if not host.offline and host.transport != "local"
        )
    )


def _one(context: Any, common: Any) -> tuple[str, Any]:
    hosts = _hosts(context, common)
    if len(hosts) != 1:
        raise CommandLineError("--host", "this command is about one host", "name it: --host=n1")
    return hosts[0], context.link(hosts[0]).connection()


def _named(
    line: Any, name: str, fits: Callable[[transaction.HostRun], bool]
) -> transaction.HostRun:
    runs = [one for one in transaction.runs(line)[0] if fits(one)]
    found = [
        one for one in runs if not name or one.name == name or one.name.rpartition(".")[0] == name
    ]
    if not found:
        raise StepFailed(
            line.host,
            f"there is no run {name or 'to speak of'} here",
            f"see inv runs.list --all --host={line.host}",
        )
    return found[-1]


def _answer(lines: Any, data: Any, failed: tuple[FairleadError, ...]) -> CommandResult:
    return CommandResult("\n".join(lines), data, worst(error.code for error in failed))
