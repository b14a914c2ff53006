"""What an ops repository tries its sites with: planned, on hosts that do not exist."""

import shutil
from pathlib import Path

import pytest

from fairlead.contract.loader import Plugins
from fairlead.model.errors import SiteError
from fairlead.testing import Rehearsal, plugins_in, rehearsals, sites_in

ROOT = Path(__file__).resolve().parents[1]
SECTION = """
from fairlead.api import NodeSet, Noun, System

class Section(Noun):
    hosts: NodeSet

system = System(name="odd", about="odd", section=Section, components=("part",))
"""
PART = """
from fairlead.api import Ask, FairleadError, SecretSpec, Step, hookimpl

@hookimpl
def up(ask: Ask):
    token = ask.secrets["token"].reveal()
    if ask.target.host == "n2":
        raise FairleadError(ask.target.host, "has no eth0", "plug it in")
    if ask.target.host == "n3":
        return [Step(name="", do=("true",))]
    return [Step(name="write", do=("tee", "/etc/odd"), stdin=token, sensitive=True)]

@hookimpl
def status(ask: Ask):
    return undefined
"""


@pytest.fixture
def odd(tmp_path: Path) -> Plugins:
    folder = tmp_path / "plugins" / "odd"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(SECTION)
    (folder / "part.py").write_text(PART)
    return plugins_in(tmp_path / "plugins")


def site(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "sites" / "here.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_a_fault_and_what_is_not_known_are_told_apart(odd, tmp_path, monkeypatch):
    monkeypatch.setattr("fairlead.testing.REHEARSED", ("up",))
    path = site(tmp_path, "hosts: {'n[1-3]': {}}\nodd: {hosts: 'n[1-3]'}\n")
    assert list(rehearsals(odd, path)) == [
        Rehearsal("here", "odd.part", "up", "n1"),
        Rehearsal("here", "odd.part", "up", "n2", unknown="n2: has no eth0; plug it in"),
        Rehearsal("here", "odd.part", "up", "n3", faults=("a step has no name",)),
    ]


def test_a_bug_of_a_plugin_is_one(odd, tmp_path):
    with pytest.raises(NameError, match="undefined"):
        list(rehearsals(odd, site(tmp_path, "hosts: {n1: {}}\nodd: {hosts: n1}\n")))


def test_a_site_that_is_not_valid_is_an_error(odd, tmp_path):
    with pytest.raises(SiteError, match="n9"):
        list(rehearsals(odd, site(tmp_path, "hosts: {n1: {}}\nodd: {hosts: n9}\n")))


def test_what_another_one_extends_is_no_site_of_its_own(tmp_path):
    path = site(tmp_path, "extends: common.yml\n")
    path.with_name("common.yml").write_text("hosts: {n1: {}}\n")
    shutil.copy(ROOT / "sites" / "example.yml", path.parent)
    assert sites_in(tmp_path) == [path]


def test_the_sites_of_this_repository_have_no_faults(plugins):
    for path in (*sites_in(ROOT), ROOT / "sites" / "example.yml"):
        assert [one for one in rehearsals(plugins, path) if one.faults] == []
