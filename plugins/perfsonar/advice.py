"""`inv perfsonar.preflight --for=TAG`: what is in the way of another version, weeks before it is
installed. Nothing is pulled, and nothing changes on the host."""

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec

from fairlead.api import Ask, Check, Container, Fact, Noun, docker, published, script, text
from fairlead.api import checks as preflight

from . import commands, osg, releases
from .site import is_of_systemd

MIB = 1024 * 1024
UNPACKED = 4  # an image takes so many times what is pulled of it, with what was pulled beside it

sh = script.beside(__file__)


class For(msgspec.Struct, frozen=True, rename={"version": "for"}):
    version: Annotated[
        str,
        text(
            r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}",
            "the next version",
            "such as 5.2.5, or its tag; what is in its way on these hosts, and nothing is pulled",
        ),
    ] = ""


class Database(Noun):
    """PostgreSQL's files of a test point. Sizes are MiB, 0 where they are not known."""

    major: str = ""
    size: int = 0
    state: int = 0
    room: int = 0


# Facts


def facts(c: Container, ask: Ask[Any]) -> Iterator[Fact]:
    """`published`: what the registry has by that version; `database`: what the host has. Which
    flavor the host wants is not known yet: both are asked for."""
    image = ask.section.image or commands.IMAGE
    flavors = ("systemd", "supervisord") if ask.section.flavor == "auto" else (ask.section.flavor,)
    names = (name for flavor in flavors for name in _names(ask, image, flavor))
    yield published.fact(c.engine, *dict.fromkeys(names))
    yield Fact("database", sh("postgres", c.engine, c.name, c.root), database, timeout=60)


def references(ask: Ask[Any]) -> tuple[str, ...]:
    """The image by the names that the version may have in the registry, for this host."""
    return _names(ask, commands.image_name(ask), commands.flavor(ask)[0])


def _names(ask: Ask[Any], image: str, flavor: str) -> tuple[str, ...]:
    """perfSONAR's workflow makes v5.2.1-systemd of a version and 5.2.1-systemd of its branch, and
    without a suffix the other flavor."""
    version = ask.options.version
    is_number = bool(releases.release(version).number)
    if not is_number or is_of_systemd(version) or image == osg.IMAGE:
        tags = [version]
    else:
        suffix = "-systemd" if flavor == "systemd" else ""
        tags = [f"{version}{suffix}", f"{_other(version)}{suffix}"]
    names = (f"{image}:{tag}" for tag in tags)
    return tuple(docker.qualified(name) if _is_podman(ask) else name for name in names)


def _other(version: str) -> str:
    return version.removeprefix("v") if version.startswith("v") else f"v{version}"


def _is_podman(ask: Ask[Any]) -> bool:
    return bool(ask.section.engine == "podman")


def database(code: int, text: str) -> Database:
    """The lines of shell/postgres.sh."""
    major, *numbers = [line.strip() for line in text.splitlines()] or [""]
    sizes = [int(number) if number.isdigit() else 0 for number in numbers]
    return Database(major, *(*sizes, 0, 0, 0)[:3])


# Checks


def checks(ask: Ask[Any]) -> Iterator[Check]:
    known, has = _known(ask), ask.facts.get("database") or Database()
    yield preflight.engine(ask, ask.section.engine)
    yield _image(ask, known)
    image = known if isinstance(known, published.Published) else None
    yield _postgres(ask, image, has)
    yield _room(ask, image)
    if has.state:
        yield _state(has)
    yield from _of_tag(ask, _tag(image, ask))
    yield from osg.check(ask)


def _known(ask: Ask[Any]) -> published.Published | str | None:
    """What the registry has of it; None: it did not say of every name."""
    known = ask.facts.get("published") or {}
    values = [known.get(name) for name in references(ask)]
    images = [value for value in values if isinstance(value, published.Published)]
    if images:
        return images[0]
    return None if None in values else published.NONE


def _tag(image: published.Published | None, ask: Ask[Any]) -> str:
    """The one that the registry has; where it has none, or does not say, the one asked for."""
    reference = image.reference if image else references(ask)[0]
    return reference.rpartition(":")[2]


def _image(ask: Ask[Any], known: published.Published | str | None) -> Check:
    names = " or ".join(references(ask))
    if isinstance(known, published.Published):
        kind = "an index of" if known.is_index else "one image,"
        shown = f"{known.reference}: {kind} {', '.join(known.platforms)}"
        remedy = f"there is none for {ask.host.arch or 'this host'}: choose another version"
    else:
        shown = known or "not known"
        remedy = "see which tags there are: perfSONAR's are those of its branches (5.2.4-systemd) "
        remedy += "and versions (v5.2.1-systemd)"
        if known is None:
            remedy = "the registry does not answer this host, or curl is not there; where the site "
            remedy += "names no image, and the host's is of another registry, name it"
    fits = isinstance(known, published.Published) and known.fits
    return Check(
        name="image",
        ok=fits,
        wanted=names,
        found=shown,
        why="upgrade pulls it",
        remedy=remedy,
        blocks=known is not None,
    )


def _postgres(ask: Ask[Any], image: published.Published | None, has: Database) -> Check:
    """The same major version, or what will become of the data."""
    new = image.variables.get(releases.VARIABLE, "") if image else ""
    old = has.major
    is_known = bool(old and new)
    is_kept = ask.section.database == "keep"
    will = "will be dumped and loaded anew" if is_kept else "begins anew: results are lost"
    return Check(
        name="PostgreSQL",
        ok=is_known and old == new,
        wanted=f"{old or 'not known'}, as the host's",
        found=f"{new}: the database {will}" if is_known and old != new else new or "not known",
        why="it does not start on the files of another major version",
        remedy="leave more time for the window; database: keep or fresh in the site says which"
        if is_known
        else "upgrade asks again when it has the image, before anything stops",
        blocks=False,
    )


def _room(ask: Ask[Any], image: published.Published | None) -> Check:
    size = image.size * UNPACKED // MIB if image and image.size else commands.IMAGE_MIB
    return preflight.space(ask, size, "the image, as it is pulled and unpacked, beside the old one")


def _state(has: Database) -> Check:
    """At an upgrade the state is copied, and the database dumped beside it."""
    needed = has.state + has.size
    return Check(
        name="room for the state",
        ok=has.room >= needed,
        wanted=f"{needed} MiB free",
        found=f"{has.room} MiB free" if has.room else "not known",
        why="upgrade copies the state, to return to it, and dumps the database",
        remedy="make room where state of the site lies: old dumps, failed and newer-* beside it",
        blocks=bool(has.room),
    )


def _of_tag(ask: Ask[Any], tag: str) -> Iterator[Check]:
    yield _flavor(ask, tag)
    where = releases.source(tag)
    yield Check(
        name="packages",
        ok=not where,
        wanted="those of a release",
        found=f"{tag} is made of {where}" if where else f"nothing else is known of {tag}",
        why="what is not released yet changes under one name, and nobody supports it",
        remedy="latest, systemd and what is made of them are of releases",
        blocks=False,
    )
    for key, what in releases.unknown_keys(ask.section, releases.release(tag).number).items():
        yield Check(
            name=key,
            ok=False,
            wanted=f"{what} in the image",
            found=f"{tag} is older",
            why="the site names the key, and the image has nothing by it",
            remedy=f"take {key} out of the site, or a later version",
        )


def _flavor(ask: Ask[Any], tag: str) -> Check:
    """Does the tag fit what the site and the host want?"""
    kind, why = commands.flavor(ask)
    is_systemd = is_of_systemd(tag) or commands.image_name(ask) == osg.IMAGE
    other = "systemd" if is_systemd else "supervisord"
    clashes = is_systemd != (kind == "systemd")
    return Check(
        name="flavor",
        ok=not clashes,
        wanted=f"{kind}: {why}",
        found=other,
        why="the two are started with other options",
        remedy="ask for the version alone, without a suffix: its tag follows from the flavor",
        blocks=clashes,
    )
