"""The plugins, loaded before the tests of this folder import from them."""

from pathlib import Path

from fairlead.testing import plugins_in

PLUGINS = plugins_in(Path(__file__).parents[3] / "plugins")
