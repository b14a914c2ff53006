"""Preflight: the rules that "DAOS in Docker" states, each with its reason."""

from collections.abc import Iterator
from typing import Any

from fairlead.commands import compose, preflight
from fairlead.plan import Ask, Check


def every(ask: Ask[Any]) -> Iterator[Check]:
    """What each component needs."""
    yield preflight.engine(ask, "docker")
    yield preflight.compose(ask, compose.OLDEST)


def server(ask: Ask[Any]) -> Iterator[Check]:
    yield from every(ask)


def agent(ask: Ask[Any]) -> Iterator[Check]:
    yield from every(ask)


def client(ask: Ask[Any]) -> Iterator[Check]:
    yield from every(ask)


def admin(ask: Ask[Any]) -> Iterator[Check]:
    yield from every(ask)
