"""Preflight: what the document asks of a node before a service is put on it."""

import json
from collections.abc import Iterator
from typing import Any

from fairlead.api import Ask, Check, FairleadError, Step, facts

from ..site import OpenSvc
from . import service_file
from .agents import AGENTS
from .instance import Instance
from .sections import Disk, Filesystem, Ip, Service
from .service_on_host import agent_of, is_frozen

# The keys of daemon.json that an agent gives its engines as options: both end a dockerd at once.
# 2.1: opensvc/utilities/subsystems/docker.py, dockerd_cmd and __init__ (17db875b9); 2014:
# lib/resContainerDocker.py, docker_start (dfbd13a1a), by the wrapper.
ENGINE_OPTIONS = {
    "legacy": ("hosts", "data-root", "graph", "pidfile", "exec-root"),
    "2.1": ("hosts", "data-root", "graph", "pidfile", "exec-root", "exec-opts"),
}
WRAPPER = "plugins/opensvc/files/docker-of-2014.sh"
KERNEL = "3.8"  # older ones have a bug in LXC's parts that Docker stumbles over
ADDRESS_REMEDIES = {
    "nameless": "give it a line in /etc/hosts or DNS",
    "unknown": "correct dev in the site",
}


def node(ask: Ask[Any]) -> Iterator[Check]:
    """For the component `agent`."""
    kernel = ask.host.kernel
    yield Check(
        name="kernel",
        ok=facts.at_least(kernel, KERNEL),
        wanted=f"Linux {KERNEL} or newer",
        found=kernel or "not known",
        why="Docker needs it",
        remedy="install a newer kernel",
    )
    yield _name(ask, ask.host.hostname)
    yield generation(ask)
    if has_own_engines(ask):
        yield _boot(ask)
        if ask.facts.get("agent") in ENGINE_OPTIONS:
            yield _settings(ask)
    if ask.facts.get("agent") == "legacy":
        yield _wrapper(ask)


def has_own_engines(ask: Ask[Any]) -> bool:
    """Has a service of this host an engine of its own?"""
    return any(service.docker_data_dir for service in ask.section.of(ask.target.host).values())


def _name(ask: Ask[Any], hostname: str) -> Check:
    return Check(
        name="name",
        ok=hostname == ask.target.host,
        wanted=ask.target.host,
        found=hostname or "not known",
        why="the agent looks for its node's own name among the nodes of a service",
        remedy="name the host in the site as it is named by uname -n, with `address` for the way "
        "to it",
    )


def generation(ask: Ask[Any]) -> Check:
    """Is there an agent that is known, of the generation that the site says, on all nodes?"""
    here, required = ask.facts.get("agent", "none"), ask.section.agent.generation
    odd = sorted(
        host
        for host, known in ask.around.items()
        if _share_service(ask.section, host, ask.target.host) and known.get("agent", "none") != here
    )
    others = f"; on {', '.join(odd)} another" if odd else ""
    any_agent = "an OpenSVC agent, the same on every node"
    return Check(
        name="agent",
        ok=here in AGENTS and required in ("auto", here) and not odd,
        wanted=any_agent if required == "auto" else f"the agent {required}",
        found=f"{here}{others}",
        why="a service has one file, and the generations read different ones",
        remedy="install one generation on all nodes of a service, or correct agent.generation",
    )


def _share_service(site: OpenSvc, host: str, other: str) -> bool:
    return any({host, other} <= set(service.nodes) for service in site.services.values())


def _settings(ask: Ask[Any]) -> Check:
    """Every engine of a service reads the node's daemon.json too."""
    generation = ask.facts["agent"]
    wrong = _wrong_settings(ask.facts.get("daemon.json"), ENGINE_OPTIONS[generation])
    return Check(
        name="daemon.json",
        ok=not wrong,
        wanted=f"none of {', '.join(ENGINE_OPTIONS[generation])}",
        found=wrong or "none of them",
        why="the agent gives its engines these as options, and an engine that has one of them in "
        "/etc/docker/daemon.json too ends at once",
        remedy="take it out of /etc/docker/daemon.json; the node's own engine can have it as an "
        "option of its unit (systemctl edit docker)",
    )


def _wrong_settings(text: str | None, options: tuple[str, ...]) -> str:
    """What is wrong with a daemon.json; "" for nothing, and where there is none."""
    if text is None:
        return "not known"
    try:
        settings = json.loads(text or "{}")
    except ValueError:
        return "no JSON"
    return ", ".join(key for key in options if key in settings)


def _wrapper(ask: Ask[Any]) -> Check:
    is_there = bool(ask.facts.get("docker is wrapped"))
    return Check(
        name="docker of 2014",
        ok=is_there,
        wanted="a wrapper that starts engines as that agent says it",
        found="a wrapper" if is_there else "none",
        why="that agent starts its engines by `docker -d`, which ended with Docker 1.8, and "
        "compares IDs without their sha256:",
        remedy=f"put {WRAPPER} before docker on the PATH: /usr/local/sbin/docker, mode 755",
    )


def at_boot(ask: Ask[Any]) -> list[str]:
    """The units or links that start Docker at boot."""
    return [word for word in ask.facts.get("boot") or () if word not in ("there", "none")]


def _boot(ask: Ask[Any]) -> Check:
    boot, starters = ask.facts.get("boot") or ("none",), at_boot(ask)
    is_installed = "none" not in boot
    disable = "systemctl disable docker, or update-rc.d -f docker remove"
    return Check(
        name="docker",
        ok="there" in boot and not starters,
        wanted="installed, and not started at boot",
        found=_docker_state(is_installed, starters),
        why="each service starts an engine of its own, out of its own disks",
        remedy=disable if is_installed else "install docker",
        fix=not_at_boot(ask) if starters else (),
    )


def _docker_state(is_installed: bool, starters: list[str]) -> str:
    if not is_installed:
        return "not installed"
    return f"started at boot by {', '.join(starters)}" if starters else "installed"


def not_at_boot(ask: Ask[Any]) -> tuple[Step, ...]:
    """Taken out of the boot, as the document does; an engine that runs goes on."""
    starters = at_boot(ask)
    units = tuple(word for word in starters if word.startswith("docker."))
    steps = []
    if units:
        steps.append(
            Step(
                name="docker: not at boot",
                do=("systemctl", "disable", *units),
                undo=("systemctl", "enable", *units),
            )
        )
    if any(word.startswith("/etc/rc") for word in starters):
        steps.append(
            Step(
                name="docker: not at boot",
                do=("update-rc.d", "-f", "docker", "remove"),
                undo=("update-rc.d", "docker", "defaults"),
            )
        )
    return tuple(steps)


# A service


def services(ask: Ask[Any]) -> Iterator[Check]:
    """For the component `service`."""
    yield generation(ask)
    name = getattr(ask.options, "service", "")
    for key, service in ask.section.of(ask.target.host, name).items():
        yield _file(ask, key, service)
        yield _frozen(ask, key)
        yield from (_group(ask, key, disk) for disk in service.disks)
        yield from (_device(ask, key, service, fs) for fs in service.fs)
        yield from (_address(ask, key, service, ip) for ip in service.ip)


def _file(ask: Ask[Any], name: str, service: Service) -> Check:
    error = _file_error(ask, name, service)
    return Check(
        name=f"{name}: file",
        ok=error is None,
        wanted="all that the site says, in this agent's file",
        found=error.what if error else "nothing is left out",
        remedy=error.remedy if error else "",
    )


def _frozen(ask: Ask[Any], name: str) -> Check:
    is_left = is_frozen(ask, name) and not ask.facts.get(f"frozen by us {name}")
    return Check(
        name=f"{name}: freeze",
        ok=not is_left,
        wanted="left to the agent",
        found="frozen" if is_left else "not frozen by anybody",
        why="the agent neither starts it at boot nor moves it",
        remedy=f"inv opensvc.thaw --service={name}",
        blocks=False,
    )


def _file_error(ask: Ask[Any], name: str, service: Service) -> FairleadError | None:
    """There is no agent, or what its file cannot say."""
    try:
        service_file.render(name, service, agent_of(ask).generation)
    except FairleadError as error:
        return error
    return None


def _runs(ask: Ask[Any], name: str, service: Service) -> bool:
    """Is something of it up, here or on another node?

    Then its devices and address are in use rightly.
    """
    instances = (
        known.get(f"status {name}") for host, known in ask.around.items() if host in service.nodes
    )
    return any(isinstance(instance, Instance) and not instance.is_still for instance in instances)


def _group(ask: Ask[Any], name: str, disk: Disk) -> Check:
    code, output = ask.facts.get(f"vg {disk.vg}") or (1, "not asked")
    last_line = (output.splitlines() or ["not there"])[-1].strip()
    return Check(
        name=f"{name}: volume group {disk.vg}",
        ok=code == 0,
        wanted="there",
        found="there" if code == 0 else last_line,
        why="the service's disks are in it",
        remedy="map the disks to this node (vgscan), install lvm2, or correct the name",
    )


def _device(ask: Ask[Any], name: str, service: Service, fs: Filesystem) -> Check:
    """A logical volume is there once its group is active; it is not asked for before."""
    of_group = any(disk.vg in fs.dev for disk in service.disks)
    state = ask.facts.get(f"device {fs.dev}") or "not known"
    comes_later = of_group and state != "there"
    return Check(
        name=f"{name}: device {fs.dev}",
        ok=state == "there" or of_group or _runs(ask, name, service),
        wanted="there",
        found=f"{state}, and comes with its volume group" if comes_later else state,
        why=f"{fs.mnt} is on it",
        remedy="map the disk to this node, or correct dev",
    )


def _address(ask: Ask[Any], name: str, service: Service, ip: Ip) -> Check:
    state, *address = ask.facts.get(f"ip {ip.name}") or ("unknown",)
    is_other = _resolved_elsewhere(ask, service, ip) - {(), tuple(address)}
    is_free = state == "free" or (state in ("here", "taken") and _runs(ask, name, service))
    states = {
        "nameless": "the name does not resolve",
        "unknown": f"could not be asked on {ip.dev}",
        "taken": f"{''.join(address)} answers already",
        "here": f"{''.join(address)} is on this host",
    }
    return Check(
        name=f"{name}: address {ip.name}",
        ok=is_free and not is_other,
        wanted="a name that resolves to the same free address on every node",
        found="other nodes resolve it otherwise" if is_other else states.get(state, "free"),
        why="it goes where the service goes",
        remedy=ADDRESS_REMEDIES.get(state, "find out who has it, and end that"),
    )


def _resolved_elsewhere(ask: Ask[Any], service: Service, ip: Ip) -> set[tuple[str, ...]]:
    """The addresses to which the nodes of a service resolve a name; () where it has none."""
    return {
        tuple(known.get(f"ip {ip.name}") or ())[1:]
        for host, known in ask.around.items()
        if host in service.nodes
    }
