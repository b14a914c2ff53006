"""One part of one run: what is known of its hosts, until each of its targets has a row."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from fairlead import __version__
from fairlead.contract.verbs import traits
from fairlead.model import operator
from fairlead.model.errors import FairleadError, Locked, Unreachable
from fairlead.model.plan import Ask, Fact, Secret, Target
from fairlead.model.results import HostResult, Progress
from fairlead.remote import programs
from fairlead.remote.link import Link
from fairlead.remote.origin import Origin
from fairlead.remote.quoting import quote
from fairlead.remote.results import Facts
from fairlead.runner.context import Context
from fairlead.runner.host_answers import Known, readings
from fairlead.runner.needs import HostSecrets
from fairlead.runner.request import Common, Request
from fairlead.runner.revision import commit
from fairlead.runner.targets import Part
from fairlead.runner.windows import closing

if TYPE_CHECKING:
    from fairlead.connections import Connection

T = TypeVar("T")


class PartRun:
    """One part of one run: its state, which the stages read and write.

    `rows` has a row for every target that is done with; `facts` what the first round trip with each
    host brought, `answers` the values of its facts, `facts_around` those by target host; `wanted`
    are the facts of each host. `components` has those of the components of the system that came
    before, `known` what hosts have answered to any component, `later` the parts that come after.
    `takes_leases`: leases are taken before anything is done; `released` are the hosts where a
    transaction has given the lease back already; `has_leases`: they are ours on all hosts.
    """

    def __init__(
        self,
        part: Part,
        request: Request,
        common: Common,
        context: Context,
        *,
        run: str,
        secrets: HostSecrets,
        notes: list[str],
        known: Known,
        components: Mapping[str, Mapping[str, Mapping[str, Any]]],
    ):
        self.common = common
        self.context = context
        self.secrets = secrets
        self.notes = notes
        self._part = part
        self.name, self.title = part.name, part.title
        self.lock = part.lock
        self.verb = part.verb.name
        self.argv = request.argv
        self.component = part.component
        self.targets = part.targets
        self.needs_root = part.system.root
        self.on_this_machine = bool(part.system.runs_on)
        self.runs_on = part.runs_on
        self._targets_on = _by_host(part)
        self.rows: dict[str, HostResult] = {}
        self.facts: dict[str, Facts] = {}
        self.answers: dict[str, Mapping[str, Any]] = {}
        self.facts_around: dict[str, Mapping[str, Any]] = {}
        self.wanted: dict[str, list[Fact]] = {}
        self.components, self.known = components, known
        self.later: Sequence[PartRun] = ()
        mends = traits(self.verb).checks and bool(common.fix)
        self.changes = part.verb.changes or mends
        self.takes_leases = self.changes and not common.only_shows
        self.released: set[str] = set()
        self.has_leases = False
        self._readings: frozenset[str] | None = None
        self._connection_locks: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self.revision = commit(context.site().path) if self.changes else ""
        self.run = programs.RunInfo(
            name=run,
            who=operator.address(),
            what=_command_line(request, common),
            lock=part.lock,
            site=part.targets[0].site if part.targets else "",
            syslog=context.site().syslog,
            subject=_subject(part) if self.changes else "",
            origin=Origin(__version__, self.revision),
        )

    def typed(self, verb: str, host: str) -> str:
        """What a person types to have a verb of this component on one host."""
        return self._part.typed(verb, host)

    # targets and the hosts on which their steps are carried out

    @property
    def open_targets(self) -> list[Target]:
        """The targets that have no row yet."""
        return [target for target in self.targets if target.host not in self.rows]

    def open_hosts(self) -> list[str]:
        """The hosts on which something is still to be done, in order."""
        hosts = map(self.runs_on, self.open_targets)
        return list(dict.fromkeys(hosts))

    def targets_on(self, host: str) -> list[Target]:
        """The open targets whose steps are carried out on this host."""
        targets = self._targets_on.get(host, ())
        return [target for target in targets if target.host not in self.rows]

    # rows

    @property
    def has_failed(self) -> bool:
        """Has any target failed so far?"""
        return any(row.code for row in self.rows.values())

    def write_row(
        self,
        target: Target,
        state: str,
        **fields: Any,
    ) -> None:
        """End a target: `fields` are those of HostResult."""
        self.rows[target.host] = host_result(
            self._part,
            target.host,
            state,
            **fields,
        )

    def refuse(self, target: Target, error: FairleadError) -> None:
        self.write_row(
            target,
            failure_state(error),
            code=error.code,
            error=str(error),
        )

    def skip_open(self, why: str) -> None:
        for target in self.open_targets:
            self.write_row(target, "skipped", error=f"{target.host}: {why}")

    def outside_windows(self) -> str:
        """Why nothing more may be begun now; "": it may."""
        error = closing(self._part, self.common, self.context.site(), time.time())
        return error.what if error else ""

    # what the component is asked

    @property
    def asks_preflight(self) -> bool:
        """Does the verb ask preflight first, and does the component have one?"""
        return traits(self.verb).asks_preflight and "preflight" in self.component.verbs

    @property
    def asked_verbs(self) -> tuple[str, ...]:
        """The verb, and preflight where that is asked first."""
        return (self.verb, "preflight") if self.asks_preflight else (self.verb,)

    def readings(self) -> frozenset[str]:
        """The names of those facts of `operations.facts` that are wanted of every host: what the
        component reads, and we to know who logs in.
        """
        if self._readings is None:
            target = self.targets[0]
            asks = (self._with_secrets(self.bare_ask(target, verb)) for verb in self.asked_verbs)
            names = chain.from_iterable(readings(ask, self._steps) for ask in asks)
            ours = {"host"} if self.needs_root and "preflight" in self.asked_verbs else set()
            self._readings = frozenset(names) | ours
        return self._readings

    def _steps(self, ask: Ask[Any]) -> None:
        """All that a component answers, and what ends a use that is asked before it."""
        self.answer(ask)
        if hasattr(self.component.module, "in_use"):
            self.answer(ask, "in_use")

    def bare_ask(self, target: Target, verb: str = "") -> Ask:
        """An ask of which no facts are known yet."""
        return Ask(
            verb or self.verb,
            target,
            {},
            self._part.options,
            self.argv,
        )

    def ask(self, target: Target, verb: str = "") -> Ask:
        """An ask with all that is known: of this host, and of the others of the part."""
        return msgspec.structs.replace(
            self._with_secrets(self.bare_ask(target, verb)),
            facts=self.answers[self.runs_on(target)],
            around=self.facts_around,
            components=self.components,
            who=self.run.who,
            revision=self.revision,
            run=self.run.name,
            reason=self.common.reason,
            sections=self._sections(target),
        )

    def _sections(self, target: Target) -> dict[str, Any]:
        """The sections of the systems that wrap verbs and have the host of a target."""
        if self.runs_on(target) != target.host:
            return {}
        sections = self.context.site().sections
        names = (name for name, hosts in self._wrapped.items() if target.host in hosts)
        return {name: sections[name] for name in names}

    @cached_property
    def _wrapped(self) -> dict[str, frozenset[str]]:
        """The hosts of each system of the site that wraps verbs."""
        site = self.context.site()
        names = [name for name in site.sections if name in self.context.plugins.wrapping]
        return {name: frozenset(site.hosts_of(name)) for name in names}

    def _with_secrets(self, ask: Ask[Any]) -> Ask[Any]:
        known = self.secrets.get(ask.target.host, {}).items()
        secrets = {name: value for name, value in known if isinstance(value, Secret)}
        return msgspec.structs.replace(ask, secrets=secrets)

    def answer(self, ask: Ask, hook: str = "") -> Any:
        """What the component answers to a verb, or to the question `hook`."""
        return self.context.plugins.ask(ask, hook)

    def ask_each(self, question: Callable[[Target], T]) -> dict[str, T]:
        """What a question of each open target answers, by its host; an error ends that target."""
        answers: dict[str, T] = {}
        for target in self.open_targets:
            try:
                answers[target.host] = question(target)
            except FairleadError as error:
                self.refuse(target, error)
        return answers

    # what the observers see

    def report(
        self,
        host: str,
        kind: str,
        **fields: Any,
    ) -> None:
        """Tell the observers what just happened on a host: `fields` are those of Progress."""
        progress = Progress(
            host=host,
            component=self.name,
            kind=kind,
            **fields,
        )
        self.context.notify("progress", progress)

    def connection_lock(self, host: str) -> threading.Lock:
        """The lock of a host's connection, which is used by one thread at a time."""
        return self._connection_locks[host]

    def link(
        self,
        host: str,
        timeout: float = 0,
    ) -> "Link[Connection]":
        return self.context.link(host, timeout)


def _subject(part: Part) -> str:
    """Whose last change a host remembers; not where hosts are made here to try things."""
    return "" if part.system.runs_on else f"{part.lock}.{part.component.name}"


def _command_line(request: Request, common: Common) -> str:
    """What was asked for, as leases and journals tell it."""
    hosts = [f"--host={host}" for host in common.hosts]
    reason = [f"--reason={quote(common.reason)}"] if common.reason else []
    return " ".join(("inv", request.title, *hosts, *request.switches, *common.waived, *reason))


def _by_host(part: Part) -> dict[str, list[Target]]:
    """The targets by the host on which their steps are carried out."""
    targets: dict[str, list[Target]] = defaultdict(list)
    for target in part.targets:
        targets[part.runs_on(target)].append(target)
    return targets


def host_result(
    part: Part,
    host: str,
    state: str,
    **fields: Any,
) -> HostResult:
    """The row of one host: `fields` are the others of HostResult."""
    return HostResult(
        host=host,
        system=part.system.name,
        component=part.component.name,
        called=part.title,
        state=state,
        **fields,
    )


def failure_state(error: FairleadError) -> str:
    """The state of a host (HostResult) that this error ends."""
    if isinstance(error, Unreachable):
        return "unreachable"
    return "locked" if isinstance(error, Locked) else "failed"
