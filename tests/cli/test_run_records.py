"""What this machine remembers of a run for its report: all but what programs printed."""

import json
from pathlib import Path

import msgspec
import pytest

from fairlead.cli import run_records
from fairlead.cli.run_records import RunRecords, find, from_journal
from fairlead.model.results import HostResult, ImageChange, RunResult, StepResult
from fairlead.output.journal import entry

IMAGE = ImageChange("web", "web:latest", "sha256:a", "sha256:b")
STEP = StepResult(name="file", state="changed", commands=(("cp", "a"),), diff="-a\n+b", seconds=2.5)
ROW = HostResult(
    host="n1",
    system="toy",
    component="server",
    called="toy.server",
    state="changed",
    steps=(STEP,),
    fields={"name\udcff": ["x"]},
    images=(IMAGE,),
)
RESULT = RunResult(verb="toy.up", site="test", run="20260101T000000-abc", hosts=(ROW,), reason="R")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return run_records.folder()


def test_a_run_is_read_as_it_was(folder: Path) -> None:
    RunRecords().ended(RESULT)
    record = find(RESULT.run)
    assert record
    assert record.result.hosts[0].steps == (STEP,)
    assert record.result.hosts[0].images == (IMAGE,)
    assert (record.result.reason, record.is_whole) == ("R", True)
    (path,) = folder.iterdir()
    assert (oct(path.stat().st_mode & 0o777), oct(folder.stat().st_mode & 0o777)) == (
        "0o600",
        "0o700",
    )


def test_what_a_program_printed_is_left_out_and_so_is_who_only_looks(folder: Path) -> None:
    printed = msgspec.structs.replace(ROW, output="s3cret")
    RunRecords().ended(msgspec.structs.replace(RESULT, hosts=(printed,)))
    assert "s3cret" not in (folder / f"{RESULT.run}.json").read_text()
    row = msgspec.structs.replace(ROW, state="ok", steps=())
    RunRecords().ended(msgspec.structs.replace(RESULT, verb="status", run="other", hosts=(row,)))
    assert len([*folder.iterdir()]) == 1


def test_the_oldest_go(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_records, "KEPT", 2)
    names = [f"2026010{day}T000000-a" for day in (1, 3, 2)]
    for name in names:
        RunRecords().ended(msgspec.structs.replace(RESULT, run=name))
    assert sorted(path.stem for path in folder.iterdir()) == sorted(names)[1:]
    assert find(names[0]) is None


def test_what_is_no_record_of_this_format_is_none(folder: Path) -> None:
    RunRecords().ended(RESULT)
    path = folder / f"{RESULT.run}.json"
    for text in ("{", json.dumps(json.loads(path.read_text()) | {"record": 99})):
        path.write_text(text)
        assert find(RESULT.run) is None


def test_the_journal_knows_the_hosts_of_a_run() -> None:
    record = from_journal(entry(RESULT))
    (row,) = record.result.hosts
    assert (row.host, row.called, row.state, row.steps) == ("n1", "toy.server", "changed", ())
    assert (record.result.reason, record.is_whole) == ("R", False)
