"""What a command line means: which requests come of it, in which order, with which options."""

import inspect
import json
import sys
from collections.abc import Iterator

import pytest

from fairlead.cli.cli_tasks import CommandTask
from fairlead.cli.vocabulary import command_groups, repository_tasks
from fairlead.model.shares import Pause, Share
from fairlead.runner.request import Common
from tests.cli.conftest import Request


def test_three_scopes_one_rule(inv):
    assert inv("up", "toy.up", "toy.server.up") == 0
    assert [request for request, _ in inv.requests] == [
        Request("up"),
        Request("up", "toy"),
        Request("up", "toy", "server"),
    ]


def test_a_tool_stands_at_the_third_level_alone(inv):
    assert inv("toy.pond.add-one", "--url=http://x", "--big-ones", "--tags=a", "--tags", "b") == 0
    assert inv.requests == [
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
        (
            ("toy.down", "toy.up", "--batch=2,50%", "--max-fail=1"),
            Common(batch=(Share(2), Share(percent=50)), max_fail=Share(1)),
        ),
        (("toy.down", "--pause=10m", "toy.up"), Common(pause=Pause(600.0))),
        (("toy.down", "--order=n2", "toy.up", "--order=n1"), Common(order=("n2", "n1"))),
        (
            ("--fix", "toy.down", "toy.up", "--skip-preflight", "--skip-unreachable"),
            Common(fix=("safe",), skip_preflight=True, skip_unreachable=True),
        ),
        (("toy.down", "--fix=selinux", "toy.up", "--fix"), Common(fix=("selinux", "safe"))),
    ],
)
def test_a_common_option_holds_for_the_whole_line(inv, argv, common):
    assert inv(*argv) == 0
    assert inv.requests == [(Request("down", "toy"), common), (Request("up", "toy"), common)]


def test_a_pause_that_nobody_could_answer_is_refused_before_anything_is_done(inv, capsys):
    assert inv("toy.up", "--pause") == 2
    assert inv.requests == []
    assert "no terminal to ask at; give a time: --pause=10m" in capsys.readouterr().err
    assert inv("toy.up", "--pause", "--yes") == 0


def test_a_common_option_behind_a_task_of_ones_own_holds_too(inv, capsys):
    assert inv("toy.down", "greet", "--name", "x", "--dry-run") == 0
    assert inv.requests == [(Request("down", "toy"), Common(dry_run=True))]
    assert capsys.readouterr().out.endswith("hello x 1\n")


def test_a_flag_that_shadows_a_common_option_is_given_to_the_verb(inv):
    assert inv("toy.pond.add-one", "--url=u", "--host=n2", "toy.up") == 0
    assert inv.requests == [
        (Request("add_one", "toy", "pond", {"url": "u", "host": "n2"}), Common()),
        (Request("up", "toy"), Common(hosts=("n2",))),
    ]


def test_what_follows_the_dashes_arrives_as_words(inv):
    assert inv("toy.up", "toy.exec", "--host=n1", "--", "sh", "-c", "a;b", "--dry-run", "--") == 0
    assert inv.requests[0] == (Request("up", "toy"), Common(hosts=("n1",)))
    assert inv.requests[1] == (
        Request("exec", "toy", argv=("sh", "-c", "a;b", "--dry-run", "--")),
        Common(hosts=("n1",)),
    )


def test_short_flags_belong_to_the_verb_and_h_is_help(inv, capsys):
    assert inv("toy.server.logs", "-f", "--tail=5") == 1
    assert inv.requests == [
        (Request("logs", "toy", "server", {"follow": True, "tail": "5"}), Common())
    ]
    assert inv("toy.server.logs", "-h") == 0
    assert "--follow" in capsys.readouterr().out


def test_equal_tasks_are_both_run(inv):
    assert inv("toy.up", "toy.up") == 0
    assert len(inv.requests) == 2


def test_a_chain_stops_at_the_first_that_fails(inv):
    inv.fails = "down"
    assert inv("toy.up", "toy.down", "toy.up") == 1
    assert [request.verb for request, _ in inv.requests] == ["up", "down"]


def test_tasks_of_ones_own_run_in_their_place_and_may_have_verbs_before_them(inv, capsys):
    assert inv("greet", "farewell", "toy.up") == 0
    assert [request.verb for request, _ in inv.requests] == ["down", "up"]
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


TOY = [f"fairlead_plugins.toy.{name}" for name in ("client", "pond", "server")]


def imported() -> list[str]:
    return [name for name in TOY if name in sys.modules]


def test_a_list_of_all_imports_no_component_and_one_of_a_system_its_own(inv, ops):
    text = "from fairlead.cli.tasks import namespace\nns = namespace(globals())\n"
    (ops / "tasks.py").write_text(text)
    assert (inv("--list"), imported()) == (0, [])
    assert (inv("--list", "toy"), imported()) == (0, TOY)


BROKEN = """
from fairlead.api import Noun, System

system = System(name="broken", about="broken", section=Noun, components=("part",))
"""


def test_a_broken_component_hinders_only_what_needs_it(inv, ops, capsys):
    folder = ops / "plugins" / "broken"
    folder.mkdir()
    (folder / "__init__.py").write_text(BROKEN)
    (folder / "part.py").write_text("def up(ask): ...\n")
    sentence = "broken.part: the public function up() is no verb; mark it @hookimpl or @verb, or"
    for words, code in {("--list",): 0, ("toy.up",): 0, ("broken.up",): 3, ("broken",): 3}.items():
        assert inv(*words) == code
        assert (sentence in capsys.readouterr().err) is bool(code)


def test_a_command_with_the_name_of_its_group_stands_among_the_chores_and_not_the_verbs(
    inv, capsys
):
    assert inv("--list") == 0
    verbs, _, chores = capsys.readouterr().out.partition("Chores:")
    assert ["watch" in text.split() for text in (verbs, chores)] == [False, True]
    assert "watch.install" in chores.split()


def commands_of_ours() -> Iterator[CommandTask]:
    for group in command_groups():
        yield from group.tasks.values()
    yield from repository_tasks()


@pytest.mark.parametrize("task", [*commands_of_ours()], ids=lambda task: task.path)
def test_what_is_listed_as_a_command_is_one(task):
    """A helper that begins with no underscore would be listed too."""
    parameters = list(inspect.signature(task.command).parameters)
    assert parameters[:2] == ["context", "common"]
