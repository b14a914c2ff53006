"""For the tests of a plugin: an ask without a site, the facts of hosts that do not exist, and what is wrong with an answer.

def test_up_starts_the_container(plugins):
    steps = plan_of(plugins, ask_for(plugins, "chrony.server", "up", section={"hosts": "n1"}))
    assert [step.name for step in steps] == ["image", "container"]
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from fairlead.contract.loader import Plugins, load
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
)
OLD_ENGINE = replace(ENGINE, cgroup="1", server="20.10.24")
PODMAN = replace(ENGINE, name="podman", version="4.9.4", server="4.9.4")
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
    """The plugins of one folder, checked as at any other load."""
    return load([folder], entry_points=False)


def ask_for(
    plugins: Plugins,
    component: str,  # system.component
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
    around: Mapping[str, Mapping[str, Any]]
    | None = None,  # the facts of the other peers; those of this host are added
) -> Ask[Any]:
    """The ask that a component would get; `section` and `options` are checked against their types. Raises msgspec.ValidationError."""
    system, _, name = component.partition(".")
    typed = msgspec.convert(section, plugins.systems[system].section)
    kind = (
        plugins.component(system, name).verbs[verb].options
        if verb in plugins.component(system, name).verbs
        else Noun
    )
    target = Target(
        site=site,
        host=host,
        system=system,
        component=name,
        section=typed,
        peers=peers or (host,),
        everywhere=peers or (host,),
    )
    flags = msgspec.convert(options or {}, kind, strict=False)
    return Ask(
        verb=verb,
        target=target,
        facts=facts,
        options=flags,
        argv=argv,
        secrets=secrets or {},
        around={**(around or {}), host: facts},
    )


def plan_of(plugins: Plugins, ask: Ask[Any]) -> tuple[Step, ...]:
    """The steps of a verb on this host, those of all phases in a row."""
    return tuple(steps_of(plugins.ask(ask)))


def steps_of(answer: Any) -> Iterator[Step]:
    """The Steps in what a verb has answered."""
    for part in answer or ():
        if isinstance(part, Phase):
            yield from part.steps
        elif isinstance(part, Step):
            yield part


def faults(answer: Any) -> Iterator[str]:
    """What is wrong with an answer, a sentence for each; nothing: it is well-formed."""
    match answer:
        case None | Status():
            return
        case Session():
            for argv in (answer.argv, answer.tty_argv, answer.fed_argv):
                yield from _words("the session", argv or ())
        case _:
            phases = [part for part in answer if isinstance(part, Phase)] or [
                Phase("", tuple(s for s in answer if isinstance(s, Step)))
            ]
            for phase in phases:
                yield from _of_phase(phase)
            for part in answer:
                if not isinstance(part, Phase | Step | Check | Fact):
                    yield f"{part!r} is no Step, Phase, Check or Fact"
                if isinstance(part, Check):
                    yield from _of_check(part)
                if isinstance(part, Fact):
                    yield from _words(f"the fact {part.name}", part.argv)


def _of_phase(phase: Phase) -> Iterator[str]:
    names = [step.name for step in phase.steps]
    yield from (
        f"two steps are named {name!r}" for name in sorted(set(names)) if names.count(name) > 1
    )
    for step in phase.steps:
        yield from _of_step(step)


def _of_step(step: Step) -> Iterator[str]:
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
    for command in (step.do, step.unless, step.undo, step.until):
        yield from _words(step.name, command)
    for question in (step.unless, step.until):
        yield from _question(step.name, question)


def _words(where: str, command: Command | None) -> Iterator[str]:
    for argv in argvs(command) if command else ():
        if not argv or not all(isinstance(word, str | Registered) for word in argv):
            yield f"{where}: {argv!r} is no command"
        elif argv[:2] in (("sh", "-c"), ("bash", "-c")) and _pasted(argv):
            yield f"{where}: words were pasted into a program: {argv[2]!r}"


def _pasted(argv: Argv) -> bool:
    """A constant program takes its words as positional parameters; one without any parameter, or whose text holds one of them, is suspect."""
    return any(
        isinstance(word, str) and len(word) > 4 and "/" in word and word in str(argv[2])
        for word in argv[4:]
    )


def _question(where: str, command: Command | None) -> Iterator[str]:
    for argv in argvs(command) if command else ():
        if argv[1:2] == ("inspect",) or argv[1:3] in (
            ("container", "inspect"),
            ("image", "inspect"),
        ):
            yield f"{where}: asks `{argv[0]} inspect`, which ends with 1 for absent and for an engine that is down; ask `container ls`"


def _of_check(check: Check) -> Iterator[str]:
    if not check.name or not check.wanted or not check.found:
        yield f"the check {check.name!r} does not say what is wanted and what was found"
    if not check.ok and not check.remedy:
        yield f"the check {check.name!r} names no remedy"
    for step in check.fix:
        yield from _of_step(step)
