"""Preflight: the rules that "DAOS in Docker" states, each with its reason."""

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.api import Ask, Check, FairleadError, SecretError, SiteError, checks, compose, facts

from . import certificates, containers, pages, stack, versions
from .config import content
from .examples import examples, folder
from .hardware import HUGE, Hardware
from .wanted import Wanted, wanted

IMAGES_MIB = 4000
NVME = "0x0108"  # the PCI class of NVMe controllers begins so
NOT_FABRIC = (
    "lo",
    "docker",
    "br-",
    "veth",
    "virbr",
    "tunl",
    "sit",
    "dummy",
    "ip6",
)  # what no fabric goes over


def server(ask: Ask[Any]) -> Iterator[Check]:
    yield from every(ask, "server")
    host, asked = _host(ask), wanted(ask, "server")
    if asked is None:
        yield _no_file(ask, "server")
        return
    yield pages.check(host, max(ask.section.server.huge_pages, asked.pages))
    yield pages.mount(host)
    yield _vfio(asked)
    yield _metadata(asked)
    yield _iommu(host, asked)
    yield from _interfaces(host, asked.interfaces, "engines")
    yield from _nvme(host, asked)
    yield from _engine_gives(ask, host)
    yield _memory(host, asked, max(ask.section.server.huge_pages, asked.pages))
    yield from _numa(host, asked)
    yield from checks.ports(
        ask, {"the control plane": ((containers.port(ask), containers.port(ask)),)}
    )


def agent(ask: Ask[Any]) -> Iterator[Check]:
    yield from every(ask, "agent")
    host, asked = _host(ask), wanted(ask, "agent")
    yield _no_file(ask, "agent") if asked is None else _fabric(host, asked)
    if ask.section.client.mode == "bare-metal-agent":
        yield _socket(ask, host)
    if asked:
        yield from _interfaces(host, _named(ask), "fabric_ifaces")


def client(ask: Ask[Any]) -> Iterator[Check]:
    site, host = ask.section, _host(ask)
    yield from every(ask, "agent" if site.client.mode == "gathered" else "")
    if site.client.launch == "compose":
        yield _fuse(host)
    if site.client.mode == "bare-metal-agent":
        yield _socket(ask, host)
    if stack.launches(ask, "client"):
        yield from stack.checks(ask, "client")


def admin(ask: Ask[Any]) -> Iterator[Check]:
    yield from every(ask, "admin")
    if stack.launches(ask, "admin"):
        yield from stack.checks(ask, "admin")


def every(ask: Ask[Any], certified: str) -> Iterator[Check]:
    """What each component needs; `certified`: whose certificates."""
    yield checks.engine(ask, "docker")
    yield checks.compose(ask, compose.OLDEST)
    yield checks.space(ask, IMAGES_MIB, "its image, those below it and the next one beside it")
    if ask.section.source:
        yield _source(ask)
    if ask.section.source and ask.section.insecure and certified:
        yield _authentication()
    if certified:
        yield from _certificates(ask, certified)


def _host(ask: Ask[Any]) -> Hardware:
    return ask.facts.get("hardware") or Hardware()


def may_follow(ask: Ask[Any]) -> None:
    """Raises FairleadError where the server that stands there may not become the site's version, and where there is none."""
    runs = containers.version(ask, "server")
    what, remedy = (
        versions.refusal(runs, ask.section.version)
        if runs
        else ("there is no server of fairlead's to upgrade", "inv daos.up")
    )
    if what:
        raise FairleadError(ask.target.host, what, remedy)


def version(ask: Ask[Any]) -> Check:
    """The same, as a question."""
    runs = containers.version(ask, "server")
    what, remedy = (
        versions.refusal(runs, ask.section.version)
        if runs
        else ("no server of fairlead's", "inv daos.up")
    )
    return Check(
        name="version",
        ok=not what,
        wanted=f"{ask.section.version} may follow",
        found=what or runs,
        remedy=remedy,
    )


# What is known before any host is asked


def _certificates(ask: Ask[Any], component: str) -> Iterator[Check]:
    """Those in the store: `up` puts them, and refuses what is wrong with them. What cannot be read is told of by the core."""
    site, now = ask.section, ask.host.time
    ca, name = site.certificates.authority, getattr(site.certificates, component)
    if site.insecure or not {ca, name} <= set(ask.secrets):
        return
    try:
        wrong, left = (
            tuple(certificates.faults(site, component, ask.secrets, now)),
            certificates.ends(name, ask.secrets[name]) - now,
        )
    except (SecretError, ValueError) as error:
        wrong, left = (getattr(error, "what", str(error)),), 0
    yield Check(
        name=f"secrets/{name}",
        ok=not wrong and left >= certificates.SOON,
        wanted=f"{', '.join(certificates.MEMBERS[component])}, signed by secrets/{ca}, valid for 30 days at least",
        found="; ".join(wrong) or f"valid for {int(left // 86400)} days",
        why="servers, agents and dmg believe each other by these alone",
        remedy=certificates.ANEW,
        blocks=bool(wrong),
    )


def _source(ask: Ask[Any]) -> Check:
    wanted = "a DAOS checkout, a value for every variable of its compose files"
    try:
        found = examples(ask)
    except SiteError as error:
        return Check(
            name="source",
            ok=False,
            wanted=wanted,
            found=f"{error.where} {error.what}",
            remedy=error.remedy,
        )
    return Check(
        name="source",
        ok=True,
        wanted=wanted,
        found=f"{len(found.files)} compose files in {folder(ask.section)}",
    )


def _authentication() -> Check:
    why = "the launchers of a checkout unpack certificates in any case"
    return Check(
        name="authentication",
        ok=False,
        wanted="on, with source",
        found="off",
        why=why,
        remedy="daos.insecure: false, or no daos.source",
    )


def _no_file(ask: Ask[Any], component: str) -> Check:
    path = getattr(ask.section, component).config
    return Check(
        name="configuration",
        ok=False,
        wanted=f"the file {path}",
        found="no such file",
        remedy=f"put it there, or give daos.{component}.config a map",
    )


def _vfio(asked: Wanted) -> Check:
    return Check(
        name="VFIO",
        ok=asked.vfio_off is True,
        wanted="disable_vfio: true",
        found="not set"
        if asked.vfio_off is None
        else f"disable_vfio: {str(asked.vfio_off).lower()}",
        why="the VFIO driver is not supported when the server is in a container; SPDK has to use UIO",
        remedy="add disable_vfio: true to daos.server.config",
    )


def _metadata(asked: Wanted) -> Check:
    return Check(
        name="metadata",
        ok=asked.lasting,
        wanted="control_metadata, in a map of the site's",
        found="it outlives the container" if asked.lasting else "it goes with the container",
        why="a server without its metadata has to be formatted anew",
        remedy="add control_metadata: {path: /var/db/daos_server} to daos.server.config; it then lies in daos.state on the host",
        blocks=False,
    )


# What the host has


def _iommu(host: Hardware, asked: Wanted) -> Check:
    return Check(
        name="IOMMU",
        ok=not host.iommu,
        wanted="off",
        found="on" if host.iommu else "off",
        why="UIO, which takes the place of VFIO in a container, reaches NVMe devices only without it",
        remedy="boot with intel_iommu=off (amd_iommu=off)",
        blocks=bool(asked.nvme),
    )


def _interfaces(host: Hardware, names: tuple[str, ...], whose: str) -> Iterator[Check]:
    if names:
        missing = [name for name in names if name not in host.interfaces]
        yield Check(
            name=f"interfaces of {whose}",
            ok=not missing,
            wanted=", ".join(names),
            found=f"no {', '.join(missing)}; there are {', '.join(_usable(host)) or 'none'}"
            if missing
            else "there",
            why="the fabric goes over them",
            remedy="name interfaces of this host",
        )


def _nvme(host: Hardware, asked: Wanted) -> Iterator[Check]:
    if asked.nvme:
        there = [address for address, kind in host.pci.items() if kind.startswith(NVME)]
        missing = [address for address in asked.nvme if address.lower() not in there]
        yield Check(
            name="NVMe devices",
            ok=not missing,
            wanted=", ".join(asked.nvme),
            found=f"no NVMe device at {', '.join(missing)}; there are {', '.join(there) or 'none'}"
            if missing
            else "there",
            why="engines keep data on them, and take hold of them by these addresses",
            remedy="correct bdev_list in daos.server.config (lspci -D -d ::0108)",
        )


def _engine_gives(ask: Ask[Any], host: Hardware) -> Iterator[Check]:
    """An engine that is itself in a container, or was started with less, cannot give more than it has."""
    server = ask.section.server
    yield _limit("memlock", server.ulimits.memlock, host.memlock, host)
    yield _limit("nofile", server.ulimits.nofile, host.nofile, host)
    modern = facts.at_least(
        ask.engine.server, "23"
    )  # from then on `privileged` is all that the engine has
    yield Check(
        name="privileged",
        ok=(host.raises or modern) if server.privileged else not _uses_nvme(ask),
        wanted="a privileged container"
        if server.privileged or _uses_nvme(ask)
        else "SYS_ADMIN alone, for no NVMe device is used",
        found=(
            "not to be had: dockerd lacks CAP_SYS_RESOURCE"
            if not host.raises and not modern
            else "to be had"
        )
        if server.privileged
        else "not asked for",
        why="UIO, by which SPDK reaches NVMe devices, needs it",
        remedy="run dockerd on the host itself; without NVMe devices daos.server.privileged: false does",
    )


def _uses_nvme(ask: Ask[Any]) -> bool:
    asked = wanted(ask, "server")
    return bool(asked and asked.nvme)


def _limit(name: str, asked: int, has: str, host: Hardware) -> Check:
    bound = has.isdigit() and not host.raises
    return Check(
        name=f"limit {name}",
        ok=not bound or 0 <= asked <= int(has),
        wanted="all" if asked < 0 else str(asked),
        found=f"at most {has}" if bound else "to be had",
        why="engines lock memory for RDMA and open many files",
        remedy=f"give dockerd CAP_SYS_RESOURCE or a higher limit, or set daos.server.ulimits.{name}: {has}",
    )


def _memory(host: Hardware, asked: Wanted, wanted_pages: int) -> Check:
    needed = wanted_pages * HUGE + asked.scm * 1024 * 1024  # KiB
    return Check(
        name="memory",
        ok=host.memory >= needed,
        wanted=f"{needed // 1024} MiB: {wanted_pages} huge pages, and {asked.scm} GiB of storage class ram",
        found=f"{host.memory // 1024} MiB",
        why="engines begin with all of it",
        remedy="a smaller scm_size, or more memory",
    )


def _numa(host: Hardware, asked: Wanted) -> Iterator[Check]:
    if asked.nodes:
        missing = [str(node) for node in asked.nodes if node not in host.nodes]
        yield Check(
            name="NUMA",
            ok=not missing,
            wanted=f"nodes {', '.join(map(str, asked.nodes))}",
            found=f"no node {', '.join(missing)}; there are {', '.join(map(str, host.nodes)) or 'none'}"
            if missing
            else "there",
            why="engines are pinned to them",
            remedy="correct pinned_numa_node in daos.server.config",
        )


def _fabric(host: Hardware, asked: Wanted) -> Check:
    """The document's own lines, with the interfaces of this host."""
    nodes: dict[str, list[str]] = {}
    for name in _usable(host):
        nodes.setdefault(
            host.interfaces[name] if host.interfaces[name].isdigit() else "0", []
        ).append(f"{{iface: {name}, domain: {name}}}")
    lines = ", ".join(
        f"{{numa_node: {node}, devices: [{', '.join(devices)}]}}" for node, devices in nodes.items()
    )
    return Check(
        name="fabric_ifaces",
        ok=asked.fabric or "docker0" not in host.interfaces,
        wanted="given, where the host has docker0",
        found="given"
        if asked.fabric
        else f"not given, and {'there is docker0' if 'docker0' in host.interfaces else 'there is no docker0'}",
        why="the agent may take docker0, over which no server is reached",
        remedy=f"add to daos.agent.config: fabric_ifaces: [{lines}]",
    )


def _usable(host: Hardware) -> list[str]:
    return [name for name in host.interfaces if not name.startswith(NOT_FABRIC)]


def _named(ask: Ask[Any]) -> tuple[str, ...]:
    """The interfaces of fabric_ifaces, where the site has them as a map."""
    parts: Any = content(ask.section, "agent").get("fabric_ifaces") or ()
    found = [
        device
        for part in parts
        if isinstance(part, Mapping)
        for device in part.get("devices") or ()
        if isinstance(device, Mapping)
    ]
    return tuple(dict.fromkeys(str(device["iface"]) for device in found if "iface" in device))


def _fuse(host: Hardware) -> Check:
    return Check(
        name="/dev/fuse",
        ok=host.fuse,
        wanted="a device",
        found="there" if host.fuse else "not there",
        why="dfuse mounts by it",
        remedy="modprobe fuse",
    )


def _socket(ask: Ask[Any], host: Hardware) -> Check:
    path = f"{ask.section.agent.runtime_dir}/daos_agent.sock"
    return Check(
        name="agent",
        ok=host.socket,
        wanted=f"its socket {path}",
        found="there" if host.socket else "no such socket",
        why="the client reaches DAOS by the agent that runs on this host",
        remedy="systemctl start daos_agent, or another daos.agent.runtime_dir",
    )
