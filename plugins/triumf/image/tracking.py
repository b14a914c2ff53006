"""What the registry knows of its images: who made each, when, from what. It is on their labels, so it is asked without pulling one."""

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.api import Ask, Fact, Noun, Status

from . import recipes, registry_client

# HOST AUTHORITY: a line for each image that is no signature: name, tag, digest, then what its labels say; "-" for nothing.
TRACK = (
    registry_client.ASKING
    + r"""[ -n "$host" ] || exit 0
reached
list() { tr -d ' \n' | sed -n "s/.*\"$1\":\[\([^]]*\)\].*/\1/p" | tr -d '"' | tr , '\n' | grep .; }
registry '_catalog?n=1000' | list repositories | while read -r name; do
  tags=$(registry "$name/tags/list" | list tags)
  printf '%s\n' "$tags" | grep -v '^sha256-.*[.]sig$' | while read -r tag; do
    digest=$(served "$name" "$tag"); [ -n "$digest" ] || continue
    found=$(configured "$name" "$tag")
    made=$(printf %s "$found" | grep -o '"created":"[0-9T:-]*' | head -n 1 | cut -d'"' -f4)
    packages=$(printf %s "$found" | grep -o '"fairlead[.]image[.]packages[.][0-9]*":"[^"]*"' | cut -d'"' -f4 | wc -w)
    signed=no; ! printf '%s\n' "$tags" | grep -qxF "sha256-${digest#sha256:}.sig" || signed=yes
    printf '%s\t%s\t%s\t%s\t%s\t%s\t' "$name" "$tag" "$digest" "${made:--}" "$packages" "$signed"
    for word in by revision recipe; do said=$(label "$found" "$word"); printf '%s\t' "${said:--}"; done
    said=$(label "$found" sizes); echo "${said:--}"
  done
done"""
)
# HOST AUTHORITY NAME TAG NAME TAG: - what the first alone has, + what the second alone has.
DIFF = (
    registry_client.ASKING
    + r"""reached
list() { # NAME TAG
  found=$(configured "$1" "$2") || refused "$host has no $1:$2" 19
  said=$(printf %s "$found" | grep -o '"fairlead[.]image[.]packages[.][0-9]*":"[^"]*"' | cut -d'"' -f4 | tr -s ' ' '\n' | LC_ALL=C sort)
  [ -n "$said" ] || refused "$1:$2 says nothing of its packages: it was not built by fairlead" 20
  printf '%s\n' "$said"
}
one=$(list "$1" "$2") || exit; two=$(list "$3" "$4") || exit
{ printf '%s\n' "$one"; echo --; printf '%s\n' "$two"; } | awk '$0 == "--" { second = 1; next }
  !second { one[$0]; next } $0 in one { delete one[$0]; next } { print "+" $0 } END { for (word in one) print "-" word }' | LC_ALL=C sort -k 1.2"""
)


class Tracked(Noun):
    """An image of the registry, and what its labels say."""

    name: str
    tag: str
    digest: str
    made: str
    packages: str
    signed: str
    by: str
    revision: str
    recipe: str
    sizes: str


def facts(ask: Ask[Any]) -> Iterator[Fact]:
    """`tracked`, or for diff `differing`: each with what was complained of."""
    words = registry_client.where(ask.section)
    if ask.verb == "diff":
        pair = (
            word
            for image in (ask.options.old, ask.options.new)
            for word in (*image.partition(":")[::2],)
        )
        yield Fact(
            "differing",
            ("sh", "-c", DIFF, "diff", *words, *(word or "latest" for word in pair)),
            lambda code, text: (code, text),
            timeout=60,
        )
    else:
        yield Fact("tracked", ("sh", "-c", TRACK, "track", *words), tracked, timeout=60)


def tracked(code: int, text: str) -> tuple[str, tuple[Tracked, ...]]:
    """("", images), or the sentence that says why there are none."""
    rows = [line.split("\t") for line in text.splitlines()]
    return (
        "" if code == 0 else _said(text),
        tuple(Tracked(*row) for row in rows if len(row) == len(Tracked.__struct_fields__)),
    )


def _said(text: str) -> str:
    return (text.strip().splitlines() or ["the registry was not understood"])[-1]


def _known(ask: Ask[Any]) -> tuple[str, tuple[Tracked, ...]]:
    """What the fact says, or the sentence that says why there is nothing."""
    if not ask.section.registry:
        return "the site has none, so nothing is tracked", ()
    return ask.facts.get("tracked") or ("nothing is known", ())


def track(ask: Ask[Any]) -> Status:
    error, found = _known(ask)
    if error:
        return Status(False, (("registry", error),))
    return Status(True, (("images", [_shown(image) for image in found]),))


def _shown(image: Tracked) -> Mapping[str, str]:
    return {
        "image": f"{image.name}:{image.tag}",
        "made": image.made,
        "by": image.by,
        "revision": image.revision[:12],
        "packages": image.packages,
        "sizes": image.sizes,
        "signed": image.signed,
        "digest": image.digest,
    }


def status(ask: Ask[Any]) -> Status:
    """A field for each image of the site: as its recipe says, changed, or missing."""
    error, found = _known(ask)
    if error:
        return Status(False, (("registry", error),))
    there = {(image.name, image.tag): image for image in found}
    fields = {
        name: _standing(ask.section, name, there.get((name, recipe.tag)))
        for name, recipe in ask.section.image.recipes.items()
    }
    return Status(
        all(words.startswith("as its recipe says") for words in fields.values()),
        tuple(fields.items()),
    )


def _standing(section: Any, name: str, image: Tracked | None) -> str:
    if not image:
        return "not in the registry: inv triumf.image.build"
    if image.recipe != recipes.digest(section.image.recipes[name]):
        return f"made by another recipe ({image.made} by {image.by}): inv triumf.image.build"
    return f"as its recipe says, {'signed' if image.signed == 'yes' else 'not signed'}, made {image.made}, {image.digest}"


def diff(ask: Ask[Any]) -> Status:
    """What came, what went, what has another version."""
    code, text = ask.facts.get("differing") or (1, "nothing is known")
    if code:
        return Status(False, (("registry", _said(text)),))
    gone, come = (_versions(text, sign) for sign in "-+")
    changed = [
        {"package": name, "old": gone[name], "new": come[name]} for name in come if name in gone
    ]
    fields = (
        ("added", [f"{name} {version}" for name, version in come.items() if name not in gone]),
        ("removed", [f"{name} {version}" for name, version in gone.items() if name not in come]),
        ("changed", changed),
    )
    return Status(True, fields)


def _versions(text: str, sign: str) -> dict[str, str]:
    """Package -> version, of the lines with this sign."""
    return {
        name: version
        for name, _, version in (
            line[1:].partition("=") for line in text.splitlines() if line.startswith(sign)
        )
    }
