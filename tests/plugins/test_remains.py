"""What versions leave on a host, system by system: what is looked at, what goes, what is spared."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from fairlead.contract.loader import Plugins
from fairlead.operations.container.leftovers import DAY, Leftover
from fairlead.testing import plan_of
from tests.plugins.daos import test_daos as daos
from tests.plugins.triumf import tier
from tests.plugins.triumf.worker import engine

Asker = Callable[[Plugins, str, Mapping[str, Any]], Any]
OLD = Leftover("image", "a/b:1@" + "c" * 64, 5 << 20, 90 * DAY)
NEEDED = Leftover("image", "a/b:2@" + "d" * 64, 5 << 20, 90 * DAY, "rollback")
CONTAINER = {"registry": {"launch": "container"}}


def of_worker(plugins: Plugins, verb: str, facts: Mapping[str, Any]) -> Any:
    return engine.ask(plugins, verb, facts)


def of_registry(plugins: Plugins, verb: str, facts: Mapping[str, Any]) -> Any:
    return tier.ask(plugins, "registry", verb, CONTAINER, facts)


def of_daos(component: str) -> Asker:
    def asked(plugins: Plugins, verb: str, facts: Mapping[str, Any]) -> Any:
        return daos.ask(plugins, component, verb, facts=daos.BASE | facts)

    return asked


# component -> how it is asked, the containers that are looked at, names that keep an image
ASKERS: Mapping[str, tuple[Asker, str, tuple[str, ...]]] = {
    "triumf.worker": (
        of_worker,
        "vn0317 vn0318",
        ("fairlead/vn0317:previous", "fairlead/vn0318:previous"),
    ),
    "triumf.registry": (of_registry, "triumf-registry", ("fairlead/triumf-registry:previous",)),
    "daos.server": (of_daos("server"), "daos-server", ("fairlead/daos-server:previous",)),
    "daos.agent": (of_daos("agent"), "daos-agent", ("fairlead/daos-agent:previous",)),
    "daos.client": (
        of_daos("client"),
        "daos-client",
        ("fairlead/daos-client:session", "fairlead/daos-client:session-before"),
    ),
    "daos.admin": (
        of_daos("admin"),
        "daos-admin",
        ("fairlead/daos-admin:session", "fairlead/daos-admin:session-before"),
    ),
}


@pytest.mark.parametrize("component", ASKERS)
def test_its_containers_are_looked_at_with_all_that_a_rollback_needs(
    plugins: Plugins, component: str
) -> None:
    asker, names, keeping = ASKERS[component]
    ask = asker(plugins, "du", {})
    facts = {fact.name: fact for fact in plugins.component(*component.split(".")).module.facts(ask)}
    words = list(facts["leftovers"].argv)
    assert names in words
    assert [name for name in keeping if name not in words] == []
    others = plugins.component(*component.split(".")).module.facts(asker(plugins, "status", {}))
    assert "leftovers" not in {fact.name for fact in others}


@pytest.mark.parametrize("component", ASKERS)
def test_what_is_old_goes_and_what_a_rollback_needs_is_named(
    plugins: Plugins, component: str
) -> None:
    asker, _, _ = ASKERS[component]
    facts = {"leftovers": (OLD, NEEDED)}
    ask = asker(plugins, "prune", facts)
    assert list(plan_of(plugins, ask)) == []  # the newest three of a kind stay
    plenty = tuple(Leftover("image", f"a/b:{n}@" + "e" * 64, 1 << 20, 10 * DAY) for n in "345")
    (step,) = plan_of(plugins, asker(plugins, "prune", {"leftovers": (OLD, NEEDED, *plenty)}))
    assert step.name == "remove image a/b:1 cccccccccccc (5.0 MiB, 90 days old)"
    assert "spared: image a/b:2 dddddddddddd (5.0 MiB, 90 days old): rollback" in step.diff
    status = plugins.ask(asker(plugins, "du", facts))
    assert (status.well, dict(status.fields)["nobody needs"]) == (True, "5.0 MiB")


@pytest.mark.parametrize("component", ASKERS)
def test_an_engine_that_does_not_answer_is_not_well(plugins: Plugins, component: str) -> None:
    asker, _, _ = ASKERS[component]
    status = plugins.ask(asker(plugins, "du", {"leftovers": "no daemon"}))
    assert (status.well, dict(status.fields)["why"]) == (False, "no daemon")


def test_the_package_of_a_registry_leaves_nothing(plugins: Plugins) -> None:
    package = {"registry": {"launch": "package"}}
    assert list(plan_of(plugins, tier.ask(plugins, "registry", "prune", package))) == []
    status = plugins.ask(tier.ask(plugins, "registry", "du", package))
    assert (status.well, "a package leaves no" in str(status.fields)) == (True, True)
