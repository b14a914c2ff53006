"""Programs of the plugin, run in each shell and each awk that hosts have."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.machine import SHELLS

_AWKS = {"awk": ("awk",), "mawk": ("mawk",), "gawk": ("gawk",), "busybox": ("busybox", "awk")}
AWKS = [pytest.param(words, id=name) for name, words in _AWKS.items() if shutil.which(words[0])]
Run = Callable[..., tuple[int, str]]


@pytest.fixture(params=SHELLS)
def sh(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    """Exit code and stderr of a program, in each shell that hosts have; programs in the folder
    `bin` beside what a test writes are found first."""
    command = [SHELLS[request.param], *["sh"] * (request.param == "busybox")]

    def run(program: str, *words: str, stdin: str = "") -> tuple[int, str]:
        done = subprocess.run(
            [*command, "-c", program, "sh", *words],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}"},
        )
        return done.returncode, done.stderr

    return run


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str, str], Path]:
    """Puts a program where the ones under test find it first."""

    def put(name: str, text: str) -> Path:
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return path

    return put
