"""docs/coming-from-make.md is true: its system, taken from its own text, is one."""

from pathlib import Path

import pytest

from fairlead.contract.loader import Plugins
from fairlead.testing import HOSTS, ask_for, faults, plan_of, plugins_in
from tests.pages import lay_out

SECTION = {"hosts": "n1", "servers": ("ntp1.example.org",)}
FILE = "/etc/chrony/chrony.conf"


@pytest.fixture
def plugins(tmp_path: Path) -> Plugins:
    assert [folder.name for folder in lay_out("coming-from-make", tmp_path)] == ["clocks"]
    return plugins_in(tmp_path / "plugins")


@pytest.mark.parametrize("host", HOSTS)
def test_its_verb_is_well_formed_everywhere(plugins: Plugins, host: str) -> None:
    facts = HOSTS[host] | {"chrony.conf": ""}
    ask = ask_for(plugins, "clocks.daemon", "up", section=SECTION, facts=facts)
    assert list(faults(plugins.ask(ask))) == []
    (fact,) = plugins.ask(ask, "facts")
    assert (fact.parse(0, "text"), fact.parse(1, "cat: ...")) == ("text", "")


def test_it_shows_the_difference_and_tells_chrony(plugins: Plugins) -> None:
    facts = {"chrony.conf": "server old iburst\n"}
    ask = ask_for(plugins, "clocks.daemon", "up", section=SECTION, facts=facts)
    (step,) = plan_of(plugins, ask)
    assert "-server old iburst\n+server ntp1.example.org iburst\n" in step.diff
    assert ("systemctl", "restart", "chrony") in step.do.parts
