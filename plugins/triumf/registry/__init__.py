"""`inv triumf.registry.VERB`: the site's own registry, Docker Distribution with TLS and
passwords: a package of its host, or a container."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from fairlead.api import (
    NOT_KNOWN,
    Ask,
    Check,
    Fact,
    FairleadError,
    SecretSpec,
    Session,
    Status,
    Step,
    Steps,
    hookimpl,
    journald,
    leftovers,
    lifecycle,
    script,
    text,
    verb,
)
from fairlead.api import upgrade as upgrades

from ..sections.values import ImageWithTag
from . import access, container, distribution, host_facts, serving
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
    """Certificate, key and authority where they are secrets, and the users' passwords; deleting and
    the proof of an upgrade need one of them."""
    registry = ask.section.registry
    if ask.verb in ("up", "secrets"):
        yield from serving.certificate_specs(registry)
        for user, secret in registry.users.items():
            yield serving.password_spec(user, secret)
    elif ask.verb in ("delete", "upgrade"):
        yield serving.password_spec(registry.account, registry.users[registry.account])


@hookimpl
def preflight(ask: Ask) -> Iterator[Check]:
    """What the registry needs: an address, a certificate that its clients believe, room."""
    return checks(ask)


@hookimpl
def pull(ask: Ask[upgrades.PullOptions]) -> Steps:
    """Fetch the image of its container ahead of time; nothing of a package."""
    if not container.is_meant(ask):
        return []
    return upgrades.pull(container.container(ask, serving.layout(ask)), ask)


@hookimpl
def up(ask: Ask) -> Steps:
    """Install it or fetch its image, put certificate and passwords, write its configuration (shown
    as a diff), start it, prove that it asks for a password."""
    registry, layout = ask.section.registry, serving.layout(ask)
    return [
        *serving.installed(ask, layout),
        serving.root(registry, layout),
        *serving.delivered(ask, layout),
        serving.configured(ask, layout),
        *serving.running(ask, layout),
        access.proved(ask, serving.authority(ask, layout), "proved"),
    ]


@hookimpl
def secrets(ask: Ask) -> Steps:
    """Put certificate, key and the users' passwords where the registry reads them (--deliver); what
    is so already stays."""
    return [*serving.delivered(ask, serving.layout(ask))]


@hookimpl
def upgrade(ask: Ask[upgrades.ShipOptions]) -> Steps:
    """Bring what the image's tag means today into service; back where it does not serve. The
    package of a distribution comes with its host's other updates."""
    if not container.is_meant(ask):
        return []
    layout = serving.layout(ask)
    c = container.container(ask, layout)
    if not container.present(ask, c):
        raise FairleadError(ask.target.host, f"there is no {c.name}", "inv triumf.registry.up")
    *before, swap = upgrades.upgrade(c, ask)
    proof = access.proved(ask, serving.authority(ask, layout), "proved")
    return [*before, replace(swap, steps=(*_proved(swap.steps, replace(proof, gate=True)),))]


def _proved(steps: Iterable[Step], proof: Step) -> Iterator[Step]:
    """The steps with the proof behind the wait, before the old container goes."""
    for step in steps:
        yield step
        if step.name == "healthy":
            yield proof


@hookimpl
def rollback(ask: Ask) -> Steps:
    """Return to the image before the last upgrade; nothing of a package."""
    if not container.is_meant(ask):
        return []
    return [*upgrades.rollback(container.container(ask, serving.layout(ask)), ask)]


@hookimpl
def prune(ask: Ask[leftovers.PruneOptions]) -> Steps:
    """Take away old images of its own container (--days, --keep); nothing of a package, and nothing
    that it serves: for that there are delete and gc."""
    if not container.is_meant(ask):
        return []
    return [*leftovers.prune(container.container(ask, serving.layout(ask)), ask)]


@hookimpl
def du(ask: Ask) -> Status:
    """What its own image and earlier versions take; what it serves is in its status."""
    if not container.is_meant(ask):
        return Status(True, (("leftovers", "none: a package leaves no version behind"),))
    return leftovers.du(container.container(ask, serving.layout(ask)), ask)


@hookimpl
def down(ask: Ask) -> Steps:
    """Stop it; its images stay."""
    layout = serving.layout(ask)
    if container.is_meant(ask):
        return lifecycle.down(container.container(ask, layout), ask)
    return [replace(container.package_ends(layout), name="stop")]


@hookimpl
def restart(ask: Ask) -> Steps:
    """Stop and start it."""
    layout = serving.layout(ask)
    if container.is_meant(ask):
        return lifecycle.restart(container.container(ask, layout), ask)
    return [
        Step(
            name="restart",
            do=("systemctl", "restart", layout.unit),
            undo=("systemctl", "start", layout.unit),
            timeout=60,
        )
    ]


@hookimpl
def status(ask: Ask) -> Status:
    """Is it up, for how long its certificate is good, how many repositories and bytes it holds, and
    has it room."""
    registry, is_container = ask.section.registry, container.is_meant(ask)
    is_active = container.is_up(ask) if is_container else bool(ask.facts.get("active"))
    contents: host_facts.Contents | None = ask.facts.get("contents")
    certificate = serving.certificate(ask)
    days = certificate.days(ask.host.time)
    fields: tuple[tuple[str, Any], ...] = (
        ("service", "up" if is_active else "down"),
        ("address", f"{registry.reference} ({serving.address(ask) or 'no address'})"),
        ("tls", certificate.fault or f"{days} days left"),
        ("repositories", contents.repositories if contents else NOT_KNOWN),
        ("size", _amount(contents.kib) if contents else NOT_KNOWN),
        ("room", _room(contents) if contents else NOT_KNOWN),
    )
    if is_container:
        fields = (*fields, ("image", f"{registry.image}:{registry.tag}"))
    is_full = contents is not None and contents.free < FULL
    return Status(is_active and not certificate.fault and not is_full, fields)


@hookimpl
def logs(ask: Ask[journald.Logs]) -> Session:
    """What it has said."""
    if container.is_meant(ask):
        c = container.container(ask, serving.layout(ask))
        return lifecycle.logs(c, str(ask.options.tail), ask.options.follow)
    return journald.logs(ask.options, distribution.DEBIAN.unit, distribution.RED_HAT.unit)


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
    layout, root = serving.layout(ask), ask.section.registry.root
    line = container.collector(ask, layout)
    untagged = "untagged" if ask.options.untagged else ""
    yield Step(
        name="layers that no image needs",
        unless=sh("swept", root, untagged, *line),
        do=sh("sweep", layout.service, root, untagged, *line),
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
