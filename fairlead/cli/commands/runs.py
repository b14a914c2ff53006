"""What runs and ran on the hosts: list, show, follow, cancel, release, recover."""

import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Annotated, Literal

from msgspec import Meta
from msgspec.structs import replace

from fairlead.cli import reports, run_rows
from fairlead.cli.commands import CommandResult, chosen_hosts, folded_errors
from fairlead.cli.host_runs import Gathered, gather
from fairlead.cli.options import duration, read_value
from fairlead.connections import Connection
from fairlead.inventory.nodesets import fold
from fairlead.model import operator
from fairlead.model.errors import CommandLineError, FairleadError, StepFailed, worst
from fairlead.model.results import Table
from fairlead.output import journal
from fairlead.remote import transaction
from fairlead.remote.events import Event, StepUndone
from fairlead.remote.results import Ended, Holder, HostRun
from fairlead.runner import cancellation, driver, parallel, stopped
from fairlead.runner.announcements import close_left_open
from fairlead.runner.cancellation import Cancellation
from fairlead.runner.context import Context
from fairlead.runner.request import Common


def list_(context: Context, common: Common, *, all: bool = False) -> CommandResult:
    """Which runs the hosts remember, and who holds a lease now; --all: those that ended well
    and were seen, too.
    """
    gathered = gather(context, common)
    lines, data = [], []
    for state in gathered.states:
        for system, holder in state.leases.items():
            lines.append(run_rows.lease_line(state.host, system, holder))
            data.append(run_rows.lease_data(state.host, system, holder))
        for run in state.runs:
            if all or run.alive or run.is_stranded or not run.seen:
                lines.append(
                    f"{state.host}  {run.name}  {run_rows.state_of(run)}  {run.who}: {run.what}"
                )
                data.append(run_rows.run_data(state.host, run))
    return _result(lines, "nothing runs, nothing was left open", data, gathered.errors)


def show(context: Context, common: Common, *, run: str = "") -> CommandResult:
    """What one run did on a host, step by step; without --run the last one."""
    host, connection = _single_host(context, common)
    on_host = _run_named(connection, run, lambda candidate: True)
    ended = _ended(connection, on_host)
    steps = [run_rows.step_data(end, on_host) for end in ended.steps]
    begun_with = f"  ({on_host.origin.text})" if on_host.origin.fairlead else ""
    lines = [
        f"{host}  {on_host.name}  {ended.state}  {on_host.who}: {on_host.what}{begun_with}",
        *map(run_rows.step_line, steps),
        *([f"  cancelled by {ended.cancelled_by}"] if ended.cancelled_by else []),
        *run_rows.undo_lines(ended, on_host),
    ]
    origin = run_rows.origin_data(on_host.origin)
    data = {"host": host, "run": on_host.name, "state": ended.state, **origin, "steps": steps}
    if ended.cancelled_by:
        data["cancelled_by"] = ended.cancelled_by
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

    listen = cancellation.listener(on_host, lambda line: _print_line(host, line))

    def print_step(event: Event) -> None:
        if not isinstance(event, StepUndone):
            listen(event)

    ended = transaction.follow(context.link(host), on_host.name, print_step)
    text = f"{host}  {on_host.name}  {ended.state}"
    data = {"host": host, "run": on_host.name, "state": ended.state}
    return CommandResult(text, data, 0 if ended.state in ("ok", "changed") else 1)


def cancel(context: Context, common: Common, *, run: str = "") -> CommandResult:
    """End a run in an orderly way, whoever began it: the step that works is ended, what was begun
    is undone, leases are given back; without --run the one that works on these hosts.
    """
    gathered = gather(context, common)
    working = _working(gathered, run)
    if not working:
        return _nothing_works(gathered, run)
    who = operator.address()

    def end(pair: tuple[str, HostRun]) -> Cancellation | FairleadError:
        host, on_host = pair
        try:
            return cancellation.cancel(
                context.link(host), on_host, who, lambda line: _print_line(host, line)
            )
        except FairleadError as error:
            return error

    answers = parallel.each(working, end, common.fanout)
    cancellations = [answer for answer in answers if isinstance(answer, Cancellation)]
    if any(answer.is_cancelled for answer in cancellations):
        _give_back(context, gathered, working[0][1].run)
    errors = [answer for answer in answers if isinstance(answer, FairleadError)]
    lines = [
        f"{end.host}  {end.run.name}  {end.text}  ({end.run.who}: {end.run.what})"
        for end in cancellations
    ]
    result = _result(lines, "", [run_rows.cancel_data(end) for end in cancellations], errors)
    codes = [result.code, *(end.code for end in cancellations)]
    return CommandResult(result.text, result.data, worst(codes))


def release(context: Context, common: Common, *, system: str = "") -> CommandResult:
    """Give back the leases that a dead operator left on these hosts (asks first)."""
    gathered = gather(context, common)
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
    gathered = gather(context, common)
    lines, data, codes, errors = [], [], [], list(gathered.errors)
    for host, run in _stranded(gathered):
        try:
            ended = _recover_run(context, host, run, forward)
        except FairleadError as error:
            errors.append(error)
            continue
        codes.append(1 if ended.state == "stuck" or ended.silent else 0)
        lines.append(
            f"{host}  {run.name}  {run_rows.recovery(ended, host)}  ({run.who}: {run.what})"
        )
        data.append({"host": host, "run": run.name, "state": ended.state})
    lines += close_left_open(context)
    nothing = "nothing to recover: no run was left open on these hosts"
    result = _result(lines, nothing, data, errors)
    return CommandResult(result.text, result.data, worst([result.code, *codes]))


def history(
    context: Context,
    common: Common,
    *,
    since: str = "4w",
    who: str = "",
) -> CommandResult:
    """What was changed from this machine: when, what, where and how it ended (--since=2d, --who,
    --host).
    """
    seconds = read_value("--since", since, duration)
    site = context.site()
    chosen = frozenset(site.resolve(*common.hosts)) if common.hosts else frozenset()
    earliest = time.strftime(journal.TIME, time.gmtime(time.time() - seconds))
    entries = [
        entry
        for entry in journal.since(earliest)
        if entry["site"] == site.name
        and who in entry["who"]
        and (not chosen or chosen & {row["host"] for row in entry["hosts"]})
    ]
    if not entries:
        return CommandResult(f"nothing was changed from here within {since}", [])
    head = ("when", "who", "what", "hosts", "exit", "run")
    table = Table(rows=(head, *map(run_rows.history_row, entries)))
    return CommandResult("", entries, listing=(table,))


def report(
    context: Context,
    common: Common,
    *,
    run: str = "",
    format: Annotated[
        Literal["md", "html"], Meta(description="As Markdown, or as a page of its own: md, html.")
    ] = "md",
) -> CommandResult:
    """The hand-over sheet of a run that was begun here, without --run the last one: plan,
    differences, times, images before and after, who and why (--format=html: as a page).
    """
    record = reports.record(context.site(), run)
    text = reports.text(record, format)
    return CommandResult(text.removesuffix("\n"), reports.data(record))


def resume(context: Context, common: Common, *, run: str = "") -> CommandResult:
    """Go on with a verb that stopped: the same, with the same options, on the hosts that are not as
    asked yet; without --run the last one. Each host is asked anew what there is to do.
    """
    site = context.site()
    online = [name for name, host in site.hosts.items() if not host.offline]
    last = stopped.last(journal.newest(), run, site.name, online)
    chosen = site.resolve(*common.hosts) if common.hosts else last.hosts
    hosts = tuple(host for host in last.hosts if host in chosen)
    if not hosts:
        what = f"run {last.run} stopped on {fold(last.hosts)}"
        raise CommandLineError("--host", what, "name one of these, or leave it out")
    rest = replace(last.common_with(common), hosts=(fold(hosts),))
    options = " ".join(("", *rest.words))
    question = f"{last.sentence} Go on with {fold(hosts)}{options}?"
    if not common.only_shows and not context.confirm(question, ""):
        raise CommandLineError("inv runs.resume", "nothing was done: the answer was no", "")
    result = driver.perform(last.request(), rest, context)
    return CommandResult("", {"resumed": last.run, "run": result.run}, result.code)


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
        runs = [run for run in runs if name in (run.name, run.run)]
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


def _ended(connection: Connection, run: HostRun) -> Ended:
    """How a run ended; of one that works, nothing."""
    if run.alive:
        return Ended("open")
    return transaction.replay(connection, run.name)


def _working(gathered: Gathered, name: str) -> list[tuple[str, HostRun]]:
    """The transactions that work on these hosts: those of the run of this name, else of the only
    one. Raises CommandLineError where there are several.
    """
    working = [
        (state.host, run)
        for state in gathered.states
        for run in state.runs
        if run.alive and name in ("", run.name, run.run)
    ]
    runs = {run.run: f"{run.run} ({run.who}: {run.what})" for _, run in working}
    if len(runs) > 1:
        what = f"several runs work on these hosts: {', '.join(runs.values())}"
        raise CommandLineError("--run", what, f"name the one to cancel: --run={next(iter(runs))}")
    return working


def _nothing_works(gathered: Gathered, name: str) -> CommandResult:
    """Why there is nothing to cancel. Raises StepFailed where no host knows the run."""
    lines, data, codes = [], [], []
    for state in gathered.states:
        for system, holder in state.leases.items():
            if name in ("", holder.run):
                lines.append(run_rows.idle_line(state.host, system, holder))
                codes.append(1)
        runs = [run for run in state.runs if name in (run.name, run.run)]
        for run in runs[-1:]:
            lines.append(run_rows.ended_line(state.host, run))
            data.append(run_rows.run_data(state.host, run))
            codes.append(int(run.is_stranded))
    if name and not lines and not gathered.errors:
        what = f"there is no run {name} on these hosts"
        raise StepFailed("inv runs.cancel", what, "see inv runs.list --all")
    nothing = "nothing works on these hosts: there is nothing to cancel"
    result = _result(lines, nothing, data, gathered.errors)
    return CommandResult(result.text, data, worst([result.code, *codes]))


def _give_back(context: Context, gathered: Gathered, run: str) -> None:
    """The leases of a cancelled run, also those of hosts that waited for others.

    Where its operator lives he does that himself; where it cannot be it ends by itself.
    """
    for state in gathered.states:
        for system, holder in state.leases.items():
            if holder.run == run:
                with suppress(FairleadError):
                    connection = context.link(state.host).connection()
                    transaction.release(connection, system, run)


def _print_line(host: str, line: str) -> None:
    print(f"{host}  {line}", file=sys.stderr, flush=True)


def _release_lease(
    context: Context,
    host: str,
    system: str,
    holder: Holder,
) -> None:
    what = f"{system} since {holder.since} ({holder.what}), {run_rows.life(holder)}"
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
