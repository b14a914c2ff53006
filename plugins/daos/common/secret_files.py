"""What each component needs of the store, and how it is put where its container reads it.

A certificate is a file that every uid in a container can read, yet no user of the host: a 0444
file in a 0700 directory.
"""

from collections.abc import Iterator
from typing import Any

from fairlead.api import (
    Argv,
    Ask,
    Container,
    Secret,
    SecretFile,
    SecretSpec,
    Step,
    docker,
    files,
    script,
)

from . import certificates
from .environment import tarball

VERBS = frozenset({"up", "secrets", "upgrade"})

sh = script.beside(__file__)


def needs(ask: Ask[Any], component: str) -> Iterator[SecretSpec]:
    """The tarball of a component; for `secrets` also what it is made of."""
    if ask.verb in VERBS and not ask.section.insecure:
        yield from certificates.specs(ask.section, component, whole=ask.verb == "secrets")


def put(ask: Ask[Any], component: str, container: Container | None = None) -> Iterator[Step]:
    """The tarball lies on the host; a container that runs is restarted when it changes."""
    path = tarball(ask.section, component)
    folder = path.rpartition("/")[0]
    yield Step(
        name="folder of certificates",
        unless=sh("is_private_folder", folder),
        do=sh("private_folder", folder),
        undo=("true",),
    )
    yield files.secrets(
        (SecretFile(path, _tarball(ask, component), 0o444),),
        f"certificates of the {component}",
        after=_restart(container) if container else None,
    )


def _tarball(ask: Ask[Any], component: str) -> Secret:
    """The tarball of a component; an empty one where authentication is off. Raises SecretError."""
    if ask.section.insecure:
        return Secret(b"")
    now = ask.host.time
    return certificates.checked(ask.section, component, ask.secrets, now)


def _restart(container: Container) -> Argv:
    return sh("restart_running", container.engine, docker.pattern(container.name))
