"""What a request is about: which verb, of which components, on which hosts. What can be refused before a connection opens is refused here."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from fairlead.contract.component import Component, ComponentVerb
from fairlead.contract.loader import Plugins
from fairlead.contract.verbs import traits
from fairlead.inventory import nodesets
from fairlead.model.errors import CommandLineError, SecretError, SiteError
from fairlead.model.plan import Ask, Noun, Secret, SecretSpec, Sequence, System, Target
from fairlead.model.section import HasBuildHost, distinction

Read = Callable[[str, str], Secret]  # the name of a secret, and the remedy where it is nowhere


class Request(Noun, kw_only=True):
    """One verb of a command line. `system` "": every system of the site; `component` "": every component that has the verb, in order."""

    verb: str
    system: str = ""
    component: str = ""
    options: Mapping[str, Any] = {}  # the verb's own flags, as they were given
    argv: tuple[str, ...] = ()


class Part(Noun):
    """One component's share of a request: a barrier, ended by all its hosts before the next part begins."""

    system: System
    component: Component
    verb: ComponentVerb
    options: Struct
    targets: tuple[Target, ...]
    away: tuple[Target, ...] = ()  # those whose host is marked offline
    sequence: str = ""  # the verb of the command line, where this is a part of a sequence
    back: tuple["Part", ...] = ()  # what is done in place of all that follows, where this fails

    @property
    def title(self) -> str:
        """How its rows are called: in a sequence with the verb, for a component may have several parts."""
        return f"{self.name} {self.verb.name}" if self.sequence else self.name

    @property
    def name(self) -> str:
        """How it is called in words: `perfsonar`, or `daos.server` where the system has several."""
        return (
            self.system.name
            if (self.component.name,) == self.system.components
            else repr(self.component)
        )

    @property
    def lock(self) -> str:
        """Under which name it is leased and locked on a host: `perfsonar`, or `lab.var-lib-fairlead-lab` where several stand side by side."""
        own = distinction(self.targets[0].section, self.system.apart) if self.targets else ""
        return (
            f"{self.system.name}.{re.sub('[^A-Za-z0-9._]+', '-', own).strip('-')}"
            if own
            else self.system.name
        )

    @property
    def offline(self) -> tuple[str, ...]:
        return tuple(target.host for target in self.away)

    def runs_on(self, target: Target) -> str:
        """The host on which the steps for this target are carried out."""
        return self.system.runs_on or target.host


def parts(
    request: Request, hosts: tuple[str, ...], plugins: Plugins, site: Any
) -> tuple[Part, ...]:
    """The parts of a request, in the order in which they are done. Raises CommandLineError, SiteError."""
    systems = [request.system] if request.system else list(site.sections)
    made = [part for name in systems for part in _of_system(request, hosts, plugins, name, site)]
    if not made:
        raise CommandLineError(
            f"inv {request.verb}", "no system of this site has this verb", "see inv --list"
        )
    some = tuple(part for part in made if part.targets or part.offline)
    if not some:
        raise _elsewhere(hosts, made, site)
    return (
        some[::-1]
        if traits(request.verb).reverse_order and not any(part.sequence for part in some)
        else some
    )


def _of_system(
    request: Request, hosts: tuple[str, ...], plugins: Plugins, name: str, site: Any
) -> list[Part]:
    system = plugins.systems[name]
    if not request.component and request.verb in system.sequences:
        return _in_sequence(system.sequences[request.verb], request, hosts, plugins, system, site)
    found = [plugins.component(name, component) for component in _components(request, system)]
    return [
        _part(request, hosts, system, component, site)
        for component in found
        if request.verb in component.verbs
    ]


def _in_sequence(
    sequence: Sequence,
    request: Request,
    hosts: tuple[str, ...],
    plugins: Plugins,
    system: System,
    site: Any,
) -> list[Part]:
    """The parts of a sequence, without those that have no hosts here. Raises CommandLineError: it is about all hosts or none."""
    if hosts:
        what = f"all hosts of {system.name} go through {request.verb} together"
        raise CommandLineError(
            "--host",
            what,
            f"leave it away, or name a component: inv {system.name}.COMPONENT.{request.verb}",
        )

    def made(steps: tuple[tuple[str, str], ...], back: tuple[Part, ...] = ()) -> list[Part]:
        found = [
            _part(
                replace(request, verb=verb),
                (),
                system,
                plugins.component(system.name, component),
                site,
                sequence=request.verb,
                back=back,
            )
            for component, verb in steps
        ]
        return [part for part in found if part.targets or part.offline]

    return made(sequence.before) + made(sequence.then, tuple(made(sequence.back)))


def returning(part: Part, changed: Iterable[str]) -> Part | None:
    """`rollback` of a part, for the hosts that it has changed; None where there is nothing to return."""
    targets, verb = (
        tuple(target for target in part.targets if target.host in set(changed)),
        part.component.verbs.get("rollback"),
    )
    return (
        replace(part, verb=verb, options=verb.defaults(), targets=targets, away=(), back=())
        if verb and targets
        else None
    )


def lacking(
    part: Part, request: Request, plugins: Plugins, read: Read
) -> Mapping[str, Mapping[str, Secret | SecretError]]:
    """Host -> the secrets that `up` needs, for preflight: each, or why it is not to be had."""

    def tried(spec: SecretSpec) -> Secret | SecretError:
        try:
            return read(spec.name, _making(part, spec))
        except SecretError as error:
            return error

    asks = [
        Ask("up", target, {}, part.component.defaults("up"))
        for target in part.targets
        if traits(part.verb.name).checks
    ]
    return {
        ask.target.host: {spec.name: tried(spec) for spec in plugins.ask(ask, "needs") or ()}
        for ask in asks
    }


def needed(
    part: Part, request: Request, plugins: Plugins, read: Read
) -> Mapping[str, Mapping[str, Secret]]:
    """Host -> the secrets that the component names for a verb that changes; for `secrets` those that are delivered. Raises SecretError, as `read`."""
    if not part.verb.changes:
        return {}
    asks = [Ask(part.verb.name, target, {}, part.options, request.argv) for target in part.targets]
    named = {
        ask.target.host: [
            spec
            for spec in plugins.ask(ask, "needs") or ()
            if spec.path or not traits(part.verb.name).delivers_secrets
        ]
        for ask in asks
    }
    return {
        host: {spec.name: read(spec.name, _making(part, spec)) for spec in specs}
        for host, specs in named.items()
    }


def _making(part: Part, spec: SecretSpec) -> str:
    """What to type where it is missing; "" where fairlead cannot make it."""
    return f"inv {part.system.name}.secrets --generate" if spec.make else ""


def belonging(part: Part, plugins: Plugins) -> Iterator[tuple[str, SecretSpec]]:
    """(host, specification) of all secrets that belong to a part, whatever is to be done, and whichever host is offline today."""
    options = part.component.defaults("secrets")
    for target in (*part.targets, *part.away):
        ask = Ask("secrets", target, {}, options)
        yield from ((target.host, spec) for spec in plugins.ask(ask, "needs") or ())


def _components(request: Request, system: System) -> tuple[str, ...]:
    return (request.component,) if request.component else system.components


def _part(
    request: Request,
    hosts: tuple[str, ...],
    system: System,
    component: Component,
    site: Any,
    **more: Any,
) -> Part:
    if system.name not in site.sections:
        raise SiteError(
            str(site.path),
            f"has no section {system.name!r}",
            f"add it (sites/example.yml shows how), or name another site; it has: {', '.join(site.sections)}",
        )
    here = site.hosts_of(system.name, component.name)
    wanted = [name for name in here if not hosts or name in _asked(hosts, site)]
    offline = tuple(name for name in wanted if site.hosts[name].offline)
    peers = tuple(name for name in wanted if not site.hosts[name].offline)
    section = site.sections[system.name]
    builder = section.build_host if isinstance(section, HasBuildHost) else ""
    if traits(request.verb).on_build_host and builder:
        peers, offline = (builder,), ()
    verb = component.verbs[request.verb]
    everywhere = tuple(name for name in here if not site.hosts[name].offline)
    common = (system.name, component.name, site.sections[system.name], peers, everywhere)
    targets, away = (
        tuple(Target(site.name, host, *common) for host in names) for names in (peers, offline)
    )
    return Part(system, component, verb, _options(verb, request), targets, away, **more)


def _asked(hosts: tuple[str, ...], site: Any) -> tuple[str, ...]:
    return site.resolve(*hosts)


def _elsewhere(
    hosts: tuple[str, ...], made: Iterable[Part], site: Any
) -> CommandLineError | SiteError:
    part = next(iter(made))
    here = nodesets.fold(site.hosts_of(part.system.name, part.component.name))
    if not here:
        return SiteError(
            f"{site.path}: {part.system.name}",
            f"has no key {part.component.name!r}",
            "add it; sites/example.yml shows how",
        )
    return CommandLineError(
        "--host",
        f"{nodesets.fold(_asked(hosts, site))} is not in {part.name}'s hosts in {site.path}",
        f"they are {here}; add it there, or name one of these",
    )


def _options(verb: ComponentVerb, request: Request) -> Struct:
    from fairlead.inventory.validation import flags

    return flags(request.options, verb.options)
