"""What hosts remember of runs, asked of many at a time."""

from collections.abc import Mapping

from fairlead.cli.commands import chosen_hosts
from fairlead.model.errors import FairleadError
from fairlead.model.plan import Noun
from fairlead.remote import transaction
from fairlead.remote.results import Holder, HostRun
from fairlead.runner import parallel
from fairlead.runner.context import Context
from fairlead.runner.request import Common


class HostState(Noun):
    """What one host remembers: its runs, and who holds which lease (system -> holder)."""

    host: str
    runs: tuple[HostRun, ...]
    leases: Mapping[str, Holder]


class Gathered(Noun):
    """What the hosts remember, and the errors of those that could not be asked."""

    states: tuple[HostState, ...]
    errors: tuple[FairleadError, ...]


def gather(context: Context, common: Common) -> Gathered:
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
