"""What a test point wants of its host's own network: a table of ours in nftables, and interfaces
with a gateway each, over SSH through that very network. What cuts us off the host puts back."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.ground import clear, done, eventually, newest, sh, site_with, under
from tests.e2e.inv import NETWORK, ROOT, Said, inv

HOST = f"{NETWORK}.1"
NICS = [
    {"name": "eth0", "address": f"{HOST}/24", "gateway": f"{NETWORK}.254"},
    {"name": "eth1", "address": "192.0.2.2/24", "gateway": "192.0.2.1"},
]
OURS = "nft list table inet fairlead_perfsonar 2>&1"
INTERFACES = f"""auto lo
iface lo inet loopback

iface eth0 inet static
    address {HOST}/24
    gateway {NETWORK}.254

iface eth1 inet static
    address 192.0.2.2/24
    gateway 192.0.2.1
"""


def site(folder: Path, host: str, **firewall: object) -> str:
    folder.mkdir()
    op1 = {"address": HOST, "user": "op", "sudo": True, "identity": f"{ROOT}/key"}
    names = {"hosts": {"op1": op1}} if host == "op1" else {}
    section = {
        "hosts": host,
        "patience": 20,
        "reconnect": 5,
        "firewall": firewall,
        "nics": {host: NICS},
    }
    return f"--site={site_with(folder, perfsonar=section, **names)}"


@pytest.fixture(scope="module")
def host(lab: None) -> Iterator[None]:
    """n1 with a second interface and ifupdown's files, and somebody who listens on port 7777."""
    clear("n1")
    newest("5.0.0")
    under("n1", sh.text("two_interfaces"), INTERFACES)
    yield
    under("n1", sh.text("one_interface"))
    clear("n1")


def network() -> str:
    """Routes, rules and tables of others, but for what an engine adds for a container."""
    return under("n1", sh.text("network_of"))


def answers(port: int) -> bool:
    """Can it be reached from here?"""
    try:
        socket.create_connection((HOST, port), timeout=2).close()
    except OSError:
        return False
    return True


def reboot() -> None:
    done("lab.power", "--host=n1", "--state=off")
    done("lab.power", "--host=n1", "--state=on")
    under("n1", sh.text("two_interfaces"), INTERFACES)


def states(said: Said, host: str = "n1") -> dict[str, str]:
    names = ("interfaces", "interfaces after a reboot", "firewall")
    return {name: state for name, state in said.steps(host).items() if name in names}


@pytest.mark.long
def test_it_is_made_so_stays_so_over_a_boot_and_goes_with_the_test_point(host, tmp_path) -> None:
    before, plain = network(), site(tmp_path / "site", "n1", ssh=[f"{NETWORK}.0/24"])
    eventually(lambda: answers(7777))
    first = done("perfsonar.up", plain, "--json")
    assert states(first) == dict.fromkeys(states(first), "changed")
    assert len(states(first)) == 3
    assert (answers(7777), answers(22), answers(443)) == (False, True, True)
    assert "from 192.0.2.2 lookup 302" in network()
    again = done("perfsonar.up", plain, "--json")
    assert (again.json["changed"], set(again.steps("n1").values())) == (False, {"ok"})
    assert done("perfsonar.status", plain, "--json").json["ok"]

    under("n1", "nft delete table inet fairlead_perfsonar; ip rule delete priority 202")
    status = inv("perfsonar.status", plain, "--json")
    assert status.code != 0
    fields = status.rows["n1"]["fields"]
    assert fields["firewall"] == "not as the site says: inv perfsonar.up"
    assert fields["interfaces"] == "nothing sends what comes from 192.0.2.2 by table 302"
    mended = states(done("perfsonar.up", plain, "--json"))
    assert (mended["firewall"], mended["interfaces"]) == ("changed", "changed")

    reboot()
    assert "tcp dport" in under("n1", OURS)  # the lab's hosts have no ifupdown that reads its file
    after = states(done("perfsonar.up", plain, "--json"))
    assert (after["firewall"], after["interfaces"]) == ("ok", "changed")

    done("perfsonar.down", plain, "--yes")
    assert under("n1", OURS).startswith("Error")
    assert (network(), under("n1", "cat /etc/network/interfaces")) == (before, INTERFACES)
    eventually(lambda: answers(7777))


def failed(said: Said, step: str) -> None:
    row = said.rows["op1"]
    assert (said.code, row["state"]) == (8, "rolled-back"), said.out + said.err
    assert row["error"].startswith(f"op1: {step}: no new connection arrived within 5 s")


def test_who_would_be_cut_off_is_reachable_again_by_itself(host, tmp_path) -> None:
    """sudo hides from where we come, so that nothing but a new connection can tell."""
    before = network()
    closed = site(tmp_path / "closed", "op1", ssh=["198.51.100.0/24"])
    began = time.monotonic()
    failed(inv("perfsonar.up", closed, "--json"), "firewall")
    assert time.monotonic() - began < 5 + 40
    assert (network(), under("n1", OURS).startswith("Error")) == (before, True)
    assert under("n1", "ls /etc/nftables /etc/systemd/system | grep fairlead-perfsonar") == ""
    assert under("n1", "docker ps -aq") == ""  # no container was touched

    open_ = site(tmp_path / "open", "op1", ssh=[f"{NETWORK}.0/24"])
    under("n1", sh.text("ip_that_cuts"))
    try:
        failed(inv("perfsonar.up", open_, "--json"), "interfaces")
    finally:
        under("n1", "rm -f /usr/local/sbin/ip")
    assert network() == before
    eventually(lambda: answers(22))
    assert under("n1", "cat /etc/network/interfaces") == INTERFACES


def test_from_where_we_come_is_asked_before_anything_changes(host, tmp_path) -> None:
    before = network()
    said = inv("perfsonar.up", site(tmp_path / "site", "n1", ssh=["198.51.100.0/24"]), "--json")
    assert said.code == 4
    assert f"we come from {NETWORK}.254, from where ssh would be closed" in said.out
    assert network() == before
