"""What a configuration asks of its host: read from the site's map, or line by line from a file of the user's."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.api import Ask, Noun

from .config import content
from .hardware import Hardware


class Wanted(Noun, kw_only=True):
    """`vfio_off`: disable_vfio, None where the file does not say; `scm` in GiB, of memory; `nodes`: NUMA nodes that engines are pinned to."""

    vfio_off: bool | None = None
    pages: int = 0
    interfaces: tuple[str, ...] = ()
    nvme: tuple[str, ...] = ()
    scm: int = 0
    nodes: tuple[int, ...] = ()
    fabric: bool = False  # are fabric_ifaces given?
    lasting: bool = True  # does the server's metadata lie where it outlives the container?


def wanted(ask: Ask[Any], component: str) -> Wanted | None:
    """None: it is a file of the user's, and that is not there."""
    given = getattr(ask.section, component).config
    found: Hardware = ask.facts.get("hardware") or Hardware()
    if isinstance(given, str):
        return None if found.config is None else of_text(found.config)
    return of_map(content(ask.section, component))


def of_map(given: Mapping[str, Any]) -> Wanted:
    engines = [engine for engine in given.get("engines") or () if isinstance(engine, dict)]
    tiers = [
        tier for engine in engines for tier in engine.get("storage") or () if isinstance(tier, dict)
    ]
    return Wanted(
        vfio_off=given.get("disable_vfio"),
        pages=int(given.get("nr_hugepages") or 0),
        interfaces=tuple(
            dict.fromkeys(
                str(engine["fabric_iface"]) for engine in engines if "fabric_iface" in engine
            )
        ),
        nvme=tuple(
            dict.fromkeys(
                str(one)
                for tier in tiers
                if tier.get("class") == "nvme"
                for one in tier.get("bdev_list") or ()
            )
        ),
        scm=sum(int(tier.get("scm_size") or 0) for tier in tiers if tier.get("class") == "ram"),
        nodes=tuple(
            dict.fromkeys(
                engine["pinned_numa_node"]
                for engine in engines
                if isinstance(engine.get("pinned_numa_node"), int)
            )
        ),
        fabric=bool(given.get("fabric_ifaces")),
        lasting=bool(given.get("control_metadata"))
        or any(tier.get("class") == "dcpm" for tier in tiers),
    )


def of_text(text: str) -> Wanted:
    """The same of a file's text, as far as its lines tell."""
    vfio = _words("disable_vfio", text)
    return Wanted(
        vfio_off=vfio[-1].lower() == "true" if vfio else None,
        pages=sum(int(word) for word in _words("nr_hugepages", text)[-1:] if word.isdigit()),
        interfaces=tuple(dict.fromkeys(_words("fabric_iface", text))),
        nvme=tuple(
            dict.fromkeys(
                re.findall(r"\b[0-9a-fA-F]{4}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\.[0-7]\b", _told(text))
            )
        ),
        scm=sum(int(word) for word in _words("scm_size", text) if word.isdigit()),
        nodes=tuple(
            dict.fromkeys(int(word) for word in _words("pinned_numa_node", text) if word.isdigit())
        ),
        fabric=bool(re.search(r"^fabric_ifaces:", _told(text), re.MULTILINE)),
        lasting="dcpm"
        in _words("class", text),  # of a file of the user's we mount no folder of metadata
    )


def _told(text: str) -> str:
    return re.sub(r"(^|\s)#.*$", "", text, flags=re.MULTILINE)


def _words(key: str, text: str) -> list[str]:
    return [word for line in _lines(key, text) for word in (line.strip().strip("\"'"),) if word]


def _lines(key: str, text: str) -> Iterator[str]:
    yield from re.findall(rf"^[\s-]*{key}:[ \t]*(.*)$", _told(text), re.MULTILINE)
