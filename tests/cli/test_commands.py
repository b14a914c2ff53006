"""fairlead's own commands on a command line: their flags, their help, their result."""

import json
import re
import sys
from types import ModuleType

import pytest

from tests.cli.conftest import Request

MODULE = """
from typing import Annotated

from msgspec import Meta

from fairlead.cli.commands import CommandResult


def count(context, common, *, to: Annotated[int, Meta(description="How far.")], step: int = 1):
    '''Count.'''
    data = {"to": to, "hosts": list(common.hosts)}
    return CommandResult(" ".join(map(str, range(0, to, step))), data, code=to == 13)
"""


@pytest.fixture
def tally(monkeypatch):
    """A command `tally.count`."""
    import fairlead.cli.commands
    from fairlead.cli import vocabulary

    module = ModuleType("fairlead.cli.commands.tally")
    exec(MODULE, module.__dict__)  # noqa: S102
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(fairlead.cli.commands, "tally", module, raising=False)
    monkeypatch.setattr(
        vocabulary,
        "command_groups",
        lambda: iter([vocabulary.command_group("tally", MODULE.replace("'''", '"""'))]),
    )


def test_a_command_gets_its_own_flags_typed_and_answers_in_text_or_data(inv, tally, capsys):
    assert inv("tally.count", "--to=6", "--step", "2", "--host=n1") == 0
    assert capsys.readouterr().out == "0 2 4\n"
    assert inv("tally.count", "--to=13", "--json", "--host=n1") == 1
    assert json.loads(capsys.readouterr().out) == {"to": 13, "hosts": ["n1"]}
    assert inv("tally.count", "--to=3", "toy.up", "--json") == 0
    assert [run.get("verb", "count") for run in json.loads(capsys.readouterr().out)["runs"]] == [
        "count",
        "up",
    ]


def test_every_command_there_is_can_be_listed_and_explains_itself(inv, capsys):
    import importlib

    from fairlead.cli import vocabulary

    for group in vocabulary.command_groups():
        module = importlib.import_module(f"fairlead.cli.commands.{group.name}")
        public = [
            name
            for name, value in vars(module).items()
            if getattr(value, "__module__", "") == module.__name__ and not name.startswith("_")
        ]
        functions = {name for name in public if not isinstance(getattr(module, name), type)}
        assert {entry.function for entry in group.tasks.values()} == functions
        for entry in group.tasks.values():
            assert (entry.about, inv(entry.path, "--help")) == (
                " ".join(entry.command.__doc__.split("\n\n")[0].split()),
                0,
            )


def test_a_verb_and_a_group_of_commands_share_a_name(inv, ops, capsys):
    with (ops / "plugins/toy/client.py").open("a") as module:
        module.write("\n\n@hookimpl\ndef secrets(ask):\n    return []\n")
    assert inv("secrets", "--deliver", "toy.secrets", "--deliver", "--host=n1") == 0
    assert [request for request, _ in inv.requests] == [
        Request("secrets"),
        Request("secrets", "toy"),
    ]
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
    calls = []

    def show_secrets(
        request,
        context,
        common,
        *,
        name: tuple[str, ...] = (),
        generate: bool = False,
        deliver: bool = False,
    ) -> CommandResult:
        calls.append(((request.system, request.component), common.hosts, name, generate))
        return CommandResult("", {"secrets": []}, 7 if generate else 0)

    monkeypatch.setattr(verb, "show_secrets", show_secrets)
    assert (
        inv("secrets", "toy.secrets", "--name=a", "--name=b", "toy.client.secrets", "--host=n1")
        == 0
    )
    assert inv("toy.secrets", "--generate", "toy.up") == 7
    assert calls == [
        (("", ""), ("n1",), (), False),
        (("toy", ""), ("n1",), ("a", "b"), False),
        (("toy", "client"), ("n1",), (), False),
        (("toy", ""), (), (), True),
    ]
    assert inv("toy.secrets", "--deliver", "--generate") == 2
    message = (
        "fairlead: inv toy.secrets --deliver: puts on the hosts what is there; "
        "give --generate before, alone\n"
    )
    assert (capsys.readouterr().err, inv.requests) == (message, [])


def test_a_command_refuses_what_its_flags_do_not_take(inv, tally, capsys):
    assert inv("toy.up", "tally.count", "--to=x") == 2
    assert inv("toy.up", "tally.count") == 2
    assert capsys.readouterr().err.splitlines() == [
        "fairlead: inv tally.count --to: wanted a whole number, found the text 'x'; "
        "see inv tally.count --help",
        "fairlead: inv tally.count --to: must be given; write --to=...",
    ]
    assert inv.requests == []
