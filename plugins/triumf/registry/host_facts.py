"""What the verbs of the registry want to know of its host."""

from collections.abc import Iterator
from typing import Any

from fairlead.api import Ask, Fact, Noun, checks, leftovers, packages, script, state
from fairlead.api import facts as probes

from ..common import facts as common
from ..common import firewall
from ..sections.registry import Registry
from . import container
from .distribution import DEBIAN, RED_HAT

sh = script.beside(__file__)


class Contents(Noun):
    """What the registry holds: how many repositories, KiB in all, KiB free beside them."""

    repositories: int
    kib: int
    free: int


def facts(ask: Ask[Any]) -> Iterator[Fact]:
    """`packages`, `unit` (is the package's service there?), `account`, those of its container,
    `files` (of both distributions' places), `address`, `key`; for status also `active` and
    `contents`, for preflight `mount`, `sockets` and `closed`."""
    registry: Registry = ask.section.registry
    if ask.verb in ("search", "list"):
        return
    yield packages.manager_fact()
    yield Fact("unit", sh("unit"), lambda code, text: bool(text.strip()))
    if ask.verb == "logs":
        return
    if registry.engine == "podman":
        yield probes.engine_fact("podman")
    yield Fact(container.ACCOUNT, sh("account", DEBIAN.user), _stripped)
    yield from state.facts(container.facts_of(ask), ask)
    yield from leftovers.facts(container.facts_of(ask), ask)
    yield common.files(*_files(registry))
    yield Fact("address", sh("address", registry.name), _stripped)
    yield Fact("key", sh("readable", registry.tls.key, DEBIAN.user), _stripped)
    if ask.verb in ("status", "preflight"):
        yield from probes.core("host")  # for the age of a certificate
    if ask.verb == "status":
        yield Fact("active", sh("active"), lambda code, text: "active" in text.split())
        yield Fact("contents", sh("sums", registry.root), contents, timeout=60)
    if ask.verb == "preflight":
        yield common.file_system(registry.root)
        yield checks.sockets_fact()
        yield checks.pids_fact(registry.engine, registry.container)
        yield firewall.fact("listens", registry.address or registry.name, (registry.port,))


def _files(registry: Registry) -> Iterator[str]:
    """The paths whose content counts; which distribution it is, is not known yet."""
    for layout in (DEBIAN, RED_HAT):
        yield from (layout.config, layout.passwords, layout.authority)
    yield registry.tls.certificate
    if registry.tls.ca:
        yield registry.tls.ca


def _stripped(code: int, text: str) -> str:
    return text.strip()


def contents(code: int, text: str) -> Contents | None:
    """What sums.sh prints; None where it could not count."""
    words = text.split()
    if len(words) != 3 or not all(word.isdigit() for word in words):
        return None
    return Contents(*map(int, words))
