"""What is asked of a host's hardware and kernel: facts, and how they are read."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.api import Ask, Fact, Noun

VERBS = ("preflight", "upgradable")  # those that ask for it
SYS_RESOURCE = 24  # the number of the capability that raises limits
HUGE = 2048  # KiB: the size of the huge pages that DAOS wants

LOOK = """printf 'pages %s\\n' "$(cat "/sys/kernel/mm/hugepages/hugepages-$1kB/nr_hugepages" 2>/dev/null)"
awk '/^MemTotal:/ { print "memory", $2 } /^Hugepagesize:/ { print "size", $2 }' /proc/meminfo
[ ! -d /dev/hugepages ] || echo 'mount /dev/hugepages'
for group in /sys/kernel/iommu_groups/*; do [ ! -e "$group" ] || { echo 'iommu on'; break; }; done
for net in /sys/class/net/*; do printf 'interface %s %s\\n' "${net##*/}" "$(cat "$net/device/numa_node" 2>/dev/null)"; done
for pci in /sys/bus/pci/devices/*; do [ ! -e "$pci" ] || printf 'pci %s %s\\n' "${pci##*/}" "$(cat "$pci/class" 2>/dev/null)"; done
for node in /sys/devices/system/node/node[0-9]*; do [ ! -d "$node" ] || printf 'node %s\\n' "${node##*/node}"; done
[ ! -c /dev/fuse ] || echo 'device /dev/fuse'
[ ! -S "$2/daos_agent.sock" ] || echo 'socket'
pid=$(pidof dockerd) && pid=${pid%% *} && sed -n 's/^CapEff:[^0-9a-f]*/capabilities /p' "/proc/$pid/status" &&
  awk '/^Max locked memory/ { print "memlock", $5 } /^Max open files/ { print "nofile", $5 }' "/proc/$pid/limits"
[ -z "$3" ] || ! [ -f "$3" ] || { echo 'config'; cat "$3"; }"""


class Hardware(Noun, kw_only=True):
    """A host's. `pages`: huge pages of 2048 KiB, None where there are none of that size; `size`: of those that are the default.

    Sizes are KiB. `interfaces` with their NUMA node, `pci` with their class.
    """

    pages: int | None = None
    size: int = 0
    memory: int = 0
    has_mount: bool = False
    iommu: bool = False
    interfaces: Mapping[str, str] = {}
    pci: Mapping[str, str] = {}
    nodes: tuple[int, ...] = ()
    fuse: bool = False
    socket: bool = False
    memlock: str = "unlimited"  # the engine's hard limits, which its containers can exceed only where it may raise them
    nofile: str = "unlimited"
    raises: bool = True
    config: str | None = None  # the text of a configuration that is a file of the user's


def fact(ask: Ask[Any], config: str = "") -> Iterator[Fact]:
    """`hardware`, asked by preflight. `config`: a file on the host whose text is wanted."""
    if ask.verb in VERBS:
        words = (str(HUGE), ask.section.agent.runtime_dir, config)
        yield Fact("hardware", ("sh", "-c", LOOK, "hardware", *words), hardware)


def hardware(code: int, text: str) -> Hardware:
    told, _, config = text.partition("\nconfig\n")
    rows = [line.split(" ") for line in told.splitlines() if " " in line or line == "socket"]
    found = {row[0]: row[1] for row in rows if len(row) > 1}
    return Hardware(
        pages=_number(found.get("pages", "")),
        size=_number(found.get("size", "")) or 0,
        memory=_number(found.get("memory", "")) or 0,
        has_mount="mount" in found,
        iommu="iommu" in found,
        interfaces={row[1]: row[2] for row in rows if row[0] == "interface" and len(row) == 3},
        pci={row[1]: row[2] for row in rows if row[0] == "pci" and len(row) == 3},
        nodes=tuple(sorted(int(row[1]) for row in rows if row[0] == "node" and row[1].isdigit())),
        fuse="device" in found,
        socket=["socket"] in rows,
        memlock=found.get("memlock", "unlimited"),
        nofile=found.get("nofile", "unlimited"),
        raises=bool(int(found["capabilities"], 16) >> SYS_RESOURCE & 1)
        if re.fullmatch("[0-9a-f]+", found.get("capabilities", ""))
        else True,
        config=config if config or text.endswith("\nconfig\n") else None,
    )


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]+", text, re.ASCII) else None
