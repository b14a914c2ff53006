"""docs/json.md and docs/exit-codes.md say what is so."""

import re
from pathlib import Path

import msgspec

from fairlead.cli.secret_needs import state
from fairlead.model import errors, findings
from fairlead.model.plan import Check
from fairlead.model.results import (
    STATES,
    STEP_STATES,
    HostResult,
    ImageChange,
    RunResult,
    StepResult,
)
from fairlead.output.json_document import error_document, run_document
from fairlead.runner import preflight

DOCS = Path(__file__).parents[2] / "docs"
FULL = RunResult(
    verb="up",
    site="s",
    run="r",
    notes=("n",),
    hosts=(
        HostResult(
            host="h",
            system="s",
            component="c",
            state="ok",
            output="o",
            cut=True,
            names={"s.names": ("x",)},
            checks=({"name": "x"},),
            fields={"a": 1},
            explain="e",
            script="s",
            script_host="h",
            error="!",
            images=(ImageChange("c", "i", "b", "a"),),
            left_out=True,
            steps=(
                StepResult(
                    name="s", state="ok", phase="p", diff="-a", said="1 MB", after=("pull",)
                ),
            ),
        ),
    ),
)


def documented(title: str) -> list[str]:
    """The keys in the table under a heading of docs/json.md."""
    section = (DOCS / "json.md").read_text().split(f"## {title}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|", section, re.M)


def test_every_key_of_a_run_is_documented_in_its_order():
    assert documented("The run") == [*(run_document(FULL) | {"notes": 1, "reason": ""}), "error"]
    assert set(error_document(ValueError())) <= set(documented("The run"))


def test_every_key_of_a_row_is_documented_in_its_order():
    row = run_document(FULL)["hosts"][0]
    assert documented("A row of `hosts`") == list(row)


def test_every_key_of_a_step_is_documented_in_its_order():
    assert documented("A step") == list(run_document(FULL)["hosts"][0]["steps"][0])


def test_every_key_of_a_check_is_documented():
    check = Check(name="c", ok=False, wanted="w", found="f")
    assert documented("A check") == list(preflight.check_fields(check))


def test_every_field_of_the_nouns_reaches_the_document():
    row = run_document(FULL)["hosts"][0]
    assert set(msgspec.structs.asdict(FULL.hosts[0])) - {"called"} == set(
        row
    )  # the document has system and component
    assert set(msgspec.structs.asdict(FULL.hosts[0].steps[0])) == set(row["steps"][0])


def test_every_state_is_documented():
    text = (DOCS / "json.md").read_text()
    states = [
        re.findall(r"`([\w-]+)`", line.split("|")[3])
        for line in text.splitlines()
        if line.startswith("| `state`")
    ]
    of_watch = list(findings.STATES)
    expected = [list(STATES), list(STEP_STATES), list(state.STATES), of_watch, of_watch]
    assert states == expected


def test_every_error_is_documented_with_its_exit_code():
    text = (DOCS / "exit-codes.md").read_text()
    rows = [
        re.split(r"\s*\|\s*", line.strip("| "))
        for line in text.splitlines()
        if re.match(r"\| \d", line)
    ]
    told = {
        name: int(cells[0]) for cells in rows for name in re.findall(r"`(\w+)`", "".join(cells[2:]))
    }
    assert told == {
        name: kind.code
        for name, kind in vars(errors).items()
        if name in errors.__doc__ and name != "FairleadError"
    }


def test_the_order_of_several_outcomes_is_documented():
    text = re.sub(r"\s+", " ", (DOCS / "exit-codes.md").read_text())
    assert f"the first that occurs of {', '.join(map(str, errors.PRECEDENCE))}." in text
