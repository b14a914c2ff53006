"""Preflight of a test point. The ports are those of perfSONAR's deployment page, the reasons those
of "Using perfSONAR with Docker"."""

from collections.abc import Iterator
from typing import Any

from fairlead.api import Ask, Check, ContainerState, boot, compose, limits
from fairlead.api import checks as preflight

from . import host, host_checks, osg
from .commands import HUB, IMAGE, IMAGE_MIB, flavor, image_name, testpoint
from .ports import PORTS, SUPERVISORD_PORTS
from .site import is_of_systemd


def checks(ask: Ask[Any]) -> Iterator[Check]:
    site = ask.section
    yield preflight.engine(ask, site.engine)
    if site.launch == "compose" or site.source:
        yield preflight.compose(ask, compose.OLDEST)
    yield _image(ask)
    yield _flavor(ask)
    yield preflight.architecture(
        ask, ("x86_64", "aarch64"), "perfSONAR provides container images for these alone"
    )
    yield preflight.time_is_kept(
        ask, "one-way delays are measured against this clock; the container cannot set it"
    )
    yield from preflight.ports(ask, _own_ports(ask))
    yield _ipv6(ask)
    c = testpoint(ask)
    yield from limits.check(ask, c.engine, c.options)
    yield from boot.check(ask, c.engine, c.name)
    yield preflight.space(
        ask,
        200 if _is_there(ask) else IMAGE_MIB,
        "the image and, at an upgrade, the next one beside it",
    )
    yield from host.checks(ask)
    yield from host_checks.checks(ask)
    yield from osg.check(ask)


def _own_ports(ask: Ask[Any]) -> dict[str, tuple[preflight.Ports, ...]]:
    """Its services and their ports."""
    kind, _ = flavor(ask)
    return PORTS | (SUPERVISORD_PORTS if kind == "supervisord" else {})


def _image(ask: Ask[Any]) -> Check:
    """A site that names no image, on a host that has another's: it stays, and that is told."""
    name = image_name(ask)
    return Check(
        name="image",
        ok=bool(ask.section.image or ask.section.source) or name == IMAGE,
        wanted=IMAGE,
        found=name,
        why="perfSONAR's workflow pushes there; "
        + (
            "whether Docker Hub's is still fed is not known" if name == HUB else "OSG makes its own"
        ),
        remedy=f"image: {IMAGE} in the site, and inv perfsonar.upgrade moves it; image: {name} "
        "keeps it without this word",
        blocks=False,
    )


def _flavor(ask: Ask[Any]) -> Check:
    kind, why = flavor(ask)
    cgroup = ask.engine.cgroup
    version = f"cgroup v{cgroup}" if cgroup else "the engine does not tell its cgroup version"
    return Check(
        name="flavor",
        ok=kind == "supervisord" or cgroup == "2",
        wanted="cgroup v2" if kind == "systemd" else "any cgroup version",
        found=f"{version}: {kind} ({why})",
        why="systemd in a container needs cgroup v2",
        remedy=_other_flavor(ask)
        if cgroup == "1"
        else "start the engine first; flavor: supervisord runs on any",
        blocks=cgroup == "1",
    )


def _other_flavor(ask: Ask[Any]) -> str:
    """What a host with cgroup v1 may run."""
    if is_of_systemd(ask.section.tag):
        return "a tag without systemd runs here, or none with flavor: auto"
    return "flavor: supervisord (or auto) runs here"


def _is_there(ask: Ask[Any]) -> bool:
    containers = ask.facts.get("container")
    if not isinstance(containers, dict):
        return False
    return isinstance(containers.get(ask.section.name), ContainerState)


def _ipv6(ask: Ask[Any]) -> Check:
    addresses = ask.facts.get("ipv6") or ()
    return Check(
        name="IPv6",
        ok=bool(addresses),
        wanted="an address that reaches beyond this host",
        found=", ".join(addresses) or "none",
        why="with the host's network IPv6 comes from the host; without it only IPv4 is measured",
        remedy="give the host an IPv6 address, if its network has IPv6",
        blocks=False,
    )
