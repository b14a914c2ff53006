"""What a command line means: which requests come of it, or which sentence and exit code."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from fairlead.cli.program import Program
from fairlead.model.errors import StepFailed
from fairlead.model.plan import Noun
from fairlead.model.results import HostResult, RunResult
from fairlead.runner.driver import Common

ROOT = Path(__file__).resolve().parents[2]


class Request(Noun):
    """The fields of fairlead.runner.driver.Request."""

    verb: str
    system: str = ""
    component: str = ""
    options: Any = {}
    argv: tuple[str, ...] = ()


class Context(Noun):
    """The fields of fairlead.runner.driver.World."""

    plugins: Any
    site: Any
    observers: Any
    confirm: Any
    aside: Any
    store: Any
    environment: Any

    def close(self) -> None:
        """The fake has no links."""


class Line:
    """A command line in the ops repository; remembers what it asked of the driver."""

    def __init__(self, fails: str = ""):
        self.fails, self.asked, self.does = fails, [], None

    def perform(self, request: Request, common: Common, context: Context) -> RunResult:
        self.asked.append((request, common))
        if self.does:
            self.does(context)
        if request.verb == "logs":
            raise StepFailed("toy.server on n1", "no such log", "look elsewhere")
        failed = request.verb == self.fails
        rows = (
            HostResult(
                host="n1",
                system="toy",
                component="server",
                state="failed" if failed else "ok",
                code=int(failed),
            ),
        )
        result = RunResult(verb=request.verb, site="s", run="r1", hosts=rows)
        for observer in context.observers:
            observer.began(request.verb, "s", "r1", ("n1",))
            observer.ended(result)
        return result

    def __call__(self, *argv: str) -> int:
        return Program(name="fairlead", binary="inv", binary_names=["inv"]).exit_code(
            ["inv", *argv]
        )


@pytest.fixture
def inv(ops, monkeypatch) -> Line:
    line = Line()
    fake = ModuleType("fairlead.runner.driver")
    fake.Common, fake.Request, fake.Context, fake.perform = Common, Request, Context, line.perform
    monkeypatch.setitem(sys.modules, "fairlead.runner.driver", fake)
    monkeypatch.setattr("fairlead.runner.driver", fake, raising=False)
    return line


def test_three_scopes_one_rule(inv):
    assert inv("up", "toy.up", "toy.server.up") == 0
    assert [request for request, _ in inv.asked] == [
        Request("up"),
        Request("up", "toy"),
        Request("up", "toy", "server"),
    ]


def test_a_tool_stands_at_the_third_level_alone(inv):
    assert inv("toy.pond.add-one", "--url=http://x", "--big-ones", "--tags=a", "--tags", "b") == 0
    assert inv.asked == [
        (
            Request(
                "add_one", "toy", "pond", {"url": "http://x", "big_ones": True, "tags": ["a", "b"]}
            ),
            Common(),
        )
    ]
    assert inv("toy.add-one", "--url=http://x") == 2


@pytest.mark.parametrize(
    ("argv", "common"),
    [
        (("toy.down", "toy.up", "--dry-run"), Common(dry_run=True)),
        (("--dry-run", "toy.down", "toy.up"), Common(dry_run=True)),
        (("toy.down", "--dry-run", "toy.up"), Common(dry_run=True)),
        (("--dry", "toy.down", "toy.up"), Common(dry_run=True)),
        (("toy.down", "toy.up", "-R"), Common(dry_run=True)),
        (
            ("--host=n1", "toy.down", "--host", "n2", "toy.up", "--host=n1"),
            Common(hosts=("n1", "n2")),
        ),
        (("toy.down", "--wait", "5m", "toy.up", "--timeout=90"), Common(wait=300.0, timeout=90.0)),
        (("toy.down", "toy.up", "--site=a", "--site=a", "--fanout=3"), Common(site="a", fanout=3)),
        (
            ("toy.down", "toy.up", "--fail-on=changed", "--yes", "--explain"),
            Common(fail_on_changed=True, yes=True, explain=True),
        ),
        (("toy.down", "toy.up", "--batch=2", "--max-fail=1"), Common(batch=2, max_fail=1)),
        (
            ("--fix", "toy.down", "toy.up", "--skip-preflight", "--skip-unreachable"),
            Common(fix=("safe",), skip_preflight=True, skip_unreachable=True),
        ),
        (("toy.down", "--fix=selinux", "toy.up", "--fix"), Common(fix=("selinux", "safe"))),
    ],
)
def test_a_common_option_holds_for_the_whole_line(inv, argv, common):
    assert inv(*argv) == 0
    assert inv.asked == [(Request("down", "toy"), common), (Request("up", "toy"), common)]


def test_a_common_option_behind_a_task_of_ones_own_holds_too(inv, capsys):
    assert inv("toy.down", "greet", "--name", "x", "--dry-run") == 0
    assert inv.asked == [(Request("down", "toy"), Common(dry_run=True))]
    assert capsys.readouterr().out.endswith("hello x 1\n")


def test_a_flag_that_shadows_a_common_option_is_given_to_the_verb(inv):
    assert inv("toy.pond.add-one", "--url=u", "--host=n2", "toy.up") == 0
    assert inv.asked == [
        (Request("add_one", "toy", "pond", {"url": "u", "host": "n2"}), Common()),
        (Request("up", "toy"), Common(hosts=("n2",))),
    ]


def test_what_follows_the_dashes_arrives_as_words(inv):
    assert inv("toy.up", "toy.exec", "--host=n1", "--", "sh", "-c", "a;b", "--dry-run", "--") == 0
    assert inv.asked[0] == (Request("up", "toy"), Common(hosts=("n1",)))
    assert inv.asked[1] == (
        Request("exec", "toy", argv=("sh", "-c", "a;b", "--dry-run", "--")),
        Common(hosts=("n1",)),
    )


def test_short_flags_belong_to_the_verb_and_h_is_help(inv, capsys):
    assert inv("toy.server.logs", "-f", "--tail=5") == 1
    assert inv.asked == [
        (Request("logs", "toy", "server", {"follow": True, "tail": "5"}), Common())
    ]
    assert inv("toy.server.logs", "-h") == 0
    assert "--follow" in capsys.readouterr().out


CHORE = """
from typing import Annotated

from msgspec import Meta

from fairlead.cli.commands import CommandResult


def count(world, common, *, to: Annotated[int, Meta(description="How far.")], step: int = 1):
    '''Count.'''
    return CommandResult(" ".join(map(str, range(0, to, step))), {"to": to, "hosts": list(common.hosts)}, code=to == 13)
"""


@pytest.fixture
def chore(monkeypatch):
    """A chore `tally.count`."""
    import fairlead.cli.commands
    from fairlead.cli import tasks

    module = ModuleType("fairlead.cli.commands.tally")
    exec(CHORE, module.__dict__)  # noqa: S102
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(fairlead.cli.commands, "tally", module, raising=False)
    monkeypatch.setattr(
        tasks,
        "command_groups",
        lambda: iter([tasks.command_group("tally", CHORE.replace("'''", '"""'))]),
    )


def test_a_chore_gets_its_own_flags_typed_and_answers_in_text_or_data(inv, chore, capsys):
    assert inv("tally.count", "--to=6", "--step", "2", "--host=n1") == 0
    assert capsys.readouterr().out == "0 2 4\n"
    assert inv("tally.count", "--to=13", "--json", "--host=n1") == 1
    assert json.loads(capsys.readouterr().out) == {"to": 13, "hosts": ["n1"]}
    assert inv("tally.count", "--to=3", "toy.up", "--json") == 0
    assert [run.get("verb", "count") for run in json.loads(capsys.readouterr().out)["runs"]] == [
        "count",
        "up",
    ]


def test_every_chore_there_is_can_be_listed_and_explains_itself(inv, capsys):
    import importlib

    from fairlead.cli import tasks

    for group in tasks.command_groups():
        module = importlib.import_module(f"fairlead.cli.commands.{group.name}")
        public = [
            name
            for name, found in vars(module).items()
            if getattr(found, "__module__", "") == module.__name__ and not name.startswith("_")
        ]
        functions = {name for name in public if not isinstance(getattr(module, name), type)}
        assert {entry.function for entry in group.tasks.values()} == functions
        for entry in group.tasks.values():
            assert (entry.about, inv(entry.path, "--help")) == (
                " ".join(entry.command.__doc__.split("\n\n")[0].split()),
                0,
            )


def test_a_verb_and_a_group_of_chores_share_a_name(inv, ops, capsys):
    with (ops / "plugins/toy/client.py").open("a") as module:
        module.write("\n\n@hookimpl\ndef secrets(ask):\n    return []\n")
    assert inv("secrets", "--deliver", "toy.secrets", "--deliver", "--host=n1") == 0
    assert [request for request, _ in inv.asked] == [Request("secrets"), Request("secrets", "toy")]
    assert inv("secrets.list", "--help") == 0
    capsys.readouterr()
    assert inv("secrets", "--help") == 0
    assert capsys.readouterr().out.splitlines()[2].startswith("Show the secrets that are needed, ")
    assert inv("--list") == 0
    listed = capsys.readouterr().out
    assert re.search(r"^  secrets +Show the secrets", listed, re.MULTILINE)
    assert "secrets.everywhere" not in listed
    assert "secrets.rekey" in listed


def test_secrets_are_looked_at_in_every_scope_also_of_a_component_that_delivers_none(
    inv, ops, monkeypatch, capsys
):
    from fairlead.cli.commands import CommandResult
    from fairlead.cli.secret_needs import verb

    with (ops / "plugins/toy/client.py").open("a") as module:
        module.write("\n\n@hookimpl\ndef needs(ask):\n    return []\n")
    asked = []

    def show_secrets(
        request,
        context,
        common,
        *,
        name: tuple[str, ...] = (),
        generate: bool = False,
        deliver: bool = False,
    ) -> CommandResult:
        asked.append(((request.system, request.component), common.hosts, name, generate))
        return CommandResult("", {"secrets": []}, 7 if generate else 0)

    monkeypatch.setattr(verb, "show_secrets", show_secrets)
    assert (
        inv("secrets", "toy.secrets", "--name=a", "--name=b", "toy.client.secrets", "--host=n1")
        == 0
    )
    assert inv("toy.secrets", "--generate", "toy.up") == 7
    assert asked == [
        (("", ""), ("n1",), (), False),
        (("toy", ""), ("n1",), ("a", "b"), False),
        (("toy", "client"), ("n1",), (), False),
        (("toy", ""), (), (), True),
    ]
    assert inv("toy.secrets", "--deliver", "--generate") == 2
    says = "fairlead: inv toy.secrets --deliver: puts on the hosts what is there; give --generate before, alone\n"
    assert (capsys.readouterr().err, inv.asked) == (says, [])


def test_a_chore_refuses_what_its_flags_do_not_take(inv, chore, capsys):
    assert inv("toy.up", "tally.count", "--to=x") == 2
    assert inv("toy.up", "tally.count") == 2
    assert capsys.readouterr().err.splitlines() == [
        "fairlead: inv tally.count --to: wanted a whole number, found the text 'x'; see inv tally.count --help",
        "fairlead: inv tally.count --to: must be given; write --to=...",
    ]
    assert inv.asked == []


def test_equal_tasks_are_both_run(inv):
    assert inv("toy.up", "toy.up") == 0
    assert len(inv.asked) == 2


def test_a_chain_stops_at_the_first_that_fails(inv):
    inv.fails = "down"
    assert inv("toy.up", "toy.down", "toy.up") == 1
    assert [request.verb for request, _ in inv.asked] == ["up", "down"]


def test_tasks_of_ones_own_run_in_their_place_and_may_have_verbs_before_them(inv, capsys):
    assert inv("greet", "farewell", "toy.up") == 0
    assert [request.verb for request, _ in inv.asked] == ["down", "up"]
    assert [
        line
        for line in capsys.readouterr().out.splitlines()
        if line.startswith(("hello", "goodbye"))
    ] == ["hello you 1", "goodbye"]


def test_one_verb_is_one_document_and_a_chain_holds_its_runs(inv, capsys):
    assert inv("toy.up", "--json") == 0
    assert json.loads(capsys.readouterr().out)["verb"] == "up"
    assert inv("toy.up", "toy.down", "--json") == 0
    assert [run["verb"] for run in json.loads(capsys.readouterr().out)["runs"]] == ["up", "down"]


def test_a_failing_verb_is_told_by_its_document_alone(inv, capsys):
    inv.fails = "up"
    assert inv("toy.up", "toy.down", "--json") == 1
    out = json.loads(capsys.readouterr().out)
    assert [(run["verb"], run["code"]) for run in out["runs"]] == [("up", 1)]


def test_an_error_of_the_driver_is_one_sentence_once(inv, capsys):
    assert inv("toy.server.logs") == 1
    assert capsys.readouterr().err.count("toy.server on n1: no such log; look elsewhere") == 1


def test_ctrl_c_ends_with_130_and_says_what_the_hosts_do(inv, capsys):
    def interrupt(context):
        raise KeyboardInterrupt

    inv.does = interrupt
    assert inv("toy.up", "toy.down") == 130
    assert (
        capsys.readouterr().err
        == "fairlead: interrupted; hosts finish what they began: see `inv runs.list`, watch one with `inv runs.follow --host=...`\n"
    )
    assert len(inv.asked) == 1


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
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], found["code"], found["error"][:7]) == (False, 2, "--host:")


REFUSED = {
    (
        "toy.up",
        "--tty",
    ): "inv toy.up: no such option: --tty; see inv toy.up --help",  # not Invoke's own --pty, which no verb has
    (
        "toy.up",
        "--host=",
    ): "--host: was given empty (an unset variable?); give it a value, or leave it out",
    (
        "toy.up",
        "--host",
        "",
    ): "--host: was given empty (an unset variable?); give it a value, or leave it out",
    (
        "toy.up",
        "--host=n1",
        "--host",
        "--dry-run",
    ): "--host: needs a value, and a value does not begin with '-'; write --host=VALUE",
    (
        "toy.up",
        "--site=-x",
    ): "--site: needs a value, and a value does not begin with '-'; write --site=VALUE",
    (
        "toy.up",
        "--site=a",
        "toy.down",
        "--site=b",
    ): "--site: was given as 'a' and as 'b'; it holds for the whole command line: give it once",
    (
        "toy.up",
        "--wait=soon",
    ): "--wait: 'soon' is no duration; write 30s, 5m, 1h, 2d, 4w or plain seconds",
    (
        "toy.up",
        "--fanout=-3",
    ): "--fanout: needs a value, and a value does not begin with '-'; write --fanout=VALUE",
    ("toy.up", "--fanout=many"): "--fanout: 'many' is no whole number; write digits alone",
    (
        "toy.up",
        "--fail-on=drift",
    ): "--fail-on: 'drift' is nothing to fail on; there is --fail-on=changed",
    ("toy.upp",): "inv: no such task: toy.upp; did you mean toy.up?",
    ("toy.up", "--hots=n1"): "inv toy.up: no such option: --hots; did you mean --host?",
    ("toy.up", "toy"): "inv: toy is no task but holds tasks; see inv --list toy",
    ("toy.up", "n1"): "inv: no such task: n1; see inv --list",
    (
        "toy.up",
        "--",
        "ls",
    ): "inv toy.up: takes no words after `--`, but was given 'ls'; leave them out, or see exec",
    (
        "toy.pond.add-one",
        "--url=u",
        "--",
        "ls",
    ): "inv toy.pond.add-one: takes no words after `--`, but was given 'ls'; leave them out, or see exec",
    (
        "toy.server.logs",
        "--tail=x",
    ): "inv toy.server.logs --tail: wanted a whole number, found the text 'x'; see inv toy.server.logs --help",
    (
        "toy.server.logs",
        "--tail=0",
    ): "inv toy.server.logs --tail: has to be >= 1, found 0; How many lines.",
    (
        "toy.server.logs",
        "--tail=",
    ): "--tail: was given empty (an unset variable?); give it a value, or leave it out",
    ("toy.up", "toy.pond.add-one"): "inv toy.pond.add-one --url: must be given; write --url=...",
    (
        "toy.pond.add-one",
        "--url=-x",
    ): "--url: needs a value, and a value does not begin with '-'; write --url=VALUE",
    ("toy.up", "greet", "--count=x"): "inv: 'x' is no whole number; see inv --help",
    ("--list", "tox"): "inv: no such system to list: tox; did you mean toy?",
}


@pytest.mark.parametrize("argv", REFUSED, ids=" ".join)
def test_a_wrong_line_does_nothing_and_says_why(inv, capsys, argv):
    assert inv(*argv) == 2
    assert capsys.readouterr().err == f"fairlead: {REFUSED[argv]}\n"
    assert inv.asked == []


def test_a_switch_takes_no_value(inv, capsys):
    assert inv("toy.up", "--dry-run=no") == 2
    assert inv.asked == []


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


def invoke(*argv: str) -> subprocess.CompletedProcess:
    """Plain `inv`, Invoke's own program."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "invoke", *argv],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_plain_inv_finds_the_same_tasks_and_by_invoke_yaml_the_same_rules(ops):
    assert re.search(r"toy\.pond\.add-one +Add a pond\.", invoke("--list").stdout)
    assert "Where from. Must be given." in invoke("--help", "toy.pond.add-one").stdout
    done = invoke("toy.up", "toy.down", "--host=")
    assert (done.returncode, done.stderr) == (
        2,
        "fairlead: --host: was given empty (an unset variable?); give it a value, or leave it out\n",
    )
    done = invoke("toy.up", "toy.down", "--host=n1", "--site=nowhere")
    assert (done.returncode, "nowhere" in done.stderr) == (2, True)


def test_without_invoke_yaml_nothing_is_done(ops):
    (ops / "invoke.yaml").unlink()
    done = invoke("toy.up", "--host=n1")
    assert done.returncode == 2
    assert (
        "fairlead: invoke.yaml does not name fairlead's executor; add to it: tasks: {executor_class:"
        in done.stderr
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
