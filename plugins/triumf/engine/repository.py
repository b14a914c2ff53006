"""The repository that an engine's packages come from where the distribution has none: its file and
the key that signs it, for dnf, yum and apt.

Sources: docs.docker.com, "Install Docker Engine"; sources.list(5); dnf.conf(5).
"""

from collections.abc import Iterator
from typing import Any

from fairlead.api import Argv, Ask, Check, Step, files, script

from ..sections.engine import Repository

sh = script.beside(__file__)

KEYS = {"apt": "/etc/apt/keyrings/{}.asc"}
RPM_KEY = "/etc/pki/rpm-gpg/RPM-GPG-KEY-{}"
KEY, FILE = "repository's key", "repository"


def steps(ask: Ask[Any]) -> Iterator[Step]:
    """Key and file are there; nothing where the site names no repository."""
    repository: Repository | None = ask.section.engine.repository
    manager = ask.facts.get("packages", "")
    if repository:
        yield _key(repository, manager)
        yield _file(repository, manager)


def _key(repository: Repository, manager: str) -> Step:
    path = key_path(repository, manager)
    known: Argv = () if manager == "apt" else ("rpm", "--import", path)
    if repository.gpg_key.startswith("https://"):
        return _fetched(KEY, repository.gpg_key, path, known)
    return _put(KEY, path, repository.gpg_key, known)


def _file(repository: Repository, manager: str) -> Step:
    path = file_path(repository, manager)
    if repository.url:
        return _fetched(FILE, repository.url, path, ())
    return _put(FILE, path, repository.text, _lists(path) if manager == "apt" else ())


def _put(name: str, path: str, text: str, after: Argv) -> Step:
    content = text if text.endswith("\n") else f"{text}\n"
    return files.together((files.PlacedFile(path, content.encode()),), name, after or None)


def _fetched(name: str, url: str, path: str, after: Argv) -> Step:
    """From its URL, once: what is there already stays."""
    return Step(
        name=name,
        unless=("test", "-s", path),
        do=sh("fetched", url, path, *after),
        undo=("rm", "-f", path),
        timeout=120,
        remedy=f"is the way to {url} open? Else give its text in the site",
    )


def _lists(path: str) -> Argv:
    """apt reads what this repository offers, and leaves what it knows of the others."""
    options = (
        f"Dir::Etc::sourcelist={path}",
        "Dir::Etc::sourceparts=-",
        "APT::Get::List-Cleanup=0",
    )
    return ("apt-get", "update", *(word for option in options for word in ("-o", option)))


def key_path(repository: Repository, manager: str) -> str:
    return KEYS.get(manager, RPM_KEY).format(repository.name)


def file_path(repository: Repository, manager: str) -> str:
    if manager != "apt":
        return f"/etc/yum.repos.d/{repository.name}.repo"
    kind = "list" if repository.text.lstrip().startswith("deb") else "sources"
    return f"/etc/apt/sources.list.d/{repository.name}.{kind}"


def checks(ask: Ask[Any]) -> Iterator[Check]:
    """Can this host's package manager read it, and does it say who signs it?"""
    repository: Repository | None = ask.section.engine.repository
    manager = ask.facts.get("packages", "")
    if repository and manager:
        key = key_path(repository, manager)
        fault = _fault(repository, manager, key)
        wanted = f"for apt a text with signed-by={key}" if manager == "apt" else "a .repo"
        yield Check(
            name="repository",
            ok=not fault,
            wanted=wanted,
            found=fault or "so it is",
            why="packages that nobody has signed are not installed, "
            "and a key for all repositories would let this one replace anything",
            remedy="engine.repository: see docs/triumf.md, for dnf and for apt",
        )


def _fault(repository: Repository, manager: str, key: str) -> str:
    if manager == "apt":
        if repository.url:
            return "a URL, and apt fetches no file of sources"
        return "" if key in repository.text else "a text that does not name that key"
    is_sources = repository.text.lstrip().startswith(("deb ", "Types:"))
    return f"a text of apt's, and this host has {manager}" if is_sources else ""
