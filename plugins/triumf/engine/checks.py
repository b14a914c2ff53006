"""Preflight of an engine for workers. The reasons are the document's."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Interface, IPv4Network
from typing import Any

from fairlead.api import Ask, Check, bridge, port_checks

from ..common.facts import FileSystem
from ..sections.engine import Engine
from . import daemon_config, podman, provenance, repository
from .daemon_config import DAEMON
from .host_facts import EngineState

LOOPBACK = (
    "Usage of loopback devices is strongly discouraged for production use, says the engine itself"
)
ENGINE_REMEDY = "see journalctl -u docker, then systemctl start docker"
SELINUX = {
    None: "any",
    True: "on: containers are confined by it",
    False: "off, as the document has it for tests",
}


def checks(ask: Ask[Any]) -> Iterator[Check]:
    section, state = ask.section, ask.facts.get("standing")
    if section.engine_of(ask.target.host) == "podman":
        yield from podman.checks(ask, _bridge(ask))
        return
    yield _engine(ask, state)
    yield from repository.checks(ask)
    if section.engine.bridge:
        yield from _bridge(ask)
        hanging, bridged = ask.facts.get("hanging"), ask.facts.get("bridged")
        names = section.engine.bridge, section.engine.port
        yield from port_checks.checks(hanging, bridged, *names)
    yield from _storage(ask, state)
    yield _selinux(ask)
    yield from _ipv6(ask)
    yield from _unsupported(ask)


def _engine(ask: Ask[Any], state: EngineState | None) -> Check:
    error = ask.engine.error
    foreign = "" if provenance.answers(ask) else provenance.fault(ask)
    absent = foreign or error or "none: up installs it"
    return Check(
        name="engine",
        ok=not error and not foreign,
        wanted="Docker that answers, or none yet",
        found=f"docker {ask.engine.server}" if state and not foreign else absent,
        why="a restart of an engine that is in trouble may end what runs in it, "
        "and a second one would take its place",
        remedy=provenance.REMEDY if foreign else ENGINE_REMEDY,
    )


def _bridge(ask: Ask[Any]) -> Iterator[Check]:
    engine: Engine = ask.section.engine
    address = ask.facts.get("bridge", "")
    bridged: bridge.BridgeState | None = ask.facts.get("bridged")
    possible = bridged.word == "ok" or bridged.mends if bridged else bool(address)
    yield Check(
        name="bridge",
        ok=possible,
        wanted=f"{engine.bridge}, into the network that the workers' masters reach",
        found=_bridge_state(bridged, engine, address),
        why="172.17.0.0/16, the engine's own, is not route-able: "
        "condor's server would be told addresses that lead nowhere",
        remedy=f"name its port (port: eth0) and up makes {engine.bridge}, "
        "or make it yourself, or say bridge: '' for the engine's own",
    )
    own = engine.ranges.get(ask.target.host, "")
    if own and "/" in address:
        yield _addresses(engine, own, address)


def _bridge_state(bridged: bridge.BridgeState | None, engine: Engine, address: str) -> str:
    """The bridge in words."""
    if bridged and bridged.mends:
        return f"{bridged.reason}: up makes it of {engine.port}"
    return (bridged.reason if bridged else address) or f"no {engine.bridge}"


def _addresses(engine: Engine, own: str, address: str) -> Check:
    return Check(
        name="addresses",
        ok=_is_in_subnet(IPv4Network(own), IPv4Interface(address).network),
        wanted=f"{own} in the subnet of {engine.bridge}",
        found=f"{engine.bridge} has {address}",
        why="containers have their addresses from it",
        remedy="give the engine a range of its chassis' subnet",
    )


def _is_in_subnet(own: IPv4Network, subnet: IPv4Network) -> bool:
    """Does the bridge's subnet hold the range? (One with a host's length holds nothing.)"""
    return subnet.prefixlen <= own.prefixlen and own.subnet_of(subnet)


def _storage(ask: Ask[Any], state: EngineState | None) -> Iterator[Check]:
    engine, file_system = ask.section.engine, ask.facts.get("mount")
    yield _mounted(engine, file_system)
    yield _room(engine, file_system)
    if state:
        yield _loopback(state)
        yield _moved(engine, state)
        yield _swarm(engine, state)
        yield _network(state, ask)
    current = ask.facts.get("files") or {}
    if engine.volume_group and daemon_config.is_sysconfig(ask.section, current):
        yield _volume_group(engine, ask.facts.get("volumes") or {})


def _mounted(engine: Engine, file_system: FileSystem | None) -> Check:
    return Check(
        name="data root",
        ok=file_system is not None and file_system.mount_point != "/",
        wanted=f"{engine.data_root} in a file system that is not the system's own",
        found=f"it lies in {file_system.mount_point}" if file_system else "not known",
        why="images grow, and a full / ends more than the engine",
        remedy=f"mount one there (the document has it at {engine.data_root})",
        blocks=False,
    )


def _room(engine: Engine, file_system: FileSystem | None) -> Check:
    return Check(
        name="room",
        ok=file_system is not None and file_system.free >= engine.room * 1024,
        wanted=f"{engine.room} GiB free for {engine.data_root}",
        found=file_system.gibibytes if file_system else "not known",
        why="an image of a worker has 1.5 GB, and a new one lies beside the old",
        remedy="make room (docker system df), or lower room",
        blocks=file_system is not None,
    )


def _loopback(state: EngineState) -> Check:
    loops = "loop" in state.driver.lower()
    return Check(
        name="storage",
        ok=not loops,
        wanted="no loopback devices",
        found="the thin pool lies in loop files" if loops else "no loopback device",
        why=LOOPBACK,
        remedy="give docker-storage-setup a spare volume group (volume_group), or use overlay2",
        blocks=False,
    )


def _moved(engine: Engine, state: EngineState) -> Check:
    """Is nothing left behind where the engine gets another data root?"""
    is_empty = not state.containers + state.images
    return Check(
        name="images and containers",
        ok=state.root == engine.data_root or is_empty,
        wanted=f"at {engine.data_root}, or none yet",
        found=f"{state.containers} containers and {state.images} images at {state.root}",
        why="an engine with another data root does not know them any more, "
        "and what runs there cannot be stopped by it",
        remedy=f"move them (with the engine stopped), or say data_root: {state.root}",
    )


def _swarm(engine: Engine, state: EngineState) -> Check:
    return Check(
        name="swarm",
        ok=not engine.live_restore or state.swarm in ("", "inactive"),
        wanted="no swarm where live_restore is on",
        found=state.swarm or "inactive",
        why="the engine refuses to start with both",
        remedy="docker swarm leave, or live_restore: false",
    )


def _network(state: EngineState, ask: Ask[Any]) -> Check:
    """dockerd: "There are old running containers, the network config will not take affect"."""
    host, current = ask.target.host, ask.facts.get("files") or {}
    changes = ", ".join(daemon_config.changed_network_keys(ask.section, host, current))
    running = f"{state.running} run"
    return Check(
        name="network of what runs",
        ok=not (state.running and changes),
        wanted="no container that runs while bridge, addresses or mtu change",
        found=f"{running}, and {changes} would change" if changes else running,
        why="with live-restore the engine takes a change of its network over only when it starts "
        "with no container running; until then new workers have addresses of the old one",
        remedy=f"inv triumf.worker.down --host={host}, which waits for jobs, "
        "and stop what else runs there; then inv triumf.up",
    )


def _volume_group(engine: Engine, volumes: Mapping[str, float]) -> Check:
    """`volumes`: volume group -> GiB free in it."""
    free = volumes.get(engine.volume_group)
    return Check(
        name="volume group",
        ok=bool(free),
        wanted=f"{engine.volume_group} with room for the thin pool",
        found=f"{free:g} GiB free" if free is not None else f"no {engine.volume_group}",
        why="without it the engine takes loopback devices, which are not for production",
        remedy=f"make the volume group {engine.volume_group} of spare disks: vgcreate",
    )


def _ipv6(ask: Ask[Any]) -> Iterator[Check]:
    """IPv6 of the engine's own network: before Docker 28 it wants a range."""
    section, host, server = ask.section, ask.target.host, ask.engine.server
    if not section.has_default_ipv6(host):
        return
    current = daemon_config.parsed((ask.facts.get("files") or {}).get(DAEMON, ""), host)
    own = section.engine.ranges6.get(host) or current.get("fixed-cidr-v6", "")
    yield Check(
        name="IPv6",
        ok=bool(own) or daemon_config.takes_ipv6_alone(server),
        wanted="engine.ranges6, or Docker 28",
        found=own or (f"no range, docker {server}" if server else "no range, and no engine yet"),
        why="an older engine that is told ipv6: true and no fixed-cidr-v6 does not start",
        remedy=f"engine: {{ranges6: {{{host}: 2001:db8:3::90/124}}}} in the site",
        blocks=bool(server),
    )


def _selinux(ask: Ask[Any]) -> Check:
    state, wish = ask.selinux, ask.section.engine.selinux
    is_unconfined = wish is False and state == "Enforcing"
    is_impossible = wish is True and state == "Disabled"
    why = "the engine confines by it"
    if wish is False:
        why = "selinux: false starts containers that nothing confines, on a host that would"
    return Check(
        name="SELinux",
        ok=not is_unconfined and not is_impossible,
        wanted=SELINUX[wish],
        found=state,
        why=why,
        remedy="leave selinux out of the site, or say true",
        blocks=False,
    )


def _unsupported(ask: Ask[Any]) -> Iterator[Check]:
    """Wishes that the engine's files have no word for."""
    if daemon_config.is_sysconfig(ask.section, ask.facts.get("files") or {}):
        for wish, instead in daemon_config.only_today(ask.section):
            yield _unwritten(wish, instead, "RHEL 7's files")
        return
    for wish, instead in daemon_config.unsupported(ask.section, ask.engine.server):
        yield _unwritten(wish, instead, "daemon.json")


def _unwritten(wish: str, instead: str, files: str) -> Check:
    has = "have" if files.endswith("s") else "has"
    read = "these" if files.endswith("s") else "daemon.json"
    return Check(
        name=wish.partition(" ")[0],
        ok=False,
        wanted=wish,
        found=f"{files} {has} no key for it",
        why=f"this engine reads {read} alone",
        remedy=instead,
        blocks=False,
    )
