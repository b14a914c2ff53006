"""Reading what a host reports: each event once and in order, whatever the link does to the bytes."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.remote.events import SHAPES, Event, Message, Reader, text

MARK = "fl0123456789abcdef"
EVENTS = tuple(
    Event(
        number,
        "step",
        (str(number), "changed", "0", "10", base64.b64encode(b"x" * number).decode()),
    )
    for number in range(1, 9)
)


def line(event: Event) -> bytes:
    return f"{event.number} {event.kind} {' '.join(event.words)} .\n".encode()


BEGIN = f"{MARK} begin\n".encode()
STREAM = BEGIN + b"".join(map(line, EVENTS))


def numbered(found: list[Event | Message]) -> tuple[Event, ...]:
    return tuple(one for one in found if isinstance(one, Event) and one.number)


@given(
    st.lists(
        st.tuples(st.integers(0, len(STREAM)), st.lists(st.integers(1, 60), max_size=30)),
        max_size=6,
    )
)
def test_however_often_the_stream_is_cut_and_begun_again_every_event_comes_once_and_in_order(
    followings: list[tuple[int, list[int]]],
) -> None:
    reader, found = Reader(MARK), []
    for length, chunks in [*followings, (len(STREAM), [])]:
        reader.again()
        rest = STREAM[:length]
        for size in [*chunks, len(STREAM)]:
            found += reader.feed(rest[:size])
            rest = rest[size:]
    assert numbered(found) == EVENTS


@given(st.permutations(EVENTS))
def test_events_that_overtake_each_other_are_put_in_order(mixed: list[Event]) -> None:
    reader = Reader(MARK)
    assert numbered(list(reader.feed(BEGIN + b"".join(map(line, mixed))))) == EVENTS


@given(st.binary(max_size=200), st.binary(max_size=40))
def test_noise_is_passed_over(noise: bytes, within: bytes) -> None:
    reader = Reader(MARK)
    noisy = noise + b"\n" + BEGIN + within.replace(b"\n", b"") + b"\n" + STREAM[len(BEGIN) :]
    assert numbered(list(reader.feed(noisy)))[-len(EVENTS) :] == EVENTS or within.strip().endswith(
        b"."
    )


def test_what_comes_before_the_beginning_is_no_event() -> None:
    reader = Reader(MARK)
    assert list(reader.feed(line(EVENTS[0]) + BEGIN + line(EVENTS[0]))) == [
        Message("begin", ()),
        EVENTS[0],
    ]


def test_half_a_line_waits_for_its_other_half() -> None:
    reader, whole = Reader(MARK), line(EVENTS[0])
    assert list(reader.feed(BEGIN + whole[:9])) == [Message("begin", ())]
    assert list(reader.feed(whole[9:])) == [EVENTS[0]]


def test_a_line_broken_by_a_sign_of_life_is_taken_from_the_next_telling() -> None:
    reader, whole = Reader(MARK), line(EVENTS[0])
    assert numbered(list(reader.feed(BEGIN + whole[:9] + b"\n" + whole[9:] + whole))) == EVENTS[:1]


def test_notes_stand_outside_the_numbering() -> None:
    reader = Reader(MARK)
    note = Event(0, "note", ("1", "YQ=="))
    assert list(reader.feed(BEGIN + line(note) + line(note))) == [Message("begin", ()), note, note]


IMITATIONS = (
    b"1 step 1 changed 0 .",  # a word too few
    b"1 finish now .",  # no such kind
    b"\xc2\xb2 end ok .",  # no number
    b"-1 end ok .",
    b"99999999999 end ok .",
    b"1 end ok",
    MARK[:-1].encode() + b" over ok",
    b" " + MARK.encode() + b" over ok",
)


@pytest.mark.parametrize("imitation", IMITATIONS)
def test_what_only_looks_like_an_event_is_none(imitation: bytes) -> None:
    assert list(Reader(MARK).feed(BEGIN + imitation + b"\n")) == [Message("begin", ())]


def test_every_kind_that_the_worker_writes_has_a_shape() -> None:
    import re

    from fairlead.remote import programs

    written = re.findall(r"fl_event ([a-z]+) ", programs._shell("body", "runs") + programs.WORK)
    assert set(written) | {"note"} == set(SHAPES)


@pytest.mark.parametrize(
    ("word", "said"), [("aMOp", "hé"), ("", ""), ("no base64!", "no base64!"), ("/w==", "\ufffd")]
)
def test_words_are_decoded(word: str, said: str) -> None:
    assert text(word) == said
