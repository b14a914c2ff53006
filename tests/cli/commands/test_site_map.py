"""inv site.map: hosts behind their gateways, as the site file and ssh_config have them."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from fairlead.cli.commands import site as chores
from fairlead.cli.site_layout import Layout
from fairlead.inventory import site, types
from fairlead.model.errors import CommandLineError
from fairlead.model.plan import System
from fairlead.runner.request import Common


class Rope(msgspec.Struct):
    hosts: types.NodeSet = ""


SYSTEMS = {
    "rope": System(name="rope", about="rope", section=Rope, components=("rope",)),
    "sail": System(name="sail", about="sail", section=Rope, components=("jib", "main")),
}
SITE = """
hosts:
  bastion: {address: 192.0.2.1}
  n[1-4]: {address: "10.0.3.%", via: bastion}
  far1: {address: 192.0.2.9}
offline: n4
ssh: {config: config}
rope: {hosts: "n[1-4]"}
sail: {hosts: "far1"}
"""
CONFIG = "Host 192.0.2.9 far1\n ProxyJump ops@gate.example:2222\n"


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").write_text(CONFIG)
    (tmp_path / "s.yml").write_text(SITE)
    loaded = site.load(tmp_path / "s.yml", SYSTEMS)
    plugins = SimpleNamespace(systems=SYSTEMS)
    return SimpleNamespace(site=lambda: loaded, plugins=plugins)


MAP = [
    "this machine",
    "├─ bastion",
    "│  ├─ n[1-3]  rope",
    "│  └─ n4  rope, offline",
    "└─ ops@gate.example:2222 (of ssh_config)",
    "   └─ far1  sail.jib, sail.main",
]


def test_hosts_stand_behind_their_gateways(context: Any) -> None:
    answer = chores.map_(context, Common())
    assert (answer.text.splitlines(), answer.code) == (MAP, 0)
    assert answer.data["behind"][0] == {
        "name": "",
        "hosts": ["bastion"],
        "components": [],
        "offline": False,
        "behind": [
            {
                "name": "",
                "hosts": ["n1", "n2", "n3"],
                "components": ["rope"],
                "offline": False,
                "behind": [],
            },
            {
                "name": "",
                "hosts": ["n4"],
                "components": ["rope"],
                "offline": True,
                "behind": [],
            },
        ],
    }


def test_only_some_hosts_and_their_gateways(context: Any) -> None:
    answer = chores.map_(context, Common(hosts=("n[2-3]",)))
    assert answer.text.splitlines() == ["this machine", "└─ bastion", "   └─ n[2-3]  rope"]


def test_a_way_that_cannot_be_known_is_told(context: Any, tmp_path: Path) -> None:
    (tmp_path / "config").unlink()
    answer = chores.map_(context, Common())
    assert (answer.code, "the way is not known" in answer.text) == (1, True)
    assert answer.text.count("there is no such file") == 1


def test_a_circle_of_ssh_config_hides_no_host(context: Any) -> None:
    gateways = {"bastion": "far1", "far1": "bastion", "local": ""}
    gateways |= {f"n{number}": "bastion" for number in range(1, 5)}
    place = Layout(context.site(), gateways, {}).root()
    (lost,) = place.behind
    assert lost.name == "the way is not known: it leads in a circle"
    assert {host for child in lost.behind for host in child.hosts} == {*gateways} - {"local"}


def test_a_drawing_is_written(context: Any, tmp_path: Path) -> None:
    answer = chores.map_(context, Common(), svg="map.svg")
    assert answer.text.endswith("map.svg: written")
    assert (tmp_path / "map.svg").read_text().startswith("<svg ")


def test_a_drawing_may_lie_at_home(
    context: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    chores.map_(context, Common(), svg="~/map.svg")
    assert (tmp_path / "home/map.svg").exists()


def test_nothing_but_a_drawing_is_written_over(context: Any) -> None:
    with pytest.raises(CommandLineError, match=r"'s.yml' is no name of a drawing; end it with"):
        chores.map_(context, Common(), svg="s.yml")
