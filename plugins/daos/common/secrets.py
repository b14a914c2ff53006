"""The certificates: what each component needs of the store, and how it is put where its container reads it.

A file that every uid in a container can read, yet no user of the host: a 0444 file in a 0700 directory.
"""

from collections.abc import Iterator
from typing import Any

from fairlead.api import Ask, Container, Secret, SecretFile, SecretSpec, Step, docker, files

from . import certificates
from .variables import tarball

VERBS = frozenset({"up", "secrets", "upgrade"})
FOLDER = """[ -d "$1" ] && [ ! -h "$1" ] || exit 1
[ "$(stat -c %a:%u "$1")" = 700:0 ]"""
MAKE = 'set -eu; mkdir -p "$1"; chown 0:0 "$1"; chmod 700 "$1"'
# ENGINE NAME-FILTER: a container that runs reads its certificates again, which it does when it starts.
AGAIN = """id=$("$1" container ls -q --filter "$2") || exit 1
[ -z "$id" ] || "$1" restart "$id" >/dev/null"""


def needs(ask: Ask[Any], component: str) -> Iterator[SecretSpec]:
    """The tarball of a component; for `secrets` also what it is made of."""
    if ask.verb in VERBS and not ask.section.insecure:
        yield from certificates.specs(ask.section, component, whole=ask.verb == "secrets")


def put(ask: Ask[Any], component: str, c: Container | None = None) -> Iterator[Step]:
    """The tarball lies on the host; a container that runs already is restarted when it changes."""
    site, path = ask.section, tarball(ask.section, component)
    now = ask.host.time
    value = (
        Secret(b"") if site.insecure else certificates.checked(site, component, ask.secrets, now)
    )  # an empty one: authentication is off
    folder = path.rpartition("/")[0]
    yield Step(
        name="folder of certificates",
        unless=("sh", "-c", FOLDER, "folder", folder),
        do=("sh", "-c", MAKE, "folder", folder),
        undo=("true",),
    )
    again = ("sh", "-c", AGAIN, "again", c.engine, docker.pattern(c.name)) if c else None
    yield files.secrets(
        (SecretFile(path, value, 0o444),), f"certificates of the {component}", after=again
    )
