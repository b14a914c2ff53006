"""docs/configuration-files.md is true: its files, taken from its own text, are a system."""

from pathlib import Path

import pytest

from fairlead.contract.loader import Plugins
from fairlead.inventory.site import load
from fairlead.model.errors import FairleadError
from fairlead.model.plan import then
from fairlead.testing import HOSTS, ask_for, faults, plan_of, plugins_in
from tests.pages import lay_out

SECTION = {"hosts": "n1", "readers": ("10.0.3.9",)}
CONFIGURATION = "A:127.0.0.1\nA:10.0.3.9\nD:*\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    repository = tmp_path_factory.mktemp("ops")
    assert [plugin.name for plugin in lay_out("configuration-files", repository)] == ["gate"]
    return repository


@pytest.fixture(scope="module")
def plugins(folder: Path) -> Plugins:
    return plugins_in(folder / "plugins")


@pytest.mark.parametrize("host", HOSTS)
def test_its_verbs_are_well_formed_everywhere(plugins: Plugins, host: str) -> None:
    for component in plugins.components["gate"].values():
        for verb in component.verbs.values():
            name = f"gate.{component.name}"
            ask = ask_for(plugins, name, verb.name, section=SECTION, facts=HOSTS[host])
            if verb.name == "rollback":
                with pytest.raises(FairleadError, match="^n1: there is no "):
                    plugins.ask(ask)
            else:
                assert list(faults(plugins.ask(ask))) == []


def test_another_content_is_another_path_and_so_another_container(plugins: Plugins) -> None:
    def steps(readers: tuple[str, ...]) -> dict:
        ask = ask_for(plugins, "gate.page", "up", section=SECTION | {"readers": readers})
        return {step.name: step for step in plan_of(plugins, ask)}

    one, other = steps(("10.0.3.9",)), steps(("10.0.3.8",))
    assert list(one) == ["configuration", "image", "container", "healthy"]
    assert one["configuration"].stdin == CONFIGURATION
    mounts = {
        words["container"].do[words["container"].do.index("-v") + 1] for words in (one, other)
    }
    assert len(mounts) == 2
    assert one["configuration"].undo != other["configuration"].undo


def test_the_live_one_keeps_its_container_and_is_told(plugins: Plugins) -> None:
    def steps(readers: tuple[str, ...]) -> dict:
        ask = ask_for(plugins, "gate.live", "up", section=SECTION | {"readers": readers})
        return {step.name: step for step in plan_of(plugins, ask)}

    one, other = steps(("10.0.3.9",)), steps(("10.0.3.8",))
    assert one["container"] == other["container"]
    tell = one["configuration"].do.parts[-1]
    assert tell.parts[-1] == ("docker", "kill", "-s", "HUP", "gate-live")
    assert one["configuration"].do == then(one["configuration"].do.parts[0], tell)


def test_its_site_loads(folder: Path, plugins: Plugins) -> None:
    site = load(folder / "sites/gate.yml", plugins.systems)
    assert site.hosts_of("gate", "live") == ("n1", "n2", "n3")
