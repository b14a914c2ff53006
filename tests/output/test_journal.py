"""What this machine remembers of what was done: a line of JSON for each verb."""

import getpass
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from fairlead import __version__
from fairlead.model.results import HostResult, RunResult, StepResult
from fairlead.output.journal import LIMIT, Journal, folder, newest, since


def result(verb: str = "toy.up") -> RunResult:
    steps = (
        StepResult(
            name="join",
            state="failed",
            commands=(("join", "word"),),
            error="it printed s3cret",
            phase="replace",
            seconds=1.25,
        ),
        StepResult(name="wait", state="ok", phase="replace", seconds=2.25),
        StepResult(name="pull", state="ok", phase="pull"),
    )
    row = HostResult(
        host="n1",
        system="toy",
        component="server",
        state="failed",
        code=1,
        steps=steps,
        output="s3cret",
        error="n1: s3cret",
    )
    return RunResult(verb=verb, site="test", run="20260101T000000-abc", hosts=(row,))


def test_a_line_says_who_did_what_where_and_never_what_was_printed(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "deep/journal.jsonl")
    journal.ended(result())
    journal.ended(result("toy.down"))
    lines = [json.loads(line) for line in journal.path.read_text().splitlines()]
    assert [line.pop("time")[-1:] for line in lines] == ["Z", "Z"]
    assert lines[0] == {
        "run": "20260101T000000-abc",
        "who": getpass.getuser(),
        "site": "test",
        "verb": "toy.up",
        "fairlead": __version__,
        "code": 1,
        "hosts": [
            {
                "host": "n1",
                "system": "toy",
                "component": "server",
                "state": "failed",
                "code": 1,
                "seconds": {"replace": 3.5, "pull": 0},
            }
        ],
    }
    assert "s3cret" not in journal.path.read_text()
    assert [oct(path.stat().st_mode & 0o777) for path in (journal.path, journal.path.parent)] == [
        "0o640",
        "0o700",
    ]


def test_the_commit_of_the_site_is_told_where_it_is_known(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.ended(msgspec.structs.replace(result(), revision="a" * 40))
    assert json.loads(journal.path.read_text())["revision"] == "a" * 40


def test_how_it_was_to_go_and_who_was_left_out_is_told(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    row = msgspec.structs.replace(result().hosts[0], left_out=True)
    common = {"batch": [{"count": 1}]}
    journal.ended(msgspec.structs.replace(result(), common=common, hosts=(row,)))
    entry = json.loads(journal.path.read_text())
    assert (entry["common"], entry["hosts"][0]["left_out"]) == (common, True)


def test_what_was_waived_is_told(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.ended(msgspec.structs.replace(result(), flags=("--skip-dump", "--skip-preflight")))
    assert json.loads(journal.path.read_text())["flags"] == ["--skip-dump", "--skip-preflight"]


def test_the_reason_is_told(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.ended(msgspec.structs.replace(result(), reason="OPS-1 kernel"))
    assert json.loads(journal.path.read_text())["reason"] == "OPS-1 kernel"


@pytest.mark.parametrize("verb", ["status", "toy.status", "toy.server.logs", "exec", "preflight"])
def test_whoever_only_looks_leaves_no_line(tmp_path: Path, verb: str) -> None:
    Journal(tmp_path / "journal.jsonl").ended(result(verb))
    assert list(tmp_path.iterdir()) == []


def test_a_long_journal_is_put_aside_once(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.path.write_text("x" * (LIMIT + 1))
    journal.ended(result())
    assert [(path.name, path.stat().st_size > LIMIT) for path in sorted(tmp_path.iterdir())] == [
        ("journal.jsonl", False),
        ("journal.jsonl.1", True),
    ]


def test_no_piece_of_a_journal_is_ever_overwritten_and_all_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    journal = Journal()
    for run in ("r1", "r2", "r3"):
        journal.ended(msgspec.structs.replace(result(), run=run))
        with journal.path.open("a") as file:
            file.write("x" * LIMIT + "\n")
    names = [f"journal.jsonl{end}" for end in ("", ".1", ".2")]
    assert sorted(path.name for path in folder().iterdir()) == names
    assert [entry["run"] for entry in newest()] == ["r3", "r2", "r1"]


def test_no_more_of_a_journal_is_read_than_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    pieces = {".1": "2020-01", ".2": "2021-01", "": "2022-01"}
    folder().mkdir()
    for end, month in pieces.items():
        lines = (f'{{"time": "{month}-0{day}T00:00:00Z", "run": "{day}"}}' for day in (1, 2))
        (folder() / f"journal.jsonl{end}").write_text("\n".join(lines) + "\n")
    read: list[str] = []
    read_text = Path.read_text
    monkeypatch.setattr(
        Path, "read_text", lambda path, *words: (read.append(path.name), read_text(path, *words))[1]
    )
    assert next(newest())["run"] == "2"
    assert read == ["journal.jsonl"]
    assert [entry["time"][:10] for entry in since("2021-01-02")] == [
        *("2021-01-02", "2022-01-01", "2022-01-02")
    ]
    assert "journal.jsonl.1" not in read


def test_a_line_that_was_cut_short_does_not_swallow_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    journal = Journal()
    for run in ("r1", "r2", "r3"):
        journal.ended(msgspec.structs.replace(result(), run=run))
        if run == "r2":
            journal.path.write_bytes(journal.path.read_bytes()[:-30])
    assert [entry["run"] for entry in newest()] == ["r3", "r1"]


def test_each_month_has_a_file_of_its_own(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    old = '{"time": "2020-01-01T00:00:00Z", "run": "r0"}\n'
    journal.path.write_text(old)
    for _ in range(2):
        journal.ended(result())
    pieces = {path.name: path.read_text().count("\n") for path in tmp_path.iterdir()}
    assert pieces == {"journal.jsonl": 2, "journal.jsonl.1": 1}


def test_runs_that_end_at_once_put_a_journal_aside_once_and_lose_no_line(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text('{"time": "2020-01-01T00:00:00Z", "run": "r0"}\n')
    with ThreadPoolExecutor(20) as pool:
        for _ in pool.map(lambda _: Journal(path).ended(result()), range(60)):
            pass
    pieces = {path.name: path.read_text().count("\n") for path in tmp_path.iterdir()}
    assert pieces == {"journal.jsonl": 60, "journal.jsonl.1": 1}


def test_it_lies_in_the_operators_own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/x")
    assert folder() == Path("/x/fairlead")
    monkeypatch.setenv("XDG_STATE_HOME", "")
    monkeypatch.setenv("HOME", "/home/ann")
    assert folder() == Path("/home/ann/.local/state/fairlead")
