"""Preflight: the rules that "DAOS in Docker" states, each with its reason."""

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from fairlead.api import Ask, Check, FairleadError, checks, compose

from . import (
    agreement,
    compatibility,
    containers,
    elsewhere,
    hardware,
    host_checks,
    hugepages,
    recipe,
    server_checks,
    site_checks,
    stack,
    version_checks,
)
from .requirements import requirements

IMAGES_MIB = 4000


def server(ask: Ask[Any]) -> Iterator[Check]:
    """What a server needs of its host and of its configuration."""
    yield from every(ask, "server")
    yield from recipe.check(ask, "server")
    host, needs = hardware.of_host(ask), requirements(ask, "server")
    if needs is None:
        yield site_checks.no_file(ask, "server")
        return
    pages = max(ask.section.server.huge_pages, needs.pages)
    yield hugepages.check(host, pages)
    yield hugepages.mount(host)
    yield server_checks.vfio(needs)
    yield server_checks.metadata(needs)
    yield from server_checks.roles(needs)
    yield server_checks.iommu(host, needs)
    yield from host_checks.interfaces(host, needs.interfaces, "engines")
    yield from server_checks.nvme(host, needs)
    yield from server_checks.engine_gives(ask, host, needs)
    yield server_checks.memory(host, needs, pages)
    yield from server_checks.numa(host, needs)
    yield from version_checks.server(ask, host, needs)
    port = containers.port(ask)
    yield from checks.ports(ask, {"the control plane": checks.tcp(port)})


def agent(ask: Ask[Any]) -> Iterator[Check]:
    """What an agent needs of its host and of its configuration."""
    yield from every(ask, "agent")
    yield from recipe.check(ask, "agent")
    yield from agreement.check(ask, "agent")
    yield from elsewhere.checks(ask, "agent")
    host, needs = hardware.of_host(ask), requirements(ask, "agent")
    yield site_checks.no_file(ask, "agent") if needs is None else host_checks.fabric(host, needs)
    if ask.section.client.mode == "bare-metal-agent":
        yield host_checks.agent_socket(ask, host)
    if needs:
        names = site_checks.fabric_interfaces(ask)
        yield from host_checks.interfaces(host, names, "fabric_ifaces")
        yield from version_checks.keys(ask, "agent", needs)


def client(ask: Ask[Any]) -> Iterator[Check]:
    """What a client needs of its host, in each of its modes."""
    site, host = ask.section, hardware.of_host(ask)
    yield from every(ask, "agent" if site.client.mode == "gathered" else "")
    yield from recipe.check(ask, "client")
    yield from agreement.check(ask, "client")
    yield from elsewhere.checks(ask, "client")
    if site.client.launch == "compose":
        yield host_checks.fuse(host)
    if site.client.mode == "bare-metal-agent":
        yield host_checks.agent_socket(ask, host)
    if stack.is_launched(ask, "client"):
        yield from stack.checks(ask, "client")


def admin(ask: Ask[Any]) -> Iterator[Check]:
    """What dmg needs of its host."""
    yield from every(ask, "admin")
    yield from recipe.check(ask, "admin")
    yield from agreement.check(ask, "admin")
    yield from elsewhere.checks(ask, "admin")
    if stack.is_launched(ask, "admin"):
        yield from stack.checks(ask, "admin")


def every(ask: Ask[Any], certified: str) -> Iterator[Check]:
    """What each component needs; `certified`: whose certificates, "" for none."""
    yield engine(ask)
    yield checks.compose(ask, compose.OLDEST)
    yield checks.space(ask, IMAGES_MIB, "its image, those below it and the next one beside it")
    if ask.section.source:
        yield site_checks.source(ask)
        yield from site_checks.source_distro(ask)
    if ask.section.source and ask.section.insecure and certified:
        yield site_checks.authentication()
    if certified:
        yield from site_checks.certificate(ask, certified)


# Sources: podman-compose(1); podman_compose.py of podman-compose at 1.0.3 to 1.6.0.
NO_PODMAN = (
    "images are built, containers described and sessions run by Docker Compose. `podman compose` "
    "(from Podman 4.7 on) calls another program: podman-compose has no `config --hash` and does "
    "not mark sessions, so that neither a change nor who is at work could be told; docker-compose "
    "over Podman's socket has been tried by nobody with a DAOS server"
)


def engine(ask: Ask[Any]) -> Check:
    """Docker, for its Compose; why it is not Podman is said where there is Podman alone."""
    check = checks.engine(ask, "docker")
    if ask.engine.name != "podman":
        return check
    remedy = "install Docker and its Compose beside Podman on this host, or name other hosts"
    return replace(check, why=NO_PODMAN, remedy=remedy)


def require_upgradable(ask: Ask[Any]) -> None:
    """Raises FairleadError where the server may not become the site's version, or there is none."""
    runs = containers.version(ask, "server")
    what, remedy = "there is no server of fairlead's to upgrade", "inv daos.up"
    if runs:
        what, remedy = compatibility.refusal(runs, ask.section.version)
    if what:
        raise FairleadError(ask.target.host, what, remedy)


def previous(ask: Ask[Any]) -> Check:
    """Stands the version before beside the server?"""
    before = containers.previous_version(ask, "server")
    return Check(
        name="version before",
        ok=bool(before),
        wanted="one that stands beside the server",
        found=before or "there is none to return to",
        remedy="it has not been upgraded since it was brought up; inv daos.upgrade goes forward",
    )


def version(ask: Ask[Any]) -> Check:
    """May the server that stands there become the site's version?"""
    runs = containers.version(ask, "server")
    what, remedy = "no server of fairlead's", "inv daos.up"
    if runs:
        what, remedy = compatibility.refusal(runs, ask.section.version)
    return Check(
        name="version",
        ok=not what,
        wanted=f"{ask.section.version} may follow",
        found=what or runs,
        remedy=remedy,
    )
