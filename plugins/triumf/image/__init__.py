"""`inv triumf.image.VERB`: images built from nothing, and kept in the site's registry."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from fairlead.api import (
    Ask,
    Check,
    CommandLineError,
    Fact,
    Phase,
    SecretSpec,
    Status,
    Step,
    Steps,
    builds,
    hookimpl,
    text,
    verb,
)

from ..registry import access
from ..sections.values import ImageWithTag
from . import checks, recipes, registry_client, signing, tracking

Name = Annotated[
    str, text(r"[a-z0-9]*(?:[._-]+[a-z0-9]+)*", "an image of the site", "sl6-umd3condv4")
]
Tagged = Annotated[
    ImageWithTag, Meta(description="NAME:TAG in the registry; without a tag: latest")
]


class ImageOptions(msgspec.Struct, frozen=True):
    image: Annotated[Name, Meta(description="this one alone; default: all of the site")] = ""


class BuildOptions(ImageOptions, frozen=True):
    bust_cache: builds.BustCache = False


class DiffOptions(msgspec.Struct, frozen=True):
    old: Tagged
    new: Tagged


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    if ask.verb == "preflight":
        return checks.facts(ask)
    if ask.verb in ("status", "track", "diff"):
        return tracking.facts(ask)
    return ()


@hookimpl
def needs(ask: Ask) -> Iterator[SecretSpec]:
    """What lets this host into the registry; to sign, the private key."""
    if ask.verb in ("build", "up", "sign", "verify", "secrets"):
        yield from access.needs(ask)
    if ask.verb in ("build", "up", "sign", "secrets") and ask.section.image.sign_key:
        yield SecretSpec(name=ask.section.image.sign_key, about="private GPG key that signs images")
    if ask.verb == "verify":
        yield SecretSpec(
            name=signing.verifier(ask.section), about="GPG key that images have to be signed with"
        )


@hookimpl
def preflight(ask: Ask) -> Iterator[Check]:
    """What building needs: the program, an engine, room, a scratch that may hold devices."""
    return checks.checks(ask)


@hookimpl
def build(ask: Ask[BuildOptions]) -> Steps:
    """Build what is missing or whose recipe has changed, push it, sign it where the site has a
    key."""
    return _phases(ask, _names(ask, ask.options.image), ask.options.bust_cache)


@hookimpl
def up(ask: Ask) -> Steps:
    """As build: what the site's recipes say is in the registry, signed where the site has a key."""
    return _phases(ask, _names(ask), False)


@hookimpl
def secrets(ask: Ask) -> Steps:
    """Let this host into the registry (--deliver); the key that signs is never left there."""
    return [*access.login(ask)]


@hookimpl
def status(ask: Ask) -> Status:
    """Is every image of the site in the registry, made by its recipe of today?"""
    return tracking.status(ask)


@verb(changes=False)
def track(ask: Ask) -> Status:
    """Each image of the registry: who built it, when, from which recipe and commit, how many
    packages, its digest, whether it is signed."""
    return tracking.track(ask)


@verb(changes=False)
def diff(ask: Ask[DiffOptions]) -> Status:
    """Which packages two images of the registry have otherwise."""
    return tracking.diff(ask)


@verb
def sign(ask: Ask[ImageOptions]) -> Steps:
    """Sign what the registry has, in the form of atomic and skopeo, with the key of
    image.sign_key."""
    names = _names(ask, ask.options.image)
    if not ask.section.image.sign_key or not ask.section.registry:
        raise CommandLineError(
            "inv triumf.image.sign",
            "the site has no key or no registry",
            "give image.sign_key and registry",
        )
    return [*access.login(ask), *_signed(ask, names)]


@verb
def verify(ask: Ask[ImageOptions]) -> Steps:
    """Is what the registry has signed by the site's key, as this image and under this name?"""
    names = _names(ask, ask.options.image)
    return [*access.login(ask), *_verified(ask, names)]


def _names(ask: Ask[Any], name: str = "") -> tuple[str, ...]:
    """The images of the site, or that of this name. Raises CommandLineError."""
    known = tuple(ask.section.image.recipes)
    if name and name not in known:
        raise CommandLineError(
            "--image", f"the site has no recipe of {name}", f"it has {', '.join(known)}"
        )
    return (name,) if name else known


def _phases(ask: Ask[Any], names: tuple[str, ...], anew: bool) -> Iterator[Phase]:
    """Built images stay where a push fails: a second run goes on there."""
    built = [step for name in names for step in _built(ask, name, anew)]
    yield Phase("build", (*access.login(ask), *built))
    if ask.section.registry:
        yield Phase("push", tuple(_pushed(ask, names, anew)))
    if ask.section.registry and ask.section.image.sign_key:
        yield Phase("sign", tuple(_signed(ask, names)))


def _built(ask: Ask[Any], name: str, anew: bool) -> Iterator[Step]:
    unless = None if anew else registry_client.made(ask, name)
    return builds.steps(ask, recipes.build(ask, name), unless)


def _pushed(ask: Ask[Any], names: Iterable[str], anew: bool) -> Iterator[Step]:
    for name in names:
        yield registry_client.pushed(ask, name, anew)
        yield registry_client.proved(ask, name)


def _signed(ask: Ask[Any], names: Iterable[str]) -> Iterator[Step]:
    for name in names:
        reference = recipes.reference(ask.section, name)
        yield _pulled(reference)
        yield replace(signing.signed(ask, reference), after=(f"{name}: push",))


def _verified(ask: Ask[Any], names: Iterable[str]) -> Iterator[Step]:
    for name in names:
        reference = recipes.reference(ask.section, name)
        yield _pulled(reference)
        yield signing.verified(ask, reference)


def _pulled(reference: str) -> Step:
    """What the registry has under this name today is here, whoever pushed it: that is what is
    signed and verified. A copy; nothing else changes."""
    return Step(
        name=f"pull {reference}",
        do=("docker", "pull", reference),
        read_only=True,
        progress=True,
        timeout=1800,
        remedy="inv triumf.image.build",
    )
