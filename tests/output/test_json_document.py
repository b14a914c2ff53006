"""--json: one valid document whatever happens."""

import json

import pytest

from fairlead.model.errors import SiteError
from fairlead.model.plan import Secret
from fairlead.model.results import HostResult, Progress, RunResult, StepResult
from fairlead.output.json_document import JsonDocument, error_document, run_document

STEP = StepResult(
    name="pull", state="changed", commands=(("docker", "pull", "a b"),), seconds=2.10049
)
ROW = HostResult(host="n1", system="ps", component="testpoint", state="changed", steps=(STEP,))
RUN = RunResult(verb="up", site="triumf", run="ab12", hosts=(ROW,))
SEEN = {
    "verb": "up", "site": "triumf", "run": "ab12", "ok": True, "changed": True, "code": 0,
    "hosts": [{
        "host": "n1", "system": "ps", "component": "testpoint", "state": "changed", "code": 0,
        "steps": [{
            "name": "pull", "state": "changed", "commands": [["docker", "pull", "a b"]],
            "seconds": 2.1, "error": "",
        }],
    }],
}  # fmt: skip
BROKEN = {"ok": False, "changed": False, "hosts": []}


@pytest.fixture
def document(stream):
    """document(use, chain) -> what was printed after `use(document)` and the command line's end."""

    def make(use, chain=False):
        stdout = stream(False)
        listener = JsonDocument(stdout, chain)
        use(listener)
        listener.close()
        listener.close()
        return json.loads(stdout.bytes)

    return make


def test_a_run_is_a_document(shown):
    stdout, stderr = shown(
        RUN,
        json=True,
        before=[("progress", Progress(host="n1", component="ps", kind="step", result=STEP))],
    )
    assert (json.loads(stdout.bytes), stderr.words) == (SEEN, "")


def test_progress_is_told_where_stderr_is_a_terminal(shown):
    progress = Progress(host="n1", component="ps.testpoint", kind="step", result=STEP)
    _, stderr = shown(RUN, json=True, before=[("progress", progress)], stderr_terminal=True)
    assert stderr.words == "n1 ps.testpoint: pull: changed (2.1 s)\n"


def test_a_chain_is_a_list_of_runs(document):
    assert document(lambda listener: [listener.ended(RUN), listener.ended(RUN)]) == {
        "runs": [SEEN, SEEN]
    }


def test_a_chain_of_which_one_verb_ran_is_still_a_list(document):
    assert document(lambda listener: listener.ended(RUN), chain=True) == {"runs": [SEEN]}


def test_an_error_before_the_first_run_is_a_document(document):
    error = SiteError("sites/a.yml:3: hosts", "no such key 'n9'", "known: n1")
    assert document(lambda listener: listener.failed(error)) == BROKEN | {
        "verb": "",
        "site": "",
        "run": "",
        "code": 3,
        "error": str(error),
    }


def test_an_interrupted_run_is_a_document(document):
    def use(listener):
        listener.began("up", "triumf", "ab12", ("n1",))
        listener.failed(KeyboardInterrupt())

    sentence = "interrupted; hosts finish what they began; see which: inv runs.list"
    assert document(use) == BROKEN | {
        "verb": "up",
        "site": "triumf",
        "run": "ab12",
        "code": 130,
        "error": sentence,
    }


def test_a_run_without_an_end_is_a_document(document):
    assert document(lambda listener: listener.began("up", "triumf", "ab12", ("n1",)))[
        "error"
    ].startswith("fairlead: the run ended without a result")


def test_a_command_that_is_no_run_has_its_data_as_the_document_or_in_the_list(document):
    assert document(lambda listener: listener.answered({"hosts": ["n1"]}, "n1")) == {
        "hosts": ["n1"]
    }
    assert document(
        lambda listener: [listener.answered({"hosts": ["n1"]}, "n1"), listener.ended(RUN)]
    ) == {"runs": [{"hosts": ["n1"]}, SEEN]}


def test_where_nothing_was_asked_nothing_is_written(stream):
    stdout = stream(False)
    JsonDocument(stdout).close()
    assert stdout.bytes == b""


def test_a_bug_is_a_document():
    assert (
        error_document(KeyError("n1"))["error"] == "a bug in fairlead or a plugin: KeyError: 'n1'"
    )


@pytest.mark.parametrize(
    ("fields", "seen"),
    [
        ({"a": b"\xff", 2: "x\udcff"}, {"a": "\ufffd", "2": "x\ufffd"}),
        (
            {"a": float("nan"), "b": (1, True, None, 10**30)},
            {"a": None, "b": [1, True, None, 10**30]},
        ),
        ({"a": Secret("word"), "b": STEP.commands}, {"a": "***", "b": [["docker", "pull", "a b"]]}),
        (
            {"a": StepResult(name="é", state="ok")},
            {
                "a": {
                    "name": "é",
                    "state": "ok",
                    "commands": [],
                    "seconds": 0.0,
                    "error": "",
                    "phase": "",
                    "diff": "",
                    "said": "",
                    "after": [],
                }
            },
        ),
    ],
)
def test_values_become_json(document, fields, seen):
    row = HostResult(host="n1", system="ps", component="testpoint", state="ok", fields=fields)
    assert (
        document(
            lambda listener: listener.ended(RunResult(verb="status", site="", run="", hosts=(row,)))
        )["hosts"][0]["fields"]
        == seen
    )


def test_what_programs_printed_is_in_their_rows(document):
    def use(listener):
        listener.began("exec", "triumf", "ab12", ("n1",))
        listener.output("n1", b"caf\xc3")
        listener.output("n1", b"\xa9 \xff\n")
        listener.ended(RUN)

    assert document(use)["hosts"][0]["output"] == "café \ufffd\n"


def test_what_there_is_to_say_is_said_and_nothing_else():
    check = {"name": "clock", "ok": True}
    row = HostResult(
        host="n1",
        system="s",
        component="c",
        state="ok",
        checks=(check,),
        fields={"a": 1},
        output="o",
        explain="e",
        script="s",
        script_host="h",
        error="!",
    )
    document = run_document(RunResult(verb="up", site="", run="", hosts=(row,), notes=("n",)))
    assert document["notes"] == ("n",)
    assert list(document["hosts"][0]) == [
        "host",
        "system",
        "component",
        "state",
        "code",
        "steps",
        "checks",
        "fields",
        "output",
        "explain",
        "script",
        "script_host",
        "error",
    ]
