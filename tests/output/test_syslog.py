"""A line of each run in this machine's syslog, where the site wants that."""

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from fairlead import __version__
from fairlead.model import operator
from fairlead.model.results import HostResult, RunResult
from fairlead.output import syslog
from fairlead.output.syslog import Syslog

ROWS = tuple(
    HostResult(host=host, system="toy", component="", called="toy", state=state, code=code)
    for host, state, code in (("n1", "changed", 0), ("n2", "changed", 0), ("n3", "failed", 1))
)
RESULT = RunResult(
    verb="toy.up", site="prod", run="R", hosts=ROWS, reason="OPS-1", flags=("--now",)
)


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bound:
        bound.bind(str(tmp_path / "log"))
        bound.settimeout(0.2)
        yield bound


def send(folder: Path, result: RunResult = RESULT, is_wanted: bool = True) -> list[str]:
    complaints: list[str] = []
    Syslog(lambda: is_wanted, complaints.append, folder / "log").ended(result)
    return complaints


def test_a_line_says_who_did_what_why_and_what_came_of_it(
    daemon: socket.socket, tmp_path: Path
) -> None:
    assert send(tmp_path, msgspec.structs.replace(RESULT, revision="a" * 40)) == []
    assert daemon.recv(4096).decode() == (
        f"<13>fairlead[{os.getpid()}]: run R: {operator.address()}: inv toy.up --now for prod"
        " because of 'OPS-1' ended with exit code 1: toy on n[1-2] changed, toy on n3 failed"
        f" [fairlead {__version__} site {'a' * 40}]"
    )


def test_where_it_is_not_wanted_or_nothing_was_to_change_nothing_is_sent(
    daemon: socket.socket, tmp_path: Path
) -> None:
    send(tmp_path, is_wanted=False)
    ok = tuple(msgspec.structs.replace(row, state="ok", code=0) for row in ROWS)
    send(tmp_path, msgspec.structs.replace(RESULT, verb="toy.status", hosts=ok))
    with pytest.raises(TimeoutError):
        daemon.recv(4096)


def test_a_syslog_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = tmp_path / "log"
    assert send(tmp_path) == [f"{path}: run R is not in syslog here: No such file or directory"]


def test_a_syslog_that_does_not_read_holds_up_nobody(
    daemon: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syslog, "PATIENCE", 0.1)
    path = tmp_path / "log"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
        other.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                other.sendto(b"x", str(path))
    assert send(tmp_path) == [f"{path}: run R is not in syslog here: it takes no line"]
