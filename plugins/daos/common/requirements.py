"""What a configuration asks of its host.

It is read from the site's map, or line by line from a file of the user's.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fairlead.api import Ask, Noun

from . import hardware
from .config import content

PCI_ADDRESS = r"\b[0-9a-fA-F]{4}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\.[0-7]\b"


class Requirements(Noun, kw_only=True):
    """What a configuration asks of its host.

    `vfio_off`: disable_vfio, None where the file does not say. `pages`: huge pages. `nvme`: PCI
    addresses. `scm`: GiB of memory used as storage. `nodes`: NUMA nodes that engines are pinned
    to. `fabric`: are fabric_ifaces given? `lasting`: does the server's metadata lie where it
    outlives the container? `metadata`: has it control_metadata, `roles`: any tier bdev_roles?
    `keys`: at its top. `without_pages`: disable_hugepages; `allows_thp`:
    allow_thp.
    """

    vfio_off: bool | None = None
    pages: int = 0
    interfaces: tuple[str, ...] = ()
    nvme: tuple[str, ...] = ()
    scm: int = 0
    nodes: tuple[int, ...] = ()
    fabric: bool = False
    lasting: bool = True
    metadata: bool = False
    roles: bool = False
    keys: frozenset[str] = frozenset()
    without_pages: bool = False
    allows_thp: bool = False


def requirements(ask: Ask[Any], component: str) -> Requirements | None:
    """What a component's configuration asks; None: it is a file of the user's that is not there."""
    if isinstance(getattr(ask.section, component).config, str):
        text = hardware.of_host(ask).config
        return None if text is None else of_text(text)
    return of_map(content(ask.section, component))


def of_map(config: Mapping[str, Any]) -> Requirements:
    """The same of a configuration that the site has as a map."""
    engines = _maps(config.get("engines"))
    tiers = [tier for engine in engines for tier in _maps(engine.get("storage"))]
    nvme = [tier for tier in tiers if tier.get("class") == "nvme"]
    memory = [tier for tier in tiers if tier.get("class") == "ram"]
    pinned = [engine.get("pinned_numa_node") for engine in engines]
    has_dcpm = any(tier.get("class") == "dcpm" for tier in tiers)
    return Requirements(
        vfio_off=config.get("disable_vfio"),
        pages=int(config.get("nr_hugepages") or 0),
        interfaces=_unique(
            str(engine["fabric_iface"]) for engine in engines if "fabric_iface" in engine
        ),
        nvme=_unique(str(address) for tier in nvme for address in tier.get("bdev_list") or ()),
        scm=sum(int(tier.get("scm_size") or 0) for tier in memory),
        nodes=_unique(node for node in pinned if isinstance(node, int)),
        fabric=bool(config.get("fabric_ifaces")),
        lasting=bool(config.get("control_metadata")) or has_dcpm,
        metadata=bool(config.get("control_metadata")),
        roles=any(tier.get("bdev_roles") for tier in tiers),
        keys=frozenset(config),
        without_pages=bool(config.get("disable_hugepages")),
        allows_thp=bool(config.get("allow_thp")),
    )


def of_text(text: str) -> Requirements:
    """The same of a file's text, as far as its lines tell.

    No folder of metadata is mounted for a file of the user's: only dcpm outlives the container.
    """
    text = _without_remarks(text)
    return Requirements(
        vfio_off=_switch("disable_vfio", text),
        pages=sum(_numbers("nr_hugepages", text, last=True)),
        interfaces=_unique(_words("fabric_iface", text)),
        nvme=_unique(re.findall(PCI_ADDRESS, text)),
        scm=sum(_numbers("scm_size", text)),
        nodes=_unique(_numbers("pinned_numa_node", text)),
        fabric=bool(re.search(r"^fabric_ifaces:", text, re.MULTILINE)),
        lasting="dcpm" in _words("class", text),
        metadata=bool(re.search(r"^control_metadata:", text, re.MULTILINE)),
        roles=bool(re.search(r"^[\s-]*bdev_roles:", text, re.MULTILINE)),
        keys=frozenset(re.findall(r"^(\w+):", text, re.MULTILINE)),
        without_pages=_switch("disable_hugepages", text) is True,
        allows_thp=_switch("allow_thp", text) is True,
    )


def _switch(key: str, text: str) -> bool | None:
    """Is a switch on? None: the text does not say."""
    words = _words(key, text)
    return words[-1].lower() == "true" if words else None


def _maps(value: Any) -> list[Mapping[str, Any]]:
    """The maps of a list; () of what is none."""
    return [item for item in value or () if isinstance(item, dict)]


def _unique(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))


def _without_remarks(text: str) -> str:
    return re.sub(r"(^|\s)#.*$", "", text, flags=re.MULTILINE)


def _numbers(key: str, text: str, last: bool = False) -> Iterator[int]:
    """The numbers that a key has; `last`: of the last line with it alone."""
    words = _words(key, text)
    yield from (int(word) for word in (words[-1:] if last else words) if word.isdigit())


def _words(key: str, text: str) -> list[str]:
    """The values that a key has, in the order of the lines."""
    lines = re.findall(rf"^[\s-]*{key}:[ \t]*(.*)$", text, re.MULTILINE)
    return [word for word in (line.strip().strip("\"'") for line in lines) if word]
