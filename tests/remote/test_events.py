"""Reading what a host reports: each event once and in order, whatever the link does to the
bytes.
"""

import base64
import re
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.remote import programs
from fairlead.remote.events import (
    Begun,
    CancelAnswer,
    Event,
    FactAnswer,
    LeaseHeld,
    LeaseTaken,
    LockRefused,
    Message,
    MissingTools,
    Over,
    Reader,
    RunCancelled,
    RunReport,
    StepArmed,
    StepEnded,
    StepNote,
    StepProved,
    StepSilent,
    StepUndone,
    read_event,
    read_message,
    text,
)

MARK = "fl0123456789abcdef"


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


EVENTS = tuple(StepEnded(n, n, "changed", 0, 10, "x" * n) for n in range(1, 9))


def line(event: StepEnded | StepNote) -> bytes:
    """As the worker writes it."""
    if isinstance(event, StepNote):
        return f"0 note {event.step} {encoded(event.text.encode())} .\n".encode()
    words = f"{event.step} changed 0 10 {encoded(event.output.encode())}"
    return f"{event.number} step {words} .\n".encode()


BEGIN = f"{MARK} begin\n".encode()
STREAM = BEGIN + b"".join(map(line, EVENTS))


def numbered(reports: Iterable[Event | Message]) -> tuple[Event, ...]:
    return tuple(event for event in reports if isinstance(event, Event) and event.number)


@given(
    st.lists(
        st.tuples(st.integers(0, len(STREAM)), st.lists(st.integers(1, 60), max_size=30)),
        max_size=6,
    )
)
def test_however_often_the_stream_is_cut_and_begun_again_every_event_comes_once_and_in_order(
    followings: list[tuple[int, list[int]]],
) -> None:
    reader = Reader(MARK)
    reports: list[Event | Message] = []
    for length, chunks in [*followings, (len(STREAM), [])]:
        reader.restart()
        remaining = STREAM[:length]
        for size in [*chunks, len(STREAM)]:
            reports += reader.feed(remaining[:size])
            remaining = remaining[size:]
    assert numbered(reports) == EVENTS


@given(st.permutations(EVENTS))
def test_events_that_overtake_each_other_are_put_in_order(mixed: list[StepEnded]) -> None:
    reader = Reader(MARK)
    assert numbered(reader.feed(BEGIN + b"".join(map(line, mixed)))) == EVENTS


@given(st.binary(max_size=200), st.binary(max_size=40))
def test_noise_is_passed_over(noise: bytes, within: bytes) -> None:
    reader = Reader(MARK)
    noisy = noise + b"\n" + BEGIN + within.replace(b"\n", b"") + b"\n" + STREAM[len(BEGIN) :]
    last_events = numbered(reader.feed(noisy))[-len(EVENTS) :]
    assert last_events == EVENTS or within.strip().endswith(b".")


def test_what_comes_before_the_beginning_is_no_event() -> None:
    reports = Reader(MARK).feed(line(EVENTS[0]) + BEGIN + line(EVENTS[0]))
    assert list(reports) == [Begun(), EVENTS[0]]


def test_half_a_line_waits_for_its_other_half() -> None:
    reader, whole = Reader(MARK), line(EVENTS[0])
    assert list(reader.feed(BEGIN + whole[:9])) == [Begun()]
    assert list(reader.feed(whole[9:])) == [EVENTS[0]]


def test_a_line_broken_by_a_sign_of_life_is_taken_from_the_next_telling() -> None:
    reader, whole = Reader(MARK), line(EVENTS[0])
    assert numbered(reader.feed(BEGIN + whole[:9] + b"\n" + whole[9:] + whole)) == EVENTS[:1]


def test_notes_stand_outside_the_numbering() -> None:
    note = StepNote(0, 1, "a")
    assert list(Reader(MARK).feed(BEGIN + line(note) + line(note))) == [Begun(), note, note]


IMITATIONS = (
    b"1 step 1 changed 0 .",  # a word too few
    b"1 step one changed 0 10 YQ== .",  # no number of a step
    b"1 undo 1 zero YQ== .",  # no exit code
    b"1 finish now .",  # no such kind
    b"\xc2\xb2 end ok .",  # no number
    b"-1 end ok .",
    b"99999999999 end ok .",
    b"1 end ok",
    MARK[:-1].encode() + b" over ok",
    MARK.encode() + b" over",
    MARK.encode() + b" fact one 0 YQ==",
    b" " + MARK.encode() + b" over ok",
)


@pytest.mark.parametrize("imitation", IMITATIONS)
def test_what_only_looks_like_an_event_is_none(imitation: bytes) -> None:
    assert list(Reader(MARK).feed(BEGIN + imitation + b"\n")) == [Begun()]


WORDS = {  # kind -> words as the worker writes them
    "start": ["1767225600"],
    "locked": ["YQ=="],
    "begin": ["1"],
    "note": ["1", "YQ=="],
    "step": ["1", "ok", "0", "10", ""],
    "keep": ["1", "YQ=="],
    "armed": ["1"],
    "cancel": ["YQ=="],
    "uncopied": ["YQ=="],
    "undo": ["1", "0", ""],
    "proof": ["1", "0", ""],
    "end": ["ok"],
}


def test_every_kind_of_event_that_the_worker_writes_is_read() -> None:
    worker = programs.shell_text(*programs.WORKER, "begin")
    assert {*re.findall(r"fl_event ([a-z]+) ", worker), "note"} == set(WORDS)
    kinds = {
        kind: getattr(read_event(1, [kind, *words]), "kind", "") for kind, words in WORDS.items()
    }
    assert kinds == {kind: kind for kind in WORDS}


def test_every_kind_of_message_that_a_program_writes_is_read() -> None:
    names = [path.stem for path in programs.SHELL.glob("*.sh")]
    text_of_all = programs.shell_text(*names) + programs.FOLLOW + programs.END
    kinds = {
        "tools",
        "lease",
        "run",
        "fact",
        "refused",
        "begin",
        "over",
        "end",
        "cancel",
        "journal",
        "change",
    }
    assert set(re.findall(r"fl_report ([a-z]+)", text_of_all)) == kinds


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("locked YQpi", LockRefused(7, "a\nb")),
        ("armed 2", StepArmed(7, 2)),
        ("silent out 2 does 35", StepSilent(7, 2, "out", "does", 35)),
        ("cancel Ym9iQGhvbWUK", RunCancelled(7, "bob@home")),
        ("undo 2 1 YQ==", StepUndone(7, 2, 1, "a")),
        ("proof 2 1 YQ==", StepProved(7, 2, 1, "a")),
        ("step 2 failed 3 1500 YQ==", StepEnded(7, 2, "failed", 3, 1500, "a")),
    ],
)
def test_the_words_of_an_event_have_names(line: str, event: Event) -> None:
    assert read_event(7, line.split(" ")) == event


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("tools ", MissingTools(())),
        ("tools dd flock ", MissingTools(("dd", "flock"))),
        ("lease toy taken", LeaseTaken("toy")),
        ("lease toy held YQ== 540 3 working", LeaseHeld("toy", "a", 540, 3, "working")),
        ("lease toy held YQ== 0 0 ", LeaseHeld("toy", "a")),
        ("run r.1 open dead unseen YQ==", RunReport("r.1", "open", False, False, "a")),
        ("run r.1 ok alive seen YQ==", RunReport("r.1", "ok", True, True, "a")),
        ("fact 3 1 YQ==", FactAnswer(3, 1, "a")),
        ("fact 3  ", FactAnswer(3, 124, "")),  # its program was killed with its shell
        ("fact 3 1  cut", FactAnswer(3, 1, "", True)),
        ("cancel asked stays 2 1800 20", CancelAnswer("asked", "stays", 2, 1780)),
        ("cancel asked does 2 0.4 20", CancelAnswer("asked", "does", 2, 0)),
        ("cancel ended - 0 0 0", CancelAnswer("ended", "-", 0, 0)),
        ("over ok", Over("ok")),
    ],
)
def test_the_words_of_a_message_have_names(line: str, message: Message) -> None:
    assert read_message(line.split(" ")) == message


@pytest.mark.parametrize(
    ("word", "content"),
    [("aMOp", "hé"), ("", ""), ("no base64!", "no base64!"), ("/w==", "\ufffd")],
)
def test_words_are_decoded(word: str, content: str) -> None:
    assert text(word) == content
