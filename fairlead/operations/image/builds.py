"""An image by a recipe: is it here, and what makes it."""

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from fairlead.model.plan import Ask, Command, Fact, Noun, Step
from fairlead.operations import digest, script
from fairlead.operations.argv import docker
from fairlead.operations.image import tree
from fairlead.operations.image.recipes import Recipe

EDITION = 1  # of the way in which trees are made: another number here makes every image anew

BustCache = Annotated[bool, Meta(description="anew, whatever is there")]

sh = script.beside(__file__)


class BuildOptions(msgspec.Struct, frozen=True):
    """The flags of `build`."""

    bust_cache: BustCache = False


class Build(Noun, kw_only=True):
    """What is built, under which reference. `digest`: another recipe, another word. `work`: the
    folder on the host that builds, which holds nothing else. `engine`: whose image it becomes."""

    name: str
    recipe: Recipe
    reference: str
    digest: str
    work: str
    engine: str = "docker"

    @property
    def scratch(self) -> str:
        """The folder that `work` is in."""
        return self.work.rpartition("/")[0]


def plain(
    name: str,
    recipe: Recipe,
    reference: str,
    scratch: str,
    engine: str = "docker",
) -> Build:
    """A build whose image is kept nowhere but on the host that built it."""
    word = digest.sha256(msgspec.json.encode((EDITION, recipe)))
    return Build(
        name=name,
        recipe=recipe,
        reference=docker.made_here(reference, engine),
        digest=word,
        work=f"{scratch}/{name}",
        engine=engine,
    )


def is_built(build: Build) -> Command:
    """Does the engine have the image of the recipe as it is now, unchanged since? 0 yes, 1 no, 2
    the engine does not answer."""
    return sh("built", build.engine, build.reference, build.digest)


def build(ask: Ask[BuildOptions], build: Build | None) -> Iterator[Step]:
    """The verb `build` of a component with one image; None: its site has no recipe for it."""
    if build:
        yield from steps(ask, build, None if ask.options.bust_cache else is_built(build))


def state_fact(build: Build) -> Fact:
    """`built`: built, by the recipe of today | other: another one has its name | none | ""."""
    words = (build.engine, build.reference, build.digest)
    return Fact("built", sh("built_state", *words), _state)


def _state(code: int, text: str) -> str:
    word = text.strip()
    return word if word in ("built", "other", "none") else ""


def steps(ask: Ask[Any], build: Build, unless: Command | None) -> Iterator[Step]:
    """From nothing to the engine's image; each is skipped where `unless` says that it is there."""
    yield from tree.steps(build.recipe, build.name, build.work, unless)
    yield _imported(ask, build, unless)


def _imported(ask: Ask[Any], build: Build, unless: Command | None) -> Step:
    """The tarball becomes the engine's image, with its labels."""
    labels = (
        build.digest,
        ask.who or "unknown",
        ask.revision or "none",
        ask.target.site,
    )
    return Step(
        name=f"{build.name}: import",
        unless=unless,
        do=sh("import", build.engine, build.work, build.reference, *labels, *build.recipe.changes),
        timeout=1800,
        interruptible=True,
        show_output=True,
    )
