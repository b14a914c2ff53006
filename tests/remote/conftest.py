"""The hosts that the tests of programs run on."""

from pathlib import Path

import pytest

from tests.machine import SHELLS, Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """One host, its shell dash."""
    return Machine(tmp_path / "n1")


@pytest.fixture(params=SHELLS)
def every(request: pytest.FixtureRequest, tmp_path: Path) -> Machine:
    """One host of every kind of shell."""
    return Machine(tmp_path / "n1", shell=request.param)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost link is sought again at once."""
    monkeypatch.setattr("fairlead.remote.link.PAUSE", 0.05)
