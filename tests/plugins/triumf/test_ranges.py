"""Which ranges of addresses a site is refused for, and how they are given out."""

import json
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest

from fairlead.contract.loader import Plugins
from fairlead.inventory import site
from fairlead.model.errors import SiteError
from tests.plugins.triumf.tier import cases

RANGES = cases("ranges")
SITE = 'hosts: {"n[1-3]": {address: "10.0.3.%"}}\ntriumf:\n  hosts: n[1-3]\n  engine:\n'


@pytest.mark.parametrize("case", RANGES, ids=[case["name"] for case in RANGES])
def test_ranges_that_overlap_are_refused_with_both_places(
    plugins: Plugins, case: dict[str, Any], tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sites").mkdir()
    registry = f"\n  registry: {json.dumps(case['registry'])}\n" if "registry" in case else ""
    (tmp_path / "sites/s.yml").write_text(SITE + indent(case["engine"], "    ") + registry)
    sentence = ""
    try:
        site.load(Path("sites/s.yml"), plugins.systems)
    except SiteError as error:
        sentence = str(error)
    assert sentence == case.get("says", "")


def test_addresses_are_given_out_in_order() -> None:
    from fairlead_plugins.triumf.ranges import addresses

    assert (addresses("10.0.3.144/28")[0], len(addresses("10.0.3.144/28"))) == ("10.0.3.144", 16)
