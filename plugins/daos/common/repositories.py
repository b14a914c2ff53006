"""Has the packages' repository a version? Asked of the hosts that build, before anything is."""

from collections.abc import Iterator
from typing import Any

from fairlead.api import Ask, Check, Fact, Noun, script

from .environment import variables

sh = script.beside(__file__)


class Packages(Noun):
    """The versions of the package daos, and which repositories could not be read, and why."""

    versions: tuple[str, ...]
    errors: tuple[str, ...]


def urls(ask: Ask[Any]) -> tuple[str, ...]:
    """The repositories that images are made from."""
    return tuple(variables(ask.section)["DAOS_REPOS"].split())


def facts(ask: Ask[Any]) -> Iterator[Fact]:
    """`packages`, on a host that builds."""
    if _builds(ask):
        yield Fact("packages", sh("repository", *urls(ask)), parse, timeout=60)


def _builds(ask: Ask[Any]) -> bool:
    """Where build_host is not asked, the first host stands for it."""
    builder, hosts = ask.section.build_host, ask.target.peers
    return not builder or ask.target.host == (builder if builder in hosts else hosts[0])


def parse(code: int, text: str) -> Packages:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line[1:].strip() for line in lines if line.startswith("!")]
    versions = sorted({line for line in lines if not line.startswith("!")})
    return Packages(tuple(versions), tuple(errors))


def check(ask: Ask[Any]) -> Iterator[Check]:
    """Is the version among them? What could not be read is not known, and blocks nothing."""
    if not _builds(ask):
        return
    version = ask.section.version
    packages: Packages = ask.facts.get("packages") or Packages((), ("the host did not say",))
    is_there = any(version in (known, known.partition("-")[0]) for known in packages.versions)
    words = [f"there are {', '.join(packages.versions)}"] if packages.versions else []
    words += [f"not known: {error}" for error in packages.errors]
    yield Check(
        name="packages",
        ok=is_there,
        wanted=f"daos {version} in {' '.join(urls(ask))}",
        found="; ".join(words) or "no daos at all",
        why="images are built from them",
        remedy="set daos.repos and daos.gpg_keys to where they are, or ask for a version that is "
        "there",
        blocks=not packages.errors,
    )
