"""Every `inv` command that a page shows can be typed: its task is there, its flags are known, its
values are taken. What it does is not done.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fairlead.cli.commands import CommandResult
from fairlead.cli.invocation import Invocation
from fairlead.cli.program import Program

ROOT = Path(__file__).resolve().parents[2]
OWN_SYSTEM = ("add-a-system.md", "configuration-files.md")  # theirs is not among ours
PAGES = (
    ROOT / "README.md",
    ROOT / "docs" / "demo.txt",
    ROOT / "docs" / "ten-minutes.txt",
    *sorted(page for page in (ROOT / "docs").glob("*.md") if page.name not in OWN_SYSTEM),
    *sorted((ROOT / "plugins").glob("*/README.md")),
)
PLACEHOLDER = re.compile(r"\b[A-Z]{2,}\b|\.\.\.|<")  # inv SYSTEM.up stands for many


def commands() -> list[tuple[str, str]]:
    """(page, command) of each indented line or code line that begins with inv or fairlead."""
    found = []
    for page in PAGES:
        for line in page.read_text("utf-8").splitlines():
            words = re.split(r"\s{2,}", line.strip())[0]  # an explanation stands two spaces behind
            begins = re.match(r"(\$ )?(\./)?inv ", words) or line.startswith("    fairlead ")
            if begins and not PLACEHOLDER.search(words.partition(" -- ")[0]):
                found.append((page.name, words.removeprefix("$ ").removeprefix("./")))
    return list(dict.fromkeys(found))


@pytest.mark.parametrize(("page", "command"), commands())
def test_a_command_in_the_docs_can_be_typed(page, command, monkeypatch, tmp_path, capsys):
    done = []
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "path", [str(ROOT), *sys.path])
    monkeypatch.setattr(
        Invocation, "_perform_verb", lambda self, call, common: done.append(call) or 0
    )
    monkeypatch.setattr(
        Invocation,
        "_perform_command",
        lambda self, call, common: done.append(call) or CommandResult("", {}).code,
    )
    words = shlex.split(re.split(r"\s(?:&&|\|\||\||>|2>)\s", command)[0])
    if words[1] in ("demo", "test", "lint", "bench"):
        words.append("--help")
    code = Program(name="fairlead", binary="inv", binary_names=["inv"]).exit_code(words)
    assert code == 0, capsys.readouterr().err
    assert done or "--help" in words or "--list" in words, f"{command} does nothing"


def test_the_steps_of_the_readme_mean_one_site(tmp_path):
    """As they stand there, in a checkout as it is: with one's own site beside sites/lab.yml."""
    steps = (ROOT / "README.md").read_text("utf-8").partition("## Use it")[2].partition("## ")[0]
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
