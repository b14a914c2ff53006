"""exec and logs: bytes of one host as they are, of several folded, followed ones line by line."""

import pytest

from fairlead.model.results import HostResult, Progress, RunResult


def result(verb, *codes, **rest):
    common = {"system": "ps", "component": "testpoint"} | rest
    hosts = (
        HostResult(host=f"n{n}", state="failed" if code else "ok", code=code, **common)
        for n, code in enumerate(codes, 1)
    )
    return RunResult(verb=verb, site="triumf", run="ab12", hosts=tuple(hosts))


RAW = b"\x1b[31mred\x1b[0m\r\xff\x00 no newline"


@pytest.mark.parametrize("terminal", [True, False])
def test_exec_on_one_host_passes_bytes_and_says_nothing_else(shown, terminal):
    stdout, stderr = shown(
        result("exec", 3),
        terminal=terminal,
        stderr_terminal=terminal,
        before=[("output", "n1", RAW), ("output", "n1", RAW)],
    )
    assert (stdout.bytes, stderr.bytes) == (RAW + RAW, b"")


@pytest.mark.parametrize("terminal", [True, False])
def test_what_exec_on_one_host_says_on_stderr_goes_to_stderr(shown, terminal):
    before = [("output", "n1", b"[1]\n"), ("output", "n1", RAW, True), ("output", "n1", b"[2]\n")]
    stdout, stderr = shown(
        result("exec", 0), terminal=terminal, stderr_terminal=terminal, before=before
    )
    assert (stdout.bytes, stderr.bytes) == (b"[1]\n[2]\n", RAW)


@pytest.mark.parametrize("terminal", [True, False])
def test_stderr_of_a_verb_s_own_session_cannot_steer_the_terminal(shown, terminal):
    stdout, stderr = shown(
        result("fio", 0),
        terminal=terminal,
        stderr_terminal=True,
        before=[("output", "n1", b"\x07$ fio\n", True)],
    )
    assert stdout.bytes == b""
    assert stderr.bytes.endswith(b"^G$ fio\n")


def test_output_in_the_result_alone_is_shown_as_well(shown):
    assert shown(result("exec", 0, output="5.1.4\n"))[0].bytes == b"5.1.4\n"


def test_logs_of_one_host_cannot_steer_the_terminal(shown):
    stdout, _ = shown(
        result("logs", 0),
        terminal=True,
        before=[("output", "n1", b"one\ntw"), ("output", "n1", b"o\x1b]0;t\x07\x1b[2J\nlast")],
    )
    assert stdout.bytes == b"one\ntwo^[]0;t^G\nlast\n"


def test_logs_of_one_host_are_raw_in_a_file(shown):
    assert shown(result("logs", 0), before=[("output", "n1", RAW)])[0].bytes == RAW


def test_equal_output_is_folded_and_raw_in_a_file(shown):
    before = [("output", "n1", b"a\n"), ("output", "n2", RAW), ("output", "n3", b"a\n")]
    assert (
        shown(result("exec", 0, 2, 0), before=before)[0].bytes
        == b"--- n[1,3] ---\na\n--- n2 (exit 2) ---\n" + RAW + b"\n"
    )


def test_where_one_host_alone_has_something_to_run_its_output_is_as_it_is(shown):
    before = [
        ("progress", Progress(host="n2", component="ps.testpoint", kind="session", total=1)),
        ("output", "n2", RAW),
    ]
    assert shown(result("exec", 0, 2), before=before)[0].bytes == RAW


def test_silent_hosts_are_named(shown):
    assert shown(result("exec", 0, 0))[0].bytes == b"--- n[1-2] ---\n"


FOLLOW = [
    ("progress", Progress(host=host, component="ps.testpoint", kind="session", text="follow"))
    for host in ("n1", "n2")
]


@pytest.mark.parametrize(("terminal", "bell"), [(True, b"^G"), (False, b"\x07")])
def test_followed_lines_carry_the_host(shown, terminal, bell):
    outputs = [
        ("output", "n1", b"one\ntw"),
        ("output", "n2", b"a\x07\n"),
        ("output", "n1", b"o\n"),
        ("output", "n2", b"end"),
    ]
    stdout, stderr = shown(result("logs", 0, 0), terminal=terminal, before=[*FOLLOW, *outputs])
    assert (stdout.bytes, stderr.bytes) == (b"n1: one\nn2: a" + bell + b"\nn1: two\nn2: end\n", b"")
