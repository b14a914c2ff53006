"""How a command line ends: errors, questions, lists and help."""

import io
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_an_error_of_the_driver_is_one_sentence_once(inv, capsys):
    assert inv("toy.server.logs") == 1
    assert capsys.readouterr().err.count("toy.server on n1: no such log; look elsewhere") == 1


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("--help=nonesuch", "no such task: nonesuch; see inv --list"),
        ("--help toy.servre.up", "no such task: toy.servre.up; did you mean toy.server.up?"),
        ("--help toy.server", "toy.server is no task but holds tasks; see inv --list toy.server"),
        ("-h0", "no such task: 0; see inv --list"),
    ],
)
def test_help_of_what_is_no_task_is_refused_in_a_sentence(inv, capsys, line, sentence) -> None:
    assert inv(*line.split()) == 2
    assert capsys.readouterr().err == f"fairlead: inv: {sentence}\n"


def test_ctrl_c_ends_with_130_and_says_what_the_hosts_do(inv, capsys):
    def interrupt(context):
        raise KeyboardInterrupt

    inv.does = interrupt
    assert inv("toy.up", "toy.down") == 130
    assert capsys.readouterr().err == (
        "fairlead: interrupted; hosts finish what they began; see which: inv runs.list\n"
    )
    assert len(inv.requests) == 1


def test_a_bug_shows_its_traceback(inv):
    def stumble(context):
        raise ZeroDivisionError

    inv.does = stumble
    with pytest.raises(ZeroDivisionError):
        inv("toy.up")


def test_a_question_without_a_terminal_is_refused_unless_yes_answers_it(inv, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    inv.does = lambda context: context.confirm("take all down?", "")
    assert inv("toy.up", "--yes") == 0
    assert inv("toy.up") == 2
    inv.does = lambda context: context.confirm("this destroys data", "triangle")
    assert inv("toy.up", "--yes") == 2
    assert (
        capsys.readouterr().err.splitlines()[-1]
        == "fairlead: inv: there is no terminal to ask: this destroys data; run it in a terminal"
    )


@pytest.mark.parametrize(
    ("typed", "word", "agreed"),
    [("y", "", True), ("", "", False), ("triangle", "triangle", True), ("y", "triangle", False)],
)
def test_a_word_has_to_be_typed_where_data_would_go(inv, monkeypatch, typed, word, agreed):
    answers, terminal = [], io.StringIO(f"{typed}\n")
    terminal.isatty = lambda: True
    monkeypatch.setattr("sys.stdin", terminal)
    inv.does = lambda context: answers.append(context.confirm("sure?", word))
    assert inv("toy.up") == 0
    assert answers == [agreed]


def test_an_error_is_a_document_too(inv, capsys):
    assert inv("toy.up", "--host=", "--json") == 2
    document = json.loads(capsys.readouterr().out)
    assert (document["ok"], document["code"], document["error"][:7]) == (False, 2, "--host:")


REFUSED = {  # command line -> what is said of it
    "toy.up --tty": "inv toy.up: no such option: --tty; see inv toy.up --help",
    "toy.up --host=": (
        "--host: was given empty (an unset variable?); give it a value, or leave it out"
    ),
    "toy.up --host ''": (
        "--host: was given empty (an unset variable?); give it a value, or leave it out"
    ),
    "toy.up --host=n1 --host --dry-run": (
        "--host: needs a value, and a value does not begin with '-'; write --host=VALUE"
    ),
    "toy.up --site=-x": (
        "--site: needs a value, and a value does not begin with '-'; write --site=VALUE"
    ),
    "toy.up --site=a toy.down --site=b": (
        "--site: was given as 'a' and as 'b'; it holds for the whole command line: give it once"
    ),
    "toy.up --wait=soon": (
        "--wait: 'soon' is no duration; write 30s, 5m, 1h, 2d, 4w or plain seconds"
    ),
    "toy.up --fanout=-3": (
        "--fanout: needs a value, and a value does not begin with '-'; write --fanout=VALUE"
    ),
    "toy.up --fanout=many": "--fanout: 'many' is no whole number; write digits alone",
    "toy.up --fail-on=drift": (
        "--fail-on: 'drift' is nothing to fail on; there is --fail-on=changed"
    ),
    "toy.upp": "inv: no such task: toy.upp; did you mean toy.up?",
    "toy.up --hots=n1": "inv toy.up: no such option: --hots; did you mean --host?",
    "toy.up toy": "inv: toy is no task but holds tasks; see inv --list toy",
    "toy.up n1": "inv: no such task: n1; see inv --list",
    "toy.up -- ls": (
        "inv toy.up: takes no words after `--`, but was given 'ls'; leave them out, or see exec"
    ),
    "toy.pond.add-one --url=u -- ls": (
        "inv toy.pond.add-one: takes no words after `--`, but was given 'ls'; leave them "
        "out, or see exec"
    ),
    "toy.server.logs --tail=x": (
        "inv toy.server.logs --tail: wanted a whole number, found the text 'x'; see inv "
        "toy.server.logs --help"
    ),
    "toy.server.logs --tail=0": (
        "inv toy.server.logs --tail: has to be >= 1, found 0; How many lines."
    ),
    "toy.server.logs --tail=": (
        "--tail: was given empty (an unset variable?); give it a value, or leave it out"
    ),
    "toy.up toy.pond.add-one": "inv toy.pond.add-one --url: must be given; write --url=...",
    "toy.pond.add-one --url=-x": (
        "--url: needs a value, and a value does not begin with '-'; write --url=VALUE"
    ),
    "toy.up greet --count=x": "inv: 'x' is no whole number; see inv --help",
    "--list tox": "inv: no such system to list: tox; did you mean toy?",
}


@pytest.mark.parametrize("line", REFUSED)
def test_a_wrong_line_does_nothing_and_says_why(inv, capsys, line):
    assert inv(*shlex.split(line)) == 2
    assert capsys.readouterr().err == f"fairlead: {REFUSED[line]}\n"
    assert inv.requests == []


def test_a_switch_takes_no_value(inv, capsys):
    assert inv("toy.up", "--dry-run=no") == 2
    assert inv.requests == []


def test_a_system_alone_shows_its_verbs(inv, capsys):
    assert inv("toy") == 0
    assert (
        capsys.readouterr().out.split()
        == """Available 'toy' tasks:
        .down Stop it and take its containers away; its state stays.
        .exec Run what follows `--` inside it, or a shell when nothing does.
        .logs What it has said.
        .up Make it run as the site says; where it does, every step is `ok`.
        .client.down Stop it and take its containers away; its state stays.
        .client.up Make it run as the site says; where it does, every step is `ok`.
        .pond.add-one Add a pond.
        .server.down Stop it and take its containers away; its state stays.
        .server.exec Run what follows `--` inside it, or a shell when nothing does.
        .server.logs What it has said.
        .server.up Make it run as the site says; where it does, every step is `ok`.""".split()
    )


def test_the_list_fits_a_screen(inv, capsys):
    assert inv("--list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) < 24
    assert max(map(len, lines)) <= 80
    assert lines[-1] == "Here: farewell greet"


def test_help_teaches(inv, capsys):
    assert inv("toy.pond.add-one", "--help") == 0
    text = capsys.readouterr().out
    for part in (
        "Add a pond.",
        "--url=STRING",
        "Where from. Must be given.",
        "--dry-run",
        "Example: inv toy.pond.add-one",
        "docs/exit-codes.md",
    ):
        assert part in text
    assert text.count("--host") == 2  # its own, and the example


def test_a_task_with_the_name_of_a_verb_is_refused(inv, ops, capsys):
    with (ops / "tasks.py").open("a") as text:
        text.write("\n\n@task\ndef up(c):\n    pass\n")
    assert inv("--list") == 3
    assert (
        "the task 'up' has the name of a verb or system; give it another name"
        in capsys.readouterr().err
    )


def test_the_list_imports_nothing_heavy(ops):
    lines = (
        "import atexit, sys",
        "atexit.register(lambda: print(*sys.modules))",
        "from fairlead.__main__ import main",
        "main(['inv', '--list'])",
    )
    text = "\n".join(lines)
    done = subprocess.run(
        [sys.executable, "-c", text],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    assert (
        loaded
        & {
            "paramiko",
            "fabric",
            "rich",
            "yaml",
            "ClusterShell",
            "cryptography",
            "pyrage",
            "asyncio",
            "importlib.metadata",
        }
        == set()
    )


def test_outside_an_ops_repository(inv, tmp_path, monkeypatch, capsys):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert inv("--list") == 2
    assert "there is no tasks.py here or in a folder above" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("bundle", ("`fairlead unbundle` there", "No secrets go along", "--from", "--file")),
        ("unbundle", ("proved by its digest", "inv pull --ship=./images", "--to", "--file")),
    ],
)
def test_the_help_of_a_bundle_says_what_comes_after_it(inv, capsys, command, words):
    assert inv("--help", command) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert [word for word in words if word not in text] == []
