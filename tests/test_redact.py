"""Secrets are cut from text: whole, by line, in part, in base64, and when they come in pieces."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.errors import StepFailed
from fairlead.outcome import HostResult, RunResult
from fairlead.plan import Secret
from fairlead.redact import Known

LONG = "correct-horse+battery/staple"
PEM = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ+\nDYvvVuCCAvAPqzLSNuNMs\n-----END PRIVATE KEY-----\n"


def knowing(*values: str) -> Known:
    known = Known()
    for value in values:
        known.add(Secret(value))
    return known


@pytest.mark.parametrize(
    ("value", "text", "cut"),
    [
        ("pw12", "the password pw12, pw12!", "the password ***, ***!"),
        ("pw12", "base64: cHcxMg==", "base64: ***=="),
        (LONG, f"a {LONG} b", "a *** b"),
        (LONG, f"...{LONG[5:]} is a tail", "...*** is a tail"),
        (LONG, f"the head {LONG[:13]}", "the head ***"),
        ("abc", "abc is too short", "abc is too short"),
        (PEM, "key: MC4CAQAwBQYDK2VwBCIEIJ+", "key: ***"),
        (PEM, "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----"),
        ("https://me:s3cret-pw@host/x.json", "GET https://me:s3cret-pw@host/x.json", "GET https://***@host/x.json"),
        ("https://me:s3cret-pw@host/x.json", "https://host/x.json s3cret-pw", "https://host/x.json ***"),
        ("https://token-only@host/x", "said token-only@host", "said ***@host"),
    ],
)
def test_a_text_without_it(value, text, cut):
    assert knowing(value).cut(text) == cut


@pytest.mark.parametrize("before", ["", "x", "xy", "user:"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode, base64.encodebytes])
def test_its_base64_is_cut_whatever_stands_before_it(before, encode):
    text = encode(f"{before}{LONG}{'tail' * 30}".encode()).decode()
    cut = knowing(LONG).cut(text)
    pieces = [base64.b64encode(LONG.encode()[at : at + 9]).decode() for at in range(len(LONG) - 8)]
    assert cut != text
    assert [piece for piece in pieces if piece in cut] == []


def test_a_whole_outcome_is_without_it():
    row = HostResult(host="n1", system="toy", component="a", state="failed", fields={LONG: (LONG, 1)}, error=LONG, checks=({"found": LONG},))
    cut = knowing(LONG).cut(RunResult(verb="up", site="s", run="r", hosts=(row,), notes=(LONG,)))
    assert LONG not in repr(cut)
    assert cut.hosts[0].fields == {"***": ("***", 1)}


def test_an_error_is_without_it_and_of_its_own_kind():
    found = knowing(LONG).cut_error(StepFailed("n1", f"said {LONG}", "look"))
    assert (type(found), str(found)) == (StepFailed, "n1: said ***; look")


@given(st.lists(st.sampled_from(["a", "hello ", LONG, LONG[:9], "\n", "ü"]), max_size=8), st.data())
def test_output_in_pieces_is_what_the_whole_would_be(parts, data):
    text = "".join(parts).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    known, said = knowing(LONG), b""
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        said += b"".join(words[1] for what, words in known.told("output", ("n1", text[start:end])))
    said += b"".join(words[1] for what, words in known.told("ended", ()) if what == "output")
    assert LONG.encode() not in said
    assert LONG[4:22].encode() not in said


def test_nothing_is_changed_where_nothing_is_known():
    assert Known().cut("text") == "text"
    assert [*Known().told("output", ("n1", b"\xff"))] == [("output", ("n1", b"\xff"))]
