"""What is wrong with a value, as a sentence: what it is, what was wanted, and the remedy."""

import re
from typing import Literal, get_origin

from fairlead.inventory import kinds
from fairlead.inventory.tree import Tree
from fairlead.model.suggest import did_you_mean

NOUNS: dict[object, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    type(None): "nothing",
}
LONGEST = 120  # characters of a value that an error repeats


def sentence(tree: Tree, kind: object, complaint: str) -> tuple[str, str]:
    """What is wrong with a scalar, and the remedy; `complaint` is what msgspec said of it."""
    value, is_text = tree.value, str in kinds.members(kind)
    if value is None:
        return "has no value", "give it one, or take the key away"
    if isinstance(value, str) and kinds.choices(kind) and not is_text:
        return _no_choice(value, kinds.choices(kind))
    if isinstance(value, str) and is_text:
        return _wrong_text(value, kind, complaint)
    if isinstance(value, (int, float)) and kinds.is_number(kind):
        return _constraint(complaint, value), kinds.words(kind).get("about", "")
    return _wrong_type(tree, kind)


def _no_choice(value: str, choices: list[str]) -> tuple[str, str]:
    return f"wanted {either(choices)}, found {value!r}", did_you_mean(value, choices).strip()


def _wrong_text(value: str, kind: object, complaint: str) -> tuple[str, str]:
    words = kinds.words(kind)
    if "is" in words:
        return f"{shown(value)} is not {words['is']}", f"wanted {words['wanted']}"
    return _constraint(complaint, value), words.get("about", "")


def _wrong_type(tree: Tree, kind: object) -> tuple[str, str]:
    nouns = either([_noun(member) for member in kinds.members(kind)])
    return f"wanted {nouns}, found {_described(tree)}", _remedy(tree, kind)


def _remedy(tree: Tree, kind: object) -> str:
    members = kinds.members(kind)
    takes_text = str in members or bool(kinds.choices(kind))
    is_digits = isinstance(tree.value, str) and re.fullmatch(r"[0-9.]+", tree.value)
    if isinstance(tree.value, (int, float)) and takes_text:
        return f"quote it: '{tree.written}'"
    if is_digits and kinds.is_number(kind):
        return "write it without quotes and leading zeros"
    if any(map(kinds.is_list, members)):
        return "write [ ... ], or one `- ` line each"
    if any(map(kinds.is_map, members)):
        return "write {KEY: VALUE}, or below it lines `KEY: VALUE` that begin further right"
    return _instead_of_several(tree, kind)


def _instead_of_several(tree: Tree, kind: object) -> str:
    """What to write in place of a map or a list, where one value is wanted: hosts are one text."""
    if isinstance(tree.value, dict):
        return "write the value itself behind the colon"
    if not isinstance(tree.value, tuple):
        return ""
    items = [part.written or str(part.value) for part in tree.value if not _is_several(part)]
    if items and kinds.words(kind).get("names") == "hosts":
        return f"write one text: {','.join(items)!r}"
    return "write one value, without [ ] or `- `"


def _is_several(tree: Tree) -> bool:
    """Is it a map or a list?"""
    return isinstance(tree.value, (dict, tuple))


def _noun(kind: object) -> str:
    if get_origin(kind) is Literal:
        return either(kinds.choices(kind))
    if kinds.is_map(kind):
        return "a map"
    if kinds.is_list(kind):
        return "a list"
    return NOUNS.get(kind, getattr(kind, "__name__", str(kind)))


def _described(tree: Tree) -> str:
    match tree.value:
        case bool():
            return tree.written
        case int() | float():
            return f"the number {tree.written}"
        case str():
            return f"the text {shown(tree.value)}"
        case dict():
            return "a map"
        case _:
            return "a list"


def _constraint(complaint: str, value: object) -> str:
    """msgspec's words for a broken constraint: Expected `int` >= 1 -> has to be >= 1."""
    verb = "has to have a" if "length" in complaint else "has to be"
    rule = re.sub(r"^Expected `\w+`( of)?", verb, complaint.partition(" - at `")[0])
    return f"{rule}, found {shown(value)}"


def either(words: list[str]) -> str:
    """`a, b or c`."""
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def shown(value: object) -> str:
    """A value as an error repeats it: cut where it is long."""
    text = repr(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def lower(text: str) -> str:
    """The text as the rest of a sentence."""
    return text[:1].lower() + text[1:]
