"""The plugins, loaded before the tests of this folder import from them."""

from pathlib import Path

import pytest

from fairlead.contract.loader import Plugins
from fairlead.testing import plugins_in

PLUGINS = plugins_in(Path(__file__).parents[3] / "plugins")


@pytest.fixture(scope="session")
def plugins() -> Plugins:
    """Every plugin of the repository."""
    return PLUGINS
