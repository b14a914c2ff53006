"""A host whose workers run on Podman: nothing of Docker's is put there, and nothing restarted."""

from typing import Any

from msgspec.structs import replace

from fairlead.contract.loader import Plugins
from fairlead.testing import BASE, PODMAN, ask_for, plan_of

WORKER = {"engine": "podman", "names": {"n1": ["vn1"]}, "domain": "triumf.ca"}
ENGINE = {"port": "eth0", "ranges": {"n1": "10.0.3.144/28"}}


def ask(plugins: Plugins, verb: str, keys: dict[str, Any] = ENGINE, **facts: Any) -> Any:
    section = {"hosts": "n1", "engine": keys, "worker": WORKER}
    return ask_for(
        plugins,
        "triumf.engine",
        verb,
        section=section,
        facts=BASE | {"engine": PODMAN, "bridge": "10.0.3.1/24"} | facts,
    )


def test_up_makes_the_bridge_alone(plugins: Plugins) -> None:
    assert [step.name for step in plan_of(plugins, ask(plugins, "up"))] == ["bridge br0"]
    assert not plan_of(plugins, ask(plugins, "up", {}))


def test_there_is_no_daemon_to_restart_and_none_that_says_anything(plugins: Plugins) -> None:
    assert not plan_of(plugins, ask(plugins, "restart"))
    assert plugins.ask(ask(plugins, "logs")) is None


def test_its_facts_start_no_docker(plugins: Plugins) -> None:
    from fairlead_plugins.triumf.engine import host_facts

    for verb in ("preflight", "up", "status"):
        facts = list(host_facts.facts(ask(plugins, verb)))
        assert [fact.name for fact in facts] == ["engine", "bridge", "bridged"]
        assert not [fact for fact in facts if fact.argv[0] == "docker"]


def test_preflight_asks_for_podman_and_names_what_nothing_reads(plugins: Plugins) -> None:
    keys = ENGINE | {"log_driver": "local", "insecure_registry": ["r:5000"]}
    checks = {check.name: check for check in plugins.ask(ask(plugins, "preflight", keys))}
    assert (checks["engine"].ok, checks["bridge"].ok) == (True, True)
    unread = checks["keys of Docker's daemon"]
    assert (unread.ok, unread.blocks) == (False, False)
    assert unread.found == "insecure_registry, log_driver: nothing reads them here"
    names = [check.name for check in plugins.ask(ask(plugins, "preflight"))]
    assert names == ["engine", "bridge", "addresses"]


def test_status_is_well_where_podman_answers(plugins: Plugins) -> None:
    status = plugins.ask(ask(plugins, "status"))
    assert (status.healthy, dict(status.fields)["engine"]) == (True, "podman 5.4.2")
    down = replace(PODMAN, error="no storage")
    status = plugins.ask(ask(plugins, "status", engine=down))
    assert (status.healthy, dict(status.fields)["engine"]) == (False, "no storage")
