"""What the site says that an image is made from, and what is written down of those that are there.

A recipe is a digest of variables, files and configurations. A configuration that is a file of the
user's counts by its path: what is in it, only the host that builds can see.
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from fairlead.api import (
    NOT_KNOWN,
    Ask,
    Check,
    Command,
    Container,
    Fact,
    Noun,
    SiteError,
    Status,
    digest,
    script,
    state,
)

from ..site import Daos
from .compose_files import compose_folder, our_tree, service_of
from .config import config
from .environment import RUNTIME

AS_SITE = "the site as it is"
OTHER = "another site than today's: inv daos.build daos.up"
VERSION = "fairlead.version"  # a label
VERBS = frozenset({"status", "preflight"})

sh = script.beside(__file__)


class Recorded(Noun):
    """One image that was made or fetched on a host: by which recipe, its ID, its name."""

    recipe: str
    id: str
    name: str


def parent(site: Daos, component: str) -> str:
    """The component whose image it is made on; "" for the base image."""
    if component == "base":
        return ""
    return "agent" if component == "client" and site.client.mode == "gathered" else "base"


def below(site: Daos, component: str) -> tuple[str, ...]:
    """The components whose images it stands on, the lowest first."""
    lower = parent(site, component)
    return (*below(site, lower), lower) if lower else ()


def configured_by(site: Daos, component: str) -> str:
    """Whose configuration an image holds; "": none's.

    The gathered client's image has that of the agent below it.
    """
    if component in ("base", "spdk"):
        return ""
    if component == "client":
        return "" if site.client.mode == "gathered" else "agent"
    return component


def recipe(ask: Ask[Any], component: str) -> str:
    """The digest for a component's image, of those below it too."""
    site, folder = ask.section, compose_folder(ask)
    _, service = service_of(ask, component)
    variables = {name: value for name, value in folder.values.items() if name not in RUNTIME}
    words = (
        *(service.image, service.context, *below(site, component)),
        *("" if site.source else _our_digest(site.distro), site.source),
        *_configurations(site, component),
    )
    return digest.sha256(json.dumps((words, sorted(variables.items()))))[:16]


def _configurations(site: Daos, component: str) -> Iterator[str]:
    for name in (*below(site, component), component):
        if owner := configured_by(site, name):
            file = config(site, owner, "")
            yield file.text or file.copy_of


@cache
def _our_digest(distro: str) -> str:
    """One for all files that fairlead brings for a distribution."""
    files = sorted(our_tree(distro).items())
    parts = ((name, digest.sha256(path.read_bytes())) for name, path in files)
    return digest.sha256(json.dumps(tuple(parts)))


# What is written down


def _words(ask: Ask[Any], component: str) -> tuple[str, ...]:
    """As the programs in shell/ want them."""
    _, service = service_of(ask, component)
    name = compose_folder(ask).expand(service.image)
    return ("docker", _file(ask, component), recipe(ask, component), name)


def _file(ask: Ask[Any], component: str) -> str:
    return f"{ask.section.state}/built/{component}.recipes"


def is_recorded(ask: Ask[Any], component: str) -> Command:
    return sh("is_recorded", *_words(ask, component))


def record(ask: Ask[Any], component: str) -> Command:
    return sh("record", *_words(ask, component))


def facts(ask: Ask[Any], component: str) -> Iterator[Fact]:
    """`recipes`: what is written down of the images of a component, the newest last."""
    if ask.verb in VERBS:
        yield Fact("recipes", ("cat", _file(ask, component)), recorded)


def recorded(code: int, text: str) -> tuple[Recorded, ...]:
    """The lines of record.sh; () where nothing is written down."""
    rows = (line.split() for line in text.splitlines())
    return tuple(Recorded(*row) for row in rows if len(row) == 3) if code == 0 else ()


def made_from(ask: Ask[Any], component: str, image: str = "") -> str:
    """AS_SITE, OTHER, or NOT_KNOWN.

    `image`: the ID of what runs; "" where sessions begin from whatever the name means.
    """
    name = _words(ask, component)[-1]
    recipes = [
        line.recipe
        for line in ask.facts.get("recipes", ())
        if (line.id == image if image else line.name == name)
    ]
    if not recipes:
        return NOT_KNOWN
    return AS_SITE if recipes[-1] == recipe(ask, component) else OTHER


def with_recipe(status: Status, ask: Ask[Any], component: str, described: Container) -> Status:
    """The status of a container, its version, and what its image was made from.

    Another site's is not well.
    """
    container = state.container_state(described, ask)
    if not container:
        return status
    words = made_from(ask, component, container.image)
    version = container.labels.get(VERSION, "")
    fields = (*status.fields, ("version", version), ("made from", words))
    return Status(status.healthy and words != OTHER, fields)


def check(ask: Ask[Any], component: str) -> Iterator[Check]:
    """Is the image that this host has made from the site as it is? Where it has none, `up` sees."""
    try:
        words = made_from(ask, component)
    except SiteError:
        return  # the checkout is not there, which is a check of its own
    if words != NOT_KNOWN:
        yield Check(
            name="image",
            ok=words == AS_SITE,
            wanted=f"made from {AS_SITE}",
            found=f"made from {words.partition(':')[0]}",
            why="versions, modes and configurations are inside it",
            remedy="inv daos.build, then inv daos.up",
            blocks=False,
        )
