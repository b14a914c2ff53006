"""What a type of a section is made of: alternatives, fields, and the words that it carries."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, Literal, TypeGuard, Union, get_args, get_origin

import msgspec

from fairlead.inventory.tree import Tree

MAPS = frozenset({"dict", "Mapping", "MutableMapping"})
LISTS = frozenset({"list", "tuple", "set", "frozenset", "Sequence", "Collection"})


@cache
def fields(kind: type[msgspec.Struct]) -> Mapping[str, Any]:
    """The fields of a Struct by the names that they have in a file."""
    return {field.encode_name: field for field in msgspec.structs.fields(kind)}


def members(kind: object) -> tuple[Any, ...]:
    """The alternatives of a type, each without its Annotated."""
    bare = _bare(kind)
    if get_origin(bare) is Union or type(bare).__name__ == "UnionType":
        return tuple(part for member in get_args(bare) for part in members(member))
    return (bare,)


def scalar(kind: object) -> Any:
    """A union without its maps and lists, for a value that is neither.

    It has to be: each msgspec.convert() to a union of a list or map and a text with a pattern
    drops a reference to the pattern that it does not own, and Python ends with a segmentation
    fault (seen with msgspec 0.22.0).
    """
    parts = get_args(_bare(kind)) if len(members(kind)) > 1 else ()
    scalars = tuple(part for part in parts if not any(map(_holds_others, members(part))))
    return Union[scalars] if scalars else kind


def _holds_others(kind: object) -> bool:
    return is_map(kind) or is_list(kind)


def _bare(kind: object) -> Any:
    return _bare(get_args(kind)[0]) if get_origin(kind) is Annotated else kind


def words(kind: object) -> Mapping[str, str]:
    """The words that a type carries: those of the last Meta that has any.

    `is` and `wanted` come from types.text(), `names` from the types of hosts; `about` is the
    description of a type that has no words.
    """
    is_alias = get_origin(kind) is Annotated and len(members(kind)) == 1
    parts = (kind,) if is_alias else (kind, *get_args(_bare(kind)))
    collected: dict[str, str] = {}
    for meta in (meta for part in parts for meta in getattr(part, "__metadata__", ())):
        if meta.description and "is" not in collected:
            collected["about"] = meta.description
        collected |= meta.extra or {}
    return collected


def structs(kind: object) -> Iterator[type[msgspec.Struct]]:
    """Every Struct in a type, those in lists and maps too."""
    for part in members(kind):
        if is_struct(part):
            yield part
        elif get_origin(part) is not Literal:
            for inner in get_args(part):
                yield from structs(inner)


def by_tag(tree: Tree, kinds: Sequence[type[msgspec.Struct]]) -> type[msgspec.Struct]:
    """That of several Structs whose tag a map has, else the first."""

    def has_tag(kind: type[msgspec.Struct]) -> bool:
        config = kind.__struct_config__
        return config.tag == tree.value.get(config.tag_field, Tree(None, "")).value

    return next(filter(has_tag, kinds), kinds[0])


def choices(kind: object) -> list[str]:
    """The values of every Literal in a type."""
    literals = (part for part in members(kind) if get_origin(part) is Literal)
    return [str(choice) for part in literals for choice in get_args(part)]


def item_kind(kind: object) -> Any:
    """The one type of a list's items; None where they have several, or it is no such list."""
    inner = set(get_args(kind)) - {...}
    return get_args(kind)[0] if len(inner) == 1 else None


def is_struct(kind: object) -> TypeGuard[type[msgspec.Struct]]:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def is_map(kind: object) -> bool:
    return is_struct(kind) or _name(kind) in MAPS


def is_list(kind: object) -> bool:
    return _name(kind) in LISTS


def is_number(kind: object) -> bool:
    return int in members(kind) or float in members(kind)


def fits(value: object, kind: object) -> bool:
    """May a map or list of a file be of this type? Scalars are msgspec's to judge."""
    if isinstance(value, dict):
        return is_map(kind)
    return isinstance(value, tuple) and is_list(kind)


def _name(kind: object) -> str:
    return getattr(get_origin(kind) or kind, "__name__", "")
