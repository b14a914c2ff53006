"""Preflight: what the version that the site says wants of a host and of its configuration."""

from collections.abc import Iterator
from typing import Any

from fairlead.api import Ask, Check

from .config import unknown
from .hardware import Hardware
from .releases import is_before, release
from .requirements import Requirements

MAPS = 1_000_000  # utils/rpms/10-daos_server.conf
WITHOUT_THP = "transparent_hugepage=never"


def server(ask: Ask[Any], host: Hardware, needs: Requirements) -> Iterator[Check]:
    """What a version wants of a server."""
    yield from distribution(ask)
    yield from transparent_pages(ask, host, needs)
    yield maps(host)
    yield from keys(ask, "server", needs)


def transparent_pages(ask: Ask[Any], host: Hardware, needs: Requirements) -> Iterator[Check]:
    """From 2.6.5 on a server refuses to start while transparent huge pages are on: code 623.

    Source: prepBdevStorage() in src/control/server/server_utils.go, IsTHPEnabled() in sysfs.
    """
    version = ask.section.version
    if is_before(version, 2, 6, 5) or needs.without_pages or needs.allows_thp:
        return
    yield Check(
        name="transparent huge pages",
        ok=host.thp == "never",
        wanted="[never] in /sys/kernel/mm/transparent_hugepage/enabled",
        found=f"[{host.thp}]" if host.thp else "not known",
        why=f"a server of {version} refuses to start while they are on, code = 623; they are the "
        "host's, a container cannot set them",
        remedy=f"boot with {WITHOUT_THP}, or a unit that writes never there; or say "
        "allow_thp: true in daos.server.config",
    )


def maps(host: Hardware) -> Check:
    """Engines map many areas: their RPMs raise the limit, which no container can."""
    return Check(
        name="vm.max_map_count",
        ok=host.maps is None or host.maps >= MAPS,
        wanted=f"{MAPS} at least",
        found="not known" if host.maps is None else str(host.maps),
        why="an engine maps an area for each stack of its threads, and ends where it may not",
        remedy=f"sysctl -w vm.max_map_count={MAPS}, and the same in a file below /etc/sysctl.d",
        blocks=False,
    )


def keys(ask: Ask[Any], component: str, needs: Requirements) -> Iterator[Check]:
    """DAOS's programs read their files strictly: a key that they do not know ends them."""
    version = ask.section.version
    refused = list(unknown(needs.keys, component, version))
    if not refused:
        return
    names = [f"{key.name} (since {'.'.join(map(str, key.since))})" for key in refused]
    yield Check(
        name="keys of the configuration",
        ok=False,
        wanted=f"none that {version} does not know",
        found=", ".join(names),
        why=f"daos_{component} reads its file strictly, and ends at the first key that it does "
        "not know",
        remedy=f"take them out of daos.{component}.config, or of the file that it names",
    )


def distribution(ask: Ask[Any]) -> Iterator[Check]:
    """Was this release validated on the distribution that it is to run on?"""
    site, known = ask.section, release(ask.section.version)
    if known:
        number = ".".join(map(str, known.number))
        yield Check(
            name="distribution",
            ok=site.distro in known.distros,
            wanted=f"{' or '.join(known.distros)}, on which DAOS {number} was validated",
            found=site.distro,
            why="there may be no packages for another, and nobody has tried them",
            remedy=f"set daos.version to the RPMs of {known.distros[0]}, and leave daos.distro "
            "away",
            blocks=False,
        )
