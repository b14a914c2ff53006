"""Whose engine it is: one that is there is never put in another's place."""

from typing import Any

from fairlead.api import Ask

NAMES = {"apt": ("docker.io",), "dnf": ("docker",), "yum": ("docker",)}
OWN = ("docker.io", "docker-cli", "docker")  # of the distributions themselves
CE = ("docker-ce", "docker-ce-cli")  # of Docker's own repository; they conflict with the others
CE_PACKAGES = (*CE, "containerd.io", "docker-buildx-plugin", "docker-compose-plugin")
REMEDY = "start that engine (systemctl start docker), or take its package away first"


def names(ask: Ask[Any]) -> tuple[str, ...]:
    """The engine's packages: the site's, else those of its repository, else the distribution's."""
    engine, manager = ask.section.engine, ask.facts.get("packages", "")
    usual = CE_PACKAGES if engine.repository else NAMES.get(manager, ("docker",))
    return engine.packages or usual


def answers(ask: Ask[Any]) -> bool:
    """Does Docker answer, whoever installed it?"""
    return ask.engine.name == "docker" and bool(ask.engine.server) and not ask.engine.error


def fault(ask: Ask[Any]) -> str:
    """Whose the program is that does not answer as Docker; "" where it may be installed."""
    owners = ask.facts.get("owners") or {}
    if ask.engine.name == "podman" and "docker" in owners:
        return f"docker is Podman's, of the package {owners['docker'] or 'of nobody'}"
    others = {owner for owner in owners.values() if owner not in _family(names(ask))}
    if not others:
        return ""
    listed = ", ".join(owner or "no package" for owner in sorted(others))
    return f"the program docker belongs to {listed}, and its engine does not answer"


def _family(wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The packages whose program the wanted ones do not put another in the place of."""
    return (*(CE if set(CE) & set(wanted) else OWN), *wanted)
