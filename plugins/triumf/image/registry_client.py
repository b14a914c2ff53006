"""An image from the engine into the registry. What the registry holds is asked by its API, as whom
this host is logged in: neither needs the image here, nor the registry's files.
"""

from typing import Any

from fairlead.api import Ask, Command, Step, script

from ..registry import access
from ..sections.registry import Registry
from ..site import Triumf
from . import recipes

sh = script.beside(__file__)


def made(ask: Ask[Any], name: str) -> Command:
    """Is there an image of the recipe as it is now?"""
    return sh("made", *_words(ask, name))


def pushed(ask: Ask[Any], name: str, anew: bool) -> Step:
    """The registry has it. What of it has arrived already is not sent again; the proof is the
    digest that the registry gives."""
    return Step(
        name=f"{name}: push",
        unless=None if anew else sh("pushed", *_words(ask, name)),
        do=sh("push", recipes.reference(ask.section, name)),
        timeout=3600,
        interruptible=True,
        progress=True,
        after=(f"{name}: import",),
        exit_messages=exit_messages(ask.section.registry),
    )


def proved(ask: Ask[Any], name: str) -> Step:
    """The registry has what is here; its digest is shown."""
    return Step(
        name=f"{name}: digest",
        do=sh("proved", *_words(ask, name)),
        read_only=True,
        show_output=True,
        timeout=60,
    )


def _words(ask: Ask[Any], name: str) -> tuple[str, ...]:
    """HOST AUTHORITY NAME TAG REFERENCE RECIPE."""
    recipe = ask.section.image.recipes[name]
    reference = recipes.reference(ask.section, name)
    return (*registry_words(ask.section), name, recipe.tag, reference, recipes.digest(recipe))


def registry_words(section: Triumf) -> tuple[str, str]:
    """The registry, and on this host its authority; "" for both where the site has none."""
    registry = section.registry
    return (registry.reference, access.authority_path(registry)) if registry else ("", "")


def exit_messages(registry: Registry) -> tuple[tuple[int, str], ...]:
    """What the exit codes of push.sh mean."""
    name = registry.reference
    return (
        (14, f"{name} does not let this host push: inv triumf.trust.up"),
        (
            15,
            f"{name} cannot be reached, or stopped in the middle: inv triumf.registry.up, "
            "then again; what had arrived whole is not sent twice",
        ),
        (16, f"{name} answers otherwise than a registry does: inv triumf.registry.logs"),
        (
            17,
            f"{name} could not keep it: is its disk full? inv triumf.registry.status, "
            "make room, then again",
        ),
    )
