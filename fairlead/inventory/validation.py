"""Values checked against their types: every error is one sentence with the place and a remedy."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

import msgspec

from fairlead.inventory import kinds
from fairlead.inventory.tree import Tree, follow, place
from fairlead.inventory.types import Clash
from fairlead.inventory.wording import lower, sentence
from fairlead.model.errors import CommandLineError, FairleadError, SiteError
from fairlead.model.suggest import suggestion

Hosts = Callable[[str, str], tuple[str, ...]]  # a node set, and where it stands -> its hosts
Struct = msgspec.Struct


def typed(
    tree: Tree,
    kind: object,
    path: str,
    hosts: Hosts | None = None,
) -> Any:
    """The tree as a value of `kind`, every key known, every node set resolved by `hosts`.

    `path` is what the tree is called in errors. Raises SiteError.
    """
    _Check(hosts).value(tree, kind, path)
    try:
        return msgspec.convert(tree.plain(), kind, str_keys=True)
    except msgspec.ValidationError as error:  # from __post_init__, or for the length of a list
        complaint, _, steps = str(error).partition(" - at `$")
        where, path = follow(tree, path, steps)
        raise SiteError(f"{where}: {path}", lower(complaint)) from error


def value(
    raw: object,
    kind: object,
    where: str,
    error: type[FairleadError] = CommandLineError,
) -> Any:
    """One value from elsewhere (a flag) as `kind`. Raises `error`.

    Texts are read as numbers where numbers are wanted.
    """
    bare = kind if isinstance(raw, (dict, list, tuple)) else kinds.scalar(kind)
    try:
        return msgspec.convert(raw, bare, strict=False)
    except msgspec.ValidationError as refusal:
        tree = Tree(_number(raw, kind), where, str(raw))
        raise error(where, *sentence(tree, kind, str(refusal))) from refusal


def _number(raw: object, kind: object) -> object:
    """A flag's text as the number it is, where a number is wanted."""
    is_digits = isinstance(raw, str) and re.fullmatch(r"-?[0-9]{1,15}", raw)
    return int(str(raw)) if is_digits and kinds.is_number(kind) else raw


def flags(raw: Mapping[str, Any], kind: type[Struct]) -> Any:
    """The flags of a command line as their Struct. Raises CommandLineError.

    `raw`: field name -> text, switch or list of texts; names that the Struct has not are ignored.
    """
    for key, field in kinds.fields(kind).items():
        flag = "--" + key.rstrip("_").replace("_", "-")
        if key in raw:
            _flag(raw[key], field.type, flag)
        elif field.required:
            raise CommandLineError(flag, "must be given", f"write {flag}=...")
    own = {key: raw[key] for key in kinds.fields(kind) if key in raw}
    try:
        return msgspec.convert(own, kind, strict=False)
    except msgspec.ValidationError as error:
        raise CommandLineError("the flags", lower(str(error))) from error


def _flag(raw: object, kind: object, flag: str) -> None:
    """Raise CommandLineError where the value of a flag does not fit; of a list, each item."""
    if isinstance(raw, (list, tuple)):
        holder = next(filter(kinds.is_list, kinds.members(kind)), None)
        for item in raw if kinds.item_kind(holder) else ():
            value(item, kinds.item_kind(holder), flag)
    value(raw, kind, flag)


def refusal(clash: Clash, tree: Tree, path: str) -> SiteError:
    """The error for a clash in the section `tree`, which is called `path`."""
    where, name = place(tree, path, clash.key)
    if not clash.other:
        return SiteError(f"{where}: {name}", clash.what, clash.remedy)
    where_other, other = place(tree, path, clash.other)
    return SiteError(f"{where}: {name}", f"{clash.what} {other} ({where_other})", clash.remedy)


def keys(kind: type[Struct], path: str = "") -> Iterator[str]:
    """The dotted path of every key that a section may hold, nested ones included."""
    for name, field in kinds.fields(kind).items():
        yield f"{path}{name}"
        for nested in kinds.structs(field.type):
            yield from keys(nested, f"{path}{name}.")


class _Check:
    """Walks a tree beside its type: the first thing wrong is raised with its own place."""

    def __init__(self, hosts: Hosts | None):
        self.hosts = hosts

    def value(
        self,
        tree: Tree,
        kind: object,
        path: str,
    ) -> None:
        fitting = [part for part in kinds.members(kind) if kinds.fits(tree.value, part)]
        match tree.value, fitting:
            case dict(), [part, *_] if kinds.is_struct(part):
                self._struct(tree, kinds.by_tag(tree, fitting), path)
            case dict(), [part, *_] if get_args(part):
                key_kind, part_kind = get_args(part)
                self._map(tree, key_kind, part_kind, path)
            case tuple(), [part, *_] if kinds.item_kind(part):
                self._list(tree, kinds.item_kind(part), path)
            case dict() | tuple(), [_, *_]:
                return
            case _:
                self._leaf(tree, kind, path)

    def _list(
        self,
        tree: Tree,
        kind: object,
        path: str,
    ) -> None:
        for number, item in enumerate(tree.value):
            self.value(item, kind, f"{path}[{number}]")

    def _map(
        self,
        tree: Tree,
        key_kind: object,
        kind: object,
        path: str,
    ) -> None:
        for key, part in tree.value.items() if key_kind is not str else ():
            value(key, key_kind, f"{part.where}: {path}", SiteError)
            self._names(Tree(key, part.where), "", key_kind, f"{path}.{key}")
        for key, part in tree.value.items():
            self.value(part, kind, f"{path}.{key}")

    def _struct(
        self,
        tree: Tree,
        kind: type[Struct],
        path: str,
    ) -> None:
        fields, tag = kinds.fields(kind), kind.__struct_config__.tag_field
        for key, part in tree.value.items():
            if key not in fields and key != tag:
                where = f"{part.where}: {path}"
                raise SiteError(where, f"no such key {key!r}", suggestion(key, fields))
        for key, field in fields.items():
            if field.required and key not in tree.value:
                raise SiteError(f"{tree.where}: {path}.{key}", "is missing", "add it")
            if key in tree.value:
                self.value(tree.value[key], field.type, f"{path}.{key}")
                self._names(tree.value[key], key, field.type, f"{path}.{key}")

    def _leaf(
        self,
        tree: Tree,
        kind: object,
        path: str,
    ) -> None:
        try:
            msgspec.convert(tree.plain(), kinds.scalar(kind))
        except msgspec.ValidationError as error:
            words = sentence(tree, kind, str(error))
            raise SiteError(f"{tree.where}: {path}", *words) from error
        pattern = kinds.words(kind).get("pattern", "")
        if isinstance(tree.value, str) and not re.search(pattern, tree.value):
            raise SiteError(f"{tree.where}: {path}", *sentence(tree, kind, ""))

    def _names(
        self,
        tree: Tree,
        key: str,
        kind: object,
        path: str,
    ) -> None:
        """Resolve what names hosts: a text of the types NodeSet and OneHost, any key `hosts`."""
        names = kinds.words(kind).get("names") or ("hosts" if key == "hosts" else "")
        if not names or not self.hosts:
            return
        for part in tree.value if isinstance(tree.value, tuple) else (tree,):
            if isinstance(part.value, str):
                self._resolve(part, names == "host", f"{part.where}: {path}")

    def _resolve(
        self,
        tree: Tree,
        is_one: bool,
        where: str,
    ) -> None:
        names = self.hosts(tree.value, where) if self.hosts else ()
        if is_one and len(names) > 1:
            raise SiteError(where, f"{tree.value!r} is {len(names)} hosts", "name one")
