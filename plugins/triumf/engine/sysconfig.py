"""Variables in a file of /etc/sysconfig, as sh and systemd read it: KEY=VALUE, quoted or not.

A line that ends with a backslash, or within quotes, goes on in the next. Source: systemd.exec(5),
EnvironmentFile=.
"""

import re
import shlex
from collections.abc import Iterator

from fairlead.api import Noun

QUOTED = r"""'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\]"""
ASSIGNMENT = re.compile(rf"[A-Za-z_]\w*=(?:{QUOTED})*[ \t]*(?P<remark>[ \t]#.*)?", re.DOTALL)


class UnreadableError(Exception):
    """The value of the variable `key` is not one text."""

    def __init__(self, key: str):
        self.key = key
        super().__init__(key)


class Assignment(Noun):
    """Where a variable is set: the lines from `begin` to before `end`, its value without quotes,
    the remark behind it."""

    begin: int
    end: int
    value: str
    remark: str


def words(text: str, key: str) -> list[str]:
    """The words of a variable's value; none where it is not set. Raises UnreadableError."""
    assignment = _assignment(text.splitlines(), key)
    try:
        return shlex.split(assignment.value) if assignment else []
    except ValueError:
        raise UnreadableError(key) from None


def assigned(text: str, key: str, value: str, replaces: bool = True) -> str:
    """The text with KEY=VALUE: where the variable stands; else in the place of its commented line,
    or behind that where it does not replace; else at the end.

    A remark behind the old value gets a line of its own. Raises UnreadableError.
    """
    lines, line = text.splitlines(), f"{key}={value}"
    assignment = _assignment(lines, key)
    commented = _last(rf"#\s*{key}=", lines)
    if assignment:
        remark = [assignment.remark] if assignment.remark else []
        lines[assignment.begin : assignment.end] = [*remark, line]
    elif commented is None:
        lines.append(line)
    elif replaces:
        lines[commented] = line
    else:
        lines.insert(commented + 1, line)
    return "".join(f"{line}\n" for line in lines)


def _assignment(lines: list[str], key: str) -> Assignment | None:
    """The last assignment of the variable."""
    begin = _last(rf"{key}=", lines)
    if begin is None:
        return None
    for count, text in _logical(lines[begin:]):
        match = ASSIGNMENT.fullmatch(text)
        if match:
            remark = (match["remark"] or "").strip()
            return Assignment(begin, begin + count, _value(key, text), remark)
    raise UnreadableError(key)


def _logical(lines: list[str]) -> Iterator[tuple[int, str]]:
    """The first line, it and the next, and so on, each with how many lines it is; not those that
    end with a backslash, which the next line joins."""
    for count in range(1, len(lines) + 1):
        text = "\n".join(lines[:count])
        if not _goes_on(text):
            yield count, text.replace("\\\n", "")
        elif count == len(lines):
            yield count, text.replace("\\\n", "")[:-1]


def _goes_on(line: str) -> bool:
    """Does it end with a backslash that is not itself behind one?"""
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _value(key: str, text: str) -> str:
    """What sh makes of the text KEY=VALUE."""
    try:
        parts = shlex.split(text, comments=True)
    except ValueError:
        raise UnreadableError(key) from None
    return parts[0].partition("=")[2]


def _last(pattern: str, lines: list[str]) -> int | None:
    """The number of the last line that begins with the pattern."""
    numbers = [number for number, line in enumerate(lines) if re.match(pattern, line)]
    return numbers[-1] if numbers else None
