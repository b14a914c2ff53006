"""daos_nvme.conf on the way back from 2.8: two names in it differ, and servers before 2.8 read
neither of the new ones.

On the way there 2.8 writes the file anew by itself. Source: "Known Issues" of release_notes.md at
df309c0400; UpgradeBdevConfig() in src/control/server/storage/provider.go, which 2.6.5 has not;
SetNvmeConfigPath in storage/config.go says where it lies.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from fairlead.api import Ask, Container, Phase, Step, Volume, script

from .config import content
from .releases import is_before

RENAMED = (2, 8)  # from this release on
STEP = "daos_nvme.conf"

sh = script.beside(__file__)


def crosses(old: str, new: str) -> bool:
    """Is the one before 2.8, and the other not?"""
    return bool(old and new) and is_before(old, *RENAMED) and not is_before(new, *RENAMED)


def places(ask: Ask[Any], server: Container) -> tuple[str, ...]:
    """Where the file of each engine lies: its path on the host, or the device it is on.

    With metadata on SSD it lies in control_metadata; else where storage class memory is mounted:
    of class ram it goes with the container, and is written anew.
    """
    config = content(ask.section, "server")
    engines = [engine for engine in config.get("engines") or () if isinstance(engine, Mapping)]
    metadata = config.get("control_metadata")
    if isinstance(metadata, Mapping) and isinstance(metadata.get("path"), str):
        root = f"{server.place(Volume(metadata['path']))}/daos_control"
        return tuple(f"{root}/engine{number}/{STEP}" for number, _ in enumerate(engines))
    tiers = [tier for engine in engines for tier in engine.get("storage") or ()]
    devices = [tier.get("scm_list") or () for tier in tiers if tier.get("class") == "dcpm"]
    return tuple(str(device) for listed in devices for device in listed)


def with_way_back(
    steps: Iterable[Step], ask: Ask[Any], server: Container, old: str
) -> Iterator[Step]:
    """The steps in which a server of 2.8 takes the place of an older one.

    Where they are undone the file has its old names again before the old one starts.
    """
    where = places(ask, server) if crosses(old, ask.section.version) else ()
    for step in steps:
        if step.name == "container" and where:
            back = sh("old_nvme_names", *where)
            yield replace(step, name=STEP, do=("true",), undo=back, progress=False)
        yield step


def returning(
    phases: tuple[Phase, ...], ask: Ask[Any], server: Container, newer: str, before: str
) -> tuple[Phase, ...]:
    """The phases of `rollback`, the old names in the file before the old server starts."""
    where = places(ask, server) if crosses(before, newer) else ()
    if not where:
        return phases
    return tuple(replace(phase, steps=tuple(_renamed(phase.steps, where))) for phase in phases)


def _renamed(steps: tuple[Step, ...], where: tuple[str, ...]) -> Iterator[Step]:
    for step in steps:
        if step.name == "container":
            yield Step(
                name=STEP,
                unless=sh("has_old_nvme_names", *where),
                do=sh("old_nvme_names", *where),
                undo=("true",),  # 2.8 writes it anew when it starts
                remedy="release_notes.md of DAOS 2.8, Known Issues: the two names, by hand",
            )
        yield step
