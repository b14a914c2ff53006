"""`inv triumf.trust.VERB`: every engine believes the site's registry, and is let in."""

from collections.abc import Iterable, Iterator

from fairlead.api import Ask, Check, Fact, SecretSpec, Status, Steps, hookimpl

from .registry import access


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    return access.facts(ask.section) if ask.verb in ("preflight", "status") else ()


@hookimpl
def needs(ask: Ask) -> Iterable[SecretSpec]:
    return access.needs(ask) if ask.verb in ("up", "secrets") else ()


@hookimpl
def preflight(ask: Ask) -> Iterator[Check]:
    """Does the registry answer, seen from here?"""
    answers, name = bool(ask.facts.get("registry")), ask.section.registry.reference
    yield Check(
        name="registry",
        ok=answers,
        wanted=f"{name} answers",
        found="it answers" if answers else "it does not",
        why="images are pulled from it",
        remedy="inv triumf.registry.up, and is the way there open?",
        blocks=False,
    )


@hookimpl
def up(ask: Ask) -> Steps:
    """Put the registry's authority where the engine looks for it, and log in."""
    return [*access.login(ask)]


@hookimpl
def secrets(ask: Ask) -> Steps:
    """Put the registry's authority where the engine looks for it, and log in (--deliver)."""
    return [*access.login(ask)]


@hookimpl
def status(ask: Ask) -> Status:
    """Does the registry answer, is its authority there, is the engine logged in."""
    registry, answers = ask.section.registry, bool(ask.facts.get("registry"))
    present = ask.facts.get("trust") or ()
    is_let_in = "login" in present
    fields = (
        ("registry", f"{registry.reference} {'answers' if answers else 'does not answer'}"),
        ("authority", "there" if "authority" in present else "none"),
        ("login", registry.account if is_let_in else "none"),
    )
    return Status(answers and is_let_in, fields)
