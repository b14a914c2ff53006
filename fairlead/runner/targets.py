"""What a request is about: which verb, of which components, on which hosts.

What can be refused before a connection opens is refused here.
"""

import re
from collections.abc import Iterable
from itertools import chain
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from fairlead.contract.component import Component, ComponentVerb
from fairlead.contract.loader import Plugins
from fairlead.contract.verbs import traits
from fairlead.inventory import nodesets
from fairlead.model.errors import CommandLineError, SiteError
from fairlead.model.plan import Noun, Sequence, System, Target
from fairlead.model.section import distinction, has_build_host
from fairlead.runner.request import Request

if TYPE_CHECKING:
    from fairlead.inventory.site import Site

RETURNING = frozenset({"up", "upgrade"})


class Part(Noun):
    """One component's share of a request.

    It is a barrier: all its hosts end it before the next part begins.
    """

    system: System
    component: Component
    verb: ComponentVerb
    options: Struct
    targets: tuple[Target, ...]
    offline_targets: tuple[Target, ...] = ()  # those whose host is marked offline
    sequence: str = ""  # the verb of the command line, where this is a part of a sequence
    back: tuple["Part", ...] = ()  # what is done in place of all that follows, where this fails
    is_gate: bool = False  # where it fails, what became new before it returns too

    @property
    def title(self) -> str:
        """How its rows are called.

        In a sequence with the verb, for a component may have several parts there.
        """
        return f"{self.name} {self.verb.name}" if self.sequence else self.name

    @property
    def name(self) -> str:
        """`perfsonar`, or `daos.server` where the system has several components."""
        is_whole_system = (self.component.name,) == self.system.components
        return self.system.name if is_whole_system else repr(self.component)

    def typed(self, verb: str, host: str) -> str:
        """What a person types to have a verb of this component on one host."""
        return f"inv {self.name}.{verb} --host={host}"

    @property
    def lock(self) -> str:
        """The name of its lease and its lock on a host.

        `perfsonar`, or `lab.var-lib-fairlead-lab` where several stand side by side on one host.
        """
        own = distinction(self.targets[0].section, self.system.apart) if self.targets else ""
        if not own:
            return self.system.name
        return f"{self.system.name}.{re.sub('[^A-Za-z0-9._]+', '-', own).strip('-')}"

    @property
    def offline_hosts(self) -> tuple[str, ...]:
        return tuple(target.host for target in self.offline_targets)

    @property
    def has_hosts(self) -> bool:
        """Is it about any host at all, be it one that is offline?"""
        return bool(self.targets or self.offline_targets)

    def runs_on(self, target: Target) -> str:
        """The host on which the steps for this target are carried out."""
        return self.system.runs_on or target.host


def parts(
    request: Request,
    hosts: tuple[str, ...],
    plugins: Plugins,
    site: "Site",
    order: tuple[str, ...] = (),
) -> tuple[Part, ...]:
    """The parts of a request, in the order in which they are done.

    `hosts` are the texts of --host, `order` those of --order. Raises CommandLineError, SiteError.
    """
    first = tuple(chain.from_iterable(map(site.resolve, order)))
    selection = _Selection(request, hosts, plugins, site, first)
    names = [request.system] if request.system else list(site.sections)
    if traits(request.verb).reverse_order:
        names.reverse()
    candidates = list(chain.from_iterable(map(selection.parts_of_system, names)))
    if not candidates:
        raise _no_verb(request.verb, site)
    chosen = tuple(part for part in candidates if part.has_hosts)
    if not chosen:
        raise _no_hosts(hosts, candidates[0], site)
    return chosen


def rollback_part(part: Part, hosts: Iterable[str]) -> Part | None:
    """`rollback` of a part for these hosts; None where nothing can return.

    Only what brings another version into service has one to return to: `stop` has not.
    """
    if part.verb.name not in RETURNING:
        return None
    return _other_part(part, "rollback", hosts)


def status_part(part: Part, hosts: Iterable[str]) -> Part | None:
    """`status` of a part for these hosts; None where it has none."""
    return _other_part(part, "status", hosts)


def _other_part(part: Part, verb_name: str, hosts: Iterable[str]) -> Part | None:
    """Another verb of its component, as if it were asked for with --host= of these."""
    verb = part.component.verbs.get(verb_name)
    chosen = frozenset(hosts)
    targets = tuple(target for target in part.targets if target.host in chosen)
    if not (verb and targets):
        return None
    peers = tuple(target.host for target in targets)
    return replace(
        part,
        verb=verb,
        options=verb.defaults(),
        targets=tuple(replace(target, peers=peers) for target in targets),
        offline_targets=(),
        back=(),
    )


class _Selection(Noun):
    """A request, and where its parts are looked for. `hosts` are the texts of --host, `first` the
    hosts that go before all others.
    """

    request: Request
    hosts: tuple[str, ...]
    plugins: Plugins
    site: "Site"
    first: tuple[str, ...]

    def parts_of_system(self, name: str) -> list[Part]:
        request, system = self.request, self.plugins.systems[name]
        if request.component:
            return self._parts_of_components(system, (request.component,))
        sequence = system.sequences.get(request.verb)
        if sequence and (sequence.whole or not self.hosts):
            return self._parts_of_sequence(system, sequence)
        parts = self._parts_of_components(system, system.components)
        return parts[::-1] if traits(request.verb).reverse_order else parts

    def _parts_of_components(
        self,
        system: System,
        names: Iterable[str],
    ) -> list[Part]:
        components = [self.plugins.component(system.name, name) for name in names]
        able = [component for component in components if self.request.verb in component.verbs]
        return [self._part(system, component) for component in able]

    def _parts_of_sequence(
        self,
        system: System,
        sequence: Sequence,
    ) -> list[Part]:
        """The parts of a sequence, without those that have no hosts here.

        Raises CommandLineError where --host was given: it is about all hosts or none.
        """
        if self.hosts:
            verb = self.request.verb
            raise CommandLineError(
                "--host",
                f"all hosts of {system.name} go through {verb} together",
                f"leave it away, or name a component: inv {system.name}.COMPONENT.{verb}",
            )
        before = self._sequence_parts(system, sequence.before)
        back = tuple(self._sequence_parts(system, sequence.back))
        then = self._sequence_parts(system, sequence.then, back)
        gate = sequence.gate
        return before + [_with_gate(part, gate) for part in then]

    def _sequence_parts(
        self, system: System, steps: Iterable[tuple[str, str]], back: tuple[Part, ...] = ()
    ) -> list[Part]:
        """The parts for (component, verb) in their order."""
        made = [self._sequence_part(system, *step, back) for step in steps]
        return [part for part in made if part.has_hosts]

    def _sequence_part(
        self, system: System, component: str, verb: str, back: tuple[Part, ...]
    ) -> Part:
        selection = replace(self, request=replace(self.request, verb=verb))
        part = selection._part(system, self.plugins.component(system.name, component))
        return replace(part, sequence=self.request.verb, back=back)

    def _part(self, system: System, component: Component) -> Part:
        """The part of one component. Raises SiteError, CommandLineError."""
        site, name = self.site, system.name
        if name not in site.sections:
            raise _no_section(name, site)
        section, verb = site.sections[name], component.verbs[self.request.verb]
        members = site.hosts_of(name, component.name)
        everywhere = self._online(members)
        peers, offline = self._peers(members, section)

        def target(host: str) -> Target:
            return Target(
                site.name,
                host,
                name,
                component.name,
                section,
                peers,
                everywhere,
            )

        options = _options(verb, self.request)
        targets, offline_targets = tuple(map(target, peers)), tuple(map(target, offline))
        return Part(system, component, verb, options, targets, offline_targets)

    def _peers(
        self, members: tuple[str, ...], section: object
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The hosts of `members` that the request is about: (those to work on, those offline)."""
        on_build_host = traits(self.request.verb).on_build_host
        if on_build_host and has_build_host(section) and section.build_host:
            return (section.build_host,), ()
        chosen = self._chosen(members)
        offline = tuple(host for host in chosen if self.site.hosts[host].offline)
        return self._online(chosen), offline

    def _chosen(self, members: tuple[str, ...]) -> tuple[str, ...]:
        if members and self.hosts:
            named = frozenset(self.site.resolve(*self.hosts))
            members = tuple(host for host in members if host in named)
        leading = [host for host in dict.fromkeys(self.first) if host in members]
        return tuple(dict.fromkeys((*leading, *members)))

    def _online(self, hosts: Iterable[str]) -> tuple[str, ...]:
        return tuple(host for host in hosts if not self.site.hosts[host].offline)


def _with_gate(
    part: Part,
    gate: tuple[str, str],
) -> Part:
    name = part.component.name, part.verb.name
    return replace(part, is_gate=name == gate)


def _no_verb(
    verb: str,
    site: "Site",
) -> CommandLineError:
    where = f"inv {verb}"
    if site.sections:
        return CommandLineError(where, "no system of this site has this verb", "see inv --list")
    return CommandLineError(
        where,
        f"{site.path} has no section of a system yet",
        "inv adopt proposes one of what runs on its hosts, inv site.draft --system=NAME prints one",
    )


def _no_section(
    system: str,
    site: "Site",
) -> SiteError:
    known = ", ".join(site.sections) or "none yet"
    return SiteError(
        str(site.path),
        f"has no section {system!r}",
        f"add it (inv site.draft --system={system} prints it), or name another site; "
        f"it has: {known}",
    )


def _no_hosts(
    hosts: tuple[str, ...],
    part: Part,
    site: "Site",
) -> CommandLineError | SiteError:
    """Why no host is left: the section has none for this component, or --host names others."""
    members = nodesets.fold(site.hosts_of(part.system.name, part.component.name))
    if not members:
        return SiteError(
            f"{site.path}: {part.system.name}",
            f"has no key {part.component.name!r}",
            f"add it; inv site.draft --system={part.system.name} shows how",
        )
    named = nodesets.fold(site.resolve(*hosts))
    return CommandLineError(
        "--host",
        f"{named} is not in {part.name}'s hosts in {site.path}",
        f"they are {members}; add it there, or name one of these",
    )


def _options(verb: ComponentVerb, request: Request) -> Struct:
    from fairlead.inventory.validation import flags

    return flags(request.options, verb.options)
