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


def take_all(
    part: PartRun, hosts: Sequence[str], ask: Callable[[str], FirstAnswer]
) -> dict[str, FirstAnswer]:
    """The answer of each host to `ask`, which takes the lease; Locked where another run has it.

    All leases or none: whoever waits for one host gives back the others meanwhile, or two who wait
    for each other would wait for ever. Waits as long as --wait says.
    """
    deadline = time.monotonic() + part.common.wait
    while True:
        results = parallel.each(hosts, ask, part.common.fanout)
        answers = dict(zip(hosts, results, strict=True))
        holders = _holders(answers)
        if not holders or time.monotonic() >= deadline:
            for host, holder in holders.items():
                answers[host] = transaction.refusal(host, part.lock, holder)
            return answers
        give_back(part)
        for host, holder in holders.items():
            part.report(host, "waiting", text=holder.who)
        time.sleep(0.5 + secrets.randbelow(1000) / 1000)


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
        try:
            connection = part.link(host).connection()
            transaction.release(connection, part.lock, part.run.name)
        except FairleadError as error:
            part.notes.append(
                f"{host}: its lease could not be given back ({error.what}); it ends by itself"
                f" within {programs.LEASE_SECONDS // 60} minutes"
            )

    ours = [host for host, facts in part.facts.items() if facts.holder is None]
    hosts = [host for host in ours if host not in part.released]
    parallel.each(hosts, release, part.common.fanout)


@contextmanager
def kept_alive(
    part: PartRun, hosts: Sequence[str], locks: Mapping[str, threading.Lock]
) -> Iterator[None]:
    """Meanwhile the leases of those hosts are renewed that do not work.

    Those are hosts that have no part in a phase, or come in a later batch. `locks` has the lock of
    each host's connection, which only one thread may use.
    """
    over = threading.Event()

    def renew_all() -> None:
        while not over.wait(programs.LEASE_SECONDS * 0.4):
            for host in hosts:
                _renew_if_idle(part, host, locks[host])

    threading.Thread(target=renew_all, daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _renew_if_idle(
    part: PartRun,
    host: str,
    lock: threading.Lock,
) -> None:
    if not lock.acquire(blocking=False):
        return
    try:
        if host not in part.released:
            transaction.renew(part.link(host).connection(), part.run)
    except FairleadError:
        pass  # whoever works there next finds out and says so
    finally:
        lock.release()
