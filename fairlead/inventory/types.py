"""Typed values: what a plugin's section may hold, and the sentence for what does not fit.

A plugin declares its section as a msgspec.Struct; the types below are for its fields. Each carries a description (for the JSON Schema) and
in `extra` the words of its error: `is` (a URL) and `wanted` (https://HOST/PATH).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec import Meta

from fairlead.model.errors import CommandLineError, FairleadError, SiteError
from fairlead.model.plan import Noun

_END = r"(?!\n)$"  # in Python `$` alone would let a last newline in
_LABELS = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})){0,40}\.?"
_URL = r"[A-Za-z0-9._~:/?#\[\]@%+,=-]"
_REGISTRY = (
    r"(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]{1,5})?|[A-Za-z0-9-]+:[0-9]{1,5}|localhost)"
)
_PART = r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"


def text(pattern: str, what: str, wanted: str) -> Meta:
    """The Meta of a text type: its pattern (anchored here), what it is called ("a URL") and an example of what is wanted."""
    return Meta(
        pattern=f"^(?:{pattern}){_END}",
        description=f"{what}: {wanted}",
        extra={"is": what, "wanted": wanted},
    )


HostName = Annotated[
    str, text(_LABELS, "a host name", "letters, digits, dots and hyphens, such as ps1.example.org")
]
Url = Annotated[
    str,
    text(
        rf"https?://(?:{_LABELS}|\[[0-9A-Fa-f:.]+\])(?::[0-9]{{1,5}})?(?:[/?#]{_URL}*)?|file:///{_URL}+",
        "a URL",
        "http(s)://HOST/PATH or file:///PATH, without spaces or any of ; & | $ < > quotes",
    ),
]
ImageName = Annotated[
    str,
    text(
        rf"(?:{_REGISTRY}/)?{_PART}(?:/{_PART})*",
        "an image name",
        "REGISTRY/NAME in lower case; the tag has a key of its own",
    ),
]
Tag = Annotated[
    str,
    text(
        r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}",
        "an image tag",
        "letters, digits and _ . -, such as v5.2.1",
    ),
]
AbsolutePath = Annotated[
    str,
    text(
        r"(?!(?:.*/)?\.\.(?:/|$))/[A-Za-z0-9._/@+=~-]*",
        "an absolute path",
        "/SOME/PATH without spaces and without ..",
    ),
]
ContainerName = Annotated[
    str,
    text(
        r"[A-Za-z0-9][A-Za-z0-9_.-]{1,62}",
        "a container name",
        "letters, digits and _ . -, beginning with a letter or digit",
    ),
]
UserName = Annotated[
    str, text(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}", "a user name", "letters, digits and _ . -")
]
TimeZone = Annotated[
    str, text(r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+){0,2}", "a time zone", "Europe/Zurich or UTC")
]
SecretName = Annotated[
    str,
    text(
        r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}",
        "the name of a secret",
        "letters, digits and . _ -, such as ps1.key",
    ),
]
Version = Annotated[
    str,
    text(
        r"[A-Za-z0-9][A-Za-z0-9._+~:-]{0,127}",
        "a version",
        "letters, digits and . _ + ~ : -, such as 2.4.0-2.el8",
    ),
]
_BYTE = r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
Network = Annotated[
    str,
    text(
        rf"{_BYTE}(?:\.{_BYTE}){{3}}/(?:3[0-2]|[12]?[0-9])",
        "an IPv4 network",
        "ADDRESS/BITS, such as 10.0.3.144/28",
    ),
]
InterfaceAddress = Annotated[
    str,
    text(
        rf"{_BYTE}(?:\.{_BYTE}){{3}}/(?:3[0-2]|[12]?[0-9])",
        "an IPv4 address with its length",
        "ADDRESS/BITS, such as 10.5.106.1/24",
    ),
]
Address = Annotated[
    str, text(rf"{_BYTE}(?:\.{_BYTE}){{3}}", "an IPv4 address", "four numbers, such as 10.0.3.1")
]
Interface = Annotated[
    str,
    text(
        r"[A-Za-z0-9][A-Za-z0-9_.-]{0,14}",
        "the name of a network interface",
        "at most 15 letters, digits and _ . -, such as br0",
    ),
]
Port = Annotated[int, Meta(ge=1, le=65535, description="a port: 1 to 65535")]
NodeSet = Annotated[
    str,
    Meta(
        description="hosts of this site: n1, n[1-3,7], n[1-9]!n3, @group", extra={"names": "hosts"}
    ),
]
OneHost = Annotated[str, Meta(description="one host of this site", extra={"names": "host"})]


class Clash(Noun):
    """Two keys of a section that cannot both be so. `one` and `other` are key paths below the section, `other` empty where it is none of its keys.

    A section's type may have `clashes(site)`, an iterator of these: they are refused with both places when the site is loaded.
    """

    one: tuple[str | int, ...]
    what: str  # what is said of `one`, as it is followed by the name of `other`: "10.0.3.144/28 overlaps 10.0.3.128/27 of"
    other: tuple[str | int, ...] = ()
    remedy: str = ""


class Tree(Noun):
    """A value of a file and where it stands. `what`: a dict or tuple of Trees, a scalar or None; `written`: a scalar as it was typed."""

    what: Any
    where: str  # file:line, of the key where there is one
    written: str = ""


def plain(tree: Tree) -> Any:
    """The tree without places."""
    match tree.what:
        case dict():
            return {key: plain(part) for key, part in tree.what.items()}
        case tuple():
            return [plain(part) for part in tree.what]
        case scalar:
            return scalar


def typed(
    tree: Tree, kind: Any, path: str, hosts: Callable[[str, str], tuple[str, ...]] | None = None
) -> Any:
    """The tree as a value of `kind`, every key known, every node set resolved by `hosts(text, where)`. Raises SiteError."""
    _Check(hosts).value(tree, kind, path)
    try:
        return msgspec.convert(plain(tree), kind, str_keys=True)
    except (
        msgspec.ValidationError
    ) as error:  # what only the whole can tell: __post_init__, lengths of lists
        said, _, at = str(error).partition(" - at `$")
        place, path = _follow(tree, path, at)
        raise SiteError(f"{place}: {path}", _lower(said)) from error


def value(found: Any, kind: Any, where: str, error: type[FairleadError] = CommandLineError) -> Any:
    """One value from elsewhere (a flag) as `kind`; texts are read as numbers where numbers are wanted. Raises `error`."""
    try:
        return msgspec.convert(
            found, kind if isinstance(found, (dict, list, tuple)) else _scalar(kind), strict=False
        )
    except msgspec.ValidationError as refused:
        raise error(
            where, *_sentence(Tree(_read(found, kind), where, str(found)), kind, str(refused))
        ) from refused


def _read(found: Any, kind: Any) -> Any:
    """A flag's text as the number it is, where a number is wanted."""
    is_number = (
        isinstance(found, str)
        and _is_number(_members(kind))
        and re.fullmatch(r"-?[0-9]{1,15}", found)
    )
    return int(found) if is_number else found


def flags(given: Mapping[str, Any], kind: type[msgspec.Struct]) -> Any:
    """The flags of a command line (field name -> text, switch or list of texts) as their Struct. Raises CommandLineError."""
    wanted = {key: given[key] for key in _fields(kind) if key in given}
    for key, field in _fields(kind).items():
        flag = "--" + key.replace("_", "-")
        if field.required and key not in given:
            raise CommandLineError(flag, "must be given", f"write {flag}=...")
        if key in given:
            _flag(given[key], field.type, flag)
    try:
        return msgspec.convert(wanted, kind, strict=False)
    except msgspec.ValidationError as error:
        raise CommandLineError("the flags", _lower(str(error))) from error


def _flag(given: Any, kind: Any, flag: str) -> None:
    part = next(
        (part for part in _members(kind) if isinstance(given, (list, tuple)) and _fits((), part)),
        None,
    )
    for item in given if part and len(set(get_args(part)) - {...}) == 1 else ():
        value(item, get_args(part)[0], flag)
    value(given, kind, flag)


def refuse(clash: Clash, tree: Tree, path: str) -> SiteError:
    """The error for a clash in the section `tree`, which is called `path`."""
    where, other = (_place(tree, path, keys) for keys in (clash.one, clash.other))
    return SiteError(
        ": ".join(where),
        f"{clash.what} {other[1]} ({other[0]})" if clash.other else clash.what,
        clash.remedy,
    )


def _place(tree: Tree, path: str, keys: tuple[str | int, ...]) -> tuple[str, str]:
    """Where a key path leads: the place of its last part that stands in the file, and its name."""
    for key in keys:
        path += f"[{key}]" if isinstance(key, int) else f".{key}"
        found = (
            tree.what.get(key)
            if isinstance(tree.what, dict)
            else tree.what[key]
            if isinstance(tree.what, tuple)
            else None
        )
        tree = found or Tree(None, tree.where)
    return tree.where, path


def keys(kind: type[msgspec.Struct], path: str = "") -> Iterator[str]:
    """The dotted path of every key that a section may hold, nested ones included."""
    for name, field in _fields(kind).items():
        yield f"{path}{name}"
        for nested in _structs(field.type):
            yield from keys(nested, f"{path}{name}.")


class _Check:
    """Walks a tree beside its type, so that the first thing wrong is told with its own place."""

    def __init__(self, hosts: Callable[[str, str], tuple[str, ...]] | None):
        self.hosts = hosts

    def value(self, tree: Tree, kind: Any, path: str) -> None:
        fitting = [part for part in _members(kind) if _fits(tree.what, part)]
        match tree.what, fitting:
            case dict(), [part, *_] if _is_struct(part):
                self._struct(tree, _by_tag(tree, fitting), path)
            case dict(), [part, *_] if get_args(part):
                self._keys(tree, get_args(part)[0], path)
                self._parts(
                    ((f"{path}.{key}", item) for key, item in tree.what.items()), get_args(part)[1]
                )
            case tuple(), [part, *_] if len(set(get_args(part)) - {...}) == 1:
                self._parts(
                    ((f"{path}[{i}]", item) for i, item in enumerate(tree.what)), get_args(part)[0]
                )
            case dict() | tuple(), [_, *_]:
                return
            case _:
                self._leaf(tree, kind, path)

    def _parts(self, parts: Iterator[tuple[str, Tree]], kind: Any) -> None:
        for path, part in parts:
            self.value(part, kind, path)

    def _keys(self, tree: Tree, kind: Any, path: str) -> None:
        for key, part in tree.what.items() if kind is not str else ():
            value(key, kind, f"{part.where}: {path}", SiteError)
            self._names(Tree(key, part.where), "", kind, f"{path}.{key}")

    def _struct(self, tree: Tree, kind: type[msgspec.Struct], path: str) -> None:
        fields, tag = _fields(kind), kind.__struct_config__.tag_field
        for key, part in tree.what.items():
            if key not in fields and key != tag:
                raise SiteError(
                    f"{part.where}: {path}", f"no such key {key!r}", nearest(key, fields)
                )
        for key, field in fields.items():
            if field.required and key not in tree.what:
                raise SiteError(f"{tree.where}: {path}.{key}", "is missing", "add it")
            if key in tree.what:
                self.value(tree.what[key], field.type, f"{path}.{key}")
                self._names(tree.what[key], key, field.type, f"{path}.{key}")

    def _leaf(self, tree: Tree, kind: Any, path: str) -> None:
        try:
            msgspec.convert(plain(tree), _scalar(kind))
        except msgspec.ValidationError as error:
            raise SiteError(f"{tree.where}: {path}", *_sentence(tree, kind, str(error))) from error

    def _names(self, tree: Tree, key: str, kind: Any, path: str) -> None:
        wanted = _extra(kind).get("names") or ("hosts" if key == "hosts" else None)
        for part in tree.what if isinstance(tree.what, tuple) else (tree,):
            if not wanted or not self.hosts or not isinstance(part.what, str):
                continue
            found = self.hosts(part.what, f"{part.where}: {path}")
            if wanted == "host" and len(found) > 1:
                raise SiteError(
                    f"{part.where}: {path}", f"{part.what!r} is {len(found)} hosts", "name one"
                )


def nearest(name: str, known: Mapping[str, Any] | tuple[str, ...]) -> str:
    """The remedy for a name that is not known."""
    from difflib import get_close_matches

    return (
        "".join(f"did you mean {near}? " for near in get_close_matches(name, list(known), 1))
        + f"known: {', '.join(known) or 'none'}"
    )


@cache
def _fields(kind: type[msgspec.Struct]) -> Mapping[str, Any]:
    return {field.encode_name: field for field in msgspec.structs.fields(kind)}


def _members(kind: Any) -> tuple[Any, ...]:
    """The alternatives of a type, each without its Annotated."""
    bare = _bare(kind)
    if get_origin(bare) is Union or type(bare).__name__ == "UnionType":
        return tuple(part for member in get_args(bare) for part in _members(member))
    return (bare,)


def _scalar(kind: Any) -> Any:
    """A union without its maps and lists, for a value that is neither. It has to be: each msgspec.convert() to a union of a list or map and a text
    with a pattern drops a reference to the pattern that it does not own, and Python ends with a segmentation fault (seen with msgspec 0.22.0).
    """
    parts = get_args(_bare(kind)) if len(_members(kind)) > 1 else ()
    scalars = tuple(
        part
        for part in parts
        if not any(_fits(holder, member) for holder in ({}, ()) for member in _members(part))
    )
    return Union[scalars] if scalars else kind


def _bare(kind: Any) -> Any:
    return _bare(kind.__origin__) if get_origin(kind) is Annotated else kind


def _extra(kind: Any) -> Mapping[str, str]:
    """The words that a type carries: those of the last Meta that has any, descriptions of types without words included."""
    words: dict[str, str] = {}
    for part in (
        kind,
        *(
            get_args(_bare(kind))
            if len(_members(kind)) > 1 or get_origin(kind) is not Annotated
            else ()
        ),
    ):
        for meta in getattr(part, "__metadata__", ()):
            words |= {"about": meta.description} if meta.description and "is" not in words else {}
            words |= meta.extra or {}
    return words


def _structs(kind: Any) -> Iterator[type[msgspec.Struct]]:
    for part in _members(kind):
        if _is_struct(part):
            yield part
        else:
            for inner in get_args(part) if get_origin(part) is not Literal else ():
                yield from _structs(inner)


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _fits(what: Any, kind: Any) -> bool:
    origin = get_origin(kind) or kind
    if isinstance(what, dict):
        return (
            _is_struct(kind)
            or origin in (dict, Mapping)
            or getattr(origin, "__name__", "") in ("Mapping", "MutableMapping")
        )
    return isinstance(what, tuple) and getattr(origin, "__name__", "") in (
        "list",
        "tuple",
        "set",
        "frozenset",
        "Sequence",
        "Collection",
    )


def _by_tag(tree: Tree, kinds: list[Any]) -> type[msgspec.Struct]:
    def tag(kind: Any) -> Any:
        return tree.what.get(kind.__struct_config__.tag_field, Tree(None, "")).what

    return next((kind for kind in kinds if kind.__struct_config__.tag == tag(kind)), kinds[0])


def _sentence(tree: Tree, kind: Any, said: str) -> tuple[str, str]:
    """What is wrong with a scalar, and the remedy."""
    members, words, what = _members(kind), _extra(kind), tree.what
    choices = [
        str(choice) for part in members if get_origin(part) is Literal for choice in get_args(part)
    ]
    if what is None:
        return "has no value", "give it one, or take the key away"
    if isinstance(what, str) and choices and str not in members:
        return f"wanted {_either(choices)}, found {what!r}", nearest(
            what, tuple(choices)
        ).partition("known: ")[0].strip()
    if isinstance(what, str) and str in members:
        return (
            (f"{_shown(what)} is not {words['is']}", f"wanted {words['wanted']}")
            if "is" in words
            else (_constraint(said, what), words.get("about", ""))
        )
    if isinstance(what, (int, float)) and _is_number(members):
        return _constraint(said, what), words.get("about", "")
    return f"wanted {_either([_noun(part) for part in members])}, found {_found(tree)}", _cure(
        tree, members, bool(choices)
    )


def _cure(tree: Tree, members: tuple[Any, ...], choices: bool) -> str:
    if isinstance(tree.what, (int, float)) and (str in members or choices):
        return f"quote it: '{tree.written}'"
    if isinstance(tree.what, str) and _is_number(members) and re.fullmatch(r"[0-9.]+", tree.what):
        return "write it without quotes and leading zeros"
    if any(_fits((), part) for part in members):
        return "write [ ... ], or one `- ` line each"
    return ""


def _is_number(members: tuple[Any, ...]) -> bool:
    return int in members or float in members


def _noun(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return _either([str(choice) for choice in get_args(kind)])
    if _fits({}, kind):
        return "a map"
    if _fits((), kind):
        return "a list"
    return {
        str: "text",
        int: "a whole number",
        float: "a number",
        bool: "true or false",
        type(None): "nothing",
    }.get(kind, getattr(kind, "__name__", str(kind)))


def _found(tree: Tree) -> str:
    match tree.what:
        case bool():
            return tree.written
        case int() | float():
            return f"the number {tree.written}"
        case str():
            return f"the text {_shown(tree.what)}"
        case dict():
            return "a map"
        case _:
            return "a list"


def _constraint(said: str, what: Any) -> str:
    """msgspec's words for a broken constraint, as a sentence: Expected `int` >= 1 -> has to be >= 1."""
    rest = re.sub(
        r"^Expected `\w+`( of)?",
        "has to be" if "length" not in said else "has to have a",
        said.partition(" - at `")[0],
    )
    return f"{rest}, found {_shown(what)}"


def _either(words: list[str]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _shown(what: Any) -> str:
    shown = repr(what)
    return shown if len(shown) <= 120 else shown[:117] + "..."


def _lower(said: str) -> str:
    return said[:1].lower() + said[1:]


def _follow(tree: Tree, path: str, at: str) -> tuple[str, str]:
    """Where `.server.hosts[0]` of msgspec leads: the place of the last part that can be told, and the key path."""
    for key, index in re.findall(r"\.([^.[`]+)|\[(\d+)\]", at.partition("[...]")[0]):
        tree = tree.what[key] if key else tree.what[int(index)]
        path += f".{key}" if key else f"[{index}]"
    return tree.where, path
