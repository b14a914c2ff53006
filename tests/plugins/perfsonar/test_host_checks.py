"""Preflight of what lies around a test point: memory, names, templates, network."""

from typing import Any

import pytest

from fairlead.contract.loader import Plugins
from fairlead.model.plan import Check
from fairlead.testing import BASE
from tests.plugins.perfsonar.test_perfsonar import GOOD, ask

AUTO = "https://psconfig.opensciencegrid.org/pub/auto/%h"
OWN = "ps1.example.org"
LOOKED_UP = f"""\
nameserver 192.0.2.53
own 12
here 192.0.2.7
here 2001:db8::7
name {OWN} 192.0.2.7
back 192.0.2.7 {OWN}
name {OWN} 2001:db8::7
back 2001:db8::7 PS1.example.org.
"""
NETWORK = """\
memory 15800
swap 2047
value net.core.rmem_max 67108864
value net.core.wmem_max 67108864
value net.ipv4.tcp_rmem 4096 87380 33554432
value net.ipv4.tcp_wmem 4096 65536 33554432
value net.ipv4.tcp_congestion_control htcp
value net.ipv4.tcp_mtu_probing 0
interface eth0 1500 1000 1
"""
FETCHED = f"200 {AUTO.replace('%h', OWN)} \n"


@pytest.fixture(scope="module")
def host_checks(plugins: Plugins) -> Any:
    """The plugin's module of checks around it."""
    from fairlead_plugins.perfsonar import host_checks

    return host_checks


@pytest.fixture
def warnings(plugins: Plugins, host_checks: Any) -> Any:
    """The checks that fail: name -> what was found; those that block have a !."""

    def run(
        lookups: str = LOOKED_UP,
        network: str = NETWORK,
        templates: str | None = FETCHED,
        **section: Any,
    ) -> dict[str, str]:
        facts = dict(BASE) | GOOD
        facts["name"] = {"resolves": True, "address": "192.0.2.7", "full": OWN}
        facts["names"] = host_checks.looked_up(0, lookups)
        facts["network"] = host_checks.tuning.network(0, network)
        if templates is not None:
            facts["templates"] = host_checks.fetched(0, templates)
        asked = ask(plugins, "preflight", section={"psconfig": [AUTO]} | section, facts=facts)
        return {
            check.name + "!" * check.blocks: check.found
            for check in plugins.ask(asked)
            if isinstance(check, Check) and not check.ok
        }

    return run


def test_a_host_as_it_has_to_be_is_warned_of_nothing(warnings):
    assert warnings() == {}


@pytest.mark.parametrize(
    ("memory", "found"),
    [
        ("memory 7600\nswap 0", {}),  # 8 GB, as the kernel shows them
        ("memory 6000\nswap 2047", {"memory": "6000 MiB"}),
        ("memory 3900\nswap 0", {"memory": "3900 MiB; 0 MiB of swap"}),
    ],
)
def test_memory(warnings, memory, found):
    network = NETWORK.replace("memory 15800\nswap 2047", memory)
    assert warnings(network=network) == found


@pytest.mark.parametrize(
    ("line", "instead", "found"),
    [
        ("nameserver 192.0.2.53\n", "", {"name server": "none in /etc/resolv.conf"}),
        ("own 12", "own 5003", {"look-up time": "5003 ms"}),
        ("own 12\n", "", {"look-up time": "not known"}),
        (
            f"back 192.0.2.7 {OWN}",
            "back 192.0.2.7 host7.example.org",
            {f"name {OWN}": "192.0.2.7 means host7.example.org"},
        ),
        (f"back 192.0.2.7 {OWN}\n", "", {f"name {OWN}": "192.0.2.7 means no name"}),
        (
            "here 192.0.2.7\n",
            "here 198.51.100.7\n",
            {f"name {OWN}": "192.0.2.7 is on no interface of the host"},
        ),
        (
            f"name {OWN} 2001:db8::7\n",
            "",
            {f"name {OWN}": "no AAAA, though the host has IPv6"},
        ),
        (
            "here 192.0.2.7\nhere 2001:db8::7\n",
            "here 198.51.100.7\n",
            {
                f"name {OWN}!": "192.0.2.7 is on no interface of the host; "
                "2001:db8::7 is on no interface of the host"
            },
        ),
    ],
)
def test_names(warnings, line, instead, found):
    assert line in LOOKED_UP
    assert warnings(lookups=LOOKED_UP.replace(line, instead)) == found


def test_a_name_that_is_none_of_the_hosts_blocks_only_where_psconfig_goes_by_it(warnings):
    other = {"names": {"n1": ["ps1-bw.example.org"]}}
    assert warnings(**other) == {"name ps1-bw.example.org!": "it does not resolve"}
    assert warnings(psconfig=[], **other) == {"name ps1-bw.example.org": "it does not resolve"}


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("404 https://a/x \n", "https://a/x: 404, not known there"),
        ("500 https://a/x \n", "https://a/x: 500"),
        ("000 https://a/x curl: (6) no such host \n", "https://a/x: curl: (6) no such host"),
        ("", "not known: curl is not there"),
    ],
)
def test_templates_that_cannot_be_fetched(warnings, answer, found):
    assert warnings(templates=answer) == {"psconfig": found}
    assert warnings(templates=None) == {}


def test_of_two_interfaces_none_drops_what_comes_in_by_the_other(warnings):
    both = NETWORK + "interface eth1 1500 1000 2\n"
    assert warnings(network=both) == {"two interfaces": "eth0 has rp_filter 1"}


@pytest.mark.parametrize(
    ("line", "instead", "found"),
    [
        ("rmem_max 67108864", "rmem_max 212992", "net.core.rmem_max ends at 0.203 MiB"),
        ("control htcp", "control cubic", "congestion control is cubic"),
        ("control htcp", "control bbr", None),
        ("eth0 1500", "eth0 9000", "net.ipv4.tcp_mtu_probing is 0 beside large frames"),
        ("1500 1000", "1500 -1", None),  # a virtual interface does not say
        (
            "1500 1000",
            "1500 10000",
            "net.core.rmem_max ends at 64 MiB; net.core.wmem_max ends at 64 MiB; "
            "net.ipv4.tcp_rmem ends at 32 MiB; net.ipv4.tcp_wmem ends at 32 MiB",
        ),
    ],
)
def test_tuning(warnings, line, instead, found):
    assert line in NETWORK
    network = NETWORK.replace(line, instead)
    assert warnings(network=network) == ({"tuning": found} if found else {})
    assert warnings(network=network, tuning="off") == {}


def test_nothing_is_said_of_what_was_not_asked(plugins):
    checks = plugins.ask(ask(plugins, "preflight", facts=dict(BASE) | GOOD))
    assert {"memory", "look-up time", "tuning", "psconfig"} & {
        check.name for check in checks
    } == set()


# The programs, on this machine


def test_the_programs_say_what_is_read(host_checks, sh, program, tmp_path):
    program("curl", 'case "$*" in *missing*) printf 404 ;; *) echo no >&2; exit 6 ;; esac')
    out = tmp_path / "out"
    templates = f"exec >{out}\n" + host_checks.sh.text("templates")
    words = ("ps9.example.org", AUTO.replace("auto", "missing"), "https://a/x", "https://b/%h/%h")
    assert sh(templates, *words)[0] == 0
    missing = AUTO.replace("auto", "missing").replace("%h", "ps9.example.org")
    answers = host_checks.fetched(0, out.read_text())
    assert [(answer.code, answer.url, answer.why) for answer in answers] == [
        (404, missing, ""),
        (0, "https://a/x", "no"),
        (0, "https://b/ps9.example.org/ps9.example.org", "no"),
    ]
    assert sh(templates, "a.example.org b.example.org", AUTO)[0] == 0
    urls = [answer.url.rpartition("/")[2] for answer in host_checks.fetched(0, out.read_text())]
    assert urls == ["a.example.org", "b.example.org"]


def test_the_bridges_of_engines_are_no_interfaces_of_the_host(
    host_checks, sh, program, request, tmp_path
):
    if request.node.callspec.params["sh"] == "busybox":
        pytest.skip("its ip is its own")
    names = ("eth7", "docker0", "br-1a", "podman1", "bond0")
    rows = [f"echo '{n}: {name} inet 192.0.2.{n}/24'" for n, name in enumerate(names)]
    program("ip", "; ".join(rows))
    out = tmp_path / "out"
    assert sh(f"exec >{out}\n" + host_checks.sh.text("network"))[0] == 0
    lines = [line.split()[1] for line in out.read_text().splitlines() if "interface" in line]
    assert lines == ["bond0", "eth7"]


def test_this_machine_tells_its_names_and_its_network(host_checks, sh, tmp_path):
    out = tmp_path / "out"
    assert sh(f"exec >{out}\n" + host_checks.sh.text("look_up"), "localhost")[0] == 0
    known = host_checks.looked_up(0, out.read_text())
    assert known.took is not None
    assert set(known.addresses["localhost"]) <= {"127.0.0.1", "::1"}
    assert sh(f"exec >{out}\n" + host_checks.sh.text("network"))[0] == 0
    network = host_checks.tuning.network(0, out.read_text())
    assert network.memory > 0
    assert "net.ipv4.tcp_congestion_control" in network.values
