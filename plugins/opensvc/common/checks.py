"""Preflight: what the document asks of a node before a service is put on it."""

from collections.abc import Iterator
from typing import Any

from fairlead.api import Ask, Check, Step
from fairlead.api import facts as facts_

from ..site import Disk, Filesystem, Ip, OpenSvc, Service
from . import files
from .agents import AGENTS
from .service_on_host import agent_of
from .state import Instance

KERNEL = "3.8"  # older ones have a bug in LXC's parts that Docker stumbles over


def node(ask: Ask[Any]) -> Iterator[Check]:
    """For the component `agent`."""
    kernel = ask.host.kernel
    yield Check(
        name="kernel",
        ok=facts_.at_least(kernel, KERNEL),
        wanted=f"Linux {KERNEL} or newer",
        found=kernel or "not known",
        why="Docker needs it",
        remedy="install a newer kernel",
    )
    yield _name(ask, ask.host.hostname)
    yield generation(ask)
    if any(service.docker_data_dir for service in ask.section.of(ask.target.host).values()):
        yield _boot(ask)


def _name(ask: Ask[Any], found: str) -> Check:
    return Check(
        name="name",
        ok=found == ask.target.host,
        wanted=ask.target.host,
        found=found or "not known",
        why="the agent looks for its node's own name among the nodes of a service",
        remedy="name the host in the site as it is named by uname -n, with `address` for the way to it",
    )


def generation(ask: Ask[Any]) -> Check:
    found, wanted = ask.facts.get("agent", "none"), ask.section.agent.generation
    others = {
        host: facts.get("agent", "none")
        for host, facts in ask.around.items()
        if _together(ask.section, host, ask.target.host)
    }
    odd = sorted(host for host, other in others.items() if other != found)
    return Check(
        name="agent",
        ok=found in AGENTS and wanted in ("auto", found) and not odd,
        wanted="an OpenSVC agent, the same on every node"
        if wanted == "auto"
        else f"the agent {wanted}",
        found=f"{found}" + (f"; on {', '.join(odd)} another" if odd else ""),
        why="a service has one file, and the generations read different ones",
        remedy="install one generation on all nodes of a service, or correct agent.generation",
    )


def _together(site: OpenSvc, one: str, other: str) -> bool:
    return any({one, other} <= set(service.nodes) for service in site.services.values())


def _boot(ask: Ask[Any]) -> Check:
    found = ask.facts.get("boot") or ("none",)
    at_boot = [word for word in found if word not in ("there", "none")]
    return Check(
        name="docker",
        ok="there" in found and not at_boot,
        wanted="installed, and not started at boot",
        found="not installed"
        if "none" in found
        else f"started at boot by {', '.join(at_boot)}"
        if at_boot
        else "installed",
        why="each service starts an engine of its own, out of its own disks",
        remedy="install docker"
        if "none" in found
        else "systemctl disable docker, or update-rc.d -f docker remove",
        fix=not_at_boot(ask) if at_boot else (),
    )


def not_at_boot(ask: Ask[Any]) -> tuple[Step, ...]:
    """Taken out of the boot, as the document does; an engine that runs goes on."""
    units = tuple(word for word in ask.facts.get("boot") or () if word.startswith("docker."))
    links = tuple(word for word in ask.facts.get("boot") or () if word.startswith("/etc/rc"))
    steps = (
        Step(
            name="docker: not at boot",
            do=("systemctl", "disable", *units),
            undo=("systemctl", "enable", *units),
        )
        if units
        else None,
        Step(
            name="docker: not at boot",
            do=("update-rc.d", "-f", "docker", "remove"),
            undo=("update-rc.d", "docker", "defaults"),
        )
        if links
        else None,
    )
    return tuple(filter(None, steps))


# A service


def services(ask: Ask[Any]) -> Iterator[Check]:
    """For the component `service`."""
    yield generation(ask)
    for name, service in ask.section.of(
        ask.target.host, getattr(ask.options, "service", "")
    ).items():
        yield _file(ask, name, service)
        yield from (_group(ask, name, disk) for disk in service.disks)
        yield from (_device(ask, name, service, fs) for fs in service.fs)
        yield from (_address(ask, name, service, ip) for ip in service.ip)


def _file(ask: Ask[Any], name: str, service: Service) -> Check:
    try:
        files.render(name, service, agent_of(ask).generation)
    except Exception as error:  # one sentence: no agent, or what it cannot say
        found, remedy = getattr(error, "what", ""), getattr(error, "remedy", "")
        if not found:
            raise
        return Check(
            name=f"{name}: file",
            ok=False,
            wanted="all that the site says, in this agent's file",
            found=found,
            remedy=remedy,
        )
    return Check(
        name=f"{name}: file",
        ok=True,
        wanted="all that the site says, in this agent's file",
        found="nothing is left out",
    )


def _runs(ask: Ask[Any], name: str, service: Service) -> bool:
    """Something of it is up, here or on another node: then its devices and address are in use rightly."""
    instances = (
        facts.get(f"status {name}") for host, facts in ask.around.items() if host in service.nodes
    )
    return any(isinstance(instance, Instance) and not instance.still for instance in instances)


def _group(ask: Ask[Any], name: str, disk: Disk) -> Check:
    code, said = ask.facts.get(f"vg {disk.vg}") or (1, "not asked")
    return Check(
        name=f"{name}: volume group {disk.vg}",
        ok=code == 0,
        wanted="there",
        found="there" if code == 0 else (said.splitlines() or ["not there"])[-1].strip(),
        why="the service's disks are in it",
        remedy="map the disks to this node (vgscan), install lvm2, or correct the name",
    )


def _device(ask: Ask[Any], name: str, service: Service, fs: Filesystem) -> Check:
    """A logical volume is there once its group is active; it is not asked for before."""
    of_group = any(disk.vg in fs.dev for disk in service.disks)
    found = ask.facts.get(f"device {fs.dev}") or "not known"
    return Check(
        name=f"{name}: device {fs.dev}",
        ok=found == "there" or of_group or _runs(ask, name, service),
        wanted="there",
        found=f"{found}, and comes with its volume group"
        if of_group and found != "there"
        else found,
        why=f"{fs.mnt} is on it",
        remedy="map the disk to this node, or correct dev",
    )


def _address(ask: Ask[Any], name: str, service: Service, ip: Ip) -> Check:
    state, *address = ask.facts.get(f"ip {ip.name}") or ("unknown",)
    others = {
        tuple(facts.get(f"ip {ip.name}") or ())[1:]
        for host, facts in ask.around.items()
        if host in service.nodes
    } - {(), tuple(address)}
    free = state == "free" or (state in ("here", "taken") and _runs(ask, name, service))
    found = {
        "nameless": "the name does not resolve",
        "unknown": f"could not be asked on {ip.dev}",
        "taken": f"{''.join(address)} answers already",
        "here": f"{''.join(address)} is on this host",
    }
    remedies = {
        "nameless": "give it a line in /etc/hosts or DNS",
        "unknown": "correct dev in the site",
    }
    return Check(
        name=f"{name}: address {ip.name}",
        ok=free and not others,
        wanted="a name that resolves to the same free address on every node",
        found="other nodes resolve it otherwise" if others else found.get(state, "free"),
        why="it goes where the service goes",
        remedy=remedies.get(state, "find out who has it, and end that"),
    )
