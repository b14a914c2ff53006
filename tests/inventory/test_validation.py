"""A value is of its type, or one sentence says what is wrong with it."""

import re
import sys
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta

from fairlead.inventory import types, validation
from fairlead.model.errors import CommandLineError
from tests.inventory.ropes import Rope, cases


@pytest.mark.parametrize("case", cases("values.yml", "type"))
def test_typed_values_take_what_they_are_and_nothing_else(case):
    kind = getattr(types, case["type"])
    assert [validation.value(text, kind, "--x") for text in case["good"]] == case["good"]
    for text in case["bad"]:
        with pytest.raises(CommandLineError, match="--x: .* is not an? .*; wanted "):
            validation.value(text, kind, "--x")


def test_a_flag_is_a_typed_value_too():
    assert validation.value("3", Annotated[int, Meta(ge=1)], "--count") == 3
    with pytest.raises(
        CommandLineError, match="^--count: wanted a whole number, found the text 'x'$"
    ):
        validation.value("x", int, "--count")
    with pytest.raises(
        CommandLineError, match="^--state: wanted off or on, found 'of'; did you mean off"
    ):
        validation.value("of", Literal["off", "on"], "--state")


class Flags(msgspec.Struct, kw_only=True):
    url: types.Url
    also: tuple[types.Url, ...] = ()
    dry_count: Annotated[int, Meta(ge=1)] = 1
    force: bool = False


def test_flags_become_their_struct():
    assert validation.flags(
        {"url": "https://h", "also": ["https://i"], "dry_count": "3", "force": True, "other": 1},
        Flags,
    ) == Flags(url="https://h", also=("https://i",), dry_count=3, force=True)


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ({}, "--url: must be given; write --url=..."),
        (
            {"url": "htp:/x"},
            "--url: 'htp:/x' is not a URL; wanted http(s)://HOST/PATH or file:///PATH",
        ),
        (
            {"url": "https://h", "also": ["https://i", "i;id"]},
            "--also: 'i;id' is not a URL; wanted http(s)://HOST/PATH",
        ),
        (
            {"url": "https://h", "dry_count": "x"},
            "--dry-count: wanted a whole number, found the text 'x'",
        ),
        ({"url": "https://h", "dry_count": "0"}, "--dry-count: has to be >= 1, found 0"),
    ],
)
def test_a_wrong_flag_is_one_sentence(raw, sentence):
    with pytest.raises(CommandLineError) as error:
        validation.flags(raw, Flags)
    assert str(error.value).startswith(sentence)


def test_a_map_or_a_path_may_be_read_as_often_as_one_likes():
    """Each time msgspec 0.22.0 gives a reference to the pattern of such a text away.

    In the end there are none left, and Python ends with a segmentation fault.
    """
    path = types.text("/read/often", "a path", "/read/often")
    kind, pattern = dict[str, Any] | Annotated[str, path], re.compile(path.pattern)
    before = sys.getrefcount(pattern)
    assert validation.value("/read/often", kind, "config") == "/read/often"
    with pytest.raises(CommandLineError, match="'/else' is not a path; wanted /read/often"):
        validation.value("/else", kind, "config")
    assert sys.getrefcount(pattern) >= before


def test_every_key_of_a_section_is_known():
    assert set(validation.keys(Rope)) >= {
        "hosts",
        "splices.at",
        "ends.bitter.length",
        "every.from",
        "knot.turns",
        "knot.loops",
    }
