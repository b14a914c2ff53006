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


# What runs elsewhere, and is not asked by this command line

TOLD = {  # what daos_agent or dmg says -> the version of the servers
    (0, "DAOS Control Server version 2.6.5\n"): "2.6.5",
    (0, "DAOS Control Server version 0.0.0\n"): "",  # servers before 2.6.1 say none
    (
        1,
        "Unknown command `server-version'\n"
        'ERROR: daos_agent: GetAttachInfo failed: server: code = 600 description = "components '
        'server:2.8.0 and agent:2.4.2 are not compatible"\n',
    ): "2.8.0",
    (1, "ERROR: daos_agent: GetAttachInfo failed: 10.0.0.1:10001: unable to contact\n"): "",
    (0, "name daos_server\nsize 1\nall\n0 ofi+tcp://192.168.0.1:1234\n"): "",
    (125, "Error: No such container: daos-agent\n"): "",
}
ALONE = {  # part, the site's version, the servers', the agent's beside it -> what blocks
    ("client", "2.6.5-1.el9", "2.8.0", "2.6.5-1.el9"): [],
    ("client", "2.6.5-1.el9", "2.6.5", "2.6.4-1.el9"): ["agent on this host"],
    ("client", "2.8.0-1.el9", "2.4.2", "2.8.0-1.el9"): ["server elsewhere"],
    ("client", "2.6.5-1.el9", "2.6.4", "2.6.5-1.el9"): ["server elsewhere"],
    ("client", "2.8.0-1.el9", "2.4.2", "2.4.2-1.el8"): ["server elsewhere", "agent on this host"],
    ("agent", "2.8.0-1.el9", "2.4.2", None): ["server elsewhere"],
    ("agent", "2.8.0-1.el9", "2.6.5", None): [],
    ("admin", "2.8.0-1.el9", "2.6.5", None): ["server elsewhere"],
    ("admin", "2.6.5-1.el9", "2.6.4", None): [],
}


def alone(
    plugins: Plugins, part: str, version: str, servers: str, beside: str | None, **more: Any
) -> dict[str, Any]:
    """The checks about parts elsewhere, of one component that becomes the site's version."""
    facts = facts_with(version, f"daos-{part}") | {"servers": servers, "in_service": None}
    facts |= {} if beside is None else {"beside": beside}
    section = {**SITE, "version": version}
    ask = ask_for(plugins, f"daos.{part}", "preflight", section=section, facts=facts)
    checks = plugins.ask(msgspec.structs.replace(ask, **more))
    return {
        check.name: check for check in checks if check.name.endswith((" elsewhere", " this host"))
    }


@pytest.mark.parametrize("answer", TOLD)
def test_the_version_of_servers_is_read_in_what_an_agent_is_told(
    plugins: Plugins, answer: tuple[int, str]
) -> None:
    ask = ask_for(plugins, "daos.agent", "upgrade", section=SITE)
    (fact,) = (fact for fact in plugins.ask(ask, "facts") if fact.name == "servers")
    assert fact.argv[:3] == ("docker", "exec", "daos-agent")
    assert fact.parse(*answer) == TOLD[answer]


@pytest.mark.parametrize("case", ALONE)
def test_a_part_that_goes_alone_is_compared_with_what_runs_elsewhere(
    plugins: Plugins, case: tuple[str, str, str, str | None]
) -> None:
    checks = alone(plugins, *case)
    assert [name for name, check in checks.items() if check.blocks] == ALONE[case]
    assert [name for name, check in checks.items() if not check.ok] == ALONE[case]
    if "agent on this host" in ALONE[case]:
        assert checks["agent on this host"].remedy.startswith(
            "inv daos.agent.upgrade daos.client.upgrade --host=n1"
        )


def test_what_no_agent_tells_is_not_known_and_stands_in_nobody_s_way(plugins: Plugins) -> None:
    checks = alone(plugins, "client", "2.6.5-1.el9", "", "")
    assert {
        name: (check.ok, check.blocks, check.found) for name, check in checks.items()
    } == dict.fromkeys(
        ("server elsewhere", "agent on this host"), (False, False, "its version is not known")
    )


def test_parts_of_the_same_command_line_are_compared_by_what_they_said_themselves(
    plugins: Plugins,
) -> None:
    components = {"server": {"n1": facts_with("2.4.2-1.el8")}, "agent": {"n1": {}}}
    assert alone(plugins, "client", "2.8.0-1.el9", "2.4.2", "2.4.2", components=components) == {}


@pytest.mark.parametrize("mode", ["bare-metal-agent", "separate-agent", "gathered"])
def test_who_asks_the_servers_is_the_agent_wherever_it_is(plugins: Plugins, mode: str) -> None:
    section = {**SITE, "client": {"hosts": "n1", "mode": mode}}

    def argv(verb: str) -> list[Any]:
        ask = ask_for(plugins, "daos.client", verb, section=section)
        return [fact.argv for fact in plugins.ask(ask, "facts") if fact.name == "servers"]

    begins: Any = {
        "bare-metal-agent": ("sh", "-c"),
        "separate-agent": ("docker", "exec", "daos-agent"),
        "gathered": ("docker", "exec", "daos-client"),
    }[mode]
    assert [words[: len(begins)] for words in argv("upgrade")] == [begins]
    assert argv("up") == []  # an unchanged one costs no more than before
