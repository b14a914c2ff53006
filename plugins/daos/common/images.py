"""The images.

What they are made from is put on the host, and they are built again only where some of it has
changed.
"""

from collections.abc import Iterator
from typing import Any

from fairlead.api import Argv, Ask, Command, PlacedFile, Step, same, script, then, upgrade
from fairlead.api import files as host_files

from . import recipe
from .compose_files import ComposeFolder, compose_folder, examples, our_tree, service_of
from .config import ConfigFile, config
from .environment import RUNTIME, dotenv
from .recipe import below, configured_by, parent

BUILD = 7200  # seconds
PUSH = 1800  # seconds, of a pull too
BUILT_FROM = "its version and repositories are daos.version, daos.repos and daos.base_image"

sh = script.beside(__file__)


def compose_argv(folder: ComposeFolder, file: str, *words: str) -> Argv:
    """`docker compose --file FILE WORDS`.

    For a checkout with our variables instead of its own .env, which stays as it is.
    """
    env_file = ("--env-file", folder.env_file) if folder.env_file else ()
    return ("docker", "compose", *env_file, "--file", file, *words)


def files(ask: Ask[Any]) -> Iterator[Step]:
    """What images are made from and containers described by lies on the host."""
    folder, site = compose_folder(ask), ask.section
    if site.source:
        words = (examples(site), folder.folder)
        copy = sh("copy_checkout", *words)
        yield Step(name="files", unless=sh("is_copied", *words), do=copy, undo=("true",))
    else:
        yield host_files.together(_our_files(folder, site.distro), "files")
    env_file = folder.env_file or f"{folder.folder}/.env"
    yield host_files.put(env_file, dotenv(folder.values), name="variables")


def _our_files(folder: ComposeFolder, distro: str) -> Iterator[PlacedFile]:
    """The compose files, and the folders that images are built in."""
    for name, path in sorted(our_tree(distro).items()):
        yield PlacedFile(f"{folder.folder}/{name}", path.read_bytes())


def _configuration(ask: Ask[Any], component: str) -> Iterator[Step]:
    """What an image holds of the site."""
    if owner := configured_by(ask.section, component):
        yield _config_step(config(ask.section, owner, context(ask, component)))


def _config_step(file: ConfigFile) -> Step:
    name = _file_name(file)
    if not file.copy_of:
        return host_files.put(file.path, file.text, name=name)
    words = (file.copy_of, file.path)
    return Step(name=name, unless=sh("is_copy", *words), do=sh("copy", *words), undo=("true",))


def _file_name(file: ConfigFile) -> str:
    return file.path.rpartition("/")[2]


def context(ask: Ask[Any], component: str) -> str:
    """The folder in which the image of a component is built."""
    folder, (_, service) = compose_folder(ask), service_of(ask, component)
    return f"{folder.folder}/{folder.expand(service.context)}"


def image(ask: Ask[Any], component: str) -> str:
    """The name and tag of the image of a component."""
    _, service = service_of(ask, component)
    return compose_folder(ask).expand(service.image)


def steps(ask: Ask[Any], component: str, bust: bool = False) -> Iterator[Step]:
    """The image is here: built, or built on `build_host` and fetched from the registry.

    `bust`: built anew, whatever was built before.
    """
    site = ask.section
    yield from files(ask)
    if site.build_host and ask.verb != "build":
        yield _fetch(ask, component)
        return
    for lower in below(site, component):
        yield from _configuration(ask, lower)
        yield build(ask, lower)
    yield from _configuration(ask, component)
    yield build(ask, component, bust)
    yield Step(
        name="what it is made from",
        unless=recipe.is_recorded(ask, component),
        do=recipe.record(ask, component),
        undo=("true",),
        after=(step_name(image(ask, component)),),
    )
    if site.build_host:
        yield _push(ask, component)


def _push(ask: Ask[Any], component: str) -> Step:
    """Under its name, and under that of its recipe, by which the other hosts ask for it."""
    name = image(ask, component)
    plain, pushed = f"{ask.section.registry}/{name}", _pushed(ask, component)
    return Step(
        name=f"push {plain}",
        unless=then(
            *(question for there in (plain, pushed) for question in _is_there(name, there))
        ),
        do=then(*(argv for there in (plain, pushed) for argv in _put_there(name, there))),
        timeout=PUSH,
        interruptible=True,
        progress=True,
        after=(step_name(name),),
    )


def _pushed(ask: Ask[Any], component: str) -> str:
    """The name in the registry of an image that was made from the site as it is."""
    name = image(ask, component)
    return f"{ask.section.registry}/{name}-{recipe.recipe(ask, component)}"


def _is_there(name: str, pushed: str) -> tuple[Command, Command]:
    return _same_image(name, pushed), _is_newest(pushed)


def _put_there(name: str, pushed: str) -> tuple[Argv, Argv]:
    return ("docker", "tag", name, pushed), ("docker", "push", "--quiet", pushed)


def _fetch(ask: Ask[Any], component: str) -> Step:
    """The image that build_host made from the site as it is, and no other."""
    name, pushed = image(ask, component), _pushed(ask, component)
    return Step(
        name=step_name(name),
        unless=then(
            _is_newest(pushed), _same_image(name, pushed), recipe.is_recorded(ask, component)
        ),
        do=then(
            ("docker", "pull", "--quiet", pushed),
            ("docker", "tag", pushed, name),
            recipe.record(ask, component),
        ),
        timeout=PUSH,
        interruptible=True,
        progress=True,
        remedy=f"{ask.section.build_host} has to build it from the site as it is: inv daos.build",
    )


def _same_image(name: str, other: str) -> Command:
    """Do both names mean the same image here?"""
    return same(
        ("docker", "image", "ls", "-q", "--no-trunc", name),
        ("docker", "image", "ls", "-q", "--no-trunc", other),
    )


def _is_newest(name: str) -> Command:
    """Has the registry nothing newer under this name?"""
    return upgrade.is_fresh("docker", name)


def build(ask: Ask[Any], component: str, bust: bool = False) -> Step:
    """The image of a component is made from what lies there now.

    `bust`: anew, whatever was made before.
    """
    folder, (file, service) = compose_folder(ask), service_of(ask, component)
    words = _inputs(ask, component)
    argv = compose_argv(folder, file, "build", service.name)
    now = str(ask.host.time)
    return Step(
        name=step_name(image(ask, component)),
        unless=None if bust else sh("is_built", *words),
        do=then(argv, sh("record_build", *words)),
        env=(("BUST_CACHE", now),) if bust else (),
        timeout=BUILD,
        interruptible=True,
        progress=True,
        remedy=f"{BUILT_FROM} of the site",
        after=_sources(ask, component),
    )


def step_name(image: str) -> str:
    """The name of the step that brings an image."""
    return f"image {image}"


def _sources(ask: Ask[Any], component: str) -> tuple[str, ...]:
    """The names of the steps that bring what an image is made from; its variables are in the
    question itself.
    """
    site, owner = ask.section, configured_by(ask.section, component)
    lower = parent(site, component)
    return (
        "files",
        *((_file_name(config(site, owner, context(ask, component))),) if owner else ()),
        *((step_name(image(ask, lower)),) if lower else ()),
    )


def _inputs(ask: Ask[Any], component: str) -> tuple[str, ...]:
    """What an image is made from, as is_built.sh and record_build.sh want it."""
    folder, (file, service) = compose_folder(ask), service_of(ask, component)
    lower = parent(ask.section, component)
    variables = (item for item in folder.values.items() if item[0] not in RUNTIME)
    return (
        "docker",
        f"{ask.section.state}/built/{service.name}",
        image(ask, component),
        image(ask, lower) if lower else "",
        file,
        context(ask, component),
        *(f"{name}={value}" for name, value in variables),
    )
