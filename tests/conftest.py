"""What every test may use: an ops repository of one's own with a toy system, and a command line in it."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture
def ops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of tests/ops, which is the current folder: tasks.py, invoke.yaml, plugins/toy."""
    folder = tmp_path / "ops"
    shutil.copytree(HERE / "ops", folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(folder)
    monkeypatch.delenv("FAIRLEAD_HOME", raising=False)
    monkeypatch.delenv("FAIRLEAD_SITE", raising=False)
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = dict(sys.modules)
    yield folder
    for name in [name for name in sys.modules if name.split(".")[0] in ("tasks", "fairlead_plugins") and name not in before]:
        del sys.modules[name]
    for name in ("tasks", "fairlead_plugins"):
        if name in before:
            sys.modules[name] = before[name]
