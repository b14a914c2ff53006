"""Preflight: what agents and clients need of a host; and its interfaces."""

from collections.abc import Iterator
from typing import Any

from fairlead.api import Ask, Check

from .hardware import Hardware
from .requirements import Requirements

NOT_FABRIC = (  # how interfaces begin over which no fabric goes
    *("lo", "docker", "br-", "veth", "virbr"),
    *("tunl", "sit", "dummy", "ip6"),
)


def interfaces(host: Hardware, names: tuple[str, ...], users: str) -> Iterator[Check]:
    """Has the host these interfaces? `users`: who uses them."""
    if not names:
        return
    missing = [name for name in names if name not in host.interfaces]
    usable = ", ".join(_usable(host)) or "none"
    yield Check(
        name=f"interfaces of {users}",
        ok=not missing,
        wanted=", ".join(names),
        found=f"no {', '.join(missing)}; there are {usable}" if missing else "there",
        why="the fabric goes over them",
        remedy="name interfaces of this host",
    )


def fabric(host: Hardware, needs: Requirements) -> Check:
    """Beside docker0 an agent has to be told its interfaces.

    The remedy has the document's own lines, with the interfaces of this host.
    """
    has_bridge = "docker0" in host.interfaces
    bridge = "there is docker0" if has_bridge else "there is no docker0"
    return Check(
        name="fabric_ifaces",
        ok=needs.fabric or not has_bridge,
        wanted="given, where the host has docker0",
        found="given" if needs.fabric else f"not given, and {bridge}",
        why="the agent may take docker0, over which no server is reached",
        remedy=f"add to daos.agent.config: fabric_ifaces: [{_fabric_lines(host)}]",
    )


def _fabric_lines(host: Hardware) -> str:
    """The usable interfaces as items of fabric_ifaces, by their NUMA nodes."""
    nodes: dict[str, list[str]] = {}
    for name in _usable(host):
        node = host.interfaces[name] if host.interfaces[name].isdigit() else "0"
        nodes.setdefault(node, []).append(f"{{iface: {name}, domain: {name}}}")
    return ", ".join(
        f"{{numa_node: {node}, devices: [{', '.join(devices)}]}}" for node, devices in nodes.items()
    )


def _usable(host: Hardware) -> list[str]:
    return [name for name in host.interfaces if not name.startswith(NOT_FABRIC)]


def fuse(host: Hardware) -> Check:
    """Has the host /dev/fuse?"""
    return Check(
        name="/dev/fuse",
        ok=host.fuse,
        wanted="a device",
        found="there" if host.fuse else "not there",
        why="dfuse mounts by it",
        remedy="modprobe fuse",
    )


def agent_socket(ask: Ask[Any], host: Hardware) -> Check:
    """Does an agent run on the host itself?"""
    return Check(
        name="agent",
        ok=host.socket,
        wanted=f"its socket {ask.section.agent.runtime_dir}/daos_agent.sock",
        found="there" if host.socket else "no such socket",
        why="the client reaches DAOS by the agent that runs on this host",
        remedy="systemctl start daos_agent, or another daos.agent.runtime_dir",
    )
