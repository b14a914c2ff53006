"""What DAOS's releases are: which may follow which, which parts work together, what each is made
from, and how each calls what the site says once.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from fairlead.contract.loader import Plugins
from fairlead.testing import ask_for

ROOT = Path(__file__).parents[3]
CASES = yaml.safe_load((ROOT / "plugins/daos/cases/releases.yml").read_text())
HERE = {"server": {"hosts": "n1"}, "client": {"hosts": "n1"}, "insecure": True}


def sentence(refusal: tuple[str, str]) -> str:
    return "; ".join(filter(None, refusal))


def section(plugins: Plugins, **parts: Any) -> Any:
    return ask_for(plugins, "daos.base", "build", section=HERE | parts).section


@pytest.mark.parametrize(
    "case", CASES["follows"], ids=[f"{case['old']} {case['new']}" for case in CASES["follows"]]
)
def test_a_version_that_may_not_follow_is_refused_with_the_path(
    plugins: Plugins, case: dict[str, str]
) -> None:
    from fairlead_plugins.daos.common.compatibility import refusal

    answer = sentence(refusal(case["old"], case["new"]))
    assert (answer == "") == (case["says"] == "")
    assert case["says"] in answer


@pytest.mark.parametrize(
    "case",
    CASES["together"],
    ids=[" ".join(case["parts"] + case["versions"]) for case in CASES["together"]],
)
def test_parts_that_do_not_work_together_are_told_with_the_remedy(
    plugins: Plugins, case: dict[str, Any]
) -> None:
    from fairlead_plugins.daos.common.compatibility import disagreement

    (one, other), (version, beside) = case["parts"], case["versions"]
    answer = sentence(disagreement(one, version, other, beside))
    assert (answer == "") == (case["says"] == "")
    assert case["says"] in answer


def test_every_rule_of_the_table_has_a_case_that_breaks_it_and_one_that_keeps_it(
    plugins: Plugins,
) -> None:
    from fairlead_plugins.daos.common.releases import RULES, SETTINGS

    for rule in RULES:
        kinds = {
            case["says"] == ""
            for case in CASES["together"]
            if sorted(case["parts"]) == sorted((rule.one, rule.other))
        }
        assert kinds == {True, False}, rule
    for setting in SETTINGS:
        assert any(setting.variable in case["says"] for case in CASES["together"])


def test_the_page_has_the_table_of_the_code(plugins: Plugins) -> None:
    from fairlead_plugins.daos.common.releases import RELEASES, RULES

    page = (ROOT / "docs/daos.md").read_text()
    for rule in RULES:
        assert f"| {rule.one} | {rule.other} | {rule.agreement} |" in page
    for release in RELEASES:
        after = ".".join(map(str, release.after))
        number = ".".join(map(str, release.number))
        assert f"| {number} | {after} | {release.layout} | {', '.join(release.distros)} |" in page


@pytest.mark.parametrize(
    "case",
    CASES["packages"],
    ids=[f"{number} {case['version']}" for number, case in enumerate(CASES["packages"])],
)
def test_a_version_comes_from_its_own_repository_for_its_own_distribution(
    plugins: Plugins, case: dict[str, Any]
) -> None:
    from fairlead_plugins.daos.common.environment import variables

    said = {name: value for name, value in case.items() if not name.isupper()}
    values = variables(section(plugins, **said))
    wanted = {name: value for name, value in case.items() if name.isupper()}
    assert {name: values[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    "case",
    CASES["keys"],
    ids=[f"{case['version']} {' '.join(case['config'])}" for case in CASES["keys"]],
)
def test_what_the_site_says_once_is_written_as_the_version_calls_it(
    plugins: Plugins, case: dict[str, Any]
) -> None:
    from fairlead_plugins.daos.common.config import content, defaults

    component = case["component"]
    site = section(
        plugins,
        version=case["version"],
        **{component: {"hosts": "n1", "config": case["config"]}},
    )
    own = set(content(site, component)) - set(defaults(site, component))
    assert {name: content(site, component)[name] for name in own} == case["is"]
