"""What is written into an engine's files."""

import json
import subprocess
from tempfile import NamedTemporaryFile
from typing import Any

import msgspec
import pytest

from fairlead.contract.loader import Plugins
from fairlead.model.errors import FairleadError
from tests.plugins.triumf.tier import cases

DOCUMENT = cases("document")


def section(plugins: Plugins, **changes: Any) -> Any:
    """The document's section."""

    return msgspec.convert(DOCUMENT["section"] | changes, plugins.systems["triumf"].section_type)


def diff(after: str, before: str) -> str:
    """What diff(1) says of two texts."""
    with NamedTemporaryFile("w") as new, NamedTemporaryFile("w") as old:
        for file, text in ((new, after), (old, before)):
            file.write(text)
            file.flush()
        return subprocess.run(
            ["diff", new.name, old.name], capture_output=True, text=True, check=False
        ).stdout


def test_the_files_of_rhel_7_differ_from_its_own_as_in_the_document(plugins: Plugins) -> None:
    from fairlead_plugins.triumf.engine import daemon_config

    before = {path: case["original"] for path, case in DOCUMENT["files"].items()}
    after = daemon_config.files(section(plugins), "wn024", before, "1.12.6")
    assert {path: diff(after[path], before[path]) for path in after} == {
        path: case["diff"] for path, case in DOCUMENT["files"].items()
    }
    assert daemon_config.files(section(plugins), "wn024", after, "1.12.6") == after


def test_daemon_json_says_the_same_and_what_it_cannot_say_is_told(plugins: Plugins) -> None:
    from fairlead_plugins.triumf.engine import daemon_config

    case = DOCUMENT["daemon.json"]
    after = daemon_config.files(
        section(plugins), "wn024", {daemon_config.DAEMON: case["original"]}, case["engine"]
    )
    assert after == {daemon_config.DAEMON: case["content"]}
    assert daemon_config.files(section(plugins), "wn024", after, case["engine"]) == after
    assert dict(daemon_config.unsupported(section(plugins), case["engine"])) == case["unsaid"]


def test_an_engine_of_before_23_is_not_told_of_proxies_in_daemon_json(plugins: Plugins) -> None:
    from fairlead_plugins.triumf.engine import daemon_config

    after = daemon_config.files(section(plugins), "wn024", {}, "20.10.24")
    assert "proxies" not in after[daemon_config.DAEMON]
    assert "https_proxy somehost.triumf.ca:3130" in dict(
        daemon_config.unsupported(section(plugins), "20.10.24")
    )


def test_networks_and_logs_of_todays_engines_are_keys_of_daemon_json(plugins: Plugins) -> None:
    from fairlead_plugins.triumf.engine import daemon_config

    pools = [{"base": "10.66.0.0/16", "size": 24}]
    changes = {
        "bridge": "",
        "bip": "10.65.0.1/24",
        "address_pools": pools,
        "log_driver": "local",
        "log_opts": {"max-size": "10m"},
    }
    wished = section(plugins, engine=changes)
    before = {daemon_config.DAEMON: '{"bip": "172.17.0.1/16"}'}
    after = json.loads(daemon_config.files(wished, "wn024", before, "28.5.2")[daemon_config.DAEMON])
    keys = ("bip", "default-address-pools", "log-driver", "log-opts")
    assert [after[key] for key in keys] == ["10.65.0.1/24", pools, "local", {"max-size": "10m"}]
    assert daemon_config.changed_network_keys(wished, "wn024", before) == ("bip",)
    network = daemon_config.network(wished, "wn024", "")
    assert network == 'DOCKER_NETWORK_OPTIONS="--ipv6=false --bip=10.65.0.1/24"\n'
    assert [wish for wish, _ in daemon_config.only_today(wished)] == [
        "address_pools",
        "log_driver, log_opts",
    ]


def test_other_words_of_options_stay(plugins: Plugins) -> None:
    from fairlead_plugins.triumf.engine import daemon_config

    text = (
        "OPTIONS='--selinux-enabled --log-driver=journald --graph /var/lib/docker -g=/x "
        "--signature-verification=false'\n"
    )
    options = (
        "--selinux-enabled=false -g /docker --log-driver=journald --signature-verification=false"
    )
    assert daemon_config.main(section(plugins), text).splitlines()[0] == f"OPTIONS='{options}'"


@pytest.mark.parametrize("text", ["{", "[]", "3", '{"a": 1,}'])
def test_a_broken_daemon_json_is_left_alone(plugins: Plugins, text: str) -> None:
    from fairlead_plugins.triumf.engine import daemon_config

    with pytest.raises(
        FairleadError, match="n1: /etc/docker/daemon.json: (is not JSON|holds no JSON object)"
    ):
        daemon_config.daemon(section(plugins), "n1", text, "28.2.2")


SIX = {"ipv6": True, "ranges6": {"wn024": "2001:db8:3::90/124"}}
WORKER = {"names": {"wn024": ["vn0317"]}, "domain": "triumf.ca"}


@pytest.mark.parametrize(
    ("worker", "keys"),
    [
        ({}, {"ipv6": True, "fixed-cidr-v6": "2001:db8:3::90/124"}),
        ({"worker": WORKER}, {"ipv6": False}),
        (
            {"worker": WORKER | {"fixed": False}},
            {"ipv6": True, "fixed-cidr-v6": "2001:db8:3::90/124"},
        ),
    ],
    ids=[
        "no workers",
        "workers with a network of their own",
        "workers in the engine's own network",
    ],
)
def test_the_engines_own_network_has_ipv6_where_workers_are_in_it(
    plugins: Plugins, worker: Any, keys: dict[str, Any]
) -> None:
    from fairlead_plugins.triumf.engine import daemon_config

    engine = DOCUMENT["section"]["engine"] | SIX
    whole = section(plugins, engine=engine, **worker)
    before = '{"fixed-cidr-v6": "2001:db8:9::/64"}'
    after = json.loads(daemon_config.daemon(whole, "wn024", before, "28.2.2"))
    assert {key: after[key] for key in ("ipv6", "fixed-cidr-v6") if key in after} == keys
    changed = daemon_config.changed_network_keys(whole, "wn024", {daemon_config.DAEMON: before})
    assert "fixed-cidr-v6" in changed
    line = daemon_config.network(whole, "wn024", "")
    assert ("--fixed-cidr-v6=2001:db8:3::90/124" in line) is keys["ipv6"]
