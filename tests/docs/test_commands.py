"""Every `inv` command that a page shows can be typed: its task is there, its flags are known, its
values are taken. What it does is not done.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fairlead.cli.commands import CommandResult
from fairlead.cli.invocation import Invocation
from fairlead.cli.program import Executor, Program
from tests.docs import command_lines
from tests.pages import lay_out

ROOT = command_lines.ROOT
PAGES = (*command_lines.PAGES, ROOT / "CONTRIBUTING.md")
COMMANDS = [command for command in command_lines.of_pages() if command.is_ours]
TASKS = "from fairlead.cli.tasks import namespace\n\nns = namespace(globals())\n"


def repository(page: Path, folder: Path) -> Path:
    """Where a page's commands are typed: its own files, where it has a system of its own."""
    if page.name not in command_lines.OWN_SYSTEM:
        return ROOT
    (folder / "tasks.py").write_text(TASKS)
    (folder / "sites").mkdir()
    lay_out(page.stem, folder)
    for plugin in (ROOT / "plugins").iterdir():
        (folder / "plugins" / plugin.name).symlink_to(plugin)
    return folder


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: f"{command.name}-{command.text}")
def test_a_command_in_the_docs_can_be_typed(command, monkeypatch, tmp_path, capsys):
    folder, done = repository(command.page, tmp_path), []
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", [str(folder), str(ROOT), *sys.path])
    monkeypatch.setattr(
        Invocation, "_perform_verb", lambda self, call, common: done.append(call) or 0
    )
    monkeypatch.setattr(
        Invocation,
        "_perform_command",
        lambda self, call, common: done.append(call) or CommandResult("", {}).code,
    )
    words = command.words
    if words[1] in ("demo", "test", "lint", "bench", "tag"):
        words.append("--help")
    program = Program(name="fairlead", binary="inv", binary_names=["inv"], executor_class=Executor)
    assert program.exit_code(words) == 0, capsys.readouterr().err
    assert done or "--help" in words or "--list" in words, f"{command.text} does nothing"


@pytest.mark.parametrize(
    "verb", sorted({verb for page in PAGES for verb in command_lines.named_verbs(page)})
)
def test_a_verb_that_a_sentence_names_is_there(verb, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "path", [str(ROOT), *sys.path])
    program = Program(name="fairlead", binary="inv", binary_names=["inv"], executor_class=Executor)
    assert program.exit_code(["inv", verb, "--help"]) == 0, capsys.readouterr().err


@pytest.mark.parametrize("page", command_lines.PAGES, ids=lambda page: page.name)
def test_what_no_test_runs_is_marked_on_its_page(page):
    """`FAIRLEAD_REWRITE_CASES=1` writes the remark at the page's end anew."""
    if os.environ.get("FAIRLEAD_REWRITE_CASES"):
        command_lines.note_anew(page)
    noted, shown = command_lines.noted(page), [it.text for it in command_lines.of_page(page)]
    assert [line for line in command_lines.not_run(page) if line not in noted] == []
    assert [line for line in noted if line not in shown] == []


def test_the_commands_are_counted(capsys):
    counts = command_lines.counts()
    with capsys.disabled():
        print("\n" + ", ".join(f"{number} {what}" for what, number in counts.items()))
    shown, *parts = counts.values()
    assert shown == sum(parts)
    assert counts["run by a test"] > shown / 2


def test_the_steps_of_the_readme_mean_one_site(tmp_path):
    """As they stand there, in a checkout as it is: with one's own site beside sites/lab.yml."""
    steps = (
        (ROOT / "README.md").read_text("utf-8").partition("## A checkout")[2].partition("## ")[0]
    )
    shutil.copytree(ROOT / "sites", tmp_path / "sites")
    shutil.copytree(ROOT / "plugins", tmp_path / "plugins")
    shutil.copy(ROOT / "tasks.py", tmp_path)
    (tmp_path / "sites/mine.yml").write_text("hosts: {n1: {address: 127.0.0.1, port: 1}}\n")
    variable, _, name = re.search(r"`export (\w+=NAME)`", steps)[1].partition("=")
    assert name == "NAME"
    codes = {
        command: subprocess.run(
            [sys.executable, "-P", "-m", "fairlead", *command.split()[1:]],
            cwd=tmp_path,
            env=os.environ | {"FAIRLEAD_HOME": str(tmp_path), variable: "mine"},
            check=False,
        ).returncode
        for command in re.findall(r"`(inv (?:site|hosts)\.\w+)`", steps)
    }
    assert codes == {"inv site.validate": 0, "inv hosts.check": 5}


def test_every_variable_stands_on_a_page():
    """Those that an operator may set."""
    sources = (path for room in ("fairlead", "plugins") for path in (ROOT / room).rglob("*.py"))
    code = "".join(path.read_text("utf-8") for path in sources) + (ROOT / "inv").read_text()
    table = (ROOT / "docs/sites.md").read_text("utf-8").partition("## Variables")[2]
    names = set(re.findall(r"\bFAIRLEAD_[A-Z_]+[A-Z]\b", code))
    labels = {"FAIRLEAD_SPEC", "FAIRLEAD_SECRET_N", "FAIRLEAD_SECRET_PS"}  # no variables of ours
    own = {"FAIRLEAD_SESSION"}  # what an exec has begun is known by it
    assert {name for name in names - labels - own if f"| `{name}` |" not in table} == set()


def test_the_readme_has_its_two_commands():
    text = (ROOT / "README.md").read_text("utf-8")
    assert "    ./inv demo\n" in text
    assert "    ./inv test\n" in text
