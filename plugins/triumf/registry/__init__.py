"""`inv triumf.registry.VERB`: the site's own registry, Docker Distribution with TLS and
passwords."""

from collections.abc import Iterable, Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from fairlead.api import (
    NOT_KNOWN,
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
    script,
    text,
    verb,
)

from ..sections.values import ImageWithTag
from . import access, distribution, host_facts, serving
from .checks import checks

sh = script.beside(__file__)

FULL = 64 * 1024  # KiB free below which no image fits


class SearchOptions(msgspec.Struct, frozen=True):
    match: Annotated[str, text(r"[A-Za-z0-9._/:-]{0,128}", "a part of a name", "sl6")] = ""


class GcOptions(msgspec.Struct, frozen=True):
    untagged: Annotated[
        bool,
        Meta(description="manifests go too that have no tag, and that no image with one needs"),
    ] = False


class DeleteOptions(msgspec.Struct, frozen=True):
    image: Annotated[ImageWithTag, Meta(description="NAME:TAG; without a tag: latest")]


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    return host_facts.facts(ask)


@hookimpl
def needs(ask: Ask) -> Iterator[SecretSpec]:
    """Certificate, key and authority where they are secrets, and the users' passwords; deleting
    needs one of them."""
    registry = ask.section.registry
    if ask.verb in ("up", "secrets"):
        yield from serving.certificate_specs(registry)
        for user, secret in registry.users.items():
            yield serving.password_spec(user, secret)
    elif ask.verb == "delete":
        yield serving.password_spec(registry.account, registry.users[registry.account])


@hookimpl
def preflight(ask: Ask) -> Iterator[Check]:
    """What the registry needs: an address, a certificate that its clients believe, room."""
    return checks(ask)


@hookimpl
def up(ask: Ask) -> Steps:
    """Install it, put certificate and passwords, write its configuration (shown as a diff), start
    it, prove that it asks for a password."""
    registry, layout = ask.section.registry, serving.layout(ask)
    names = [registry.package or layout.package]
    manager = ask.facts.get("packages", "")
    return [
        packages.installed(manager, names, registry.enablerepo, "package"),
        serving.root(registry, layout),
        *serving.delivered(ask, layout),
        serving.configured(ask, layout),
        serving.running(layout),
        access.proved(ask, serving.authority(ask, layout), "proved"),
    ]


@hookimpl
def secrets(ask: Ask) -> Steps:
    """Put certificate, key and the users' passwords where the registry reads them (--deliver); what
    is so already stays."""
    return [*serving.delivered(ask, serving.layout(ask))]


@hookimpl
def down(ask: Ask) -> Steps:
    """Stop it; its images stay."""
    service = serving.layout(ask).service
    return [
        Step(
            name="stop",
            unless=sh("is_down", service),
            do=("systemctl", "disable", "--now", service),
            undo=("systemctl", "enable", "--now", service),
            timeout=60,
        )
    ]


@hookimpl
def restart(ask: Ask) -> Steps:
    """Stop and start it."""
    service = serving.layout(ask).service
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
    """Is it up, for how long its certificate is good, how many repositories and bytes it holds, and
    has it room."""
    registry, is_active = ask.section.registry, bool(ask.facts.get("active"))
    contents: host_facts.Contents | None = ask.facts.get("contents")
    certificate = serving.certificate(ask)
    days = certificate.days(ask.host.time)
    fields = (
        ("service", "up" if is_active else "down"),
        ("address", f"{registry.reference} ({serving.address(ask) or 'no address'})"),
        ("tls", certificate.fault or f"{days} days left"),
        ("repositories", contents.repositories if contents else NOT_KNOWN),
        ("size", _amount(contents.kib) if contents else NOT_KNOWN),
        ("room", _room(contents) if contents else NOT_KNOWN),
    )
    is_full = contents is not None and contents.free < FULL
    return Status(is_active and not certificate.fault and not is_full, fields)


@hookimpl
def logs(ask: Ask[journald.Logs]) -> Session:
    """What it has said."""
    return journald.logs(ask.options, distribution.DEBIAN.service, distribution.RED_HAT.service)


@verb(changes=False)
def search(ask: Ask[SearchOptions]) -> Session:
    """Which images it holds: repositories, tags, sizes, ages; --match for a part of the name."""
    return Session(sh("search", ask.section.registry.root, ask.options.match))


@verb(destroys="{image} in the registry, and every other tag of the same image")
def delete(ask: Ask[DeleteOptions]) -> Steps:
    """Take an image and its signatures out of it; their layers go with the next gc."""
    registry = ask.section.registry
    name, _, tag = ask.options.image.partition(":")
    tag = tag or "latest"
    authority = serving.authority(ask, serving.layout(ask))
    yield Step(
        name=f"no {name}:{tag}",
        unless=sh("no_tag", registry.root, name, tag),
        do=sh("delete", f"https://{registry.reference}", name, tag, authority),
        stdin=access.curl(registry.account, access.password(ask, registry.account)),
        sensitive=True,
        timeout=60,
        exit_messages=access.exit_messages(registry),
    )


@verb(destroys="every image without a tag in the registry", destroys_with="untagged")
def gc(ask: Ask[GcOptions]) -> Steps:
    """Free the room of layers that no image needs any more, and of halves of pushes; it is stopped
    meanwhile, but only where there are any."""
    layout = serving.layout(ask)
    program, config, root = layout.program, layout.config, ask.section.registry.root
    untagged = "untagged" if ask.options.untagged else ""
    yield Step(
        name="layers that no image needs",
        unless=sh("swept", program, config, root, untagged),
        do=sh("sweep", program, config, layout.service, root, untagged),
        undo=sh("up_again", layout.service),
        timeout=3600,
        progress=True,
    )


def _room(contents: host_facts.Contents) -> str:
    free = f"{_amount(contents.free)} free"
    if contents.free >= FULL:
        return free
    return f"full ({free}): pushes fail; inv triumf.registry.gc, or a larger file system"


def _amount(kib: int) -> str:
    megabytes = kib * 1.024 / 1000
    return f"{megabytes / 1000:.1f} GB" if megabytes >= 1000 else f"{megabytes:.1f} MB"
