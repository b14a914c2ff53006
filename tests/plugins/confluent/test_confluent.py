"""Confluent: its lines to the letter, what is refused, what preflight says, the recipe."""

import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from fairlead.contract.loader import Plugins
from fairlead.inventory import site
from fairlead.model.errors import CommandLineError, SiteError
from fairlead.model.plan import Session, argvs
from fairlead.testing import ENGINE, PODMAN, plan_of
from tests.plugins.questions import asking

CASES = Path(__file__).parents[3] / "plugins/confluent/cases"
ARGV = yaml.safe_load((CASES / "argv.yml").read_text())
REFUSED = yaml.safe_load((CASES / "refused.yml").read_text())
GOOD = {"built": "built", "alone": True, "sockets": (), "room": 9000, "pids": frozenset()}
ask = asking("confluent.manager", GOOD)


@pytest.mark.parametrize("case", ARGV, ids=[case["name"] for case in ARGV])
def test_a_line_is_as_it_stands(plugins: Plugins, case: dict[str, Any]) -> None:
    request = ask(plugins, case["verb"], case.get("section", {}))
    if "step" in case:
        (step,) = (step for step in plan_of(plugins, request) if step.name == case["step"])
        line = shlex.join(map(str, next(iter(argvs(step.do)))))
    else:
        answer = plugins.ask(request)
        assert isinstance(answer, Session)
        line = shlex.join(map(str, answer.argv))
    assert line.startswith(case.get("begins", ""))
    assert case.get("has", "") in line
    assert case.get("then_has", "") in line


def test_what_another_version_wants_of_a_host_is_refused_in_words(plugins: Plugins) -> None:
    with pytest.raises(CommandLineError) as caught:
        list(plugins.ask(ask(plugins, "preflight", options={"for": "3.14.0"})))
    assert "--for: is not to be had: no release of Confluent" in str(caught.value)
    assert "recipe.version: 3.14.0; inv confluent.build makes it beside" in str(caught.value)


@pytest.mark.parametrize("case", REFUSED, ids=[case["says"] for case in REFUSED])
def test_a_section_that_does_not_fit_is_refused(
    plugins: Plugins, case: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "s.yml"
    section = {"hosts": "n1"} | case["section"]
    path.write_text(yaml.safe_dump({"hosts": {"n1": {}}, "confluent": section}))
    with pytest.raises(SiteError) as caught:
        site.load(path, plugins.systems)
    assert case["says"] in str(caught.value)


CHECKS: tuple[tuple[dict[str, Any], dict[str, bool]], ...] = (
    ({}, {}),
    ({"built": "none"}, {"image": True}),
    ({"built": "other"}, {"image": True}),
    ({"built": ""}, {"image": False}),
    ({"built": "none", "missing": ("dnf",)}, {"image": True, "tools": False}),
    ({"built": "none", "options": ("rw", "nodev")}, {"image": True, "scratch": False}),
    ({"missing": ("dnf",)}, {}),
    ({"alone": False}, {"xCAT": True}),
    ({"alone": None}, {"xCAT": False}),
    ({"room": 100}, {"room": True}),
)


@pytest.mark.parametrize(("facts", "failing"), CHECKS, ids=[str(facts) for facts, _ in CHECKS])
def test_what_is_missing_blocks_or_warns(
    plugins: Plugins, facts: dict[str, Any], failing: dict[str, bool]
) -> None:
    checks = plugins.ask(ask(plugins, "preflight", facts=facts))
    assert {check.name: check.blocks for check in checks if not check.ok} == failing


PODMANS = {"engine": PODMAN, "boot": {}, "container": {}, "init": True}


@pytest.mark.parametrize(
    ("facts", "failing"),
    [
        ({}, {}),
        ({"init": False}, {"init": True}),
        ({"boot": "no systemd runs"}, {"at boot": True}),
        ({"engine": ENGINE}, {"engine": True}),
    ],
)
def test_in_podman_it_needs_an_init_and_a_systemd_of_the_host(
    plugins: Plugins, facts: dict[str, Any], failing: dict[str, bool]
) -> None:
    request = ask(plugins, "preflight", {"engine": "podman"}, PODMANS | facts)
    assert {check.name: check.blocks for check in plugins.ask(request) if not check.ok} == failing


def test_an_image_of_a_registry_is_no_matter_of_the_hosts_tools(plugins: Plugins) -> None:
    request = ask(plugins, "preflight", {"recipe": None}, {"built": "none", "missing": ("dnf",)})
    assert [check.name for check in plugins.ask(request) if not check.ok] == []
    assert list(plan_of(plugins, ask(plugins, "build", {"recipe": None}))) == []


def test_the_distribution_is_that_of_the_release_and_the_sites_own_sources_take_its_place(
    plugins: Plugins,
) -> None:
    def repositories(section: dict[str, Any]) -> str:
        steps = {step.name: step for step in plan_of(plugins, ask(plugins, "build", section))}
        return str(steps["confluent: mirror"].stdin)

    text = repositories({})
    assert [line for line in text.splitlines() if line.startswith("[")] == [
        *("[baseos]", "[appstream]", "[crb]", "[epel]", "[lenovo-hpc]")
    ]
    assert text.count("gpgcheck=1") == 5
    assert "https://hpc.lenovo.com/yum/latest/el10/$basearch/" in text
    assert "RPM-GPG-KEY-AlmaLinux-9\n" in repositories({"recipe": {"release": "9.5"}})
    own = {"release": "10", "sources": {"a": {"url": "http://x/", "key": "/etc/key"}}}
    assert repositories({"recipe": own}) == (
        "[a]\nname=packages of the image\nbaseurl=http://x/\nenabled=1\n"
        "gpgcheck=1\ngpgkey=file:///etc/key\n"
    )


def test_an_upgrade_fetches_nothing_where_the_host_builds_the_image(plugins: Plugins) -> None:
    def phases(**section: Any) -> list[str]:
        return [phase.name for phase in plugins.ask(ask(plugins, "upgrade", section))]

    assert phases() == ["image", "replace"]
    assert phases(recipe=None) == ["resolve", "pull", "replace"]
    assert [phase.name for phase in plugins.ask(ask(plugins, "pull"))] == ["image"]
    (image, *_) = plan_of(plugins, ask(plugins, "upgrade"))
    assert image.exit_messages == ((1, "fairlead/confluent:latest is not built on this host"),)
    assert image.remedy == "inv confluent.build"
