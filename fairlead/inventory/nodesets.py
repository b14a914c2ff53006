"""Host sets: n[1-14], n[1-9]!n3, @group. Sole user of ClusterShell.

    text     operand, then any number of: `,` and, `!` without, `&` only those also in. Read from left to right
    operand  a name (n1, ps.example.org), names (n[1-3,7], r[1-2]n[01-16], n[1-9/2]) or @group; @all is every host of a site

ClusterShell only ever sees an operand that the grammar above has matched and whose size is known: its own resolver of groups is never asked.
`n1` and `n01` are two hosts.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from fairlead.model.errors import CommandLineError, FairleadError

LIMIT = 10_000  # names that one ask may expand to
LOCAL = "local"  # this machine: always there, never part of @all

NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}"
_RANGE = r"\d{1,63}(?:-\d{1,63}(?:/\d{1,9})?)?"
_RANGES = rf"\[{_RANGE}(?:,{_RANGE})*\]"
_OPERAND = re.compile(
    rf"@{NAME}|(?:[A-Za-z0-9_]|{_RANGES})(?:[A-Za-z0-9_.-]|{_RANGES}){{0,252}}", re.ASCII
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
    """The hosts that the texts name together, in the order of `known`. Raises `error` for anything else, a name that is not known included."""
    reader = _Reader(dict.fromkeys(known), groups, where, error)
    found: dict[str, None] = {}
    for text in texts:
        found |= reader.read(text)
    if not found:
        raise error(where, "names no host", "name at least one")
    return tuple(name for name in reader.known if name in found)


def expand(text: str, where: str, error: type[FairleadError] = CommandLineError) -> tuple[str, ...]:
    """The names that a text stands for, known or not, in the order written; no groups."""
    names = _Reader(None, {}, where, error).read(text)
    if not names:
        raise error(where, f"{text!r} names no host", "name at least one")
    return tuple(names)


def fold(names: Iterable[str]) -> str:
    """The shortest text for these names: n[1-13]. What is no name stands as it is, at the end."""
    names = list(dict.fromkeys(names))
    plain = [name for name in names if re.fullmatch(NAME, name, re.ASCII)]
    others = [name for name in names if name not in set(plain)]
    return ",".join([*([_folded(plain)] if plain else []), *others])


def _folded(names: list[str]) -> str:
    if len(names) == 1:
        return names[0]
    from ClusterShell.NodeSet import RESOLVER_NOGROUP, NodeSet

    return str(NodeSet.fromlist(names, resolver=RESOLVER_NOGROUP))


class _Reader:
    """Reads texts for one asker; what has been expanded so far is bounded."""

    def __init__(
        self,
        known: dict[str, None] | None,
        groups: Mapping[str, str],
        where: str,
        error: type[FairleadError],
    ):
        self.known, self.groups, self.where, self.error = known, groups, where, error
        self.left = LIMIT
        self.seen: dict[str, dict[str, None]] = {}

    def read(self, text: str, inside: tuple[str, ...] = ()) -> dict[str, None]:
        found: dict[str, None] = {}
        for sign, operand in self._operands(text):
            names = (
                self._group(operand[1:], inside)
                if operand.startswith("@")
                else self._names(operand)
            )
            if sign == ",":
                found |= names
            else:
                found = {name: None for name in found if (name in names) == (sign == "&")}
        return found

    def _operands(self, text: str) -> Iterator[tuple[str, str]]:
        """(sign, operand), the first with the sign `,`."""
        if not text.strip():
            raise self.error(f"{self.where} is empty", "an unset variable?")
        sign, place, text = ",", 0, text.strip()
        while True:
            found = _OPERAND.match(text, place)
            after = found and (
                _SIGN.match(text, found.end()) or (found.end() == len(text) and found)
            )
            if not found or not after:
                raise self.error(
                    self.where,
                    f"{_short(text)!r} is no node set",
                    "write n1, n[1-3,7], n[1-9]!n3 or @group",
                )
            yield sign, found[0]
            if after is found:
                return
            sign, place = after[1], after.end()

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
            raise self.error(
                self.where, f"{_short(operand)!r} is no node set", str(error).replace('"', "")
            ) from error

    def _group(self, name: str, inside: tuple[str, ...]) -> dict[str, None]:
        if name == "all" and name not in self.groups and self.known is not None:
            return {host: None for host in self.known if host != LOCAL}
        if name not in self.groups:
            there = ", ".join(f"@{group}" for group in self.groups) or "none"
            raise self.error(
                self.where,
                f"no such group '@{_short(name)}'",
                _near(name, self.groups, "@") + f"groups: {there}",
            )
        if name in inside or len(inside) > _DEEPEST:
            raise self.error(
                self.where,
                f"the group '@{name}' holds itself",
                "take one of them out: " + " > ".join(f"@{g}" for g in (*inside, name)),
            )
        if name not in self.seen:
            self.seen[name] = self.read(self.groups[name], (*inside, name))
        return self.seen[name]

    def _spend(self, size: int, operand: str) -> None:
        self.left -= size
        if self.left < 0:
            raise self.error(
                self.where, f"{_short(operand)!r} goes beyond {LIMIT:,} names", "name fewer hosts"
            )

    def _remedy(self, name: str) -> str:
        known = [host for host in self.known or () if host != LOCAL]
        padded = [host for host in known if _unpadded(host) == _unpadded(name)]
        spelt = [
            host for host in known if re.sub(r"\d", "", host) != re.sub(r"\d", "", name)
        ]  # another number is no misspelling
        near = f"did you mean {padded[0]}? " if padded else _near(name, spelt)
        return near + f"known: {_short(fold(known), 200) or 'none'}"


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


def _near(name: str, known: Iterable[str], sign: str = "") -> str:
    from difflib import get_close_matches

    return "".join(
        f"did you mean {sign}{near}? " for near in get_close_matches(name, list(known), 1)
    )


def _short(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."
