"""Parts that do not work together are told by status and preflight; one server of several stays."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from fairlead.contract.loader import Plugins
from fairlead.model.errors import FairleadError
from fairlead.testing import BASE, ask_for, plan_of
from tests.plugins.daos.test_daos import facts_with, in_service

SITE: Mapping[str, Any] = {
    "server": {"hosts": "n[1-2]"},
    "client": {"hosts": "n1"},
    "admin": {"hosts": "n1"},
    "insecure": True,
}
BESIDE = {  # part, its version, the servers' -> what status says
    ("agent", "2.4.0-2.el8", "2.8.0-1.el9"): "they have to be at most one release apart",
    ("agent", "2.6.5-1.el8", "2.8.0-1.el9"): "",
    ("client", "2.4.0-2.el8", "2.8.0-1.el9"): "they have to be at most one release apart",
    ("client", "2.6.4-1.el8", "2.6.5-1.el9"): "they talk only with NA_OFI_UNEXPECTED_TAG_MSG=0",
    ("admin", "2.6.5-1.el8", "2.8.0-1.el9"): "they have to be of the same release",
    ("admin", "2.6.4-1.el8", "2.6.5-1.el8"): "",
}


def asked(
    plugins: Plugins, component: str, verb: str, version: str, components: Mapping[str, Any]
) -> Any:
    section = {**SITE, "version": version}
    if component == "agent":
        facts = facts_with(version, "daos-agent") | {"healthy": True}
    else:
        service = in_service(
            ask_for(plugins, f"daos.{component}", "up", section=section), component
        )
        facts = dict(BASE) | {"in_service": service}
    ask = ask_for(plugins, f"daos.{component}", verb, section=section, facts=facts)
    return plugins.ask(msgspec.structs.replace(ask, components=components))


@pytest.mark.parametrize(("part", "version", "servers"), BESIDE)
def test_a_part_that_does_not_work_with_the_servers_is_not_well(
    plugins: Plugins, part: str, version: str, servers: str
) -> None:
    words = BESIDE[part, version, servers]
    components = {"server": {"n1": facts_with(servers), "n2": dict(BASE)}}
    status = asked(plugins, part, "status", version, components)
    assert ("works with" in dict(status.fields)) == bool(words)
    assert words in dict(status.fields).get("works with", "")
    assert not (words and status.well)
    checks = {check.name: check for check in asked(plugins, part, "preflight", version, components)}
    assert ("versions" in checks) == bool(words)
    assert not words or (words in checks["versions"].found and not checks["versions"].blocks)


@pytest.mark.parametrize(("host", "is_told"), [("n1", True), ("n2", False)])
def test_a_client_is_compared_with_the_agent_of_its_own_host(
    plugins: Plugins, host: str, is_told: bool
) -> None:
    components = {"agent": {host: facts_with("2.6.4-1.el8", "daos-agent")}}
    status = asked(plugins, "client", "status", "2.6.5-1.el8", components)
    words = dict(status.fields).get("works with", "")
    assert ("daos.client is of version 2.6.5-1.el8, daos.agent of 2.6.4-1.el8" in words) == is_told


def test_one_server_of_several_does_not_become_another_version(plugins: Plugins) -> None:
    section = {**SITE, "version": "2.6.5-1.el8"}
    ask = ask_for(plugins, "daos.server", "up", section=section, facts=facts_with("2.6.4-1.el8"))
    assert "container" in [step.name for step in plan_of(plugins, ask)]  # all go together
    both = msgspec.structs.replace(ask.target, everywhere=("n1", "n2"))
    sentence = (
        "daos.server is of version 2.6.5-1.el8, daos.server of 2.6.4-1.el8: they have to be of the "
        "same version; inv daos.upgrade brings all to one version"
    )
    with pytest.raises(FairleadError, match=re.escape(sentence)):
        plan_of(plugins, msgspec.structs.replace(ask, target=both))
