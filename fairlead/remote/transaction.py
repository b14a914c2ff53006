"""One round trip with one host: asking its facts, doing a transaction, and the short programs that
look after leases and runs.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

from fairlead.model.errors import FairleadError, Locked, StepFailed, Unreachable
from fairlead.model.plan import Fact, Secret, Step
from fairlead.remote import programs
from fairlead.remote.events import (
    CancelAnswer,
    Complete,
    Event,
    FactAnswer,
    JournalPiece,
    MissingTools,
    Over,
)
from fairlead.remote.host_journal import HostJournal
from fairlead.remote.link import (
    SILENCE,
    C,
    Connection,
    Link,
    exchange,
    follow,
    new_mark,
    raise_missing_tools,
)
from fairlead.remote.results import (
    Ended,
    Facts,
    Holder,
    HostRun,
    Report,
    change,
    ended,
    holders,
    host_runs,
    of_kind,
)

FACTS_TIMEOUT = 60.0  # seconds for all facts of a host, and for every short program


def ask(
    connection: Connection,
    facts: Iterable[Fact],
    lease: programs.RunInfo | None,
    subject: str = "",
) -> Facts:
    """The first round trip; with `lease`, it is taken, and given back where the trip fails.
    `subject`: how that was last changed is told.

    Raises Unreachable, StepFailed (tools that are missing, a state folder that is not ours).
    """
    try:
        return _ask(connection, list(facts), lease, subject)
    except (Unreachable, _NotUnderstood, KeyboardInterrupt):
        if lease:
            with suppress(FairleadError):
                release(connection, lease.lock, lease.name)
        raise


class _NotUnderstood(StepFailed):
    """An answer did not arrive whole, or is none that its fact knows."""


def _ask(
    connection: Connection,
    facts: list[Fact],
    lease: programs.RunInfo | None,
    subject: str,
) -> Facts:
    mark = new_mark()
    program = programs.facts_program(mark, facts, lease, subject)
    # facts are asked side by side: the slowest counts
    timeout = FACTS_TIMEOUT + max((fact.timeout for fact in facts), default=0)
    reports = exchange(connection, program, mark, timeout, (Complete, MissingTools))
    raise_missing_tools(connection.host, reports)
    if not of_kind(reports, Complete):
        raise Unreachable(connection.host, "its answer was cut short", "try again")
    holder = next(iter(holders(reports).values()), None)
    answers = {} if holder else _answers(connection.host, facts, reports)
    return Facts(
        answers,
        host_runs(reports),
        holder,
        change(reports),
    )


def _answers(host: str, facts: Sequence[Fact], reports: Sequence[Report]) -> dict[Fact, Any]:
    """What the facts say. Raises _NotUnderstood."""
    answers = {answer.number: answer for answer in of_kind(reports, FactAnswer)}
    broken = [
        fact.name
        for number, fact in enumerate(facts)
        if number not in answers or answers[number].is_cut
    ]
    if broken:
        what = f"the answer to {', '.join(broken)} did not arrive whole (more than 4 MiB?)"
        raise _NotUnderstood(
            host, what, "nothing was changed there; look at what it is asked about"
        )
    return {fact: _parsed(host, fact, answers[number]) for number, fact in enumerate(facts)}


def _parsed(host: str, fact: Fact, answer: FactAnswer) -> Any:
    """What a fact says. Raises _NotUnderstood, whatever its parser raises."""
    try:
        return fact.parse(answer.exit_code, answer.output)
    except Exception as error:
        what = f"the answer to {fact.name} is not understood ({_reason(error, answer.output)})"
        raise _NotUnderstood(host, what, "nothing was changed there; look at the host") from error


def _reason(error: Exception, output: str) -> str:
    """What is wrong with an answer: the parser's own sentence, or how the answer begins."""
    is_sentence = type(error) is ValueError and str(error).isprintable()
    return str(error) if is_sentence else f"it begins with {output[:60]!r}"


def do(
    link: Link[C],
    run: programs.RunInfo,
    number: int,
    steps: tuple[Step, ...],
    listen: Callable[[Event], None],
    *,
    wait: float = 0,
    release: bool = True,
    seen: Iterable[str] = (),
    hidden: Secret | None = None,
) -> Ended:
    """The transaction, its events told as they come; see programs.transaction_program.

    Where the link is lost it is sought again, and the events go on where they stopped; the host
    works on meanwhile. Raises Unreachable when the host stays away: it finishes or undoes by
    itself then.
    """
    mark = new_mark()
    program = programs.transaction_program(
        mark, run, number, steps, wait=wait, release=release, seen=seen, hidden=hidden
    )
    return follow(link, f"{run.name}.{number}", listen, program, mark, run)


def dry(
    connection: Connection,
    run: programs.RunInfo,
    number: int,
    steps: tuple[Step, ...],
) -> Ended:
    """What would change, by the `unless` questions alone."""
    mark = new_mark()
    limits = (min(step.timeout, programs.MOST_OF_A_QUESTION) for step in steps)
    program = programs.dry_program(mark, run, number, steps)
    end = ended(exchange(connection, program, mark, FACTS_TIMEOUT + sum(limits)))
    if end.state == "ok" and len(end.steps) != len(steps):
        raise Unreachable(connection.host, "its answer was cut short", "try again")
    return end


def runs(connection: Connection) -> tuple[tuple[HostRun, ...], dict[str, Holder]]:
    """Every transaction that the host remembers, and the leases: lock -> holder."""
    mark = new_mark()
    reports = exchange(connection, programs.runs_program(mark), mark, FACTS_TIMEOUT)
    return host_runs(reports), holders(reports)


def journal(connection: Connection) -> HostJournal:
    """The journal of a host. Raises Unreachable where it did not arrive whole."""
    mark = new_mark()
    reports = exchange(connection, programs.journal_program(mark), mark, FACTS_TIMEOUT)
    if not of_kind(reports, Complete):
        raise Unreachable(connection.host, "its answer was cut short", "try again")
    pieces = {piece.name: piece.text for piece in of_kind(reports, JournalPiece)}
    last, _, _ = pieces.pop("journal.last", "").partition("\n")
    return HostJournal(connection.host, pieces, last)


def replay(connection: Connection, name: str) -> Ended:
    """How a transaction ended, read again; it does not count as seen by that."""
    mark = new_mark()
    return ended(exchange(connection, programs.follow_program(mark, name), mark, FACTS_TIMEOUT))


def release(connection: Connection, lock: str, run: str) -> None:
    """Give the lease of a run back; run "any": whoever's it is."""
    mark = new_mark()
    exchange(connection, programs.release_program(mark, lock, run), mark, FACTS_TIMEOUT)


def renew(connection: Connection, run: programs.RunInfo, progress: str = programs.WORKING) -> None:
    """Hold the lease of a run for another programs.LEASE_SECONDS, and show that we live."""
    mark = new_mark()
    exchange(connection, programs.renew_program(mark, run, progress), mark, FACTS_TIMEOUT)


def disarm(connection: Connection, name: str, step: int) -> None:
    """Tell an armed step of the transaction `name`, by a new connection, that the host is there."""
    mark = new_mark()
    exchange(connection, programs.disarm_program(mark, name, step), mark, FACTS_TIMEOUT)


def cancel(connection: Connection, name: str, who: str) -> CancelAnswer:
    """Ask the worker of a transaction to end it; what comes of that is told by who follows it."""
    mark = new_mark()
    program = programs.cancel_program(mark, name, who)
    return of_kind(exchange(connection, program, mark, FACTS_TIMEOUT), CancelAnswer)[0]


def recover(
    connection: Connection,
    name: str,
    lock: str,
    *,
    forward: bool = False,
) -> Ended:
    """Bring a transaction that nobody ended to one side, as long as its undos take.

    Raises StepFailed when it, or a step of it, still runs.
    """
    mark = new_mark()
    program = programs.recover_program(mark, name, lock, connection.host, forward=forward)
    return ended(exchange(connection, program, mark, None, (Over,), idle=SILENCE))


def refusal(host: str, system: str, holder: Holder) -> Locked:
    """Who comes second is told who, since when and what for, whether he lives, and what helps."""
    what = f" ({holder.what})" if holder.what else ""
    if holder.is_gone:
        began = f"{holder.who} began to work on {system} here at {holder.since}{what}"
        gone = f"{began}, and has given no sign of life for {lasting(holder.silence)}"
        return Locked(host, gone, f"take it over: inv runs.release --host={host}")
    works = f"{holder.who} works on {system} here since {holder.since}{what}"
    look = f"or look: inv runs.list --host={host}"
    if not holder.left:
        return Locked(host, works, f"wait with --wait=5m, {look}")
    minutes = -(-holder.left // 60)
    works += f", was there {holder.silence} s ago, and has it for {minutes} min unless prolonged"
    return Locked(host, works, f"wait with --wait={max(5, minutes + 1)}m, {look}")


def lasting(seconds: int) -> str:
    """75 s, 3 min."""
    return f"{seconds // 60} min" if seconds >= 120 else f"{seconds} s"
