"""Every `inv` command that a page shows can be typed: its task is there, its flags are known, its
values are taken. What it does is not done.
"""

import re
import shlex
import sys
from pathlib import Path

import pytest

from fairlead.cli.commands import CommandResult
from fairlead.cli.invocation import Invocation
from fairlead.cli.program import Program

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    ROOT / "README.md",
    ROOT / "docs" / "demo.txt",
    *sorted(page for page in (ROOT / "docs").glob("*.md") if page.name != "add-a-system.md"),
    *sorted((ROOT / "plugins").glob("*/README.md")),
)
PLACEHOLDER = re.compile(r"\b[A-Z]{2,}\b|\.\.\.|<")  # inv SYSTEM.up stands for many


def commands() -> list[tuple[str, str]]:
    """(page, command) of each indented line or code line that begins with inv."""
    found = []
    for page in PAGES:
        for line in page.read_text("utf-8").splitlines():
            words = re.split(r"\s{2,}", line.strip())[0]  # an explanation stands two spaces behind
            if re.match(r"(\$ )?(\./)?inv ", words) and not PLACEHOLDER.search(
                words.partition(" -- ")[0]
            ):
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


def test_the_readme_has_its_two_commands():
    text = (ROOT / "README.md").read_text("utf-8")
    assert "    ./inv demo\n" in text
    assert "    ./inv test\n" in text
