"""DAOS: the document's lines to the letter, what is refused, and what is made of a host's facts."""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from fairlead.contract.loader import Plugins
from fairlead.model.errors import FairleadError, SiteError
from fairlead.model.plan import Secret, Session, argvs
from fairlead.testing import BASE, ask_for, plan_of

PLUGINS = Path(__file__).parents[3] / "plugins"
ARGV = yaml.safe_load((PLUGINS / "daos/cases/argv.yml").read_text())
REFUSED = yaml.safe_load((PLUGINS / "daos/cases/refused.yml").read_text())
SITE: Mapping[str, Any] = {
    "server": {"hosts": "n1"},
    "client": {"hosts": "n1"},
    "admin": {"hosts": "n1"},
    "insecure": True,
}


MADE_FROM = "what it is made from"


def ask(
    plugins: Plugins, component: str, verb: str, section: Mapping[str, Any] = {}, **more: Any
) -> Any:
    return ask_for(plugins, f"daos.{component}", verb, section={**SITE, **section}, **more)


@pytest.mark.parametrize("case", ARGV, ids=[case["name"] for case in ARGV])
def test_a_line(plugins: Plugins, case: dict[str, Any]) -> None:
    line = ask(
        plugins,
        case["component"],
        case["verb"],
        case.get("section", {}),
        options=case.get("options"),
        argv=tuple(case.get("argv", ())),
    )
    answer = plugins.ask(line)
    if isinstance(answer, Session):
        argv, tty = answer.argv, answer.tty_argv
    else:
        step = next(step for step in plan_of(plugins, line) if step.name == case["step"])
        argv, tty = next(iter(argvs(step.do))), None
    if "is" in case:
        assert shlex.join(argv) == case["is"]
    if "begins" in case:
        assert shlex.join(argv).startswith(case["begins"])
    if "tty" in case:
        assert shlex.join(tty) == case["tty"]
    if "ends" in case:
        words = shlex.split(case["ends"])
        assert list(argv[-len(words) :]) == words


@pytest.mark.parametrize("case", REFUSED, ids=[str(case["section"]) for case in REFUSED])
def test_a_section_that_cannot_be_is_refused(plugins: Plugins, case: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError, match=case["says"]):
        ask(plugins, "server", "up", case["section"])


def names(
    plugins: Plugins, component: str, verb: str, section: Mapping[str, Any] = {}, **more: Any
) -> list[str]:
    return [step.name for step in plan_of(plugins, ask(plugins, component, verb, section, **more))]


def test_up_from_nothing(plugins: Plugins) -> None:
    certificates = ["folder of certificates", "certificates of the server"]
    nothing = dict(BASE) | {"container": {}, "state": ()}
    assert names(plugins, "server", "up", facts=nothing) == [
        "files",
        "variables",
        "image daos-base:rocky8.6",
        "daos_server.yml",
        "image daos-server:rocky8.6",
        MADE_FROM,
        *certificates,
        "compose file",
        "container",
        "healthy",
    ]
    assert names(plugins, "client", "up", facts=nothing) == [
        "files",
        "variables",
        "image daos-base:rocky8.6",
        "daos_agent.yml",
        "image daos-client:rocky8.6",
        MADE_FROM,
        "files of sessions",
        "in service",
    ]
    kept = {"client": {"hosts": "n1", "keep": True}}
    assert names(plugins, "client", "up", kept, facts=nothing)[-3:] == [
        "compose file",
        "container",
        "healthy",
    ]


@pytest.mark.parametrize("component", ["client", "admin"])
def test_a_shell_that_is_kept_up_is_stopped_by_the_signal_that_it_heeds(
    plugins: Plugins, component: str
) -> None:
    section = {component: {"hosts": "n1", "keep": True}}
    nothing = dict(BASE) | {"container": {}, "state": ()}
    up = ask(plugins, component, "up", section, facts=nothing)
    (file,) = (step for step in plan_of(plugins, up) if step.name == "compose file")
    assert '"stop_signal": "SIGHUP"' in str(file)


def test_where_agents_are_follows_from_the_mode(plugins: Plugins) -> None:
    def agents(**client: Any) -> str:
        return ask(
            plugins, "agent", "status", {"client": {"hosts": "n1", **client}}
        ).section.agent.hosts

    assert [agents(mode=mode) for mode in ("separate-agent", "gathered", "bare-metal-agent")] == [
        "n1",
        "n1",
        "",
    ]


def test_the_document_s_variables_and_defaults(plugins: Plugins) -> None:
    """The .env of the document, every default to the letter."""
    from fairlead_plugins.daos.common.environment import variables

    values = variables(ask(plugins, "base", "build").section)
    assert {name: values[name] for name in DOCUMENT} == DOCUMENT
    assert set(values) - set(DOCUMENT) == {
        "DAOS_DOCKER_IMAGE_NSP",
        "DAOS_FABRIC_PACKAGE",
        "LINUX_DISTRO",
        "LINUX_IMAGE_NAME",
        "LINUX_IMAGE_TAG",
    }


DOCUMENT = {
    "BUST_CACHE": "",
    "DAOS_DOCKER_IMAGE_TAG": "rocky8.6",
    "RHEL_BASE_IMAGE_NAME": "rockylinux/rockylinux",
    "RHEL_BASE_IMAGE_TAG": "8.6",
    "DAOS_REPOS": "https://packages.daos.io/v2.4/EL8/packages/x86_64/",
    "DAOS_GPG_KEYS": "https://packages.daos.io/RPM-GPG-KEY",
    "DAOS_REPOS_NOAUTH": "",
    "DAOS_VERSION": "2.4.0-2.el8",
    "DAOS_CLIENT_UNAME": "root",
    "DAOS_CLIENT_UID": "0",
    "DAOS_CLIENT_GNAME": "root",
    "DAOS_CLIENT_GID": "0",
    "DAOS_AGENT_RUNTIME_DIR": "/var/run/daos_agent",
    "DAOS_SERVER_CERTS_TXZ": "/var/lib/daos-docker/secrets/daos_server-certs.txz",
    "DAOS_AGENT_CERTS_TXZ": "/var/lib/daos-docker/secrets/daos_agent-certs.txz",
    "DAOS_ADMIN_CERTS_TXZ": "/var/lib/daos-docker/secrets/daos_admin-certs.txz",
}


def facts_with(version: str, name: str = "daos-server") -> dict[str, Any]:
    from fairlead.operations.container.state import ContainerState

    labels = {
        "fairlead.spec": "old",
        "fairlead.version": version,
        "com.docker.compose.project": f"daos-{version[:5].replace('.', '-')}",
        "com.docker.compose.service": name.replace("-", "_"),
    }
    state = ContainerState(
        name=name,
        id="0a",
        image="sha256:01",
        reference="old",
        state="running",
        started="",
        policy="no",
        labels=labels,
    )
    return dict(BASE) | {"container": {name: state}, "state": ()}


def beside(version: str, previous: str) -> dict[str, Any]:
    """A server of `version`, and beside it the one before."""
    from msgspec.structs import replace

    facts, kept = facts_with(version), facts_with(previous)["container"]["daos-server"]
    kept = replace(kept, id="0b", name="daos-server.previous", state="exited")
    facts["container"] = facts["container"] | {kept.name: kept}
    return facts


@pytest.mark.parametrize(("previous", "goes"), [("2.4.1-1.el8", True), ("2.4.2-1.el8", False)])
def test_compose_does_not_find_the_version_before_by_its_labels(
    plugins: Plugins, previous: str, goes: bool
) -> None:
    """2.4.1 came before 2.4.0, and 2.4.1 is asked for again: a new one is made, no other starts."""
    site = {"version": "2.4.1-1.el8"}
    facts = beside("2.4.0-2.el8", previous)
    plans = {
        verb: plan_of(plugins, ask(plugins, "server", verb, site, facts=facts))
        for verb in ("up", "upgrade")
    }
    facts["container"] = {"daos-server.previous": facts["container"]["daos-server.previous"]}
    plans["up after down"] = plan_of(plugins, ask(plugins, "server", "up", site, facts=facts))
    for plan in plans.values():
        order = [step.name for step in plan]
        removed = [step.do for step in plan if step.name == "make way"]
        assert removed == ([("docker", "rm", "-v", "0b")] if goes else [])
        assert not goes or order.index("make way") < order.index("container")


def test_an_undo_stops_the_version_before_should_it_run(plugins: Plugins) -> None:
    site, facts = {"version": "2.4.1-1.el8"}, beside("2.4.0-2.el8", "2.4.1-1.el8")
    plan = plan_of(plugins, ask(plugins, "server", "upgrade", site, facts=facts))
    (launch,) = (step for step in plan if step.name == "container")
    undone = [shlex.join(argv[4:]) for argv in argvs(launch.undo) if "halt" in argv]
    assert undone == [r"docker 'name=^daos\-server\.previous$'"]


def test_up_takes_no_single_server_to_another_release(plugins: Plugins) -> None:
    sentence = (
        "the server is of version 2.4.0-2.el8, the site says 2.6.0-1.el8; "
        "inv daos.upgrade takes all together"
    )
    with pytest.raises(FairleadError, match=re.escape(sentence)):
        plan_of(
            plugins,
            ask(
                plugins, "server", "up", {"version": "2.6.0-1.el8"}, facts=facts_with("2.4.0-2.el8")
            ),
        )
    assert "container" in names(
        plugins, "server", "upgrade", {"version": "2.6.0-1.el8"}, facts=facts_with("2.4.0-2.el8")
    )


def test_an_upgrade_formats_nothing(plugins: Plugins) -> None:
    from fairlead_plugins.daos import system

    upgrade = ask(
        plugins, "server", "upgrade", {"version": "2.6.0-1.el8"}, facts=facts_with("2.4.0-2.el8")
    )
    words = [
        str(word)
        for step in plan_of(plugins, upgrade)
        for command in (step.do, step.undo)
        for argv in argvs(command or ())
        for word in argv
    ]
    assert [word for word in words if "format" in word and "{{" not in word] == []
    way = system.sequences["upgrade"]
    assert not {verb for _, verb in (*way.before, *way.then, *way.back)} & {"format", "destroy"}


@pytest.mark.parametrize("verb", ["upgrade", "rollback"])
def test_servers_stop_before_the_first_of_them_becomes_another_and_have_joined_before_agents_come(
    plugins: Plugins, verb: str
) -> None:
    """The order of DAOS's own stopping-daos.md and starting-daos.md."""
    from fairlead_plugins.daos import system

    sequence = system.sequences[verb]
    assert sequence.then == (
        ("client", "stop"),
        ("admin", "evict"),
        ("agent", "stop"),
        ("admin", "system_stop"),
        ("server", "stop"),
        ("server", verb),
        ("admin", verb),
        ("admin", "joined"),
        ("agent", verb),
        ("client", verb),
        ("client", "answers"),
    )
    assert ("admin", "upgradable" if verb == "upgrade" else "returnable") in sequence.before
    assert sequence.gate == (("admin", "joined") if verb == "upgrade" else ("", ""))


@pytest.mark.parametrize("verb", ["down", "stop", "upgrade"])
def test_engines_stop_by_dmg_once_sessions_have_ended_and_before_any_server_stops(
    plugins: Plugins, verb: str
) -> None:
    from fairlead_plugins.daos import system

    parts = system.sequences[verb].then
    ends = next(place for place, part in enumerate(parts) if part[0] == "client")
    server = next(place for place, part in enumerate(parts) if part[0] == "server")
    assert ends < parts.index(("admin", "system_stop")) < server


def test_where_no_dmg_is_in_service_servers_stop_without_it(plugins: Plugins) -> None:
    for current, steps in (
        (None, []),
        (in_service(ask(plugins, "admin", "up"), "admin"), ["engines stop"]),
    ):
        facts = dict(BASE) | {"in_service": current}
        assert names(plugins, "admin", "system_stop", facts=facts) == steps
    other = ask(plugins, "admin", "system_stop", host="n2", peers=("n1", "n2"))
    assert plan_of(plugins, other) == ()


def test_what_is_open_is_named_with_its_mounts(plugins: Plugins) -> None:
    lines = "0a|2026-11-27T14:02:11.5Z|/home/root/mnt \n0b|2026-11-27T15:00:00.1Z|\n"
    facts = dict(BASE) | {"open": lines}
    down = ask(plugins, "client", "down", facts=facts)
    assert plugins.ask(down, "in_use") == (
        "a session of daos.client since 2026-11-27 14:02 UTC, with dfuse on /home/root/mnt",
        "a session of daos.client since 2026-11-27 15:00 UTC",
    )


@pytest.mark.parametrize(
    ("servers", "own", "answer"),
    [
        (["aa", "aa"], "aa", (True, "the one that the servers believe")),
        (["bb", "bb"], "aa", (False, "not the one that the servers believe: inv daos.up")),
        (["aa", "bb"], "aa", (False, "not the one that the servers believe: inv daos.up")),
        (["", ""], "aa", (True, None)),
        ([], "aa", (True, None)),
    ],
)
def test_an_agent_whose_certificate_the_servers_do_not_believe_is_not_well(
    plugins: Plugins, servers: list[str], own: str, answer: tuple[bool, str | None]
) -> None:
    from fairlead_plugins.daos.common import recipe

    before = ask(plugins, "agent", "up", {"insecure": False})
    line = f"{recipe.recipe(before, 'agent')} sha256:01 daos-agent:rocky8.6\n"
    facts = facts_with("2.4.0-2.el8", "daos-agent") | {"healthy": True, "agent_certificate": own}
    facts["recipes"] = recipe.recorded(0, line)
    of_servers = {f"s{n}": {"agent_certificate": digest} for n, digest in enumerate(servers)}
    status = plugins.ask(
        msgspec.structs.replace(
            ask(plugins, "agent", "status", {"insecure": False}, facts=facts),
            components={"server": of_servers},
        )
    )
    assert (status.well, dict(status.fields).get("certificate")) == answer


def test_a_secret_is_in_nothing_but_stdin(plugins: Plugins) -> None:
    from fairlead_plugins.daos.common import certificates

    section = dict(SITE) | {"insecure": False}
    parts = {
        "daos-ca.crt": Secret("x"),
        "daos-admin-certs.txz": certificates.packed({"daosCA.crt": Secret("marker-of-a-secret")}),
    }
    up = ask_for(plugins, "daos.admin", "up", section=section, secrets=parts)
    sentence = (
        "secrets/daos-admin-certs.txz: holds daosCA.crt; "
        "wanted are daosCA.crt, admin.crt, admin.key"
    )
    with pytest.raises(FairleadError, match=re.escape(sentence)):
        plan_of(plugins, up)


def test_authentication_off_delivers_an_empty_tarball(plugins: Plugins) -> None:
    step = next(
        step
        for step in plan_of(plugins, ask(plugins, "admin", "up"))
        if step.name == "certificates of the admin"
    )
    assert (step.stdin.reveal(), step.sensitive) == (b"\n", True)


def test_a_checkout_that_is_none_is_told(plugins: Plugins) -> None:
    with pytest.raises(
        SiteError, match="n1: /opt/daos/utils/docker/examples: is no folder of a DAOS checkout"
    ):
        plan_of(
            plugins,
            ask(
                plugins,
                "base",
                "build",
                {"source": "/opt/daos"},
                facts=dict(BASE) | {"source": None},
            ),
        )


@pytest.mark.parametrize(
    ("mode", "where"),
    [
        ("gathered", "in the client's container"),
        ("bare-metal-agent", "on the host, outside of any container"),
    ],
)
def test_an_agent_without_a_container_of_its_own_is_well(
    plugins: Plugins, mode: str, where: str
) -> None:
    section = {"client": {"hosts": "n1", "mode": mode}, "agent": {"hosts": "n1"}}
    status = plugins.ask(ask(plugins, "agent", "status", section))
    assert (status.healthy, status.fields) == (True, (("agent", where),))
    assert "container" not in names(plugins, "agent", "up", section)
    assert names(plugins, "agent", "up", section, facts=facts_with("2.4.0-2.el8", "daos-agent"))[
        -2:
    ] == ["stop", "remove"]  # one of before


ENGINE = {"targets": 8, "fabric_iface": "ib0"}
BUILT_ELSEWHERE = {"build_host": "n9", "registry": "reg.example.org:5000"}
# component -> two sites between which nothing but one word differs
CHANGED_SITES: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "server": (
        {"server": {"hosts": "n1", "config": {"engines": [ENGINE]}}},
        {"server": {"hosts": "n1", "config": {"engines": [ENGINE | {"targets": 16}]}}},
    ),
    "admin": (
        {"admin": {"hosts": "n1", "config": {"hostlist": ["n1"]}}},
        {"admin": {"hosts": "n1", "config": {"hostlist": ["n[1-3]"]}}},
    ),
    "client": (
        {"client": {"hosts": "n1", "mode": "separate-agent"}},
        {"client": {"hosts": "n1", "mode": "gathered"}},
    ),
}


def in_service(put: Any, component: str, **changes: Any) -> Any:
    """What sessions begin from once this `up` has been carried out."""
    from fairlead_plugins.daos.common import sessions

    return msgspec.structs.replace(
        sessions.of_site(put, component), **{"image_id": "sha256:01", **changes}
    )


@pytest.mark.parametrize("component", ["client", "admin"])
def test_a_session_begins_from_what_was_put_into_service_whatever_the_site_says_now(
    plugins: Plugins, component: str
) -> None:
    newer = {"version": "2.4.1-1.el8"}
    before = in_service(ask(plugins, component, "up"), component)
    facts = dict(BASE) | {"in_service": before}
    session = plugins.ask(ask(plugins, component, "exec", newer, facts=facts))
    assert "-p daos-2-4-0 run" in shlex.join(session.argv)
    status = plugins.ask(ask(plugins, component, "status", newer, facts=facts))
    fields = dict(status.fields)
    assert (status.well, fields["image"], fields["version"], fields["made from"][:12]) == (
        False,
        f"daos-{component}:rocky8.6",
        "2.4.0-2.el8",
        "another site",
    )
    assert plugins.ask(ask(plugins, component, "status", facts=facts)).well


@pytest.mark.parametrize(
    "client",
    [{"mode": "bare-metal-agent"}, {"mode": "gathered"}, {"uid": 1017}],
    ids=["another mode", "another image", "another uid"],
)
def test_a_session_of_another_site_is_not_well_though_its_image_may_be_the_same(
    plugins: Plugins, client: dict[str, Any]
) -> None:
    facts = dict(BASE) | {"in_service": in_service(ask(plugins, "client", "up"), "client")}
    site = {"client": {"hosts": "n1", **client}}
    status = plugins.ask(ask(plugins, "client", "status", site, facts=facts))
    assert (status.well, dict(status.fields)["mode"]) == (False, "separate-agent")


@pytest.mark.parametrize(
    ("changes", "well", "image"),
    [
        ({"image_id": ""}, False, "daos-client:rocky8.6, which is gone"),
        ({"image_id": "not known"}, False, "not known"),
        ({}, True, "daos-client:rocky8.6"),
    ],
)
def test_the_image_of_a_session_is_there_gone_or_not_known(
    plugins: Plugins, changes: dict[str, str], well: bool, image: str
) -> None:
    current = in_service(ask(plugins, "client", "up"), "client", **changes)
    facts = dict(BASE) | {"in_service": current}
    status = plugins.ask(ask(plugins, "client", "status", facts=facts))
    assert (status.well, dict(status.fields)["image"]) == (well, image)


def test_where_nothing_was_put_into_service_a_session_says_what_puts_it_there(
    plugins: Plugins,
) -> None:
    facts = dict(BASE) | {"in_service": None}
    sentence = (
        "n1: daos.client was not put into service, so there is nothing that a session could begin "
        "from; inv daos.client.up --host=n1"
    )
    with pytest.raises(FairleadError) as error:
        plugins.ask(ask(plugins, "client", "exec", facts=facts))
    assert str(error.value) == sentence
    assert not plugins.ask(ask(plugins, "client", "status", facts=facts)).well


@pytest.mark.parametrize("has_before", [True, False])
def test_sessions_return_to_what_was_in_service_before(plugins: Plugins, has_before: bool) -> None:
    current = in_service(ask(plugins, "admin", "up"), "admin", has_before=has_before)
    back = ask(plugins, "admin", "rollback", facts=dict(BASE) | {"in_service": current})
    if has_before:
        assert [step.name for step in plan_of(plugins, back)] == ["in service as before"]
    else:
        with pytest.raises(FairleadError, match="there is no version of daos.admin to return to"):
            plan_of(plugins, back)


@pytest.mark.parametrize("component", CHANGED_SITES)
def test_a_changed_site_is_told_by_every_verb_where_images_are_built_elsewhere(
    plugins: Plugins, component: str
) -> None:
    """`up` asks the registry for another image, status is not well, preflight warns."""
    from fairlead_plugins.daos.common import recipe

    before, after = ({**BUILT_ELSEWHERE, **site} for site in CHANGED_SITES[component])
    digest = recipe.recipe(ask(plugins, component, "up", before), component)
    name = f"daos-{component}:rocky8.6"
    lines = f"0123 sha256:00 {name}\n{digest} sha256:01 {name}\n"
    facts = facts_with("2.4.0-2.el8", f"daos-{component}")
    facts |= {"recipes": recipe.recorded(0, lines), "healthy": True}
    if component != "server":
        facts["in_service"] = in_service(ask(plugins, component, "up", before), component)
    answers = {}
    for when, site in (("before", before), ("after", after)):
        up = ask(plugins, component, "up", site, facts=facts)
        (image,) = (step for step in plan_of(plugins, up) if step.name == f"image {name}")
        status = plugins.ask(ask(plugins, component, "status", site, facts=facts))
        (check,) = (
            check
            for check in plugins.ask(ask(plugins, component, "preflight", site, facts=facts))
            if check.name == "image"
        )
        pulled = next(iter(argvs(image.do)))[-1]
        answers[when] = (pulled.endswith(f":rocky8.6-{digest}"), status.well, check.ok)
    assert answers == {"before": (True, True, True), "after": (False, False, False)}


def test_what_an_image_was_made_from_is_not_known_before_it_is_written_down(
    plugins: Plugins,
) -> None:
    facts = facts_with("2.4.0-2.el8") | {"healthy": True}
    status = plugins.ask(ask(plugins, "server", "status", facts=facts))
    assert (status.well, dict(status.fields)["made from"]) == (False, "not known")


def test_an_agent_goes_only_once_the_client_that_gathers_it_can_be_had(plugins: Plugins) -> None:
    site = {**BUILT_ELSEWHERE, "client": {"hosts": "n1", "mode": "gathered"}}
    facts = facts_with("2.4.0-2.el8", "daos-agent")
    assert names(plugins, "agent", "up", site, facts=facts)[-3:] == [
        "image daos-client:rocky8.6",
        "stop",
        "remove",
    ]


@pytest.mark.parametrize("size", ["100%", "99.5%", "2TB", "1.5TB", "1.5TiB,0.5%", "80GB,2TB"])
def test_a_size_of_a_pool_may_have_a_fraction(plugins: Plugins, size: str) -> None:
    create = ask(plugins, "pool", "create", options={"name": "tank", "size": size})
    (step,) = plan_of(plugins, create)
    assert f"--size={size}" in next(iter(argvs(step.do)))


@pytest.mark.parametrize("size", ["", "1.", "1x5TB", "TB", "1,", "-1TB"])
def test_what_is_no_size_of_a_pool_is_refused(plugins: Plugins, size: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="matching regex"):
        ask(plugins, "pool", "create", options={"name": "tank", "size": size})


def test_what_hangs_on_a_build_is_told_by_a_dry_run(plugins: Plugins) -> None:
    facts = dict(BASE) | {"container": {}, "state": ()}
    steps = plugins.ask(ask(plugins, "server", "up", facts=facts))
    after = {step.name: step.after for step in steps}
    assert after["image daos-base:rocky8.6"] == ("files",)
    assert after["image daos-server:rocky8.6"] == (
        "files",
        "daos_server.yml",
        "image daos-base:rocky8.6",
    )
    assert after["what it is made from"] == ("image daos-server:rocky8.6",)
