"""Every cases/*.yml is a result; beside it, cases/*.txt is what is seen of it.

To write these anew: FAIRLEAD_REWRITE_CASES=1.
"""

import os
from pathlib import Path

import msgspec
import pytest
import yaml

from fairlead.model.results import RunResult

CASES = sorted((Path(__file__).parent / "cases").glob("*.yml"))


def load(path: Path) -> RunResult:
    """The result in a file.

    `x-` keys hold what rows share (anchors); `each: [n1, n2]` stands for a row per host, `%` in it
    for the host.
    """
    data = yaml.safe_load(path.read_text())
    rows = []
    for row in data.pop("hosts", []):
        for host in row.pop("each", [row.get("host")]):
            text = msgspec.json.encode(row).decode().replace("%", host)
            rows.append(msgspec.json.decode(text) | {"host": host})
    common = {"site": "triumf", "run": "20260102-030405-ab12"}
    return msgspec.convert(
        common
        | {"hosts": rows}
        | {key: value for key, value in data.items() if not key.startswith("x-")},
        RunResult,
    )


def seen(shown, result: RunResult) -> str:
    sections = []
    for title, terminal in (("terminal", True), ("file", False)):
        stdout, stderr = shown(result, terminal=terminal)
        sections += [f"== {title}: stdout\n{stdout.words}", f"== {title}: stderr\n{stderr.words}"]
    return "".join(sections)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_result_is_seen_as_the_case_says(path, shown):
    expected = path.with_suffix(".txt")
    text = seen(shown, load(path))
    if os.environ.get("FAIRLEAD_REWRITE_CASES"):
        expected.write_text(text)
    assert text == expected.read_text()


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_no_line_of_a_table_is_wider_than_the_terminal(path, shown):
    stdout, _ = shown(load(path), terminal=True)
    if not any(row.explain for row in load(path).hosts):
        assert max((len(line) for line in stdout.words.split("\n")), default=0) <= 80
