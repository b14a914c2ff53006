"""What every test of TRIUMF's plugin may use."""

from pathlib import Path

import pytest

from fairlead.contract.loader import Plugins
from fairlead.testing import plugins_in
from tests.machine import SHELLS
from tests.plugins.triumf.shells import Shell
from tests.plugins.triumf.tier import PLUGINS


@pytest.fixture(scope="session")
def plugins() -> Plugins:
    return plugins_in(PLUGINS)


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Shell:
    """Each shell that hosts have."""
    return Shell(request.param, tmp_path)
