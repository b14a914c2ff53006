"""`inv xcat.preflight --for=VERSION`: what is in the way of a version, weeks before it is built."""

import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from fairlead.api import (
    NOT_KNOWN,
    Ask,
    BuiltImage,
    Check,
    Container,
    Fact,
    Noun,
    docker,
    script,
    text,
)
from fairlead.api import facts as facts_

from . import commands, recipe
from .checks import checks as of_today
from .site import XCat

Number = Annotated[
    str,
    text(r"[0-9]{1,3}\.[0-9]{1,3}(?:\.[0-9]{1,3})?", "a version of xCAT", "2.18, 2.19.0"),
]
# The Enterprise Linux that a release of xCAT has packages for. Source: docs/source/overview/_files
# and xCAT/xCAT.spec of xcat-core at 2.17.0, 2.18.0 and HEAD (2.19.0).
RELEASES = {
    "2.17": ("8", "9"),
    "2.18": ("8", "9", "10"),
    "2.19": ("8", "9", "10"),
}
# From this release of Enterprise Linux on, kea answers DHCP: `Requires` of xCAT/xCAT.spec,
# site.dhcpbackend in perl-xCAT/xCAT/Schema.pm (2.18.0; 2.17.0 has none).
KEA = "10"
USUAL = "9"
SECONDS = 600  # TimeoutStartSec of xcatd.service
NEW_STATE = tuple(volume.path for volume in commands.STATE_BUILT if volume not in commands.STATE)
OTHERWISE = frozenset({"image"})  # of the checks of today: what is said of it here

sh = script.beside(__file__)


class For(msgspec.Struct, frozen=True, rename={"version": "for"}):
    version: Annotated[
        Number,
        Meta(
            description="what is in the way of this version of xCAT, such as 2.18 or 2.19.0, weeks "
            "before xcat.recipe.version says it"
        ),
    ] = ""


class Today(Noun, kw_only=True):
    """What runs. `version`: "" where xcatd does not say. `unkept`: folders that go with the
    container. `leases`: of dhcpd; None: it has no configuration."""

    version: str = ""
    unkept: tuple[str, ...] = ()
    leases: int | None = None


def of(ask: Ask[Any]) -> Ask[Any]:
    """The ask of a site whose recipe is of the version of --for."""
    site: XCat = ask.section
    coming = replace(site.recipe or BuiltImage(release=USUAL), version=ask.options.version)
    section = replace(site, recipe=coming)
    return replace(ask, target=replace(ask.target, section=section))


def facts(ask: Ask[Any], c: Container) -> Iterator[Fact]:
    """`today`, of the container that runs."""
    yield Fact("today", docker.inside(c, *sh("today", *NEW_STATE)), parse, timeout=30)


def parse(code: int, text: str) -> Today | None:
    """What today.sh prints; None: nothing ran that could be asked."""
    rows = [line.split(maxsplit=1) for line in text.splitlines()]
    if code or ["end"] not in rows:
        return None
    words = {row[0]: row[1] for row in rows if len(row) == 2}
    number = re.search(r"[0-9]+(?:\.[0-9]+)+", words.get("version", ""))
    return Today(
        version=number[0] if number else "",
        unkept=tuple(row[1] for row in rows if row[0] == "unkept"),
        leases=int(words["dhcpd"]) if "dhcpd" in words else None,
    )


def checks(ask: Ask[Any]) -> Iterator[Check]:
    """The checks of a site that has this version; nothing is mended for it."""
    coming = of(ask)
    for check in (*_own(coming, ask.section), *_today(coming)):
        yield replace(check, fix=(), fix_name="")


def _own(ask: Ask[Any], site: XCat) -> Iterable[Check]:
    return (_image(ask, site), _distribution(ask), _version(ask), _systemd(ask), _patience(ask))


def _today(ask: Ask[Any]) -> Iterator[Check]:
    yield from (check for check in of_today(ask) if check.name not in OTHERWISE)
    yield _state(ask)
    if facts_.at_least(ask.section.recipe.release, KEA):
        yield _dhcp(ask)


def _image(ask: Ask[Any], site: XCat) -> Check:
    """Here, or a recipe that builds it: upstream publishes none."""
    version, state = ask.options.version, ask.facts.get("built") or ""
    line = f'recipe: {{release: "{ask.section.recipe.release}", version: {version}}} in xcat'
    if site.recipe:
        found = "here" if state == "built" else f"not built yet, by release {site.recipe.release}"
    else:
        found = "no recipe, and upstream publishes no image of it"
    return Check(
        name="image",
        ok=bool(site.recipe) and state == "built",
        wanted=f"{recipe.reference(ask.section)} of {version}, or a recipe that builds it",
        found=found if state or not site.recipe else NOT_KNOWN,
        why="the host builds it from packages, which takes minutes; what runs goes on meanwhile",
        remedy=f"{line}, then {recipe.COMMAND}",
        blocks=not site.recipe,
    )


def _distribution(ask: Ask[Any]) -> Check:
    release, version = ask.section.recipe.release, ask.options.version
    known = RELEASES.get(".".join(version.split(".")[:2]))
    return Check(
        name="distribution",
        ok=bool(known) and release.partition(".")[0] in (known or ()),
        wanted=f"Enterprise Linux {', '.join(known)}" if known else f"one that {version} is for",
        found=release if known else NOT_KNOWN,
        why="xCAT has no packages for another",
        remedy="another release in xcat.recipe"
        if known
        else f"read its release notes; known here are {', '.join(RELEASES)}",
        blocks=bool(known),
    )


def _version(ask: Ask[Any]) -> Check:
    """Tables are brought forward (xcatconfig -u), and never back."""
    today: Today | None = ask.facts.get("today")
    runs, version = today.version if today else "", ask.options.version
    is_newer = bool(runs) and not facts_.at_least(version, ".".join(runs.split(".")[:2]))
    return Check(
        name="version",
        ok=bool(runs) and not is_newer,
        wanted=f"{version} may follow what runs",
        found=runs or (NOT_KNOWN if today else f"{NOT_KNOWN}: no container of ours runs"),
        why="tables are brought to a newer version, never to an older one",
        remedy=f"inv xcat.status shows it; {'inv xcat.rollback' if is_newer else 'inv xcat.up'}",
        blocks=is_newer,
    )


def _systemd(ask: Ask[Any]) -> Check:
    """The first process of the new container is systemd, which wants a cgroup tree to write in."""
    cgroup, server = ask.engine.cgroup, ask.engine.server
    has_own = cgroup == "1" or (cgroup == "2" and facts_.at_least(server, "20.10"))
    return Check(
        name="systemd",
        ok=has_own,
        wanted="cgroup v1, or v2 with Docker 20.10 or newer (--cgroupns=private)",
        found=f"cgroup v{cgroup}, Docker {server}" if cgroup and server else NOT_KNOWN,
        why="it is the first process of the container: xcatd forks, makedhcp and makedns call "
        "systemctl",
        remedy="a newer Docker",
        blocks=bool(cgroup and server),
    )


def _patience(ask: Ask[Any]) -> Check:
    seconds = ask.section.seconds
    return Check(
        name="patience",
        ok=seconds >= SECONDS,
        wanted=f"{SECONDS} s, as xCAT's own unit has it",
        found=f"{seconds} s",
        why="the first start of a new version makes keys or brings tables forward; the old one "
        "would be put back meanwhile",
        remedy="leave xcat.patience away",
        blocks=False,
    )


def _state(ask: Ask[Any]) -> Check:
    today: Today | None = ask.facts.get("today")
    unkept = ", ".join(today.unkept) if today else f"{NOT_KNOWN}: no container of ours runs"
    return Check(
        name="state",
        ok=not unkept,
        wanted=f"kept on the host: {', '.join(NEW_STATE)}",
        found=unkept or "all of it that is there",
        why="what lies in the container alone goes with it; inv xcat.up brings it out of the one "
        "that it replaces, and of no other",
        remedy="let the container stand until then",
        blocks=False,
    )


def _dhcp(ask: Ask[Any]) -> Check:
    today: Today | None = ask.facts.get("today")
    has_dhcpd = today is not None and today.leases is not None
    words = f"dhcpd has a configuration, and {today.leases} leases" if today and has_dhcpd else ""
    return Check(
        name="DHCP",
        ok=today is not None and not has_dhcpd,
        wanted="nothing of dhcpd that would be missed",
        found=words or ("none" if today else f"{NOT_KNOWN}: no container of ours runs"),
        why=f"from Enterprise Linux {KEA} on kea answers DHCP: makedhcp writes its files from the "
        "tables, and takes over neither lines that were written into dhcpd.conf by hand nor leases",
        remedy="bring such lines into the tables, and run makedhcp -n, makedhcp -a afterwards; or "
        f'release: "{USUAL}" in xcat.recipe, which has dhcpd',
        blocks=False,
    )
