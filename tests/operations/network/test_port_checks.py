"""What hangs on the name of an interface and stays there: rules of firewalls as data, and as the
real programs print them; programs that are bound to it.
"""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from fairlead.operations import script
from fairlead.operations.network import port_checks
from fairlead.operations.network.bridge import BridgeState
from fairlead.operations.network.port_checks import Hanging

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases/firewall.yml").read_text())
sh = script.beside(__file__)


def read(case: dict[str, Any]) -> Hanging:
    lines = [f"iptables {line}" for line in case.get("iptables", ())]
    lines += [f"nft {line}" for line in case.get("nft", ())]
    return port_checks.read_hanging(0, "\n".join(lines), "br0", "eth0")


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_rule_that_does_not_mean_the_same_is_told_and_blocks_where_it_may_open(
    case: dict[str, Any],
) -> None:
    rules = read(case).rules
    for opens, pieces in ((True, case.get("opens", [])), (False, case.get("told", []))):
        texts = [rule.text for rule in rules if rule.opens == opens]
        assert len(texts) == len(pieces), texts
        assert all(piece in text for piece, text in zip(pieces, texts, strict=True)), texts


@pytest.mark.parametrize(("word", "blocks"), [("absent", True), ("no-port", True), ("ok", False)])
def test_a_dangerous_rule_blocks_while_the_address_has_to_move(word: str, blocks: bool) -> None:
    (check,) = port_checks.checks(read(CASES[0]), BridgeState(word, ""), "br0", "eth0")
    assert (check.ok, check.blocks) == (False, blocks)
    assert check.found == "iptables -A INPUT -i eth0 -p tcp -m tcp --dport 111 -j DROP (may open)"
    (check,) = port_checks.checks(read(CASES[2]), BridgeState(word, ""), "br0", "eth0")
    assert (check.ok, check.blocks) == (False, False)
    (check,) = port_checks.checks(read(CASES[-1]), BridgeState(word, ""), "br0", "eth0")
    assert (check.ok, check.found) == (True, "none")


def host(*words: str) -> Hanging:
    """What a host in a network namespace answers, on which a program is bound to eth0."""
    program, _, *more = port_checks.fact("br0", "eth0").argv[2:]
    done = subprocess.run(
        ["unshare", "-nm", "sh", "-c", sh.text("hanging_host"), "host", program, *more, *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return port_checks.read_hanging(0, done.stdout, "br0", "eth0")


@pytest.mark.lab
def test_the_real_iptables_and_a_program_that_is_bound_to_the_interface() -> None:
    closes, lets = "-A INPUT -i eth0 -p tcp -m tcp --dport 111", "-A INPUT -i eth0 -p tcp -m tcp"
    hanging = host(f"iptables {closes} -j DROP", f"ip6tables {lets} --dport 22 -j ACCEPT")
    assert {(rule.text, rule.opens) for rule in hanging.rules} == {
        (f"iptables {closes} -j DROP", True),
        (f"ip6tables {lets} --dport 22 -j ACCEPT", False),
    }
    (socket,) = hanging.sockets
    assert "udp UNCONN 0 0 0.0.0.0%eth0:6767" in socket
    *_, programs = port_checks.checks(hanging, BridgeState("absent", ""), "br0", "eth0")
    assert (programs.name, programs.blocks) == ("programs", False)


@pytest.mark.lab
@pytest.mark.skipif(not shutil.which("nft"), reason="needs nftables")
def test_the_real_nft() -> None:
    hanging = host(
        "nft add table inet mine",
        "nft add chain inet mine input '{ type filter hook input priority 0; }'",
        "nft add set inet mine outside '{ type ifname; elements = { eth0, eth1 } ; }'",
        "nft add rule inet mine input iifname eth0 tcp dport 111 drop",
        "nft add rule inet mine input iifname @outside tcp dport 2049 reject",
        "nft add rule inet mine input iifname vmap '{ eth0 : drop, lo : accept }'",
        "nft add rule inet mine input iifname eth0 tcp dport 22 accept",
    )
    assert [rule.opens for rule in hanging.rules] == [True, True, True, False]
