"""Secrets are cut from text: whole, by line, in part, in base64, and when they come in pieces."""

import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from fairlead.model.errors import StepFailed
from fairlead.model.plan import Secret
from fairlead.model.results import HostResult, RunResult
from fairlead.secrets.redaction import Redactor, hidden, secrets_for_host

LONG = "correct-horse+battery/staple"
PEM = (
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ+\nDYvvVuCCAvAPqzLSNuNMs\n"
    "-----END PRIVATE KEY-----\n"
)


def knowing(*values: str) -> Redactor:
    known = Redactor()
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
        (
            "https://me:s3cret-pw@host/x.json",
            "GET https://me:s3cret-pw@host/x.json",
            "GET https://***@host/x.json",
        ),
        (
            "https://me:s3cret-pw@host/x.json",
            "https://host/x.json s3cret-pw",
            "https://host/x.json ***",
        ),
        ("https://token-only@host/x", "said token-only@host", "said ***@host"),
    ],
)
def test_a_text_without_it(value, text, cut):
    assert knowing(value).cut(text) == cut


AWKS = [
    pytest.param(words, id=words[0])
    for words in (["mawk"], ["gawk"], ["busybox", "awk"], ["original-awk"])
    if shutil.which(words[0])
]
SHELL = (Path(__file__).parents[2] / "fairlead/remote/shell/cut.sh").read_text()
SAID = [
    (
        f"a {LONG} b {LONG[3:16]}\n{LONG}{LONG}\n\nthe password pw12 pw12pw12 and "
        f"{base64.b64encode(LONG.encode()).decode()}"
    ),
    f"{LONG[5:]} is a tail\nthe head {LONG[:11]}",
    f"{LONG[:13]}{LONG[:20]}\t[.*] \\n & \\1 %s",
    "nothing at all",
    "\u00e9t\u00e9 " + LONG,
]


@pytest.mark.parametrize("awk", AWKS)
@pytest.mark.parametrize("text", SAID)
def test_a_host_cuts_what_we_cut(tmp_path, awk, text):
    (tmp_path / "awk").write_text(f'#!/bin/sh\nexec {" ".join(awk)} "$@"\n')
    (tmp_path / "awk").chmod(0o755)
    (tmp_path / "hidden").write_bytes(hidden([Secret(LONG), Secret("pw12")]).reveal())
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "LC_ALL": "C", "WORK_DIR": str(tmp_path)}
    done = subprocess.run(
        ["sh", "-c", f"{SHELL}\nfl_cut"],
        input=text.encode(),
        env=environment,
        capture_output=True,
        check=True,
    )
    assert (done.stdout.decode(), done.stderr) == (knowing(LONG, "pw12").cut(text), b"")


@pytest.mark.parametrize("packing", ["", "xz", "gz", "bz2"])
def test_the_files_of_an_archive_are_cut_too_but_its_certificates(packing):
    import io
    import tarfile

    certificate = (
        "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUYnot-a-secret\n"
        "-----END CERTIFICATE-----\n"
    )
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=f"w:{packing}") as archive:
        for name, text in (("server.key", PEM), ("server.crt", certificate)):
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    archive = Secret(file.getvalue())
    known = Redactor()
    known.add(archive)
    assert known.cut("key: DYvvVuCCAvAPqzLSNuNMs") == "key: ***"
    assert (
        known.cut("crt: MIIBszCCAVmgAwIBAgIUYnot-a-secret")
        == "crt: MIIBszCCAVmgAwIBAgIUYnot-a-secret"
        or not packing
    )
    assert b"DYvvVuCCAvAPqzLSNuNMs\n" in hidden([archive]).reveal()
    known.add(Secret(file.getvalue()[:-30]))  # a damaged one is no archive


def test_without_awk_a_host_tells_nothing(tmp_path):
    (tmp_path / "hidden").write_text(LONG)
    nowhere = {"PATH": "", "WORK_DIR": str(tmp_path)}
    done = subprocess.run(
        ["/bin/sh", "-c", f"{SHELL}\nfl_cut"],
        input=LONG.encode(),
        env=nowhere,
        capture_output=True,
        check=True,
    )
    assert done.stdout == b"not shown: there is no awk here that could cut secrets from it"


def test_a_host_is_told_no_secret_but_those_that_go_there():
    ca, key, other = (
        Secret("the key of the CA"),
        Secret("a key of the host"),
        Secret("not from the store"),
    )
    files = Secret(base64.b64encode(key.reveal()) + b"\n")
    assert secrets_for_host([files, other], [ca, key]) == {key, other}
    assert secrets_for_host([Secret(b"url: the key of the CA\n")], [ca, key]) == {ca}
    assert secrets_for_host([], [ca, key]) == frozenset()
    assert (hidden([]), hidden([Secret("x" * 20000)])) == (None, None)


@pytest.mark.parametrize("before", ["", "x", "xy", "user:"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode, base64.encodebytes])
def test_its_base64_is_cut_whatever_stands_before_it(before, encode):
    text = encode(f"{before}{LONG}{'tail' * 30}".encode()).decode()
    cut = knowing(LONG).cut(text)
    pieces = [base64.b64encode(LONG.encode()[at : at + 9]).decode() for at in range(len(LONG) - 8)]
    assert cut != text
    assert [piece for piece in pieces if piece in cut] == []


def test_a_whole_outcome_is_without_it():
    row = HostResult(
        host="n1",
        system="toy",
        component="a",
        state="failed",
        fields={LONG: (LONG, 1)},
        error=LONG,
        checks=({"found": LONG},),
    )
    cut = knowing(LONG).cut(RunResult(verb="up", site="s", run="r", hosts=(row,), notes=(LONG,)))
    assert LONG not in repr(cut)
    assert cut.hosts[0].fields == {"***": ("***", 1)}


def test_an_error_is_without_it_and_of_its_own_kind():
    error = knowing(LONG).cut_error(StepFailed("n1", f"said {LONG}", "look"))
    assert (type(error), str(error)) == (StepFailed, "n1: said ***; look")


@drawn(st.lists(st.sampled_from(["a", "hello ", LONG, LONG[:9], "\n", "ü"]), max_size=8), st.data())
def test_output_in_pieces_is_what_the_whole_would_be(parts, data):
    text = "".join(parts).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    known, output = knowing(LONG), b""
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        output += b"".join(
            words[1] for what, words in known.redact_event("output", ("n1", text[start:end], False))
        )
    output += b"".join(
        words[1] for what, words in known.redact_event("ended", ()) if what == "output"
    )
    assert LONG.encode() not in output
    assert LONG[4:22].encode() not in output


def test_nothing_is_changed_where_nothing_is_known():
    assert Redactor().cut("text") == "text"
    assert [*Redactor().redact_event("output", ("n1", b"\xff", False))] == [
        ("output", ("n1", b"\xff", False))
    ]
