"""TRIUMF: the section, and which ranges of addresses are refused."""

from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
import yaml

from fairlead import site
from fairlead.errors import SiteError
from fairlead.plugins import Plugins
from fairlead.testing import plugins_in

PLUGINS = Path(__file__).parents[2] / "plugins"
RANGES = yaml.safe_load((PLUGINS / "triumf/cases/ranges.yml").read_text())
SITE = 'hosts: {"n[1-3]": {address: "10.0.3.%"}}\ntriumf:\n  hosts: n[1-3]\n  engine:\n'


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    return plugins_in(PLUGINS)


@pytest.mark.parametrize("case", RANGES, ids=[case["name"] for case in RANGES])
def test_ranges_that_overlap_are_refused_with_both_places(plugins: Plugins, case: dict[str, Any], tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites/s.yml").write_text(SITE + indent(case["engine"], "    "))
    said = ""
    try:
        site.load(Path("sites/s.yml"), plugins.systems)
    except SiteError as error:
        said = str(error)
    assert said == case.get("says", "")


def test_addresses_are_given_out_in_order() -> None:
    from fairlead_plugins.triumf.ranges import addresses

    assert (addresses("10.0.3.144/28")[0], len(addresses("10.0.3.144/28"))) == ("10.0.3.144", 16)
