"""Preflight: what a server's engines need of a host, and of the engine of its containers."""

from collections.abc import Iterator
from typing import Any

from fairlead.api import Ask, Check, facts

from .hardware import HUGE, Hardware
from .requirements import Requirements

NVME = "0x0108"  # the PCI class of NVMe controllers begins so
GIB = 1024 * 1024  # KiB
MODERN = "23"  # Docker: from this version on `privileged` is all that the engine has


def vfio(needs: Requirements) -> Check:
    """VFIO has to be off in the configuration."""
    is_off = needs.vfio_off
    return Check(
        name="VFIO",
        ok=is_off is True,
        wanted="disable_vfio: true",
        found="not set" if is_off is None else f"disable_vfio: {str(is_off).lower()}",
        why="the VFIO driver is not supported when the server is in a container; "
        "SPDK has to use UIO",
        remedy="add disable_vfio: true to daos.server.config",
    )


def metadata(needs: Requirements) -> Check:
    """The control plane's metadata has to outlive the container."""
    return Check(
        name="metadata",
        ok=needs.lasting,
        wanted="control_metadata, in a map of the site's",
        found="it outlives the container" if needs.lasting else "it goes with the container",
        why="a server without its metadata has to be formatted anew",
        remedy="add control_metadata: {path: /var/db/daos_server} to daos.server.config, and "
        "bdev_roles: [data, meta, wal] to its NVMe tiers; it then lies in daos.state on the host",
        blocks=False,
    )


def roles(needs: Requirements) -> Iterator[Check]:
    """control_metadata and bdev_roles go together (metadata on SSD): a server refuses one alone.

    Source: src/control/server/storage/config.go, of 2.4.0 to 2.8.0.
    """
    if needs.metadata == needs.roles:
        return
    yield Check(
        name="metadata on SSD",
        ok=False,
        wanted="control_metadata and bdev_roles, both or none",
        found="control_metadata alone" if needs.metadata else "bdev_roles alone",
        why="a server does not start with one of them alone",
        remedy="add bdev_roles: [data, meta, wal] to the NVMe tiers of daos.server.config"
        if needs.metadata
        else "add control_metadata: {path: /var/db/daos_server} to daos.server.config",
    )


def iommu(host: Hardware, needs: Requirements) -> Check:
    """The IOMMU has to be off; it matters only with NVMe devices."""
    return Check(
        name="IOMMU",
        ok=not host.iommu,
        wanted="off",
        found="on" if host.iommu else "off",
        why="UIO, which takes the place of VFIO in a container, reaches NVMe devices only "
        "without it",
        remedy="boot with intel_iommu=off (amd_iommu=off)",
        blocks=bool(needs.nvme),
    )


def nvme(host: Hardware, needs: Requirements) -> Iterator[Check]:
    """Has the host the NVMe devices of the configuration?"""
    if not needs.nvme:
        return
    devices = [address for address, kind in host.pci.items() if kind.startswith(NVME)]
    missing = [address for address in needs.nvme if address.lower() not in devices]
    lacks = f"no NVMe device at {', '.join(missing)}"
    known = ", ".join(devices) or "none"
    yield Check(
        name="NVMe devices",
        ok=not missing,
        wanted=", ".join(needs.nvme),
        found=f"{lacks}; there are {known}" if missing else "there",
        why="engines keep data on them, and take hold of them by these addresses",
        remedy="correct bdev_list in daos.server.config (lspci -D -d ::0108)",
    )


def engine_gives(ask: Ask[Any], host: Hardware, needs: Requirements) -> Iterator[Check]:
    """An engine that is in a container, or was started with less, can give no more than it has."""
    limits = ask.section.server.ulimits
    yield _limit("memlock", limits.memlock, host.memlock, host)
    yield _limit("nofile", limits.nofile, host.nofile, host)
    yield _privileged(ask, host, uses_nvme=bool(needs.nvme))


def _privileged(ask: Ask[Any], host: Hardware, uses_nvme: bool) -> Check:
    is_asked_for = ask.section.server.privileged
    can_be = host.raises or facts.at_least(ask.engine.server, MODERN)
    availability = "to be had" if can_be else "not to be had: dockerd lacks CAP_SYS_RESOURCE"
    is_needed = is_asked_for or uses_nvme
    less = "SYS_ADMIN alone, for no NVMe device is used"
    return Check(
        name="privileged",
        ok=can_be if is_asked_for else not uses_nvme,
        wanted="a privileged container" if is_needed else less,
        found=availability if is_asked_for else "not asked for",
        why="UIO, by which SPDK reaches NVMe devices, needs it",
        remedy="run dockerd on the host itself; "
        "without NVMe devices daos.server.privileged: false does",
    )


def _limit(name: str, needed: int, has: str, host: Hardware) -> Check:
    """A limit that a container gets; `needed` < 0: all. `has`: the engine's own hard limit."""
    is_bound = has.isdigit() and not host.raises
    return Check(
        name=f"limit {name}",
        ok=not is_bound or 0 <= needed <= int(has),
        wanted="all" if needed < 0 else str(needed),
        found=f"at most {has}" if is_bound else "to be had",
        why="engines lock memory for RDMA and open many files",
        remedy="give dockerd CAP_SYS_RESOURCE or a higher limit, "
        f"or set daos.server.ulimits.{name}: {has}",
    )


def memory(host: Hardware, needs: Requirements, pages: int) -> Check:
    """Is there memory for the huge pages and for storage in memory?"""
    needed = pages * HUGE + needs.scm * GIB  # KiB
    parts = f"{pages} huge pages, and {needs.scm} GiB of storage class ram"
    return Check(
        name="memory",
        ok=host.memory >= needed,
        wanted=f"{needed // 1024} MiB: {parts}",
        found=f"{host.memory // 1024} MiB",
        why="engines begin with all of it",
        remedy="a smaller scm_size, or more memory",
    )


def numa(host: Hardware, needs: Requirements) -> Iterator[Check]:
    """Has the host the NUMA nodes that engines are pinned to?"""
    if not needs.nodes:
        return
    missing = [str(node) for node in needs.nodes if node not in host.nodes]
    known = ", ".join(map(str, host.nodes)) or "none"
    yield Check(
        name="NUMA",
        ok=not missing,
        wanted=f"nodes {', '.join(map(str, needs.nodes))}",
        found=f"no node {', '.join(missing)}; there are {known}" if missing else "there",
        why="engines are pinned to them",
        remedy="correct pinned_numa_node in daos.server.config",
    )
