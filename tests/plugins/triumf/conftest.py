"""What every test of TRIUMF's plugin may use."""

import pytest

from fairlead.contract.loader import Plugins
from fairlead.testing import plugins_in
from tests.plugins.triumf.tier import PLUGINS


@pytest.fixture(scope="session")
def plugins() -> Plugins:
    return plugins_in(PLUGINS)
