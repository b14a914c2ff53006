"""The registry as a container, where its distribution has no package of it: EL 8 and later.

It has the files of the package, at their own places: whoever goes from one to the other keeps
images, certificate and users. The images of Docker Distribution read another configuration by
themselves (2: /etc/docker/registry/config.yml, 3: /etc/distribution/config.yml); `serve FILE` is
the same for both. Source: distribution-library-image, Dockerfile and entrypoint.sh.
"""

from collections.abc import Iterator
from typing import Any

from fairlead.api import (
    Argv,
    Ask,
    Check,
    Container,
    ContainerState,
    Step,
    docker,
    script,
    state,
)

from ..sections.registry import Registry
from . import distribution
from .distribution import Layout

sh = script.beside(__file__)

PROGRAM = "registry"  # in the image's PATH
PATIENCE = 30  # seconds
ACCOUNT = "account"  # the fact: UID:GID of the package's own user, "" where there is none
OPEN = "label=disable"  # a certificate of the host's is nobody's to relabel
# Of one that somebody started by hand: its configuration, which ours says whole, and its places
NOT_KEPT = ("--env=REGISTRY_", "--volume=")
QUIET = "OTEL_TRACES_EXPORTER=none"  # or 3 looks for somebody who takes its traces


def is_meant(ask: Ask[Any]) -> bool:
    """Is it a container, by the site or because the host has no package of it?"""
    registry: Registry = ask.section.registry
    if registry.launch != "auto":
        return registry.launch == "container"
    is_packaged = registry.package or registry.enablerepo or ask.facts.get("unit")
    return ask.facts.get("packages") == "dnf" and not is_packaged


def is_there(ask: Ask[Any]) -> bool:
    return standing(ask) is not None


def standing(ask: Ask[Any]) -> ContainerState | None:
    """What stands under its name; None where its engine could not say."""
    states = ask.facts.get("container")
    name = ask.section.registry.container
    return states.get(name) if isinstance(states, dict) else None


def is_up(ask: Ask[Any]) -> bool:
    """Does it run, and not anew again and again?"""
    there = standing(ask)
    return there is not None and there.running and bool(ask.facts.get("settled", True))


def container(ask: Ask[Any], layout: Layout) -> Container:
    """It has the host's network, so that it listens where its configuration says."""
    registry: Registry = ask.section.registry
    return docker.container(
        ask,
        name=registry.container,
        engine=registry.engine,
        image=f"{registry.image}:{registry.tag}",
        options=("--net=host", *_shared(registry, layout, ask.facts.get(ACCOUNT, ""))),
        command=("serve", layout.config),
        healthy=(PROGRAM, "--version"),
        listens=(registry.port,),
        patience=PATIENCE,
        reversible="yes",
        not_kept=NOT_KEPT,
    )


def _shared(registry: Registry, layout: Layout, account: str) -> tuple[str, ...]:
    """Its files, and as whom it reads them: the package's own user where the host has one."""
    tls = registry.tls
    folders = {layout.folder, *(path.rpartition("/")[0] for path in (tls.certificate, tls.key))}
    mounts = (
        f"{registry.root}:{registry.root}",
        *(f"{path}:{path}:ro" for path in sorted(folders)),
    )
    return (
        *(word for mount in mounts for word in ("-v", mount)),
        *("-e", QUIET, "--security-opt", OPEN),
        *(("--user", account) if account else ()),
    )


def collector(ask: Ask[Any], layout: Layout) -> Argv:
    """The line that sweeps: that of the package's program, or of one more container."""
    if not is_meant(ask):
        return (layout.program, "garbage-collect", layout.config)
    registry: Registry = ask.section.registry
    c = container(ask, layout)
    shared = _shared(registry, layout, ask.facts.get(ACCOUNT, ""))
    words = ("run", "--rm", "--net=none", *shared, c.image, "garbage-collect", layout.config)
    return (c.engine, *words)


def facts_of(ask: Ask[Any]) -> Container:
    """As far as its facts need it, before any is known."""
    return container(ask, distribution.RED_HAT)


def package_ends(layout: Layout) -> Step:
    """The package's service makes way: both would listen on one port."""
    return Step(
        name="no service",
        unless=sh("is_down", layout.unit),
        do=("systemctl", "disable", "--now", layout.unit),
        undo=("systemctl", "enable", "--now", layout.unit),
        timeout=60,
    )


def checks(ask: Ask[Any]) -> Iterator[Check]:
    """Its engine; nothing where it is a package."""
    if not is_meant(ask):
        return
    engine, name = ask.engine, ask.section.registry.engine
    is_well = engine.name == name and not engine.error
    yield Check(
        name="engine",
        ok=is_well,
        wanted=f"{name} that answers",
        found=f"{engine.name} {engine.server}" if is_well else engine.error or f"no {name}",
        why="the registry is a container of it: this host has no package of the registry",
        remedy=f"install {name} and start it; or launch: package, and what brings it "
        "(package, enablerepo)",
    )


def present(ask: Ask[Any], c: Container) -> bool:
    """Raises FairleadError where its engine could not say."""
    return state.container_state(c, ask) is not None
