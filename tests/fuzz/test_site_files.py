"""The example site with something changed anywhere: it is a site, or a sentence says where not; and
of what is a site every system can be planned, or says in a sentence why it cannot."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fairlead.inventory import site
from fairlead.model.errors import SiteError
from fairlead.testing import rehearsals
from tests.fuzz.strange import examples
from tests.plugins.test_every_plugin import PLUGINS

ROOT = Path(__file__).parents[2]
LAB = yaml.safe_load((ROOT / "sites" / "lab.yml").read_text("utf-8"))
XCAT = {"hosts": "n3", "network": "bare", "bridge": {"address": "10.0.0.3/24"}}
SITE = LAB | {
    "xcat": XCAT | {"address": "10.0.0.9/24"},
    "daos": {"version": "2.4.0-2.el8", "server": {"hosts": "n1", "config": {"port": 10001}}},
    "groups": {"io": "n[1-2]"},
    "windows": {"night": {"days": ["mon", "fri"], "from": "22:00", "until": "04:00"}},
}
VALUES = (
    *(None, True, 0, -1, 1.5, 10**12, "", " ", "x", "n1", "n[1-3]", "n[", "@io", "@nonesuch"),
    *("10.0.0.1/24", "10.0.0.1/99", "%", "/", "../x", "a\nb", "é", [], ["n1", 3], {}, {"x": {}}),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands in a tree."""
    items = value.items() if isinstance(value, dict) else ()
    inner = [place for key, part in items for place in places(part, (*path, key))]
    return [*([path] if path else []), *inner]


PLACES = places(SITE)
CHANGES = st.tuples(
    st.sampled_from(PLACES),
    st.sampled_from(("value", "away", "key", "twice")),
    st.sampled_from(VALUES) | st.text(max_size=6),
)


def changed(tree: Any, place: tuple[Any, ...], how: str, value: Any) -> None:
    """Something else at a place; where an earlier change has taken it away, nothing."""
    for key in place[:-1]:
        tree = tree.get(key) if isinstance(tree, dict) else None
    if not isinstance(tree, dict):
        return
    if how == "away":
        tree.pop(place[-1], None)
    elif how == "key":
        tree[str(value)] = tree.pop(place[-1], None)
    else:
        tree[place[-1]] = [tree.get(place[-1]), value] if how == "twice" else value


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("fuzz") / "sites"
    made.mkdir()
    return made


def test_the_site_that_is_changed_is_one(folder: Path) -> None:
    path = folder / "whole.yml"
    path.write_text(yaml.safe_dump(SITE), "utf-8")
    assert len(list(rehearsals(PLUGINS, path))) > 10


@given(changes=st.lists(CHANGES, min_size=1, max_size=3))
@examples(120)
def test_a_changed_site_is_refused_in_a_sentence_or_can_be_planned(
    folder: Path, changes: list[tuple[tuple[Any, ...], str, Any]]
) -> None:
    tree = copy.deepcopy(SITE)
    for place, how, value in changes:
        changed(tree, place, how, copy.deepcopy(value))
    path = folder / "fuzz.yml"
    path.write_text(yaml.safe_dump(tree, allow_unicode=True), "utf-8")
    error = refusal(path)
    assert error is None or ("\n" not in error and error.count(": ") >= 1), error


def refusal(path: Path) -> str | None:
    """The sentence that refuses a site; of one that is none, each plan has been made."""
    try:
        site.load(path, PLUGINS.systems, PLUGINS.settings())
    except SiteError as error:
        return str(error)
    assert [rehearsal for rehearsal in rehearsals(PLUGINS, path) if rehearsal.faults] == []
    return None
