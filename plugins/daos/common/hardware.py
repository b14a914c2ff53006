"""What is asked of a host's hardware and kernel: facts, and how they are read."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.api import Ask, Fact, Noun, script

VERBS = ("preflight", "upgradable")  # those that ask for it
SYS_RESOURCE = 24  # the number of the capability that raises limits
HUGE = 2048  # KiB: the size of the huge pages that DAOS wants
CONFIG = "\nconfig\n"  # behind it the text of a configuration

sh = script.beside(__file__)


class Hardware(Noun, kw_only=True):
    """The hardware and kernel of a host; all sizes are KiB.

    `pages`: huge pages of 2048 KiB, None where there are none of that size. `size`: of the huge
    pages that are the default. `interfaces`: name -> NUMA node. `pci`: address -> class.
    `nodes`: NUMA nodes. `memlock`, `nofile`: hard limits of the engine, which its containers can
    exceed only where it may raise them (`raises`). `thp`: the setting of transparent huge pages
    that is chosen, "": not known. `maps`: vm.max_map_count. `config`: the text of a configuration
    that is a file of the user's; None: there is no such file.
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
    memlock: str = "unlimited"
    nofile: str = "unlimited"
    raises: bool = True
    thp: str = ""
    maps: int | None = None
    config: str | None = None


def of_host(ask: Ask[Any]) -> Hardware:
    """The hardware of this host, as far as it was asked."""
    return ask.facts.get("hardware") or Hardware()


def facts(ask: Ask[Any], config: str = "") -> Iterator[Fact]:
    """`hardware`, asked by preflight. `config`: a file on the host whose text is wanted."""
    if ask.verb in VERBS:
        argv = sh("hardware", str(HUGE), ask.section.agent.runtime_dir, config)
        yield Fact("hardware", argv, hardware)


def hardware(code: int, text: str) -> Hardware:
    """What hardware.sh prints, read."""
    lines, _, config = text.partition(CONFIG)
    rows = [line.split(" ") for line in lines.splitlines() if " " in line or line == "socket"]
    values = {row[0]: row[1] for row in rows if len(row) > 1}
    nodes = [int(row[1]) for row in rows if row[0] == "node" and row[1].isdigit()]
    return Hardware(
        pages=_number(values.get("pages", "")),
        size=_number(values.get("size", "")) or 0,
        memory=_number(values.get("memory", "")) or 0,
        has_mount="mount" in values,
        iommu="iommu" in values,
        interfaces=_table(rows, "interface"),
        pci=_table(rows, "pci"),
        nodes=tuple(sorted(nodes)),
        fuse="device" in values,
        socket=["socket"] in rows,
        memlock=values.get("memlock", "unlimited"),
        nofile=values.get("nofile", "unlimited"),
        thp=values.get("thp", ""),
        maps=_number(values.get("maps", "")),
        raises=_may_raise(values.get("capabilities", "")),
        config=config if config or text.endswith(CONFIG) else None,
    )


def _table(rows: list[list[str]], kind: str) -> Mapping[str, str]:
    """The rows `KIND NAME VALUE` as name -> value."""
    return {row[1]: row[2] for row in rows if row[0] == kind and len(row) == 3}


def _may_raise(capabilities: str) -> bool:
    """May the engine raise limits? True where its capabilities (hexadecimal) are not known."""
    if not re.fullmatch("[0-9a-f]+", capabilities):
        return True
    return bool(int(capabilities, 16) >> SYS_RESOURCE & 1)


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]+", text, re.ASCII) else None
