"""Host sets: n[1-14], n[1-9]!n3, @group. Sole user of ClusterShell's node sets.

    text     operand, then any number of: `,` and, `!` without, `&` only those also in. Read from
             left to right
    operand  a name (n1, ps.example.org), names (n[1-3,7], r[1-2]n[01-16], n[1-9/2]) or @group;
             @all is every host of a site, @SOURCE:GROUP a group that a source of the site's knows

ClusterShell only ever sees an operand that the grammar above has matched and whose size is known:
its own resolver of groups is never asked. `n1` and `n01` are two hosts.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from fairlead.model.errors import CommandLineError, FairleadError
from fairlead.model.suggest import did_you_mean

LIMIT = 10_000  # names that one ask may expand to
LOCAL = "local"  # this machine: always there, never part of @all

NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}"
_RANGE = r"\d{1,63}(?:-\d{1,63}(?:/\d{1,9})?)?"
_RANGES = rf"\[{_RANGE}(?:,{_RANGE})*\]"
_OPERAND = re.compile(
    rf"@{NAME}(?::{NAME})?|(?:[A-Za-z0-9_]|{_RANGES})(?:[A-Za-z0-9_.-]|{_RANGES}){{0,252}}",
    re.ASCII,
)
_BRACKETS = re.compile(r"\[([^]]*)\]")
_SIGN = re.compile(r"\s*([,!&])\s*")
_DEEPEST = 20  # groups of groups


def resolve(
    texts: Sequence[str],
    known: Sequence[str],
    groups: Mapping[str, str],
    where: str,
    error: type[FairleadError] = CommandLineError,
) -> tuple[str, ...]:
    """The hosts that the texts name together, in the order of `known`.

    `where` is what the texts are called in errors. Raises `error` for anything else, a name that is
    not known included.
    """
    reader = _Reader(dict.fromkeys(known), groups, where, error)
    names: dict[str, None] = {}
    for text in texts:
        names |= reader.read(text)
    if not names:
        raise error(where, "names no host", "name at least one")
    return tuple(name for name in dict.fromkeys(known) if name in names)


def expand(
    text: str,
    where: str,
    error: type[FairleadError] = CommandLineError,
) -> tuple[str, ...]:
    """The names that a text stands for, known or not, in the order written; no groups."""
    names = _Reader(None, {}, where, error).read(text)
    if not names:
        raise error(where, f"{text!r} names no host", "name at least one")
    return tuple(names)


def members(
    texts: Iterable[str],
    groups: Mapping[str, str],
    where: str,
    error: type[FairleadError] = CommandLineError,
) -> tuple[str, ...]:
    """The names that texts with these groups stand for, known or not, in the order written."""
    reader = _Reader(None, groups, where, error)
    names: dict[str, None] = {}
    for text in texts:
        names |= reader.read(text)
    return tuple(names)


def fold(names: Iterable[str]) -> str:
    """The shortest text for these names: n[1-13]. What is no name stands as it is, at the end."""
    names = list(dict.fromkeys(names))
    plain = [name for name in names if re.fullmatch(NAME, name, re.ASCII)]
    folded = set(plain)
    others = [name for name in names if name not in folded]
    return ",".join([*([_folded(plain)] if plain else []), *others])


def _folded(names: list[str]) -> str:
    if len(names) == 1:
        return names[0]
    from ClusterShell.NodeSet import RESOLVER_NOGROUP, NodeSet

    return str(NodeSet.fromlist(names, resolver=RESOLVER_NOGROUP))


class _Reader:
    """Reads the texts of one call; how many names they expand to is bounded."""

    def __init__(
        self,
        known: dict[str, None] | None,
        groups: Mapping[str, str],
        where: str,
        error: type[FairleadError],
    ):
        self.known, self.groups, self.where, self.error = known, groups, where, error
        self.names_left = LIMIT
        self.expanded: dict[str, dict[str, None]] = {}  # group -> its hosts

    def read(
        self,
        text: str,
        inside: tuple[str, ...] = (),
    ) -> dict[str, None]:
        """The names of one text; `inside` are the groups in whose definition it stands."""
        names: dict[str, None] = {}
        for sign, operand in self._operands(text):
            is_group = operand.startswith("@")
            more = self._group(operand[1:], inside) if is_group else self._names(operand)
            if sign == ",":
                names |= more
            else:
                names = {name: None for name in names if (name in more) == (sign == "&")}
        return names

    def _operands(self, text: str) -> Iterator[tuple[str, str]]:
        """(sign, operand), the first with the sign `,`."""
        if not text.strip():
            raise self.error(f"{self.where} is empty", "an unset variable?")
        sign, place, text = ",", 0, text.strip()
        while True:
            operand = _OPERAND.match(text, place)
            following = _SIGN.match(text, operand.end()) if operand else None
            is_last = operand is not None and operand.end() == len(text)
            if operand is None or not (following or is_last):
                remedy = "write n1, n[1-3,7], n[1-9]!n3 or @group"
                raise self.error(self.where, f"{_short(text)!r} is no node set", remedy)
            yield sign, operand[0]
            if following is None:
                return
            sign, place = following[1], following.end()

    def _names(self, operand: str) -> dict[str, None]:
        self._spend(_size(operand), operand)
        names = dict.fromkeys(self._expanded(operand))
        for name in names:
            if self.known is not None and name not in self.known:
                raise self.error(self.where, f"no such host {_short(name)!r}", self._remedy(name))
        return names

    def _expanded(self, operand: str) -> Iterable[str]:
        if "[" not in operand:
            return (operand,)
        from ClusterShell.NodeSet import RESOLVER_NOGROUP, NodeSet, NodeSetException

        try:
            return list(NodeSet(operand, resolver=RESOLVER_NOGROUP))
        except NodeSetException as error:
            what = f"{_short(operand)!r} is no node set"
            raise self.error(
                self.where,
                what,
                str(error).replace('"', ""),
            ) from error

    def _group(
        self,
        name: str,
        inside: tuple[str, ...],
    ) -> dict[str, None]:
        if name == "all" and name not in self.groups and self.known is not None:
            return {host: None for host in self.known if host != LOCAL}
        if name not in self.groups:
            groups = ", ".join(f"@{group}" for group in self.groups) or "none"
            near = did_you_mean(name, self.groups, shown="@{}".format)
            what = f"no such group '@{_short(name)}'"
            raise self.error(self.where, what, f"{near}groups: {groups}")
        if name in inside or len(inside) > _DEEPEST:
            circle = " > ".join(f"@{group}" for group in (*inside, name))
            what = f"the group '@{name}' holds itself"
            raise self.error(self.where, what, f"take one of them out: {circle}")
        if name not in self.expanded:
            self.expanded[name] = self.read(self.groups[name], (*inside, name))
        return self.expanded[name]

    def _spend(self, size: int, operand: str) -> None:
        self.names_left -= size
        if self.names_left < 0:
            what = f"{_short(operand)!r} goes beyond {LIMIT:,} names"
            raise self.error(self.where, what, "name fewer hosts")

    def _remedy(self, name: str) -> str:
        known = [host for host in self.known or () if host != LOCAL]
        padded = [host for host in known if _unpadded(host) == _unpadded(name)]
        near = f"did you mean {padded[0]}? " if padded else did_you_mean(name, _alike(name, known))
        return f"{near}known: {_short(fold(known), 200) or 'none'}"


def _size(operand: str) -> int:
    """How many names an operand stands for, an upper bound found without expanding it."""
    size = 1
    for brackets in _BRACKETS.findall(operand):
        size *= sum(_length(part) for part in brackets.split(","))
    return size


def _length(part: str) -> int:
    first, _, last = part.split("/")[0].partition("-")
    return max(1, int(last or first) - int(first) + 1)


def _unpadded(name: str) -> str:
    return re.sub(r"\d+", lambda digits: digits[0].lstrip("0") or "0", name)


def _alike(name: str, known: Iterable[str]) -> list[str]:
    """Those that `name` may be a misspelling of: another number is none."""
    letters = re.sub(r"\d", "", name)
    return [host for host in known if re.sub(r"\d", "", host) != letters]


def _short(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."
