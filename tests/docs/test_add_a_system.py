"""docs/add-a-system.md is true: its files, taken from its own text, are a system."""

import runpy
from pathlib import Path

import pytest

from fairlead.contract.loader import Plugins
from fairlead.testing import HOSTS, ask_for, faults, plan_of, plugins_in
from tests.pages import files_of, lay_out

SECTION = {"hosts": "n1"}
OPTIONS = {"post": {"text": "Hello"}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    repository = tmp_path_factory.mktemp("ops")
    assert [plugin.name for plugin in lay_out("add-a-system", repository)] == ["notice"]
    return repository


@pytest.fixture(scope="module")
def plugins(folder: Path) -> Plugins:
    return plugins_in(folder / "plugins")


def test_it_is_one_folder_of_less_than_a_hundred_lines() -> None:
    files = files_of("add-a-system").items()
    lines = [text.count("\n") for path, text in files if path.startswith("plugins/")]
    assert sum(lines) < 100


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("verb", ["preflight", "up", "status", "exec", "down", "post"])
def test_its_verbs_are_well_formed_everywhere(plugins: Plugins, verb: str, host: str) -> None:
    options = OPTIONS.get(verb)
    ask = ask_for(
        plugins, "notice.board", verb, section=SECTION, facts=HOSTS[host], options=options
    )
    assert list(faults(plugins.ask(ask))) == []


def test_its_container_is_what_the_page_says(plugins: Plugins) -> None:
    ask = ask_for(plugins, "notice.board", "up", section=SECTION | {"port": 8081})
    steps = {step.name: step for step in plan_of(plugins, ask)}
    assert list(steps) == ["image", "state", "container", "healthy"]
    run = steps["container"].do
    assert run[:5] == ("docker", "run", "-d", "--name", "notice-board")
    assert run[-6:] == ("busybox:1.36", "sh", "-c", run[-3], "board", "8081")


def test_its_own_tests_pass(
    folder: Path, plugins: Plugins, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    module = runpy.run_path(str(folder / "tests/plugins/test_notice.py"))
    ran = [function() for name, function in module.items() if name.startswith("test_")]
    assert ran == [None, None]


def test_its_site_loads(folder: Path, plugins: Plugins) -> None:
    from fairlead.inventory.site import load

    site = load(folder / "sites/notice.yml", plugins.systems)
    assert site.hosts_of("notice", "board") == ("n1", "n2", "n3")
