"""What the registry knows of its images: who made each, when, from what.

It is on their labels, so it is asked without pulling one.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.api import Ask, Fact, Noun, Status, script

from ..site import Triumf
from . import recipes, registry_client

sh = script.beside(__file__)

AS_RECIPE = "as its recipe says"
CHANGED = "changed after it was built"


class TrackedImage(Noun):
    """An image of the registry, and what its labels say; `built`: whether they are of this image
    (yes, no), which may have inherited them.
    """

    name: str
    tag: str
    digest: str
    made: str
    packages: str
    signed: str
    built: str
    by: str
    revision: str
    recipe: str
    sizes: str


Images = tuple[str, tuple[TrackedImage, ...]]  # ("", images), or (why there are none, ())


def facts(ask: Ask[Any]) -> Iterator[Fact]:
    """`tracked`, or for diff `differing`: each with the sentence that says why it is not known."""
    words = registry_client.registry_words(ask.section)
    if ask.verb == "diff":
        images = (*_name_and_tag(ask.options.old), *_name_and_tag(ask.options.new))
        yield Fact("differing", sh("diff", *words, *images), differing, timeout=60)
    else:
        yield Fact("tracked", sh("track", *words), tracked, timeout=60)


def _name_and_tag(image: str) -> tuple[str, str]:
    name, _, tag = image.partition(":")
    return name, tag or "latest"


def differing(code: int, text: str) -> tuple[int, str]:
    """Exit code and output of diff.sh, as they are."""
    return code, text


def tracked(code: int, text: str) -> Images:
    """The lines of track.sh; those without all columns are left out."""
    rows = (line.split("\t") for line in text.splitlines())
    columns = len(TrackedImage.__struct_fields__)
    images = tuple(TrackedImage(*row) for row in rows if len(row) == columns)
    return ("" if code == 0 else _last_line(text), images)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["the registry was not understood"])[-1]


def _images(ask: Ask[Any]) -> Images:
    """What the fact says, or the sentence that says why there is nothing."""
    if not ask.section.registry:
        return "the site has none, so nothing is tracked", ()
    return ask.facts.get("tracked") or ("nothing is known", ())


def track(ask: Ask[Any]) -> Status:
    """A row for each image of the registry."""
    error, images = _images(ask)
    if error:
        return Status(False, (("registry", error),))
    return Status(True, (("images", [_row(image) for image in images]),))


def _row(image: TrackedImage) -> Mapping[str, str]:
    return {
        "image": f"{image.name}:{image.tag}",
        "made": image.made,
        "by": image.by,
        "revision": image.revision[:12],
        "packages": image.packages,
        "sizes": image.sizes,
        "signed": image.signed,
        "built": _built(image),
        "digest": image.digest,
    }


def _built(image: TrackedImage) -> str:
    """Is it what fairlead has built? "-" where it never was."""
    if image.recipe == "-":
        return "-"
    return "as it is" if image.built == "yes" else CHANGED


def status(ask: Ask[Any]) -> Status:
    """A field for each image of the site: as its recipe says, changed, or missing."""
    error, images = _images(ask)
    if error:
        return Status(False, (("registry", error),))
    by_tag = {(image.name, image.tag): image for image in images}
    fields = tuple(
        (name, _state(ask.section, name, by_tag.get((name, recipe.tag))))
        for name, recipe in ask.section.image.recipes.items()
    )
    return Status(all(words.startswith(AS_RECIPE) for _, words in fields), fields)


def _state(section: Triumf, name: str, image: TrackedImage | None) -> str:
    """One image of the site in words."""
    assert section.image
    if not image:
        return "not in the registry: inv triumf.image.build"
    if _built(image) == CHANGED:
        return f"{CHANGED} ({image.digest}): inv triumf.image.build"
    if image.recipe != recipes.digest(section.image.recipes[name]):
        return f"made by another recipe ({image.made} by {image.by}): inv triumf.image.build"
    signed = "signed" if image.signed == "yes" else "not signed"
    return f"{AS_RECIPE}, {signed}, made {image.made}, {image.digest}"


def diff(ask: Ask[Any]) -> Status:
    """What came, what went, what has another version."""
    code, text = ask.facts.get("differing") or (1, "nothing is known")
    if code:
        return Status(False, (("registry", _last_line(text)),))
    old, new = _versions(text, "-"), _versions(text, "+")
    both = [name for name in new if name in old]
    changed = [{"package": name, "old": old[name], "new": new[name]} for name in both]
    added = [f"{name} {version}" for name, version in new.items() if name not in old]
    removed = [f"{name} {version}" for name, version in old.items() if name not in new]
    return Status(True, (("added", added), ("removed", removed), ("changed", changed)))


def _versions(text: str, sign: str) -> dict[str, str]:
    """Package -> version, of the lines with this sign."""
    lines = (line[1:] for line in text.splitlines() if line.startswith(sign))
    return {name: version for name, _, version in (line.partition("=") for line in lines)}
