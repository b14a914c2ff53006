"""What is said on a host: argv tuples, and how several of them are joined."""

from collections.abc import Iterator
from typing import Union, dataclass_transform

import msgspec


@dataclass_transform(frozen_default=True, field_specifiers=(msgspec.field,))
class Noun(msgspec.Struct, frozen=True):
    """What every noun is: immutable, compared by value."""


class Registered(Noun):
    """A word that another step left behind: what it printed, without the last newline.

    The step had this `name` in `register`, on `host`; "" is the host itself. Only a later phase may
    use it.
    """

    host: str
    name: str
    secret: bool = False


Word = Union[str, Registered]
Argv = tuple[Word, ...]


class Then(Noun):
    """Each command after the one before has ended 0; exit code: that of the first that did not."""

    parts: tuple["Command", ...]


class Pipe(Noun):
    """stdout of each into stdin of the next.

    Exit code: the last one's, but 120 if an earlier one failed (a closed pipe is no failure).
    """

    parts: tuple["Command", ...]


class Either(Noun):
    """Each command until one ends 0; the exit code is that of the last that ran."""

    parts: tuple["Command", ...]


class Same(Noun):
    """A question: do both print the same? 0 yes, 1 no, 120 when either failed.

    A plain str is what the other has to print.
    """

    left: "Command"
    right: "Command | str"


class Not(Noun):
    """A question turned round: 0 and 1 change places, anything else (it failed) stays."""

    part: "Command"


Command = Union[Argv, Then, Pipe, Either, Same, Not]


def then(*parts: Command) -> Then:
    return Then(parts)


def pipe(*parts: Command) -> Pipe:
    return Pipe(parts)


def either(*parts: Command) -> Either:
    return Either(parts)


def same(left: Command, right: Command | str) -> Same:
    return Same(left, right)


def not_(part: Command) -> Not:
    return Not(part)


def argvs(command: Command | str) -> Iterator[Argv]:
    """The argv tuples of a command, in the order in which they stand."""
    match command:
        case str():
            return
        case tuple():
            yield command
        case Same(left, right):
            yield from argvs(left)
            yield from argvs(right)
        case Not(part):
            yield from argvs(part)
        case Then(parts) | Pipe(parts) | Either(parts):
            for part in parts:
                yield from argvs(part)
