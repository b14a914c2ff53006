"""`inv triumf.registry.VERB`: the site's own registry, Docker Distribution with TLS and passwords."""

from collections.abc import Iterable, Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from fairlead.api import (
    Ask,
    Check,
    Fact,
    SecretSpec,
    Session,
    Status,
    Step,
    Steps,
    hookimpl,
    journald,
    packages,
    text,
    verb,
)

from .. import distribution
from .. import facts as wanted
from ..site import ImageWithTag
from . import access, serving
from .checks import checks

FULL = 64 * 1024  # KiB free below which no image fits


class Search(msgspec.Struct, frozen=True):
    match: Annotated[str, text(r"[A-Za-z0-9._/:-]{0,128}", "a part of a name", "sl6")] = ""


class Gc(msgspec.Struct, frozen=True):
    untagged: Annotated[
        bool,
        Meta(
            description="images without a tag go too; not where images for several machines share one"
        ),
    ] = False


class Delete(msgspec.Struct, frozen=True):
    image: Annotated[ImageWithTag, Meta(description="NAME:TAG; without a tag: latest")]


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    return wanted.registry(ask)


@hookimpl
def needs(ask: Ask) -> Iterator[SecretSpec]:
    """Certificate, key and authority where they are secrets, and the users' passwords; deleting needs one of them."""
    registry = ask.section.registry
    if ask.verb in ("up", "secrets"):
        yield from serving.certificate_specs(registry)
    if ask.verb in ("up", "secrets", "delete"):
        yield from (
            serving.password_spec(user, secret)
            for user, secret in registry.users.items()
            if ask.verb != "delete" or user == registry.account
        )


@hookimpl
def preflight(ask: Ask) -> Iterator[Check]:
    """What the registry needs: an address, a certificate that its clients believe, room."""
    return checks(ask)


@hookimpl
def up(ask: Ask) -> Steps:
    """Install it, put certificate and passwords, write its configuration (shown as a diff), start it, prove that it asks for a password."""
    registry, where = ask.section.registry, serving.place(ask)
    return [
        packages.installed(
            ask.facts.get("packages", ""),
            [registry.package or where.package],
            registry.enablerepo,
            "package",
        ),
        serving.root(registry, where),
        *serving.delivered(ask, where),
        serving.configured(ask, where),
        serving.running(where),
        access.proved(ask, serving.authority(ask, where), "proved"),
    ]


@hookimpl
def secrets(ask: Ask) -> Steps:
    """Put certificate, key and the users' passwords where the registry reads them (--deliver); what is so already stays."""
    return [*serving.delivered(ask, serving.place(ask))]


@hookimpl
def down(ask: Ask) -> Steps:
    """Stop it; its images stay."""
    service = serving.place(ask).service
    stopped = (
        "sh",
        "-c",
        'if systemctl is-active -q "$1" || systemctl is-enabled -q "$1" 2>/dev/null; then exit 1; fi',
        "down",
        service,
    )
    undo = ("systemctl", "enable", "--now", service)
    return [
        Step(
            name="stop",
            unless=stopped,
            do=("systemctl", "disable", "--now", service),
            undo=undo,
            timeout=60,
        )
    ]


@hookimpl
def restart(ask: Ask) -> Steps:
    """Stop and start it."""
    service = serving.place(ask).service
    return [
        Step(
            name="restart",
            do=("systemctl", "restart", service),
            undo=("systemctl", "start", service),
            timeout=60,
        )
    ]


@hookimpl
def status(ask: Ask) -> Status:
    """Is it up, for how long its certificate is good, how many repositories and bytes it holds, and has it room."""
    registry, held = ask.section.registry, ask.facts.get("held")
    found, now = serving.shown(ask), serving.now(ask)
    fields = (
        ("service", "up" if ask.facts.get("active") else "down"),
        ("address", f"{registry.reference} ({serving.address(ask) or 'no address'})"),
        ("tls", f"{found.days(now)} days left" if not found.fault else found.fault),
        ("repositories", held.repositories if held else "not known"),
        ("size", _amount(held.kib) if held else "not known"),
        ("room", _room(held) if held else "not known"),
    )
    return Status(
        bool(ask.facts.get("active")) and not found.fault and not (held and held.free < FULL),
        fields,
    )


@hookimpl
def logs(ask: Ask[journald.Logs]) -> Session:
    """What it has said."""
    return journald.said(ask.options, distribution.DEBIAN.service, distribution.RED_HAT.service)


@verb(changes=False)
def search(ask: Ask[Search]) -> Session:
    """Which images it holds: repositories, tags, sizes, ages; --match for a part of the name."""
    options = ask.options
    return Session(
        ("sh", "-c", distribution.SEARCH, "search", ask.section.registry.root, options.match)
    )


@verb(destroys="{image} in the registry, and every other tag of the same image")
def delete(ask: Ask[Delete]) -> Steps:
    """Take an image and its signatures out of it; their layers go with the next gc."""
    registry = ask.section.registry
    name, _, tag = ask.options.image.partition(":")
    words = (
        f"https://{registry.reference}",
        name,
        tag or "latest",
        serving.authority(ask, serving.place(ask)),
    )
    yield Step(
        name=f"no {name}:{tag or 'latest'}",
        unless=("sh", "-c", distribution.NO_TAG, "tag", registry.root, name, tag or "latest"),
        do=("sh", "-c", distribution.DELETE, "delete", *words),
        stdin=access.curl(registry.account, access.password(ask, registry.account)),
        sensitive=True,
        timeout=60,
        exit_messages=access.meanings(registry),
    )


@verb
def gc(ask: Ask[Gc]) -> Steps:
    """Free the room of layers that no image needs any more; it is stopped meanwhile, but only where there are any."""
    where = serving.place(ask)
    words, more = (
        (where.program, where.config),
        "--delete-untagged" if ask.options.untagged else "",
    )
    yield Step(
        name="layers that no image needs",
        unless=("sh", "-c", distribution.SWEPT, "swept", *words, ask.section.registry.root, more),
        do=("sh", "-c", distribution.SWEEP, "sweep", *words, where.service, more),
        undo=("sh", "-c", distribution.UP_AGAIN, "up again", where.service),
        timeout=3600,
        progress=True,
    )


def _room(held: wanted.Held) -> str:
    free = f"{_amount(held.free)} free"
    return (
        f"full ({free}): pushes fail; inv triumf.registry.gc, or a larger file system"
        if held.free < FULL
        else free
    )


def _amount(kib: int) -> str:
    megabytes = kib * 1.024 / 1000
    return f"{megabytes / 1000:.1f} GB" if megabytes >= 1000 else f"{megabytes:.1f} MB"
