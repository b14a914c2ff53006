"""Preflight of a version that the site does not say yet: the checks of an upgrade, all of them,
by the same tables. Nothing is mended for it.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec.structs import replace

from fairlead.api import NOT_KNOWN, Ask, Check, Fact, looks_ahead

from . import checks, containers, nvme_config, preview, repositories, system_checks
from .compatibility import disagreement
from .releases import RELEASES, release
from .requirements import requirements

# What they say is of the site as it is today
TODAY = frozenset({"image", "versions", "server elsewhere", "agent on this host"})
NUMBER = re.compile(r"\d+\.\d+\.\d+")


def told(ask: Ask[Any], question: Callable[[Ask[Any]], Iterable[Check]]) -> Iterator[Check]:
    """The answers to a question about the site as it would be."""
    try:
        coming = preview.of(ask)
    except ValueError as error:
        yield Check(
            name="site",
            ok=False,
            wanted=f"one that goes with {ask.options.version}",
            found=str(error),
            remedy="change it together with daos.version",
        )
        return
    for check in question(coming):
        if check.name not in TODAY:
            yield replace(check, fix=())


def base(ask: Ask[Any]) -> Iterator[Check]:
    """Whether the release is known at all, and its packages are where images are made from."""
    yield _known(ask)
    yield from _base_image(ask)
    yield from repositories.check(ask)


def base_facts(ask: Ask[Any]) -> Iterator[Fact]:
    """Those that `base` wants; none where the site does not go with the version."""
    try:
        yield from repositories.facts(preview.of(ask)) if looks_ahead(ask) else ()
    except ValueError:
        return


def server(ask: Ask[Any]) -> Iterator[Check]:
    """May it follow what runs, and has the host what it needs?"""
    yield checks.version(ask)
    yield from checks.server(ask)
    yield from _way_back(ask)
    if not ask.section.admin.hosts and ask.target.host == ask.target.peers[0]:
        yield _without_dmg()


def client(ask: Ask[Any]) -> Iterator[Check]:
    """What a client needs, and an agent on bare metal that is not ours to upgrade."""
    yield from checks.client(ask)
    if ask.section.client.mode == "bare-metal-agent":
        yield _outside(ask)


def client_facts(ask: Ask[Any]) -> Iterator[Fact]:
    """`agent_version`: of an agent on bare metal."""
    if looks_ahead(ask) and ask.section.client.mode == "bare-metal-agent":
        yield Fact("agent_version", ("daos_agent", "version"), _number, timeout=20)


def _number(code: int, text: str) -> str:
    match = NUMBER.search(text)
    return match[0] if match and code == 0 else ""


def admin(ask: Ask[Any]) -> Iterator[Check]:
    """What dmg needs; whether it is there to stop all engines; what the system says by it."""
    yield from checks.admin(ask)
    if ask.target.host == ask.target.peers[0]:
        yield _dmg(ask)
    yield from system_checks.upgradable(ask)


def _known(ask: Ask[Any]) -> Check:
    version, known = ask.section.version, release(ask.section.version)
    return Check(
        name="release",
        ok=known is not None,
        wanted="a release of which it is known what it wants",
        found=f"DAOS {'.'.join(map(str, known.number))}" if known else f"{version}: {NOT_KNOWN}",
        why="path, layouts, keys and distributions are in one table (docs/daos.md, Versions)",
        remedy="read its release notes; the table has "
        + ", ".join(".".join(map(str, entry.number)) for entry in RELEASES),
        blocks=False,
    )


def _base_image(ask: Ask[Any]) -> Iterator[Check]:
    """A tag that the site says of its own stays, whatever the version."""
    tag, distro = ask.section.base_image.tag, ask.section.distro
    number = re.match(r"\d+", tag)
    if number:
        yield Check(
            name="base image",
            ok=distro == f"el{number[0]}",
            wanted=f"one of {distro}",
            found=f"daos.base_image.tag: {tag}",
            why="packages of one Enterprise Linux do not go into another",
            remedy="leave daos.base_image.tag away, or change it together with daos.version",
        )


def _way_back(ask: Ask[Any]) -> Iterator[Check]:
    """From 2.8 back, two names in each daos_nvme.conf have to be the old ones."""
    runs, needs = containers.version(ask, "server"), requirements(ask, "server")
    if not (needs and needs.nvme and nvme_config.crosses(runs, ask.section.version)):
        return
    where = nvme_config.places(ask, containers.container(ask, "server"))
    yield Check(
        name=nvme_config.STEP,
        ok=bool(where),
        wanted="known where it lies, for the way back",
        found=", ".join(where) or f"{NOT_KNOWN}: the configuration is a file of yours",
        why="2.8 renames two keys in it, which older servers do not read",
        remedy="give daos.server.config a map; else rename them by hand before an older server "
        "starts (release_notes.md of 2.8, Known Issues)",
        blocks=False,
    )


def _without_dmg() -> Check:
    return Check(
        name="layouts of pools",
        ok=False,
        wanted="such as the version reads",
        found=f"{NOT_KNOWN}: the site has no dmg",
        why="ranks, pools and their layouts are asked of dmg before anything stops",
        remedy="give daos.admin.hosts a host",
        blocks=False,
    )


def _dmg(ask: Ask[Any]) -> Check:
    is_there = containers.has_dmg(ask)
    return Check(
        name="dmg",
        ok=is_there,
        wanted="in service, for dmg system stop before servers stop",
        found="in service" if is_there else "not in service",
        why="engines that stop one by one are taken for dead by the others",
        remedy="inv daos.admin.up",
        blocks=False,
    )


def _outside(ask: Ask[Any]) -> Check:
    """That it may wait until the window makes it a warning."""
    runs, version = ask.facts.get("agent_version", ""), ask.section.version
    what = disagreement("client", version, "agent", runs)[0] if runs else NOT_KNOWN
    return Check(
        name="agent of the host",
        ok=not what,
        wanted=f"daos_agent of version {NUMBER.findall(version)[0]}",
        found=runs or NOT_KNOWN,
        why="libdaos and the agent beside it have to be of one version, and this agent is not "
        "fairlead's",
        remedy="in the window: the host's own package daos-client of that version, and "
        "systemctl restart daos_agent",
        blocks=False,
    )
