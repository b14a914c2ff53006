"""What is asked of a host that builds images, and preflight of it."""

from collections.abc import Iterator, Sequence
from typing import Any

from fairlead.model.plan import Ask, Check, Fact
from fairlead.operations import packages, script
from fairlead.operations.image.builds import Build, state_fact
from fairlead.operations.image.recipes import Recipe

sh = script.beside(__file__)

# Program -> package manager -> its package, "" for every other manager. What is not here is called
# as its program.
PACKAGES = {
    "gpg": {"apt": "gnupg", "": "gnupg2"},
    "unshare": {"": "util-linux"},
}
FORBIDDEN = ("nodev", "noexec", "nosuid")  # options of the file system of scratch


def tools(recipes: Sequence[Recipe]) -> tuple[str, ...]:
    """The programs that these recipes need."""
    methods = {recipe.method for recipe in recipes}
    rpm = ("rpm",) if methods - {"debootstrap"} else ()
    return (*sorted(methods), "unshare", *rpm)


def facts(programs: Sequence[str], scratch: str) -> Iterator[Fact]:
    """`packages`: the package manager; `missing` programs; `options` of the file system of
    scratch."""
    yield packages.manager_fact()
    yield Fact("missing", sh("tools", *programs), missing)
    yield Fact("options", sh("options", scratch), options)


def own_facts(build: Build) -> Iterator[Fact]:
    """`built`, and what is asked of a host that builds its one image."""
    yield state_fact(build)
    yield from facts(tools((build.recipe,)), build.scratch)


def missing(code: int, text: str) -> tuple[str, ...]:
    """The programs that tools.sh prints."""
    return tuple(text.split()) if code == 0 else ()


def options(code: int, text: str) -> tuple[str, ...]:
    """The options of a file system, as findmnt(8) prints them."""
    return tuple(text.strip().split(",")) if code == 0 else ()


def installed(
    ask: Ask[Any],
    programs: Sequence[str],
    command: str,
    why: str,
    blocks: bool = True,
) -> Check:
    """The programs are there, or can be installed by this preflight `command`."""
    missing = ask.facts.get("missing", ())
    manager = ask.facts.get("packages", "")
    names = [_package(program, manager) for program in missing]
    return Check(
        name="tools",
        ok=not missing,
        wanted=", ".join(programs),
        found=f"no {', '.join(missing)}" if missing else "all are there",
        why=why,
        remedy=f"{command} --fix installs {', '.join(names)}" if missing else "",
        blocks=blocks,
        fix=(packages.installed(manager, names),) if missing and manager else (),
    )


WORDS = {
    "built": "here",
    "other": "another one has its name: the recipe was changed, or the image",
    "none": "not built yet",
}


def own(ask: Ask[Any], build: Build) -> Iterator[Check]:
    """The one image of a component, and what its host needs that has it still to build."""
    system = ask.target.system
    yield image(ask, build.reference, f"inv {system}.build")
    if ask.facts.get("built") != "built":
        yield from _of_host(ask, build, f"inv {system}.preflight")


def image(ask: Ask[Any], reference: str, command: str) -> Check:
    """The image that this host builds is here, by the recipe of today."""
    state = ask.facts.get("built") or ""
    return Check(
        name="image",
        ok=state == "built",
        wanted=f"{reference}, by the recipe of today",
        found=WORDS.get(state, "not known"),
        why="no registry has it: this host builds it",
        remedy=command,
        blocks=bool(state),
    )


def _of_host(ask: Ask[Any], build: Build, command: str) -> Iterator[Check]:
    """Warnings, for it may build none."""
    why = "they make the root tree that becomes the image"
    yield installed(ask, tools((build.recipe,)), command, why, blocks=False)
    yield mounted(ask, build.scratch, "recipe.scratch", blocks=False)


def _package(program: str, manager: str) -> str:
    names = PACKAGES.get(program, {})
    return names.get(manager) or names.get("", program)


def mounted(
    ask: Ask[Any],
    scratch: str,
    key: str,
    blocks: bool = True,
) -> Check:
    """Trees may lie in `scratch`, which is named by this key of the section."""
    options = ask.facts.get("options", ())
    wrong = [word for word in FORBIDDEN if word in options]
    return Check(
        name="scratch",
        ok=not wrong,
        wanted=f"{scratch} may hold devices and programs",
        found=f"it is mounted {', '.join(wrong)}" if wrong else "it may",
        why="a root tree has both",
        remedy=f"another {key}, or a file system without these options" if wrong else "",
        blocks=blocks,
    )
