"""The engine's steps, and what its preflight says."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from fairlead.contract.loader import Plugins
from fairlead.model.errors import FairleadError
from fairlead.model.plan import argvs
from fairlead.testing import DOWN, ENGINE, PODMAN, plan_of
from tests.plugins.triumf.tier import ask, preflight

LATIN_1 = b'{\n  "labels": ["site=caf\xe9"]\n}\n'


def up(plugins: Plugins, facts: Mapping[str, Any], **engine: Any) -> list[str]:
    return [
        step.name
        for step in plan_of(plugins, ask(plugins, "engine", "up", {"engine": engine}, facts))
    ]


def standing(**changes: Any) -> Any:
    from fairlead_plugins.triumf.engine.host_facts import EngineState

    return EngineState(
        **(
            {
                "live": False,
                "running": 0,
                "containers": 0,
                "images": 0,
                "swarm": "inactive",
                "root": "/docker",
                "driver": "[]",
            }
            | changes
        )
    )


def test_the_engine_is_told_of_live_restore_before_it_is_restarted(plugins: Plugins) -> None:
    assert up(plugins, {"standing": standing()}) == [
        "engine",
        "originals",
        "live-restore",
        "engine's files",
        "as asked",
    ]
    assert up(plugins, {"standing": standing(live=True)}) == [
        "engine",
        "originals",
        "engine's files",
        "as asked",
    ]
    assert "live-restore" in up(
        plugins, {"standing": None}
    )  # one that did not answer in time may run containers all the same
    assert up(plugins, {"standing": standing()}, live_restore=False) == [
        "engine",
        "originals",
        "engine's files",
        "as asked",
    ]


def test_what_is_no_utf_8_in_daemon_json_is_put_again_as_it_was(plugins: Plugins) -> None:
    from fairlead_plugins.triumf.common import facts as common

    line = f"/etc/docker/daemon.json {b64encode(LATIN_1).decode()}\n"
    request = ask(plugins, "engine", "up", facts={"files": common.contents(0, line)})
    steps = {step.name: step for step in plan_of(plugins, request)}
    for name in ("live-restore", "engine's files"):
        stdin = steps[name].stdin
        assert isinstance(stdin, bytes)
        assert b64decode(stdin).startswith(LATIN_1[:-3] + b",")


def test_live_restore_is_taken_back_before_the_old_file_is_there_again(plugins: Plugins) -> None:
    steps = {step.name: step for step in plan_of(plugins, ask(plugins, "engine", "up"))}
    undo = [argv[3:4] for argv in argvs(steps["live-restore"].undo or ())]
    assert undo[:2] == [("engine_live_off",), ("unput_files",)]


def test_packages_are_installed_only_where_there_is_no_engine(plugins: Plugins) -> None:
    steps = plan_of(
        plugins, ask(plugins, "engine", "up", facts={"engine": None, "packages": "apt"})
    )
    assert steps[0].name == "packages"
    assert steps[0].do[-3:] == ("-y", "--no-remove", "docker.io")
    ours = {"engine": DOWN, "packages": "apt", "owners": {"docker": "docker-cli"}}
    assert up(plugins, ours)[0] == "packages"
    ce = {"packages": "apt", "owners": {"docker": "docker-ce-cli", "dockerd": "docker-ce"}}
    assert "packages" not in up(plugins, ce)
    assert "release packages" not in up(plugins, {"packages": "dnf"}, release=["t1-release"])


@pytest.mark.parametrize(
    ("wanted", "owners", "words"),
    [
        (["docker-ce"], {"docker": "docker-cli", "dockerd": "docker.io"}, "docker-cli, docker.io"),
        (["docker-ce", "containerd.io"], {"docker": "docker"}, "docker"),
        (["docker-ce"], {"docker": "docker-ce-cli", "dockerd": "docker-ce"}, ""),
        (["docker", "atomic"], {"docker": "docker-ce-cli"}, "docker-ce-cli"),
    ],
)
def test_packages_of_another_family_do_not_take_the_place_of_an_engine_that_stands_still(
    plugins: Plugins, wanted: list[str], owners: Mapping[str, str], words: str
) -> None:
    facts = {"engine": DOWN, "owners": owners, "packages": "dnf", "files": {}}
    section = {"engine": {"packages": wanted}}
    if not words:
        steps = plan_of(plugins, ask(plugins, "engine", "up", section, facts))
        assert "packages" in {step.name for step in steps}
        return
    sentence = f"the program docker belongs to {words}, and its engine does not answer"
    with pytest.raises(FairleadError, match=sentence):
        plugins.ask(ask(plugins, "engine", "up", section, facts))


@pytest.mark.parametrize(
    ("engine", "owners", "words"),
    [
        (
            DOWN,
            {"docker": "docker-ce-cli", "dockerd": "docker-ce"},
            "the program docker belongs to docker-ce, docker-ce-cli, "
            "and its engine does not answer",
        ),
        (
            DOWN,
            {"docker": ""},
            "the program docker belongs to no package, and its engine does not answer",
        ),
        (PODMAN, {"docker": "podman-docker"}, "docker is Podman's, of the package podman-docker"),
    ],
)
def test_another_packages_engine_is_named_and_left_alone(
    plugins: Plugins, engine: Any, owners: Mapping[str, str], words: str
) -> None:
    facts = {"engine": engine, "owners": owners, "packages": "apt", "files": {}}
    checks = preflight(plugins, "engine", {}, standing=None, **facts)
    assert checks["engine"] == (False, True, words)
    with pytest.raises(FairleadError, match=f"^n1: {words}; start that engine"):
        plugins.ask(ask(plugins, "engine", "up", facts=facts))


def test_the_bridge_is_made_where_its_port_is_named(plugins: Plugins) -> None:
    assert up(plugins, {}, port="eth0")[:2] == ["bridge br0", "engine"]


def test_a_restart_of_the_engine_is_armed_and_alone_on_its_host(plugins: Plugins) -> None:
    steps = {step.name: step for step in plan_of(plugins, ask(plugins, "engine", "up"))}
    assert (
        steps["engine's files"].exclusive,
        steps["engine's files"].confirm_within,
        steps["originals"].exclusive,
    ) == (True, 60, False)


def test_preflight_of_an_engine_says_what_is_in_the_way(plugins: Plugins) -> None:
    from fairlead_plugins.triumf.common.facts import FileSystem

    site = {
        "engine": {
            "ranges": {"n1": "10.0.3.144/28"},
            "block_registry": ["docker.io"],
            "selinux": False,
        }
    }
    loops = standing(
        root="/var/lib/docker",
        containers=2,
        images=3,
        swarm="active",
        running=1,
        driver='[["Data loop file","/x"]]',
    )
    checks = preflight(
        plugins,
        "engine",
        site,
        standing=loops,
        bridge="172.17.0.1/16",
        mount=FileSystem("/", 5000),
        selinux="Enforcing",
        files={},
    )
    assert {name: (blocks, words) for name, (ok, blocks, words) in checks.items() if not ok} == {
        "addresses": (True, "br0 has 172.17.0.1/16"),
        "data root": (False, "it lies in /"),
        "room": (True, "4.9 GiB"),
        "storage": (False, "the thin pool lies in loop files"),
        "images and containers": (True, "2 containers and 3 images at /var/lib/docker"),
        "swarm": (True, "active"),
        "network of what runs": (True, "1 run, and bridge, fixed-cidr would change"),
        "SELinux": (False, "Enforcing"),
        "block_registry": (False, "daemon.json has no key for it"),
    }


def test_preflight_of_an_engine_of_rhel_7_looks_for_the_volume_group(plugins: Plugins) -> None:
    site, files = (
        {"engine": {"volume_group": "vg1", "block_registry": ["docker.io"]}},
        {"/etc/sysconfig/docker": "OPTIONS=''\n"},
    )
    for volumes, expected in (
        ({}, (False, True, "no vg1")),
        ({"vg1": 200.0}, (True, True, "200 GiB free")),
        ({"vg1": 0.0}, (False, True, "0 GiB free")),
    ):
        checks = preflight(
            plugins, "engine", site, standing=standing(), files=files, volumes=volumes
        )
        assert checks["volume group"] == expected
        assert "block_registry" not in checks


@pytest.mark.parametrize(
    ("word", "ok", "words"),
    [
        ("absent", True, "there is no br0: up makes it of eth0"),
        ("dynamic", False, "eth0 has its address by DHCP"),
        ("ok", True, "10.0.3.1/24"),
    ],
)
def test_preflight_says_whether_the_bridge_can_be_made(
    plugins: Plugins, word: str, ok: bool, words: str
) -> None:
    from fairlead.operations.network.bridge import BridgeState

    state = {"absent": "there is no br0", "dynamic": words, "ok": words}[word]
    bridged = BridgeState(word, state)
    checks = preflight(plugins, "engine", {"engine": {"port": "eth0"}}, bridged=bridged)
    assert checks["bridge"] == (ok, True, words)


def test_status_is_not_well_where_the_engine_says_otherwise_than_the_site(
    plugins: Plugins,
) -> None:
    (fact,) = (
        fact
        for fact in plugins.ask(ask(plugins, "engine", "status"), "facts")
        if fact.name == "differs"
    )
    assert fact.argv[3:] == ("proved", "/docker", "live", "br0")
    words = "the engine keeps its images at /var/lib/docker, and the site says /docker"

    def status(code: int, text: str) -> Any:
        facts = {"standing": standing(live=True), "differs": fact.parse(code, text)}
        return plugins.ask(ask(plugins, "engine", "status", facts=facts))

    assert status(0, "").healthy
    differing = status(1, f"{words}\n")
    assert (differing.healthy, differing.fields[-1][0]) == (False, "differs")
    assert differing.fields[-1][1].startswith(f"{words}; inv triumf.engine.up")


def test_facts_are_read(plugins: Plugins) -> None:
    from fairlead_plugins.triumf.common import facts as common
    from fairlead_plugins.triumf.engine import host_facts as engine
    from fairlead_plugins.triumf.registry import host_facts as registry

    assert common.contents(0, "/a YQo=\n/b \n/c %%%\nnoise\n") == {"/a": "a\n", "/b": "", "/c": ""}
    assert engine.standing(0, 'true\t1\t2\t3\tinactive\t/docker\t[["a","b"]]\n') == standing(
        live=True, running=1, containers=2, images=3, driver='[["a","b"]]'
    )
    assert engine.standing(1, "Cannot connect\n") is None
    assert [
        engine.bridge(0, text) for text in ("10.0.3.1/24\nthere\n", "there\n", "", "nonsense/24\n")
    ] == ["10.0.3.1/24", "there", "", ""]
    assert engine.volumes(0, "  vg1  <93.13g\n  vg2 0g\n  what\n") == {"vg1": 93.13, "vg2": 0.0}
    assert common.mount(0, "/docker 20480\n") == common.FileSystem("/docker", 20)
    assert registry.contents(0, "2\n100\n5\n") == registry.Contents(2, 100, 5)


@pytest.mark.parametrize(
    ("engine", "daemon", "server", "check"),
    [
        ({}, "{}", "27.5.1", (False, True, "no range, docker 27.5.1")),
        ({}, "{}", "28.2.2", (True, True, "no range, docker 28.2.2")),
        ({}, '{"fixed-cidr-v6": "2001:db8:9::/64"}', "27.5.1", (True, True, "2001:db8:9::/64")),
        ({"ranges6": {"n1": "2001:db8:3::/64"}}, "", "27.5.1", (True, True, "2001:db8:3::/64")),
        ({}, "{}", "", (False, False, "no range, and no engine yet")),
    ],
)
def test_an_older_engine_wants_a_range_for_ipv6(
    plugins: Plugins, engine: Any, daemon: str, server: str, check: tuple[bool, bool, str]
) -> None:
    facts = {"files": {"/etc/docker/daemon.json": daemon}, "engine": replace(ENGINE, server=server)}
    section = {"engine": engine | {"ipv6": True}}
    assert preflight(plugins, "engine", section, **facts)["IPv6"] == check


def test_without_ipv6_nothing_of_it_is_asked(plugins: Plugins) -> None:
    assert "IPv6" not in preflight(plugins, "engine")
