"""The text of a JSON object, edited where its keys stand: what nobody asks for stays as it is
written, byte by byte."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fairlead.api import Noun

DECODER = json.JSONDecoder()
EMPTY = "{\n}\n"


class Member(Noun):
    """A key and its value as they are written: `text` between the white space around it."""

    key: str
    before: str
    text: str
    after: str


def edited(text: str, values: Mapping[str, Any], dropped: Iterable[str] = ()) -> str:
    """The text with these values, and without what is dropped.

    `text` is a JSON object, or blank for an empty one. Keys that are new follow the others, in
    order.
    """
    text = text if text.strip() else EMPTY
    begin, end = text.index("{") + 1, text.rindex("}")
    members = [*_members(text, begin)]
    last = members[-1] if members else None
    kept = [_changed(member, values) for member in members if member.key not in {*dropped}]
    keys = {member.key for member in members}
    before = last.before if last and "\n" in last.before else "\n  "
    added = [
        Member(key, before, written(key, value), "")
        for key, value in values.items()
        if key not in keys
    ]
    end_space = (last.after if last else "") or ("\n" if added else "")
    body = ",".join(_chunks([*kept, *added], last, end_space)) or "\n"
    return text[:begin] + body + text[end:]


def written(key: str, value: Any) -> str:
    """A key and its value, as they are written."""
    return f"{_dumps(key)}: {_dumps(value)}"


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _changed(member: Member, values: Mapping[str, Any]) -> Member:
    if member.key not in values:
        return member
    before = json.loads(f"{{{member.text}}}")[member.key]
    value = values[member.key]
    if _dumps(before) == _dumps(value):
        return member
    return Member(member.key, member.before, written(member.key, value), member.after)


def _chunks(members: list[Member], last: Member | None, end_space: str) -> Iterator[str]:
    """What stands between the commas. `last`: the member that was the last one before; the white
    space that followed it stays before the brace."""
    for member in members[:-1]:
        was_last = last is not None and member.key == last.key
        yield f"{member.before}{member.text}{'' if was_last else member.after}"
    for member in members[-1:]:
        yield f"{member.before}{member.text}{end_space}"


def _members(text: str, position: int) -> Iterator[Member]:
    """The members of the object whose brace stands before the position."""
    start = _skip_space(text, position)
    while text[start] == '"':
        key, end = DECODER.raw_decode(text, start)
        value = _skip_space(text, text.index(":", end) + 1)
        _, end = DECODER.raw_decode(text, value)
        stop = _skip_space(text, end)
        yield Member(key, text[position:start], text[start:end], text[end:stop])
        if text[stop] == "}":
            return
        position = stop + 1
        start = _skip_space(text, position)


def _skip_space(text: str, position: int) -> int:
    while text[position] in " \t\r\n":
        position += 1
    return position
