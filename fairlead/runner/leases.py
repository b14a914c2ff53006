"""The leases of a part: taken on all its hosts or none, kept alive, given back."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from fairlead.model.errors import FairleadError
from fairlead.remote import programs, transaction
from fairlead.remote.results import Facts, Holder
from fairlead.runner import parallel
from fairlead.runner.part import PartRun

FirstAnswer = Facts | FairleadError  # of the first round trip with a host

SIGN = 15.0  # seconds between two signs of life to a host that does not work for us just now
LOOK = 0.3  # seconds between two looks at leases that another is about to give back
BUSY = 0.5  # seconds for another thread that speaks with a host; after Ctrl-C it may go on
YIELDING = 90.0  # seconds in which whoever came later gives them back


def take_all(
    part: PartRun, hosts: Sequence[str], ask: Callable[[str], FirstAnswer]
) -> dict[str, FirstAnswer]:
    """The answer of each host to `ask`, which takes the lease; Locked where another run has it.

    All leases or none: whoever waits for one host gives back the others meanwhile, or two who wait
    for each other would wait for ever. Of several who take theirs at the same time, the run whose
    name comes first keeps what it has until the others have given back. Waits as long as --wait
    says, but for nobody who is gone.
    """
    deadline = time.monotonic() + part.common.wait
    while True:
        answers = _ask_in_contest(part, hosts, ask)
        holders = _holders(answers)
        is_late = time.monotonic() >= deadline
        if not holders or is_late or any(holder.is_gone for holder in holders.values()):
            part.has_leases = not holders
            for host, holder in holders.items():
                answers[host] = transaction.refusal(host, part.lock, holder)
            return answers
        give_back(part)
        for host, holder in holders.items():
            part.report(host, "waiting", text=holder.who)
        time.sleep(0.5 + secrets.randbelow(1000) / 1000)


def _ask_in_contest(
    part: PartRun, hosts: Sequence[str], ask: Callable[[str], FirstAnswer]
) -> dict[str, FirstAnswer]:
    """The answers of all hosts; where others take leases at the same time and have to give way to
    us, once they have.
    """
    answers = dict(zip(hosts, parallel.each(hosts, ask, part.common.fanout), strict=True))
    end = time.monotonic() + YIELDING
    while time.monotonic() < end and (contested := _contested(part, answers)):
        time.sleep(LOOK)
        answers |= zip(contested, parallel.each(contested, ask, part.common.fanout), strict=True)
    return answers


def _contested(part: PartRun, answers: Mapping[str, FirstAnswer]) -> list[str]:
    """The hosts whose leases others will give back to us, if they will; else none."""
    holders = _holders(answers)
    has_failed = any(isinstance(answer, FairleadError) for answer in answers.values())
    yields = all(
        holder.is_taking and not holder.is_gone and part.run.name < holder.run
        for holder in holders.values()
    )
    return list(holders) if yields and not has_failed else []


def _holders(answers: Mapping[str, FirstAnswer]) -> dict[str, Holder]:
    """Who has the lease, of each host where it is not ours."""
    holders = {}
    for host, answer in answers.items():
        if isinstance(answer, Facts) and answer.holder:
            holders[host] = answer.holder
    return holders


def give_back(part: PartRun) -> None:
    """Give back the leases that no transaction has given back."""
    if not part.takes_leases:
        return

    def release(host: str) -> None:
        lock = part.connection_lock(host)
        was_idle = lock.acquire(timeout=BUSY)
        part.released.add(host)
        try:
            connection = part.link(host).connection()
            transaction.release(connection, part.lock, part.run.name)
        except FairleadError as error:
            part.notes.append(
                f"{host}: its lease could not be given back ({error.what}); it ends by itself"
                f" within {programs.LEASE_SECONDS // 60} minutes,"
                f" or by inv runs.release --host={host}"
            )
        finally:
            if was_idle:
                lock.release()

    parallel.each(_ours(part), release, part.common.fanout)


def _ours(part: PartRun) -> list[str]:
    """The hosts whose lease is ours."""
    ours = [host for host, facts in list(part.facts.items()) if facts.holder is None]
    return [host for host in ours if host not in part.released]


@contextmanager
def kept_alive(part: PartRun) -> Iterator[None]:
    """Meanwhile hosts that do not work for us are shown that we live, and their leases renewed.

    Those are hosts that wait for others: their facts, their phase or their batch.
    """
    over = threading.Event()

    def renew_all() -> None:
        while not over.wait(SIGN):
            hosts = _ours(part) if part.takes_leases else []
            parallel.each(hosts, lambda host: _renew_if_idle(part, host), part.common.fanout)

    threading.Thread(target=renew_all, daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _renew_if_idle(part: PartRun, host: str) -> None:
    """Unless another thread speaks with the host: to that one it shows that we live."""
    lock = part.connection_lock(host)
    if not lock.acquire(blocking=False):
        return
    progress = programs.WORKING if part.has_leases else programs.TAKING
    try:
        if host not in part.released:
            transaction.renew(part.link(host).connection(), part.run, progress)
    except FairleadError:
        pass  # whoever works there next finds out and says so
    finally:
        lock.release()
