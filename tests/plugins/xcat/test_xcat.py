"""xCAT: the document's lines to the letter, what a site may not hold, and what is made of a host's
facts."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from fairlead.contract.loader import Plugins
from fairlead.inventory import site
from fairlead.model.errors import FairleadError, SiteError
from fairlead.model.plan import EngineFacts, HostFacts, Phase, Secret, Session, Status, argvs
from fairlead.operations.container.state import ContainerState
from fairlead.operations.network.bridge import BridgeState
from fairlead.operations.network.persistence import InterfaceConfig
from fairlead.testing import HOSTS, PODMAN, faults, plan_of, plugins_in
from tests.plugins.questions import asking

PLUGINS = Path(__file__).parents[3] / "plugins"
ARGV = yaml.safe_load((PLUGINS / "xcat/cases/argv.yml").read_text())
REFUSED = yaml.safe_load((PLUGINS / "xcat/cases/refused.yml").read_text())


GOOD: dict[str, Any] = {
    "container": {},
    "state": (),
    "bridged": BridgeState("ok", "10.5.106.1/24"),
    "keeping": InterfaceConfig("none", {}),
}
ask = asking("xcat.manager", GOOD)


def there(**changed: Any) -> dict[str, Any]:
    values = {
        "id": "0a",
        "image": "sha256:01",
        "reference": "xcat/xcat-ubuntu-x86_64",
        "state": "running",
        "started": "",
        "policy": "unless-stopped",
    }
    return {
        "container": {
            "xcatmn": ContainerState(
                name="xcatmn", labels={"fairlead.spec": "old"}, **(values | changed)
            )
        }
    }


def typed(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a case as their nouns."""
    kinds: dict[str, Any] = {"host": HostFacts, "engine": EngineFacts}
    return {name: msgspec.convert(value, kinds.get(name, Any)) for name, value in facts.items()}


@pytest.mark.parametrize("case", ARGV, ids=[case["name"] for case in ARGV])
def test_a_line(plugins: Plugins, case: dict[str, Any]) -> None:
    question = ask(
        plugins,
        case["verb"],
        case.get("section", {}),
        typed(case.get("facts", {})),
        options=case.get("options"),
    )
    answer = plugins.ask(question)
    if isinstance(answer, Session):
        argv, tty = answer.argv, answer.tty_argv
    else:
        step = next(step for step in plan_of(plugins, question) if step.name == case["step"])
        argv, tty = tuple(argvs(step.do))[case.get("part", 0)], None
    for key, sentence in (
        ("is", argv),
        ("tty", tty),
        ("begins", argv[: len(shlex.split(case.get("begins", "")))]),
        ("ends", argv[-1:]),
    ):
        if key in case:
            assert shlex.join(sentence) == case[key]
    if "then" in case:
        expected = shlex.split(case["after"]) + shlex.split(case["then"])
        start = argv.index(expected[0])
        assert list(argv[start : start + len(expected)]) == expected


@pytest.mark.parametrize("case", REFUSED, ids=[str(case["section"]) for case in REFUSED])
def test_what_cannot_be_is_refused_when_the_site_is_read(
    plugins: Plugins, tmp_path: Path, case: dict[str, Any]
) -> None:
    path = tmp_path / "x.yml"
    path.write_text(
        yaml.safe_dump(
            {
                "hosts": {"n[1-2]": {"address": "10.0.0.%"}},
                "xcat": {"hosts": "n1"} | case["section"],
            }
        )
    )
    with pytest.raises(SiteError) as error:
        site.load(path, plugins.systems)
    assert case["says"] in str(error.value)


def shape(plugins: Plugins, **facts: Any) -> list[tuple[str, list[str]]]:
    answer = plugins.ask(ask(plugins, "up", {"network": "bare"}, facts))
    return [
        (phase.name, [step.name for step in phase.steps])
        for phase in answer
        if isinstance(phase, Phase)
    ]


def test_the_bridge_is_a_phase_of_its_own_so_that_a_failing_pull_takes_nothing_back(
    plugins: Plugins,
) -> None:
    files = {"/etc/network/interfaces": "iface eth0 inet static\n    address 10.5.106.1/24\n"}
    steps = [
        "image",
        "state",
        "container",
        "healthy",
        "address 10.5.106.101/24",
        "forwarding",
        "loop devices inside",
    ]
    assert shape(plugins) == [("container", steps)]
    assert shape(plugins, bridged=BridgeState("absent", "there is no br0")) == [
        ("bridge", ["bridge br0"]),
        ("container", steps),
    ]
    kept = shape(
        plugins,
        bridged=BridgeState("absent", "there is no br0"),
        keeping=InterfaceConfig("ifupdown", files),
    )
    assert kept == [
        ("bridge", ["bridge br0", "br0 after a reboot (ifupdown)"]),
        ("container", steps),
    ]


def test_a_host_of_another_architecture_has_no_image(plugins: Plugins) -> None:
    with pytest.raises(FairleadError) as error:
        plugins.ask(ask(plugins, "up", facts={"host": HOSTS["an ARM host"]["host"]}))
    assert (
        str(error.value)
        == "n1: the site has no xCAT image for aarch64; there is one for ppc64le and x86_64"
    )


FINE = {"room": 90000, "loops": None, "taken": False, "image": "", "apparmor": False}


def found(
    plugins: Plugins, section: Mapping[str, Any] = {}, **facts: Any
) -> dict[str, tuple[bool, bool, str]]:
    checks = plugins.ask(
        ask(plugins, "preflight", section, FINE | {"loops": loops(plugins)} | facts)
    )
    return {check.name: (check.ok, check.blocks, check.found) for check in checks if not check.ok}


def loops(plugins: Plugins, free: bool = True, *missing: int) -> Any:
    from fairlead_plugins.xcat.facts import Loops

    return Loops(free, missing)


NOBODY = {"after a reboot": (False, False, "none of them does")}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, NOBODY),
        ({"keeping": InterfaceConfig("networkd", {})}, {}),
        ({"host": HostFacts(arch="aarch64")}, NOBODY | {"architecture": (False, True, "aarch64")}),
        ({"image": "arm64"}, NOBODY | {"image": (False, True, "arm64")}),
        ({"taken": True}, NOBODY | {"address": (False, True, "somebody answers to it")}),
        ({"taken": None}, NOBODY | {"address": (False, False, "could not be asked")}),
        ({"taken": True} | there(), NOBODY),
        ({"bridged": BridgeState("no-port", "eth0 is no port of br0")}, NOBODY),
        (
            {"bridged": BridgeState("dynamic", "eth0 has its address by DHCP")},
            NOBODY | {"bridge": (False, True, "eth0 has its address by DHCP")},
        ),
        (
            {"selinux": "Enforcing"},
            NOBODY
            | {
                "SELinux": (
                    False,
                    False,
                    "Enforcing; the container runs unconfined (label=disable)",
                )
            },
        ),
        (
            {"apparmor": True},
            NOBODY
            | {
                "AppArmor": (
                    False,
                    False,
                    "on; the container runs unconfined (apparmor=unconfined)",
                )
            },
        ),
    ],
)
def test_preflight(plugins: Plugins, facts: dict[str, Any], expected: dict[str, Any]) -> None:
    plugins_in(PLUGINS)
    assert found(plugins, **facts) == expected


def test_loop_devices_are_made_by_fix_and_security_goes_off_only_by_name(plugins: Plugins) -> None:
    facts = FINE | {"loops": loops(plugins, True, 3, 9), "selinux": "Enforcing", "apparmor": True}
    checks = {check.name: check for check in plugins.ask(ask(plugins, "preflight", facts=facts))}
    made = [shlex.join(step.do) for step in checks["loop devices"].fix]
    assert made == ["mknod /dev/loop3 -m0660 b 7 3", "mknod /dev/loop9 -m0660 b 7 9"]
    assert {check.fix_name: len(check.fix) for check in checks.values() if check.fix_name} == {
        "selinux": 1,
        "apparmor": 1,
    }
    assert list(faults(checks.values())) == []


def test_the_host_s_network_wants_upstream_s_ports_and_the_host_s_address(plugins: Plugins) -> None:
    names = [
        check.name
        for check in plugins.ask(
            ask(
                plugins,
                "preflight",
                {"network": "host"},
                FINE | {"loops": loops(plugins), "sockets": ()},
            )
        )
    ]
    assert [name for name in names if name.startswith("ports")] == [
        *("ports of xcatd", "ports of DHCP", "ports of DNS", "ports of TFTP"),
        *("ports of http", "ports of rsync", "ports of conserver and goconserver"),
    ]
    assert "bridge" not in names


RECIPE = {"recipe": {"release": "10"}}


def test_in_podman_nothing_is_asked_of_docker(plugins: Plugins) -> None:
    from fairlead_plugins.xcat import facts

    for network in ("bridge", "host"):
        section = {"engine": "podman", "network": network, "recipe": {"release": "9"}}
        for verb in ("preflight", "up", "status"):
            asked = [fact.argv for fact in facts.facts(ask(plugins, verb, section))]
            words = {word for command in asked for argv in argvs(command) for word in argv}
            assert ("podman" in words, "docker" in words) == (True, False)


@pytest.mark.parametrize("network", ["netavark 1.4.0", "cni"])
def test_a_podman_that_would_take_the_bridge_for_its_own_is_refused(
    plugins: Plugins, network: str
) -> None:
    facts = {"engine": msgspec.structs.replace(PODMAN, network=network), "boot": {}}
    section = {"engine": "podman"}
    checks = {check.name: check for check in plugins.ask(ask(plugins, "preflight", section, facts))}
    assert (checks["network over the bridge"].ok, checks["engine"].ok) == (False, True)
    with pytest.raises(FairleadError, match=r"cannot lay a network.*or network: host"):
        plugins.ask(ask(plugins, "up", section, facts))


BUILT = {"built": "built", "alone": True, "elsewhere": False}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, {}),
        ({"built": "none"}, {"image": (False, True, "not built yet")}),
        ({"elsewhere": True}, {"tables": (False, True, "there are some in current/xcatdata")}),
        ({"alone": False}, {"Confluent": (False, True, "one runs here")}),
        (
            {"engine": HOSTS["a host with cgroup v1"]["engine"]},
            {"cgroup": (False, True, "cgroup v1")},
        ),
        (
            {"built": "none", "missing": ("dnf",)},
            {
                "image": (False, True, "not built yet"),
                "tools": (False, False, "no dnf"),
            },
        ),
    ],
    ids=str,
)
def test_preflight_of_an_image_by_our_recipe(
    plugins: Plugins, facts: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert found(plugins, RECIPE, **BUILT | facts) == NOBODY | expected


def test_the_ports_of_today_s_xcat_are_told_and_the_optional_ones_are_warnings(
    plugins: Plugins,
) -> None:
    from fairlead.operations.checks import Socket

    sockets = (Socket("udp", 514, "rsyslogd", 9), Socket("tcp", 3003, "x", 9))
    section = RECIPE | {"network": "host"}
    failing = found(plugins, section, **BUILT, sockets=sockets, addresses=("10.5.106.1/24",))
    assert {name: blocks for name, (_, blocks, _) in failing.items()} == {
        "ports of syslog": False,
        "ports of xcatd": False,
    }


def test_patience_is_that_of_its_unit_unless_the_site_says_otherwise(plugins: Plugins) -> None:
    def seconds(**section: Any) -> float:
        steps = {step.name: step for step in plan_of(plugins, ask(plugins, "up", section))}
        return steps["healthy"].timeout

    older = seconds()
    assert seconds(**RECIPE) - older == 480
    assert older - seconds(patience=20) == 100


def test_sshd_is_restarted_as_the_image_s_system_does_it(plugins: Plugins) -> None:
    def command(**section: Any) -> tuple[str, ...]:
        keys = {"ssh": {"authorized_keys": ["ssh-ed25519 AAAA"]}}
        steps = plan_of(plugins, ask(plugins, "up", keys | section))
        (step,) = (step for step in steps if step.name.startswith("PermitRootLogin"))
        return tuple(argvs(step.do))[0][-3:]

    assert command() == ("service", "ssh", "restart")
    assert command(**RECIPE) == ("systemctl", "restart", "sshd")


@pytest.mark.parametrize(
    ("port", "process", "blocks"), [(68, "dhclient", False), (67, "dnsmasq", True)]
)
def test_the_host_s_own_dhcp_client_is_no_dhcp_server(
    plugins: Plugins, port: int, process: str, blocks: bool
) -> None:
    from fairlead.operations.checks import Socket

    facts = FINE | {"loops": loops(plugins), "sockets": (Socket("udp", port, process, 9),)}
    checks = plugins.ask(ask(plugins, "preflight", {"network": "host"}, facts))
    (dhcp,) = (check for check in checks if check.name == "ports of DHCP")
    assert (dhcp.ok, dhcp.blocks) == (False, blocks)


def test_an_upgrade_where_there_is_no_container_makes_its_way_and_brings_it_up(
    plugins: Plugins,
) -> None:
    phases = plugins.ask(ask(plugins, "upgrade", {}, FINE))
    names = [phase.name for phase in phases]
    assert names == ["network", "resolve", "pull", "replace", "inside"]
    replace = phases[names.index("replace")]
    assert [step.name for step in replace.steps][-2:] == ["container", "healthy"]


@pytest.mark.parametrize("verb", ["up", "upgrade", "rollback", "restart"])
def test_where_a_boot_did_not_bring_the_bridge_back_it_comes_first(
    plugins: Plugins,
    verb: str,
) -> None:
    stands = there()
    before = msgspec.structs.replace(stands["container"]["xcatmn"], name="xcatmn.previous")
    stands["container"]["xcatmn.previous"] = before
    bare = {"network": "bare"}
    gone = FINE | stands | {"bridged": BridgeState("absent", "there is no br0")}
    assert plugins.ask(ask(plugins, verb, bare, gone))[0].name == "bridge"
    assert plugins.ask(ask(plugins, verb, bare, FINE | stands))[0].name != "bridge"


def test_status_says_what_is_missing(plugins: Plugins) -> None:
    from fairlead.operations.network.veth import AttachmentState

    facts = {
        **there(),
        "healthy": True,
        "nodes": 3,
        "answers": False,
        "attached": AttachmentState("detached", "xcatmn has no interface"),
    }
    assert plugins.ask(ask(plugins, "status", {"network": "bare"}, facts)) == Status(
        False,
        (
            ("container", "xcatmn running"),
            ("image", "xcat/xcat-ubuntu-x86_64"),
            ("network", "bare"),
            ("bridge", "br0 10.5.106.1/24"),
            ("address", "xcatmn has no interface"),
            ("answers", "10.5.106.101 does not answer"),
            ("xcatd", "answers"),
            ("nodes", 3),
        ),
    )


def test_status_is_not_well_where_the_nodes_cannot_be_counted(plugins: Plugins) -> None:
    """Its tables are gone: xcatd answers, lsdef fails."""
    from fairlead.operations.network.bridge import BridgeState

    facts = {**FINE, **there(), "healthy": True, "answers": True}
    facts |= {"bridged": BridgeState("ok", "10.5.106.1/24")}
    (count,) = (
        fact for fact in plugins.ask(ask(plugins, "status"), "facts") if fact.name == "nodes"
    )
    states = {
        code: plugins.ask(ask(plugins, "status", facts=facts | {"nodes": count.parse(code, text)}))
        for code, text in ((0, "0\n"), (1, ""))
    }
    assert {
        code: (status.well, dict(status.fields)["nodes"]) for code, status in states.items()
    } == {
        0: (True, 0),
        1: (False, "not known"),
    }


LOGINS = {
    "ssh": {"password_secret": "root", "key": "root.key"},
    "passwords": {"system": {"secret": "nodes"}},
}


def test_secrets_are_named_where_they_are_used_and_stand_in_no_command(plugins: Plugins) -> None:
    named = {
        verb: [spec.name for spec in plugins.ask(ask(plugins, verb, LOGINS), "needs")]
        for verb in ("up", "ssh", "upgrade", "down", "status")
    }
    assert named == {
        "up": ["root", "root.key", "nodes"],
        "ssh": ["root", "root.key"],
        "upgrade": ["root", "root.key", "nodes"],
        "down": [],
        "status": [],
    }
    secrets = {
        "root": Secret("not-to-be-seen"),
        "root.key": Secret("not-to-be-seen"),
        "nodes": Secret("not-to-be-seen"),
    }
    steps = plan_of(plugins, ask(plugins, "secrets", LOGINS, there(), secrets=secrets))
    assert [step.name for step in steps if step.sensitive] == [
        "private key",
        "root's password",
        "passwd table",
    ]
    assert "not-to-be-seen" not in repr(steps)


@pytest.mark.parametrize("verb", ["ssh", "secrets"])
def test_nobody_logs_in_to_what_does_not_run(plugins: Plugins, verb: str) -> None:
    with pytest.raises(FairleadError) as error:
        plugins.ask(ask(plugins, verb, {"ssh": {"authorized_keys": ["ssh-ed25519 AAAA"]}}))
    assert (
        str(error.value)
        == "n1: no container xcatmn of ours runs here; inv xcat.up --host=n1 starts it"
    )
