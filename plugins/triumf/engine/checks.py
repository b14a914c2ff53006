"""Preflight of an engine for workers. The reasons are the document's."""

from collections.abc import Iterator
from ipaddress import IPv4Interface, IPv4Network
from typing import Any

from fairlead.api import Ask, Check, bridge

from .. import daemon_config
from ..facts import Engine, Mount

LOOPBACK = (
    "Usage of loopback devices is strongly discouraged for production use, says the engine itself"
)


def checks(ask: Ask[Any]) -> Iterator[Check]:
    site, found = ask.section, ask.facts.get("standing")
    yield _engine(ask, found)
    if site.engine.bridge:
        yield from _bridge(ask)
    yield from _storage(ask, found)
    yield _selinux(ask)
    yield from _unsaid(ask)


def _engine(ask: Ask[Any], found: Engine | None) -> Check:
    return Check(
        name="engine",
        ok=not ask.engine.error,
        wanted="Docker that answers, or none yet",
        found=f"docker {ask.engine.server}"
        if found
        else ask.engine.error or "none: up installs it",
        why="a restart of an engine that is in trouble may end what runs in it",
        remedy="see journalctl -u docker, then systemctl start docker",
    )


def _bridge(ask: Ask[Any]) -> Iterator[Check]:
    engine, found = ask.section.engine, ask.facts.get("bridge", "")
    own = engine.ranges.get(ask.target.host, "")
    bridged: bridge.Bridged | None = ask.facts.get("bridged")
    yield Check(
        name="bridge",
        ok=bridged.word == "ok" or bridged.mends if bridged else bool(found),
        wanted=f"{engine.bridge}, into the network that the workers' masters reach",
        found=_standing(bridged, engine, found),
        why="172.17.0.0/16, the engine's own, is not route-able: condor's server would be told addresses that lead nowhere",
        remedy=f"name its port (port: eth0) and up makes {engine.bridge}, or make it yourself, or say bridge: '' for the engine's own",
    )
    if own and "/" in found:
        yield Check(
            name="addresses",
            ok=IPv4Network(own).subnet_of(IPv4Interface(found).network)
            if _holds(own, found)
            else False,
            wanted=f"{own} in the subnet of {engine.bridge}",
            found=f"{engine.bridge} has {found}",
            why="containers have their addresses from it",
            remedy="give the engine a range of its chassis' subnet",
        )


def _standing(bridged: bridge.Bridged | None, engine: Any, found: str) -> str:
    """The bridge in words."""
    if bridged and bridged.mends:
        return f"{bridged.said}: up makes it of {engine.port}"
    return (bridged.said if bridged else found) or f"no {engine.bridge}"


def _holds(own: str, found: str) -> bool:
    """Is the bridge's length no longer than the range's? (One with a host's length holds nothing.)"""
    return IPv4Interface(found).network.prefixlen <= IPv4Network(own).prefixlen


def _storage(ask: Ask[Any], found: Engine | None) -> Iterator[Check]:
    engine, mount = ask.section.engine, ask.facts.get("mount")
    yield _mounted(engine, mount)
    yield _room(engine, mount)
    if found:
        yield _loopback(found)
        yield _moves(engine, found)
        yield _swarm(engine, found)
        yield _network(engine, found, ask)
    if engine.volume_group and daemon_config.is_sysconfig(
        ask.section, ask.facts.get("files") or {}
    ):
        yield _volume_group(engine, ask.facts.get("volumes") or {})


def _mounted(engine: Any, mount: Mount | None) -> Check:
    return Check(
        name="data root",
        ok=mount is not None and mount.at != "/",
        wanted=f"{engine.data_root} in a file system that is not the system's own",
        found=f"it lies in {mount.at}" if mount else "not known",
        why="images grow, and a full / ends more than the engine",
        remedy=f"mount one there (the document has it at {engine.data_root})",
        blocks=False,
    )


def _room(engine: Any, mount: Mount | None) -> Check:
    return Check(
        name="room",
        ok=mount is not None and mount.free >= engine.room * 1024,
        wanted=f"{engine.room} GiB free for {engine.data_root}",
        found=f"{mount.free / 1024:.1f} GiB" if mount else "not known",
        why="an image of a worker has 1.5 GB, and a new one lies beside the old",
        remedy="make room (docker system df), or lower room",
        blocks=mount is not None,
    )


def _loopback(found: Engine) -> Check:
    loops = "loop" in found.driver.lower()
    return Check(
        name="storage",
        ok=not loops,
        wanted="no loopback devices",
        found="the thin pool lies in loop files" if loops else "no loopback device",
        why=LOOPBACK,
        remedy="give docker-storage-setup a spare volume group (volume_group), or use overlay2",
        blocks=False,
    )


def _moves(engine: Any, found: Engine) -> Check:
    left = found.containers + found.images
    return Check(
        name="images and containers",
        ok=found.root == engine.data_root or not left,
        wanted=f"at {engine.data_root}, or none yet",
        found=f"{found.containers} containers and {found.images} images at {found.root}",
        why="an engine with another data root does not know them any more, and what runs there cannot be stopped by it",
        remedy=f"move them (with the engine stopped), or say data_root: {found.root}",
    )


def _swarm(engine: Any, found: Engine) -> Check:
    return Check(
        name="swarm",
        ok=not engine.live_restore or found.swarm in ("", "inactive"),
        wanted="no swarm where live_restore is on",
        found=found.swarm or "inactive",
        why="the engine refuses to start with both",
        remedy="docker swarm leave, or live_restore: false",
    )


def _network(engine: Any, found: Engine, ask: Ask[Any]) -> Check:
    """dockerd: "There are old running containers, the network config will not take affect"."""
    now = daemon_config.network_keys(ask.section, ask.target.host, ask.facts.get("files") or {})
    return Check(
        name="network of what runs",
        ok=not (found.running and now),
        wanted="no container that runs while bridge, addresses or mtu change",
        found=f"{found.running} run" + (f", and {', '.join(now)} would change" if now else ""),
        why="with live-restore the engine takes a change of its network over only when it starts with no container running; until then new workers "
        "have addresses of the old one",
        remedy=f"inv triumf.worker.down --host={ask.target.host}, which waits for jobs, and stop what else runs there; then inv triumf.up",
    )


def _volume_group(engine: Any, found: Any) -> Check:
    free = found.get(engine.volume_group)
    return Check(
        name="volume group",
        ok=bool(free),
        wanted=f"{engine.volume_group} with room for the thin pool",
        found=f"{free:g} GiB free" if free is not None else f"no {engine.volume_group}",
        why="without it the engine takes loopback devices, which are not for production",
        remedy=f"make the volume group {engine.volume_group} of spare disks: vgcreate",
    )


def _selinux(ask: Ask[Any]) -> Check:
    state, wish = ask.selinux, ask.section.engine.selinux
    return Check(
        name="SELinux",
        ok=not (wish is False and state == "Enforcing") and not (wish and state == "Disabled"),
        wanted={
            None: "any",
            True: "on: containers are confined by it",
            False: "off, as the document has it for tests",
        }[wish],
        found=state,
        why="selinux: false starts containers that nothing confines, on a host that would"
        if wish is False
        else "the engine confines by it",
        remedy="leave selinux out of the site, or say true",
        blocks=False,
    )


def _unsaid(ask: Ask[Any]) -> Iterator[Check]:
    """Wishes that today's engines have no word for."""
    if not daemon_config.is_sysconfig(ask.section, ask.facts.get("files") or {}):
        for wish, instead in daemon_config.unsaid(ask.section, ask.engine.server):
            yield Check(
                name=wish.partition(" ")[0],
                ok=False,
                wanted=wish,
                found="daemon.json has no key for it",
                why="this engine reads daemon.json alone",
                remedy=instead,
                blocks=False,
            )
