"""Silences, windows and reasons as an operator has them: `inv` itself, hosts of real processes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.alerts import Alerts, listening

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
APART = str(ROOT / "tests/cli/shell/apart.sh")
NEVER = {"quiet": {"not_before": "2999-01-01"}}


class Desk:
    """An operator's machine, which is its own only host."""

    def __init__(self, ops: Path, folder: Path):
        self.ops, self.folder = ops, folder
        for name in ("lib", "run", "bell"):
            (folder / name).mkdir()
        (ops / "plugins/bell").symlink_to(ROOT / "tests/cli/plugins/bell")

    def site(self, seconds: int = 0, **keys: Any) -> None:
        bell = {"folder": str(self.folder / "bell"), "seconds": seconds}
        (self.ops / "sites").mkdir(exist_ok=True)
        (self.ops / "sites/here.yml").write_text(json.dumps({"hosts": {}, "bell": bell} | keys))

    def start(self, *words: str) -> "subprocess.Popen[str]":
        environment = os.environ | {"PYTHONPATH": str(ROOT), "FAIRLEAD_SITE": "here"}
        argv = (sys.executable, "-m", "fairlead", *words)
        if os.geteuid() == 0:
            argv = ("unshare", "--mount", "sh", APART, str(self.folder), *argv)
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(argv, env=environment, stdin=subprocess.DEVNULL, text=True, **pipes)

    def inv(self, *words: str) -> tuple[int, str, str]:
        """Exit code, and what was printed."""
        process = self.start(*words)
        output, errors = process.communicate(timeout=60)
        return process.returncode, output, errors

    @property
    def rung(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "bell").iterdir())

    def journal_of_host(self) -> str:
        return "".join(path.read_text() for path in self.folder.rglob("fairlead/**/journal"))


@pytest.fixture
def desk(ops: Path, tmp_path: Path) -> Desk:
    return Desk(ops, tmp_path)


@pytest.fixture
def alerts() -> Iterator[Alerts]:
    with listening() as server:
        yield server


def until(question: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not question():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_silence_is_opened_and_closed_around_a_run_whose_controller_was_killed(
    desk: Desk, alerts: Alerts
) -> None:
    desk.site(seconds=3, announcements={"alerts": alerts.announcement()})
    controller = desk.start("bell.restart", "--reason=OPS-1")
    until(lambda: desk.rung == ["begun"])
    assert alerts.kinds == ["open"]
    controller.send_signal(signal.SIGKILL)
    assert controller.wait(10) == -signal.SIGKILL
    until(lambda: desk.rung == ["begun", "ended"])  # the host finishes what it began
    assert alerts.kinds == ["open"]
    code, output, errors = desk.inv("runs.recover")
    assert (code, alerts.calls[1:]) == (0, [("close", "/api/v2/silence/a%20b")]), errors
    run = alerts.calls[0][1]["comment"].split("(")[1].rstrip(")")
    assert f"announcements.alerts: closed what run {run} had opened for local" in output
    assert desk.inv("runs.recover")[0] == 0
    assert alerts.kinds == ["open", "close"]


def test_a_window_is_refused_and_overridden_and_the_reason_stands_in_all_journals(
    desk: Desk, alerts: Alerts
) -> None:
    spec = alerts.announcement()
    desk.site(windows=NEVER, require_reason=True, announcements={"alerts": spec})
    code, _, errors = desk.inv("bell.restart", "--reason=OPS-2 new rope")
    assert (code, desk.rung, alerts.calls) == (4, [], [])
    assert "local: bell.restart is outside of its windows: quiet (" in errors
    assert errors.strip().endswith(
        "the next begins Tue 01 Jan 2999 00:00 UTC; --override goes on now"
    )
    code, _, errors = desk.inv("bell.restart", "--override")
    assert (code, desk.rung) == (2, [])
    assert "wants a reason for what changes anything (require_reason)" in errors
    code, _, errors = desk.inv("bell.restart", "--override", "--reason=OPS-2 new rope")
    assert (code, desk.rung) == (0, ["begun", "ended"]), errors
    entries = (desk.folder / "state").rglob("*.jsonl")
    (done,) = [
        entry
        for path in entries
        for entry in map(json.loads, path.read_text().splitlines())
        if entry["code"] == 0
    ]
    assert (done["reason"], done["flags"]) == ("OPS-2 new rope", ["--override"])
    assert "--override --reason='OPS-2 new rope'" in desk.journal_of_host()
    assert alerts.calls[0][1]["comment"] == f"bell.restart OPS-2 new rope ({done['run']})"
    for command in ("runs.history", "history"):
        code, output, errors = desk.inv(command, "--host=local", "--json")
        assert (code, "OPS-2 new rope" in output) == (0, True), (output, errors)
