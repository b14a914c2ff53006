"""The sources that fairlead brings."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from fairlead.cli.source_access import access
from fairlead.contract import loader
from fairlead.contract.loader import Plugins
from fairlead.model.sources import Inventory

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def read():
    """What a source reads, by the means that the core gives it."""
    plugins = loader.load([ROOT / "plugins"], entry_points=False)

    def read(source: str, file: str | Path = "", group: str = "", **settings: Any) -> Inventory:
        return inventory(plugins, source, str(file), group, settings)

    return read


def inventory(
    plugins: Plugins, source: str, file: str, group: str, settings: dict[str, Any]
) -> Inventory:
    value = msgspec.convert(settings, plugins.source(source).Settings)
    return plugins.read_inventory(source, access(value, file, group))
