"""What every test of TRIUMF's plugin may use."""

from pathlib import Path

import pytest

from tests.machine import SHELLS
from tests.plugins.triumf.shells import Shell


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Shell:
    """Each shell that hosts have."""
    return Shell(request.param, tmp_path)
