"""What a site with workers is refused for, and what preflight of their engine says."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from fairlead.contract.loader import Plugins
from fairlead.inventory import site
from fairlead.model.errors import SiteError
from tests.plugins.triumf.worker.engine import CASES, ask


@pytest.mark.parametrize("case", CASES["clashes"], ids=[case["name"] for case in CASES["clashes"]])
def test_what_cannot_be_is_refused_with_the_site(
    plugins: Plugins, case: dict[str, Any], tmp_path: Path
) -> None:
    text: dict[str, Any] = {
        "hosts": {"n[1-3]": {"address": "10.0.3.%"}},
        "triumf": {"hosts": "n[1-3]", "engine": case.get("engine", {}), "worker": case["worker"]},
    }
    text["triumf"] |= {part: case[part] for part in ("registry", "image") if part in case}
    path = tmp_path / "s.yml"
    path.write_text(yaml.safe_dump(text))
    sentence = ""
    try:
        site.load(path, plugins.systems)
    except SiteError as error:
        sentence = str(error)
    assert (case["says"] in sentence, bool(sentence)) == (True, bool(case["says"]))


@pytest.mark.parametrize(
    "case", CASES["checks"], ids=[f"{case['check']}: {case['found']}" for case in CASES["checks"]]
)
def test_preflight(plugins: Plugins, case: dict[str, Any]) -> None:
    facts = {
        key: tuple(v) if key in ("userns", "closed") else v for key, v in case["facts"].items()
    }
    parts = {part: case.get(part, {}) for part in ("worker", "engine")}
    (check,) = (
        check
        for check in plugins.ask(ask(plugins, "preflight", facts, **parts))
        if check.name == case["check"]
    )
    assert (check.found, check.ok, check.blocks) == (
        case["found"],
        case.get("ok", True),
        check.blocks if check.ok else not case.get("warns", False),
    )


def test_enough_patience_for_names_that_do_not_resolve_is_no_finding(plugins: Plugins) -> None:
    question = ask(plugins, "preflight", {"dns": {}}, worker={"patience": 240})
    assert "patience" not in {check.name for check in plugins.ask(question)}


def test_where_containers_have_no_ipv6_no_aaaa_is_asked_for(plugins: Plugins) -> None:
    question = ask(plugins, "preflight", {"dns6": {}})
    assert not [check for check in plugins.ask(question) if check.name.startswith("AAAA")]


def test_where_nothing_is_published_no_firewall_is_asked(plugins: Plugins) -> None:
    question = ask(plugins, "preflight", worker={"port": "none"})
    assert "firewall" not in {check.name for check in plugins.ask(question)}
