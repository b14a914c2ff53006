"""The commands that the pages show, and which of them tests give to a command line.

A command counts as run where some test has its verb with all of its flags (but for those that say
only where, and how it is shown). `python -m tests.docs.command_lines` prints how many there are.
"""

import ast
import functools
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fairlead.contract.verbs import VERBS

ROOT = Path(__file__).resolve().parents[2]
# Pages with a system of their own: their files, taken from the text, are an ops repository.
OWN_SYSTEM = ("add-a-system.md", "configuration-files.md", "coming-from-make.md")
PAGES = (
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.txt")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "plugins").glob("*/README.md")),
)
PLACEHOLDER = re.compile(r"\b[A-Z]{2,}\b|\.\.\.|<")  # inv SYSTEM.up stands for many
SEEN = re.compile(r"^```text\n.*?^```$", re.M | re.S)  # what somebody has seen, command and all
STANDS_FOR = re.compile(r"[A-Z]{2,}|\.\.\.|[<|=]")
SPAN = re.compile(r"`(?:\./)?inv ([^`]+)`")
GOES_ON = re.compile(r"\s(?:&&|\|\||\||>|2>|;)\s")
EXPLANATION = re.compile(r"\s{2,}|\s#\s")
OTHERS = (
    "pipx",
    "pip",
    "uv",
    "mkdir",
    "git",
    "gpg",
    "docker",
    "install",
    "firewall-cmd",
    "ssh",
    "python3",
)
EVERYWHERE = {"--site", "--host", "--json", "--yes"}
# What the tests call with the words of a command line.
CALLS = {"inv", "done", "ours", "start", "states", "changed", "steps", "tell", "built", "watch"}
CALLS |= {"fairlead", "Terminal", "failing", "words", "state", "row_of_service", "tree", "Typed"}
CALLS |= {"launched", "run"}
BARE = {*VERBS, "secrets", "adopt", "apply", "watch", "history", "init", "demo", "new-plugin"}
GROUPS = {path.name for path in (ROOT / "plugins").iterdir()}
GROUPS |= {"hosts", "runs", "secrets", "site", "watch", "completion", "notice", "gate", "clocks"}
NOTE = "<!-- Commands of this page that no test runs; those of inv, the command line takes."
NOTED = re.compile(rf"\n*{re.escape(NOTE)}\n(.*?)-->\n", re.S)


@dataclass(frozen=True)
class Command:
    """A line of a page that can be typed."""

    page: Path
    text: str

    @property
    def name(self) -> str:
        return str(self.page.relative_to(ROOT))

    @property
    def is_ours(self) -> bool:
        return self.text.startswith(("inv ", "fairlead "))

    @property
    def words(self) -> list[str]:
        """Up to a pipe, a redirection or another command."""
        return words_of(self.text)

    @property
    def tasks(self) -> list[str]:
        """The verbs in it."""
        own = self.words[1 : self.words.index("--") if "--" in self.words else None]
        return [word for word in own if not word.startswith("-") and _is_task(word)]

    @property
    def flags(self) -> set[str]:
        """What it says besides, but for where, and how it is shown."""
        own = self.words[: self.words.index("--") if "--" in self.words else None]
        return {word.partition("=")[0] for word in own if word.startswith("--")} - EVERYWHERE


def words_of(text: str) -> list[str]:
    """The words of its first command."""
    return shlex.split(GOES_ON.split(text)[0], comments=True)


def of_page(page: Path) -> Iterator[Command]:
    """Each line in it that begins with a command and stands for itself."""
    text = SEEN.sub("", page.read_text("utf-8").partition(NOTE)[0])
    for line in text.splitlines():
        words = _plain(EXPLANATION.split(line.strip().removeprefix("$ "))[0])
        program, is_indented = words.partition(" ")[0], line.startswith("    ")
        is_pattern = PLACEHOLDER.search(words.partition(" -- ")[0])
        if program == "inv" or (is_indented and program == "fairlead"):
            if not is_pattern and words != program:
                yield Command(page, words)
        elif is_indented and program in OTHERS:
            yield Command(page, words)


def _plain(text: str) -> str:
    """A command without the place of its program."""
    return text.strip().removeprefix("./").removeprefix(".venv/bin/")


def of_pages() -> list[Command]:
    """Of all pages, each once for its page."""
    return list(dict.fromkeys(command for page in PAGES for command in of_page(page)))


def named_verbs(page: Path) -> Iterator[str]:
    """The verbs of commands that stand within a sentence: `inv perfsonar.up`."""
    for span in SPAN.findall(page.read_text("utf-8").partition(NOTE)[0]):
        words = [word for word in span.partition(" -- ")[0].split() if not STANDS_FOR.search(word)]
        yield from (word for word in words if _is_task(word))


def is_run(command: Command) -> bool:
    """Does some test give each of its verbs, with the flags, to a command line?"""
    if command.text in _played():
        return True
    if not command.is_ours or not command.tasks:
        return False
    *first, last = command.tasks
    calls = _calls()
    with_flags = any(last in call and command.flags <= call for call in calls)
    return with_flags and all(any(task in call for call in calls) for task in first)


def not_run(page: Path) -> list[str]:
    """The commands of a page that its note has to name."""
    lines = (command.text for command in of_page(page) if not is_run(command))
    return list(dict.fromkeys(lines))


def noted(page: Path) -> list[str]:
    """Those that it does name."""
    note = NOTED.search(page.read_text("utf-8"))
    return note[1].splitlines() if note else []


def note_anew(page: Path) -> None:
    """Write the note at the end of a page."""
    text = NOTED.sub("", page.read_text("utf-8")).rstrip("\n") + "\n"
    lines = "".join(f"{line}\n" for line in not_run(page))
    page.write_text(text + (f"\n{NOTE}\n{lines}-->\n" if lines else ""), "utf-8")


def counts() -> dict[str, int]:
    """How many are run, are only read by the command line, are no words of ours."""
    commands = of_pages()
    rest = [command for command in commands if not is_run(command)]
    ours = [command for command in rest if command.is_ours]
    return {
        "shown": len(commands),
        "run by a test": len(commands) - len(rest),
        "parsed only, and marked": len(ours),
        "of other programs, and marked": len(rest) - len(ours),
    }


@functools.cache
def _calls() -> list[set[str]]:
    """The words of each call of a test that has a command line; of a flag its name."""
    files = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    trees = (ast.parse(path.read_text("utf-8")) for path in files)
    calls = (node for tree in trees for node in ast.walk(tree) if _is_call(node))
    return [_words(call) for call in calls]


def _is_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in CALLS


def _words(call: ast.Call) -> set[str]:
    texts = (node.value for part in call.args for node in ast.walk(part) if _is_text(node))
    return {word.partition("=")[0] for text in texts for word in text.split()}


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


@functools.cache
def _played() -> set[str]:
    """The lines of docs/*.txt, which are typed as they stand."""
    texts = (page.read_text("utf-8") for page in (ROOT / "docs").glob("*.txt"))
    lines = (line.partition("  # ")[0].strip() for text in texts for line in text.splitlines())
    return {_plain(line) for line in lines if line}


def _is_task(word: str) -> bool:
    group, _, verb = word.partition(".")
    return word in BARE or (group in GROUPS and verb != "")


if __name__ == "__main__":
    for what, number in counts().items():
        print(f"{number:4} {what}")
