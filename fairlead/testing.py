"""For the tests of a plugin: asks without a site, hosts that do not exist, faults of an answer.

def test_up_starts_the_container(plugins):
    steps = plan_of(plugins, ask_for(plugins, "chrony.server", "up", section={"hosts": "n1"}))
    assert [step.name for step in steps] == ["image", "container"]
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from fairlead.contract.component import Component
from fairlead.contract.loader import Plugins, load
from fairlead.inventory import site as site_files
from fairlead.model.errors import FairleadError
from fairlead.model.plan import (
    Argv,
    Ask,
    Check,
    Command,
    EngineFacts,
    Fact,
    HostFacts,
    Noun,
    Phase,
    Registered,
    Secret,
    Session,
    Status,
    Step,
    Target,
    argvs,
)

ENGINE = EngineFacts(
    name="docker",
    version="28.2.2",
    server="28.2.2",
    storage="overlay2",
    cgroup="2",
    root="/var/lib/docker",
    controllers=("memory", "cpu", "pids"),
)
OLD_ENGINE = replace(ENGINE, cgroup="1", server="20.10.24")
PODMAN = replace(ENGINE, name="podman", version="5.4.2", server="5.4.2", network="netavark 1.14.0")
DOWN = replace(ENGINE, server="", cgroup="", error="Cannot connect to the Docker daemon")
HOST = HostFacts(
    hostname="n1",
    user="root",
    arch="x86_64",
    kernel="6.1.0",
    os="Debian GNU/Linux 12 (bookworm)",
    time=1767225600,
)
BASE: dict[str, Any] = {
    "host": HOST,
    "engine": ENGINE,
    "compose": "2.26.1",
    "selinux": "Disabled",
    "tools": (),
}

INSPECTIONS = (("container", "inspect"), ("image", "inspect"))

# What a verb may answer, and what its answer consists of.
Element = Step | Phase | Check | Fact
Answer = Status | Session | Iterable[Element] | None

HOSTS: Mapping[str, Mapping[str, Any]] = {
    "a host with Docker": BASE,
    "a host with cgroup v1": BASE | {"engine": OLD_ENGINE, "compose": "1.29.2"},
    "a host with SELinux": BASE | {"selinux": "Enforcing"},
    "a host with Podman": BASE | {"engine": PODMAN, "compose": ""},
    "a host without an engine": BASE | {"engine": None, "compose": ""},
    "a host whose engine is down": BASE | {"engine": DOWN},
    "an ARM host": BASE | {"host": replace(HOST, arch="aarch64")},
    "a host of which nothing is known": {},
}


def plugins_in(folder: Path) -> Plugins:
    """The plugins of one folder, all components checked. Raises PluginError."""
    plugins = load([folder], entry_points=False)
    plugins.check()
    return plugins


def ask_for(
    plugins: Plugins,
    component: str,
    verb: str,
    *,
    section: Mapping[str, Any],
    facts: Mapping[str, Any] = BASE,
    options: Mapping[str, Any] | None = None,
    argv: tuple[str, ...] = (),
    host: str = "n1",
    peers: tuple[str, ...] = (),
    site: str = "test",
    secrets: Mapping[str, Secret] | None = None,
    around: Mapping[str, Mapping[str, Any]] | None = None,
) -> Ask[Any]:
    """The ask that a component (`system.component`) would get.

    `section` and `options` are checked against their types. `around` has the facts of the other
    peers; those of this host are added. Raises msgspec.ValidationError.
    """
    system, _, name = component.partition(".")
    verbs = plugins.component(system, name).verbs
    kind = verbs[verb].options if verb in verbs else Noun
    hosts = peers or (host,)
    target = Target(
        site=site,
        host=host,
        system=system,
        component=name,
        section=msgspec.convert(section, plugins.systems[system].section_type),
        peers=hosts,
        everywhere=hosts,
    )
    return Ask(
        verb=verb,
        target=target,
        facts=facts,
        options=msgspec.convert(options or {}, kind, strict=False),
        argv=argv,
        secrets=secrets or {},
        around={**(around or {}), host: facts},
    )


def plan_of(plugins: Plugins, ask: Ask[Any]) -> tuple[Step, ...]:
    """The steps of a verb on this host, those of all phases in a row."""
    return tuple(steps_of(plugins.ask(ask)))


def steps_of(answer: Iterable[Element] | None) -> Iterator[Step]:
    """The Steps in what a verb has answered."""
    for element in answer or ():
        if isinstance(element, Phase):
            yield from element.steps
        elif isinstance(element, Step):
            yield element


class Rehearsal(Noun):
    """One verb of one component on one host of a site, planned on a host that does not exist.

    `unknown`: why it could not be planned there; a real host or an open secret may say otherwise.
    """

    site: str
    component: str
    verb: str
    host: str
    faults: tuple[str, ...] = ()
    unknown: str = ""

    def __str__(self) -> str:
        return f"{self.site}: {self.component}.{self.verb} on {self.host}"


REHEARSED = ("preflight", "up", "status", "down")


class _StandIns(dict[str, Secret]):
    """Every secret there could be; each is a stand-in, and no key or certificate."""

    def __missing__(self, name: str) -> Secret:
        return Secret(f"stand-in for {name}")

    def get(self, name: str, default: object = None) -> Secret:
        return self[name]


def sites_in(folder: Path) -> list[Path]:
    """The site files of an ops repository: not the example, and not what another one extends."""
    return site_files.files_in(folder)


def rehearsals(plugins: Plugins, path: Path) -> Iterator[Rehearsal]:
    """All that a site names, on hosts like BASE: a dry run that reaches none.

    Raises SiteError for a site that is not valid.
    """
    site = site_files.load(path, plugins.systems, plugins.settings())
    for system in site.sections:
        for name in plugins.systems[system].components:
            component = plugins.component(system, name)
            for host in site.hosts_of(system, name):
                for verb in filter(component.verbs.__contains__, REHEARSED):
                    yield _rehearsal(plugins, site, component, verb, host)


def _rehearsal(
    plugins: Plugins, site: site_files.Site, component: Component, verb: str, host: str
) -> Rehearsal:
    peers = site.hosts_of(component.system, component.name)
    target = Target(
        site=site.name,
        host=host,
        system=component.system,
        component=component.name,
        section=site.sections[component.system],
        peers=peers,
        everywhere=peers,
    )
    ask = Ask(
        verb=verb,
        target=target,
        facts=BASE,
        options=component.verbs[verb].defaults(),
        secrets=_StandIns(),
        around=dict.fromkeys(peers, BASE),
    )
    rehearsal = Rehearsal(site.name, str(component), verb, host)
    try:
        return replace(rehearsal, faults=tuple(faults(plugins.ask(ask))))
    except FairleadError as error:
        return replace(rehearsal, unknown=str(error))


def faults(answer: Answer) -> Iterator[str]:
    """What is wrong with an answer, a sentence for each; nothing: it is well-formed."""
    match answer:
        case None | Status():
            return
        case Session():
            for argv in (answer.argv, answer.tty_argv, answer.fed_argv):
                yield from _faults_of_command("the session", argv or ())
        case _:
            elements = tuple(answer)
            yield from chain.from_iterable(map(_faults_of_phase, _phases(elements)))
            yield from chain.from_iterable(map(_faults_of_element, elements))


def _phases(elements: Iterable[Element]) -> list[Phase]:
    """The phases of an answer; plain steps are one phase."""
    phases = [element for element in elements if isinstance(element, Phase)]
    steps = tuple(element for element in elements if isinstance(element, Step))
    return phases or [Phase("", steps)]


def _faults_of_element(element: Element) -> Iterator[str]:
    match element:
        case Phase() | Step():
            return
        case Check():
            yield from _faults_of_check(element)
        case Fact():
            yield from _faults_of_command(f"the fact {element.name}", element.argv)
        case _:
            yield f"{element!r} is no Step, Phase, Check or Fact"


def _faults_of_phase(phase: Phase) -> Iterator[str]:
    names = [step.name for step in phase.steps]
    for name in sorted(set(names)):
        if names.count(name) > 1:
            yield f"two steps are named {name!r}"
    yield from chain.from_iterable(map(_faults_of_step, phase.steps))


def _faults_of_step(step: Step) -> Iterator[str]:
    if not step.name:
        yield "a step has no name"
    if not step.do and step.until is None:
        yield f"{step.name}: neither does anything nor waits for anything"
    if not 0 < step.timeout <= 7200:
        yield f"{step.name}: a time-out of {step.timeout} s"
    if not 0 < step.every <= step.timeout:
        yield f"{step.name}: asks every {step.every} s within {step.timeout} s"
    if step.compares and (step.unless is None or step.stdin is None):
        yield f"{step.name}: compares without a question, or with nothing"
    if isinstance(step.stdin, Secret) and not step.sensitive:
        yield f"{step.name}: reads a secret and is not sensitive: what it prints would be shown"
    if step.register and not step.do:
        yield f"{step.name}: keeps what it does not print"
    for command in (step.do, step.unless, step.undo, step.until, step.proof):
        yield from _faults_of_command(step.name, command)
    for question in (step.unless, step.until):
        yield from _faults_of_question(step.name, question)


def _faults_of_command(where: str, command: Command | None) -> Iterator[str]:
    for argv in argvs(command) if command else ():
        if not argv or not all(isinstance(word, str | Registered) for word in argv):
            yield f"{where}: {argv!r} is no command"
        elif argv[:2] in (("sh", "-c"), ("bash", "-c")) and _has_pasted_words(argv):
            yield f"{where}: words were pasted into a program: {argv[2]!r}"


def _has_pasted_words(argv: Argv) -> bool:
    """A constant program takes its words as positional parameters.

    One whose text holds one of them (a path) is suspect.
    """
    program, words = str(argv[2]), [word for word in argv[4:] if isinstance(word, str)]
    return any(word in program for word in words if len(word) > 4 and "/" in word)


def _faults_of_question(where: str, command: Command | None) -> Iterator[str]:
    for argv in argvs(command) if command else ():
        if argv[1:2] == ("inspect",) or argv[1:3] in INSPECTIONS:
            yield (
                f"{where}: asks `{argv[0]} inspect`, which ends with 1 for absent and for an engine"
                " that is down; ask `container ls`"
            )


def _faults_of_check(check: Check) -> Iterator[str]:
    if not check.name or not check.wanted or not check.found:
        yield f"the check {check.name!r} does not say what is wanted and what was found"
    if not check.ok and not check.remedy:
        yield f"the check {check.name!r} names no remedy"
    yield from chain.from_iterable(map(_faults_of_step, check.fix))
