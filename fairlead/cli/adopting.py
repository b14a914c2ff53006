"""What `inv adopt` does: what runs on hosts becomes sections of a site file, proved by a plan."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from fairlead.cli import trial_site
from fairlead.inventory import merging, proposals
from fairlead.inventory.nodesets import fold
from fairlead.inventory.proposals import Folded
from fairlead.model.adoption import HostReport, Proposal
from fairlead.model.errors import FairleadError, PluginError
from fairlead.model.plan import Fact, Noun
from fairlead.model.results import RunResult
from fairlead.operations.container import running
from fairlead.remote import transaction
from fairlead.runner import driver, parallel
from fairlead.runner.context import Context
from fairlead.runner.request import Common, Request

Probes = Mapping[str, Sequence[Fact]]  # of each system


class Looked(Noun):
    """What was learnt of a host: its proposals by system, what no system knows; or the error."""

    host: str
    proposals: Mapping[str, Proposal] = {}
    unknown: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    error: FairleadError | None = None


class Section(Noun):
    """A section; {} where there are but remarks."""

    system: str
    folded: Folded
    remarks: tuple[str, ...]
    components: tuple[str, ...] = ()


class Plan(Noun):
    """What `up` would do by a proposed section; `error`: why there is no plan.

    `name`: of the system, or of one component of it.
    """

    name: str
    result: RunResult | None = None
    error: FairleadError | None = None

    @property
    def code(self) -> int:
        if self.error:
            return self.error.code
        return self.result.code if self.result else 0

    @property
    def is_empty(self) -> bool:
        return not self.code and self.result is not None and not self.result.changed


def look(
    context: Context, common: Common, hosts: Sequence[str], systems: Sequence[str]
) -> list[Looked]:
    """Ask each host once for all that these systems want to know."""
    adopters = context.plugins.adopters()
    probes = {name: tuple(getattr(adopters[name], "PROBES", ())) for name in systems}
    return parallel.each(
        hosts, lambda host: _look(context, host, probes, common.timeout), common.fanout
    )


def _look(context: Context, host: str, probes: Probes, timeout: float) -> Looked:
    try:
        return _recognised(context, host, probes, timeout)
    except PluginError:
        raise
    except FairleadError as error:
        return Looked(host, error=error)


def _recognised(context: Context, host: str, probes: Probes, timeout: float) -> Looked:
    containers = running.fact()
    own = dict.fromkeys(fact for facts in probes.values() for fact in facts)  # each once
    connection = context.link(host, timeout).connection()
    answers = transaction.ask(connection, (containers, *own), None).answers
    there = answers[containers]
    known: dict[str, Proposal] = {}
    for system, facts in probes.items():
        evidence = {fact.name: answers[fact] for fact in facts}
        report = HostReport(host=host, containers=there.containers, evidence=evidence)
        proposal = context.plugins.recognise(system, report)
        if proposal:
            known[system] = proposal
    named = {name for proposal in known.values() for name in proposal.containers}
    unknown = tuple(c.name for c in there.containers if c.name not in named)
    return Looked(host, known, unknown, there.problems)


def sections(looked: Iterable[Looked], systems: Iterable[str]) -> Iterator[Section]:
    """The proposals of all hosts, a section for each system."""
    by_host = {entry.host: entry.proposals for entry in looked}
    for system in systems:
        own = {host: known[system] for host, known in by_host.items() if system in known}
        if own:
            parts = {host: p.section for host, p in own.items() if p.section}
            whole = proposals.folded(parts, system)
            every = (name for proposal in own.values() for name in proposal.components)
            components = tuple(dict.fromkeys(every))
            yield Section(system, whole, (*whole.remarks, *_remarks(own)), components)


def _remarks(own: Mapping[str, Proposal]) -> Iterator[str]:
    """Those of the hosts; what is so on several, once."""
    hosts: dict[str, list[str]] = {}
    for host, proposal in own.items():
        for remark in proposal.remarks:
            hosts.setdefault(remark, []).append(host)
    yield from (f"{fold(names)}: {remark}" for remark, names in hosts.items())


def text_of(path: Path, new: Iterable[Section]) -> str:
    """The site file with these sections. Raises SiteError."""
    every = {section.system: section.folded.section for section in new}
    return merging.with_sections(trial_site.text_of(path), str(path), every)


def plans(context: Context, common: Common, path: Path, section: Section) -> Iterator[Plan]:
    """What `up` of a section would do: a dry run by the site as it would be."""
    try:
        site = trial_site.read(path, text_of(path, [section]), context.plugins)
    except FairleadError as error:
        yield Plan(section.system, error=error)
        return
    trial = context.for_site(site)
    for component in section.components or ("",):
        there = site.hosts_of(section.system, component) if component else section.folded.hosts
        hosts = tuple(host for host in section.folded.hosts if host in there)
        if hosts:
            request = Request(verb="up", system=section.system, component=component)
            yield _plan(trial, replace(common, hosts=hosts), request)


def _plan(context: Context, common: Common, request: Request) -> Plan:
    name = request.title.removesuffix(f".{request.verb}")
    rehearsal = replace(common, dry_run=True, explain=False, fail_on_changed=False)
    try:
        return Plan(name, driver.perform(request, rehearsal, context))
    except FairleadError as error:
        return Plan(name, error=error)
