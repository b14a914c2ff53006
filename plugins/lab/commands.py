"""Command lines of files/*.sh, as argv. Each runs on the machine that carries the lab."""

from fairlead.api import Argv, script

from . import delivery
from .images import Image
from .site import Lab

# Before the lab's files are there, nothing is up: the answer is no, not a failure.
_ASK = '[ -f "$1" ] || exit 1; exec sh "$@"'
# FILE TEXT: is that what stands in it?
_NOTED = '[ -f "$1" ] && [ "$(cat "$1")" = "$2" ]'

sh = script.beside(__file__)


def identity(section: Lab) -> str:
    """The name that everything of this lab has outside its root: fl77.0."""
    return "fl" + section.network.partition(".")[2]


def lab(section: Lab, verb: str, *words: str) -> Argv:
    """`lab.sh VERB WORDS`, which does it."""
    return ("sh", f"{section.root}/lib/lab.sh", section.root, section.network, verb, *words)


def asks(section: Lab, verb: str, *words: str) -> Argv:
    """`lab.sh VERB WORDS`, a question; no where there is no lab at all."""
    return ("sh", "-c", _ASK, *lab(section, verb, *words))


def status(section: Lab, host: str) -> Argv:
    return sh("status", *lab(section, "status", host)[1:])


def nothing_left(section: Lab) -> Argv:
    return sh("nothing_left", section.root, identity(section))


def unpack(section: Lab, digest: str) -> Argv:
    """Puts the archive on stdin in place whole."""
    return sh("unpack", section.root, digest)


def unpacked(section: Lab, digest: str) -> Argv:
    return ("sh", "-c", _NOTED, "lab", f"{section.root}/lib/digest", digest)


def publish(section: Lab, image: Image, spec: str) -> Argv:
    name, _, tag = image.name.rpartition(":")
    return (
        *("sh", f"{section.root}/lib/publish.sh", section.root, section.network, section.cache),
        *(name, tag, image.version, image.flavor, "yes" if image.broken else "no", spec),
        *(("index",) if image.index else ()),
    )


def published(section: Lab, name: str, spec: str) -> Argv:
    return ("sh", "-c", _NOTED, "lab", f"{section.root}/published/{name}", spec)


def tree(section: Lab, release: str) -> str:
    """The folder of a release's tree; there, it is whole."""
    return f"{section.cache}/host-{release}-{delivery.recipe()}"


def make_tree(section: Lab, release: str) -> Argv:
    return ("sh", f"{section.root}/lib/tree.sh", tree(section, release), release)


def has_tree(section: Lab, release: str) -> Argv:
    return ("test", "-d", tree(section, release))
