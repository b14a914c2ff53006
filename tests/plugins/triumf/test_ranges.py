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


@pytest.mark.parametrize(
    ("network", "number", "first", "length"),
    [
        ("10.0.3.144/28", 99, "10.0.3.144", 16),
        ("10.0.3.144/28", 2, "10.0.3.144", 2),
        ("2001:db8:3::90/124", 99, "2001:db8:3::90", 16),
        ("2001:db8:3::/64", 3, "2001:db8:3::1", 3),
        ("2001:db8:3::/126", 9, "2001:db8:3::1", 3),
    ],
)
def test_addresses_are_given_out_in_order(
    network: str, number: int, first: str, length: int
) -> None:
    from fairlead_plugins.triumf.ranges import addresses

    own = addresses(network, number)
    assert (own[0], len(own)) == (first, length)
