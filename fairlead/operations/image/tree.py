"""The root tree of an image on the host that builds: made from nothing, stanza by stanza, slimmed,
and packed. Source: "Docker Implementation Version 2" of a Tier-1, 7.

WORK is SCRATCH/NAME: the tree and what belongs to it. Nothing outside of it can be written while a
tree is made.
"""

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from fairlead.model.plan import Argv, Command, Step, Word, then
from fairlead.operations import script
from fairlead.operations.image import recipes
from fairlead.operations.image.recipes import File, Recipe, Stanza

sh = script.beside(__file__)

BUILD = 7200  # seconds
GONE_WITH_THE_TREE = ("true",)  # the undo of every step but the first


def walled(work: str, *words: Word, has_proc: bool = False) -> Argv:
    """The words, with nothing but WORK to write to. `has_proc`: the tree has its /proc."""
    kind = "whole" if has_proc else "bare"
    return (
        "unshare",
        "--mount",
        "--pid",
        "--fork",
        *sh("wall", work, kind, *words),
    )


def _inside(work: str, program: str, *words: str) -> Argv:
    """One of our programs in the tree itself: a link there leads nowhere else."""
    return _in_tree(work, ("sh", "-c", sh.text(program), "tree", *words))


def _in_tree(work: str, words: Argv) -> Argv:
    return walled(work, "chroot", f"{work}/tree", *words)


def steps(
    recipe: Recipe,
    name: str,
    work: str,
    unless: Command | None,
) -> Iterator[Step]:
    """From nothing to a tarball; each is skipped where `unless` says that the image is there.

    What fails takes the tree with it.
    """
    for step in _steps(recipe, work):
        yield replace(step, name=f"{name}: {step.name}", unless=unless)


def _steps(recipe: Recipe, work: str) -> Iterator[Step]:
    tree = f"{work}/tree"
    clear = ("rm", "-rf", "--one-file-system", work)
    yield replace(_step("tree", sh("begin", work)), undo=clear)
    if recipe.method == "debootstrap":
        yield _base(recipe, work, tree)
    yield _step("devices", sh("devices", tree))
    if recipe.method != "debootstrap" and (text := recipes.repositories(recipe)):
        yield _step("mirror", sh("put", f"{work}/repositories/mirror.repo"), stdin=text)
    for stanza in recipe.stanzas:
        yield _stanza(recipe, work, stanza)
    slim = then(_inside(work, "slim", *recipe.expunge), _size(work, "slim"))
    yield _step("slim", slim, show_output=True)
    yield from _accounts(recipe, work)
    for file in recipe.files:
        yield _step(f"file {file.path}", _file(work, file), stdin=file.content)
    if recipe.finish:
        yield _step("finish", _in_tree(work, recipe.finish))
    yield _step("tarball", walled(work, *sh("pack", work, recipe.method)), show_output=True)


def _step(name: str, do: Command, **more: Any) -> Step:
    return Step(
        name=name,
        do=do,
        timeout=BUILD,
        undo=GONE_WITH_THE_TREE,
        **more,
    )


def _base(recipe: Recipe, work: str, tree: str) -> Step:
    do = then(
        walled(work, *recipes.base(recipe, tree)),
        walled(work, *sh("prepare", recipe.keyring, tree)),
        _size(work, "base"),
    )
    return _step(
        "base",
        do,
        progress=True,
        show_output=True,
        remedy=f"is there a suite {recipe.release} at {recipe.mirror}?",
    )


def _stanza(recipe: Recipe, work: str, stanza: Stanza) -> Step:
    line = recipes.line(recipe, work, stanza)
    install = walled(work, *line, has_proc=recipe.method == "debootstrap")
    return _step(
        f"stanza {stanza.name}",
        then(install, _size(work, stanza.name)),
        progress=True,
        show_output=True,
        remedy=f"its packages are {', '.join(recipes.contents(stanza))}",
    )


def _size(work: str, stanza: str) -> Argv:
    return sh("size", work, stanza)


def _accounts(recipe: Recipe, work: str) -> Iterator[Step]:
    if recipe.group:
        words = ("/etc/group", "/etc/gshadow", ":!::", *recipe.group)
        yield _step("groups", _inside(work, "accounts", *words))
    if recipe.passwd:
        words = ("/etc/passwd", "/etc/shadow", ":!!:::::::", *recipe.passwd)
        yield _step("users", _inside(work, "accounts", *words))


def _file(work: str, file: File) -> Argv:
    return _inside(work, "file", file.path, file.mode)
