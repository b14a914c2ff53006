"""Who hears what; nothing that is shown can harm a run or leave a terminal in disorder."""

import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from fairlead.model.errors import FairleadError, SiteError
from fairlead.model.results import HostResult, Progress, RunResult, StepResult
from fairlead.output import Output, choose
from fairlead.output.listener import Listener
from fairlead.output.streams import is_terminal

ROW = HostResult(
    host="n1",
    system="ps",
    component="testpoint",
    state="changed",
    steps=(StepResult(name="pull", state="changed"),),
)
RUN = RunResult(verb="up", site="triumf", run="ab12", hosts=(ROW,))
WORDS = SimpleNamespace(json=False)
INTERRUPTED = "fairlead: interrupted; hosts finish what they began; see which: inv runs.list\n"


def step(state, **words):
    result = StepResult(name="pull", state=state, seconds=2.14, **words)
    return ("progress", Progress(host="n1", component="ps.testpoint", kind="step", result=result))


def test_a_file_gets_a_line_for_each_change_and_each_trouble(shown):
    before = [
        step("ok"),
        step("changed"),
        step("failed", error="x\nno \x1b[31mspace\n"),
        ("progress", Progress(host="n1", component="ps.testpoint", kind="undo", step="pull")),
        (
            "progress",
            Progress(
                host="n1",
                component="ps.testpoint",
                kind="waiting",
                text="dave, daos.up since 02:10",
            ),
        ),
        ("progress", Progress(host="n1", component="ps.testpoint", kind="note", text="10 %")),
    ]
    assert shown(RUN, before=before)[1].words.splitlines() == [
        "n1 ps.testpoint: pull: changed (2.1 s)",
        "n1 ps.testpoint: pull: failed (2.1 s): no space",
        "n1 ps.testpoint: pull: being undone",
        "n1 ps.testpoint: waiting: dave, daos.up since 02:10",
    ]


def test_live_rows_leave_nothing_behind_and_never_hide_the_cursor(shown):
    _, stderr = shown(RUN, terminal=True, stderr_terminal=True, before=[step("changed")])
    assert b"connecting" in stderr.bytes
    assert b"\x1b[?25l" not in stderr.bytes
    assert stderr.bytes.endswith(b"\x1b[1A\x1b[2K")  # the row is taken away again


@pytest.mark.parametrize(
    ("name", "value", "coloured"), [("NO_COLOR", "1", False), ("NO_COLOR", "", True)]
)
def test_colours_are_for_those_who_want_them(shown, monkeypatch, name, value, coloured):
    monkeypatch.setenv(name, value)
    assert (b"\x1b[33mchanged" in shown(RUN, terminal=True)[0].bytes) == coloured


def test_a_dumb_terminal_gets_lines(shown, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    stdout, stderr = shown(RUN, terminal=True, stderr_terminal=True, before=[step("changed")])
    assert stdout.bytes == b"n1 ps.testpoint: changed: pull\n"
    assert stderr.bytes == b"n1 ps.testpoint: pull: changed (2.1 s)\n"


@pytest.mark.parametrize(
    ("tty", "term", "expected"),
    [(True, "xterm", True), (False, "xterm", False), (True, "dumb", False), (True, None, False)],
)
def test_what_a_terminal_is(stream, tty, term, expected):
    assert is_terminal(stream(tty), {"TERM": term} if term else {}) == expected


class Broken(Listener):
    def progress(self, progress):
        raise ValueError("no such colour")


def test_a_listener_that_breaks_is_reported_once_and_left_out(stream):
    stderr = stream(False)
    output = Output([Broken()], stderr)
    for _ in range(2):
        getattr(output, step("ok")[0])(step("ok")[1])
    assert stderr.words == (
        "fairlead.output: Broken broke and is left out: ValueError: no such colour; "
        "the run goes on\n"
    )


class Full(Listener):
    def output(self, host, data, errors=False):
        raise OSError(28, "No space left on device")

    def ended(self, result):
        raise OSError(28, "No space left on device")


UNWRITTEN = (
    "output: cannot be written (No space left on device);"
    " make room; the run is known: inv runs.list --all"
)


def test_a_result_that_cannot_be_written_is_an_error_in_words(stream):
    stderr = stream(False)
    output = Output([Full()], stderr)
    output.ended(RUN)
    assert (stderr.words, output.is_incomplete) == (f"fairlead: {UNWRITTEN}\n", True)


def test_what_a_program_prints_and_nobody_can_have_ends_it(stream):
    class Gone(Listener):
        def output(self, host, data, errors=False):
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        Output([Gone()], stream(False)).output("n1", b"y\n")
    with pytest.raises(FairleadError) as error:
        Output([Full()], stream(False)).output("n1", b"y\n")
    assert str(error.value) == UNWRITTEN


def test_a_reader_that_has_gone_is_no_trouble(stream):
    class Gone(Listener):
        def ended(self, result):
            raise BrokenPipeError

    stderr = stream(False)
    Output([Gone()], stderr).ended(RUN)
    assert stderr.words == ""


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            SiteError("sites/a.yml:3: hosts", "no such key 'n\x1b9'", "known: n1"),
            "fairlead: sites/a.yml:3: hosts: no such key 'n^[9'; known: n1\n",
        ),
        (
            KeyboardInterrupt(),
            INTERRUPTED,
        ),
        (ValueError("a bug: its traceback is shown elsewhere"), ""),
        (SystemExit(3), ""),
    ],
)
def test_an_error_is_told_and_goes_on_its_way(stream, error, message):
    stdout, stderr = stream(False), stream(False)
    with pytest.raises(type(error)), choose(WORDS, stdout, stderr):
        raise error
    assert (stdout.words, stderr.words) == ("", message)


def test_an_interruption_stops_the_live_rows(stream):
    stderr = stream(True)
    output = choose(WORDS, stream(True), stderr)
    output.began("up", "triumf", "ab12", ("n1",))
    with pytest.raises(KeyboardInterrupt), output:
        raise KeyboardInterrupt
    assert stderr.words.endswith(f"\x1b[1A\x1b[2K{INTERRUPTED}")


def test_a_question_has_the_terminal_for_itself(stream):
    stderr = stream(True)
    with choose(WORDS, stream(True), stderr) as output:
        output.began("down", "triumf", "ab12", ("n1",))
        with output.aside():
            before = stderr.bytes
            time.sleep(0.6)
            assert stderr.bytes == before
        assert len(stderr.bytes) > len(before)


def test_a_session_has_the_terminal_for_itself(stream):
    stderr = stream(True)
    with choose(WORDS, stream(True), stderr) as output:
        output.began("troubleshoot", "triumf", "ab12", ("n1",))
        output.progress(Progress(host="n1", component="ps.testpoint", kind="session", text="tty"))
        before = stderr.bytes
        output.progress(Progress(host="n1", component="ps.testpoint", kind="asked"))
        time.sleep(0.6)
        assert stderr.bytes == before


def test_importing_the_output_imports_nothing_heavy():
    heavy = (
        "rich",
        "json",
        "asyncio",
        "yaml",
        "ClusterShell",
        "fairlead.inventory.nodesets",
        "subprocess",
    )
    code = f"import sys, fairlead.output; print([name for name in {heavy} if name in sys.modules])"
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
        ).stdout
        == "[]\n"
    )


def test_a_field_with_a_list_of_maps_is_shown_as_lines(shown):
    tree = {
        "overall": "warn",
        "resources": [
            {"rid": "fs#1", "is": "up", "why": ""},
            {"rid": "container#1", "is": "down", "why": "gone"},
        ],
    }
    run = RunResult(
        verb="status",
        site="triumf",
        run="ab12",
        hosts=(HostResult(host="n1", system="ps", component="c", state="ok", fields={"s": tree}),),
    )
    assert shown(run)[0].words.splitlines() == [
        "n1 ps.c: ok: s=overall=warn",
        "    rid          is    why",
        "    fs#1         up",
        "    container#1  down  gone",
    ]
