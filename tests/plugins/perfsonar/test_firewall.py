"""The host's firewall as one table of ours: what it has, what stands in its way, that nothing of
another's goes; with a real nft in a network namespace of its own."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from fairlead.api import checks
from fairlead.contract.loader import Plugins
from fairlead.model.errors import FairleadError
from fairlead.model.plan import Phase
from fairlead.testing import BASE, faults, plan_of
from tests.machine import SHELLS
from tests.plugins.perfsonar.test_perfsonar import ask, names, there

CASES = yaml.safe_load((Path(__file__).parent / "cases/firewall.yml").read_text())
STEPS = ["firewall's rules", "firewall's unit", "firewall beside nftables.service", "firewall"]
NOTHING: dict[str, Any] = {"container": {}, "state": ()}


@pytest.fixture(scope="module")
def firewall(plugins: Plugins) -> Any:
    """The plugin's module of the firewall."""
    from fairlead_plugins.perfsonar import firewall

    return firewall


def host(firewall: Any, *lines: str) -> dict[str, Any]:
    """Facts of a host that says these lines."""
    return dict(BASE) | NOTHING | {"firewall": firewall.state(0, "\n".join(lines))}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_is_in_the_way_is_told_before_and_refused_in_any_case(plugins, firewall, case) -> None:
    facts, section = host(firewall, *case["host"]), {"firewall": case["site"]}
    answer = plugins.ask(ask(plugins, "preflight", section=section, facts=facts))
    told = {check.name: check for check in answer}
    check = told["firewall"]
    assert (check.ok, check.blocks) == (not case["blocks"], True)
    assert check.found == (case["blocks"] or "nftables")
    others = told["other firewalls"]
    assert (others.ok, others.found) == ("warns" not in case, case.get("warns", "none"))
    up = ask(plugins, "up", section=section, facts=facts)
    if case["blocks"]:
        with pytest.raises(FairleadError, match=case["blocks"].partition("%")[0]):
            plugins.ask(up)
    else:
        assert [step.name for step in plan_of(plugins, up)][:4] == STEPS
        assert list(faults(plugins.ask(up))) == []


def test_it_comes_before_the_container_in_a_transaction_of_its_own_under_the_switch(
    plugins, firewall
) -> None:
    facts = host(firewall, "nft", "port 2222")
    section = {"firewall": {}, "reconnect": 12}
    phases = plugins.ask(ask(plugins, "up", section=section, facts=facts))
    assert [(type(phase), phase.name) for phase in phases] == [(Phase, "host"), (Phase, "up")]
    step = phases[0].steps[-1]
    assert (step.confirm_within, step.exclusive, step.gate) == (12, True, True)
    assert "tcp dport { 2222 } accept" in phases[0].steps[0].stdin


def test_a_site_that_says_nothing_of_it_leaves_it_alone(plugins, firewall) -> None:
    assert not set(STEPS) & set(names(plugins, "up", NOTHING))
    checks_ = plugins.ask(ask(plugins, "preflight"))
    assert [check.found for check in checks_ if "firewall" in check.name] == [
        "left alone: it belongs to the host"
    ]


def test_ours_goes_with_the_container_or_with_its_key(plugins, firewall) -> None:
    stands = {"firewall": firewall.state(0, "rules IyBv\nenabled\nnft\ntable\nstands")}
    assert names(plugins, "up", NOTHING | stands)[-1] == "no firewall"
    assert names(plugins, "up", NOTHING | stands, firewall={})[-1] != "no firewall"
    running = {"container": there()} | stands
    assert names(plugins, "down", running, firewall={})[-1] == "no firewall"
    bare = {"firewall": firewall.state(0, "nft\nport 22")}
    assert "no firewall" not in names(plugins, "down", {"container": there()} | bare, firewall={})


def field(plugins: Plugins, facts: dict[str, Any], **section: Any) -> tuple[str, bool]:
    answer = plugins.ask(ask(plugins, "status", section=section, facts=facts))
    return dict(answer.fields).get("firewall", ""), answer.healthy


def test_status_says_whether_it_is_as_the_site_says(plugins, firewall) -> None:
    well = dict(BASE) | {"container": there(), "healthy": True}
    text = firewall.rules(
        ask(plugins, "up", section={"firewall": {}}).section.firewall, False, (22,)
    )
    state = firewall.FirewallState(
        words=frozenset({"nft", "table", "enabled", "stands"}), ports=(22,), rules=text
    )
    assert field(plugins, well | {"firewall": state}, firewall={}) == ("ours", True)
    for other in (
        firewall.FirewallState(words=frozenset({"nft", "table"}), ports=(22,), rules=text),
        firewall.FirewallState(words=state.words, ports=(22,), rules="other"),
        None,
    ):
        said, healthy = field(plugins, well | {"firewall": other}, firewall={})
        assert (said, healthy) == ("not as the site says: inv perfsonar.up", False)
    assert field(plugins, well | {"firewall": state})[1] is False
    assert field(plugins, well) == ("", True)


def test_ports_that_touch_or_lie_in_each_other_are_one_span(plugins) -> None:
    from fairlead_plugins.perfsonar import ports

    wanted = (
        *checks.tcp(443, 80, 443),
        checks.spare("tcp", 5890, 5900),
        checks.spare("tcp", 5880, 5895),
    )
    assert ports.spans(wanted, "tcp") == "80, 443, 5880-5900"
    assert ports.spans(wanted, "udp") == ""


# With a real nft: a network namespace is made by root alone

HOST = Path(__file__).parent / "shell/firewalled_host.sh"


def on_host(firewall: Any, tmp_path: Path, *programs: str, shell: str = "dash") -> list[str]:
    """What each program prints, and its exit code, one after the other on one host."""
    words = (str(tmp_path / "etc/ours.nft"), str(tmp_path / "etc/ours.service"), firewall.TABLE)
    text = firewall.rules(firewall.Firewall(ssh=("192.0.2.0/24",), open=("9090/tcp",)), True, (22,))
    (tmp_path / "etc").mkdir()
    Path(words[0]).write_text(text)
    for name in programs:
        if name != "show":
            (tmp_path / f"{name}.sh").write_text(firewall.sh.text(name))
    done = subprocess.run(
        ["unshare", "-nm", "sh", str(HOST), str(tmp_path), *words, *programs],
        env=os.environ | {"SHELL_OF_TEST": SHELLS[shell] + " sh" * (shell == "busybox")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [part.strip() for part in done.stdout.split("---\n")[:-1]]


@pytest.mark.lab
@pytest.mark.parametrize("shell", SHELLS)
def test_it_stands_beside_the_tables_of_others_and_goes_without_a_trace(
    firewall, tmp_path, shell
) -> None:
    answers = on_host(
        firewall,
        tmp_path,
        *("show", "firewalled", "firewall", "firewalled", "show", "unfirewall", "show"),
        *("firewall", "firewall_state", "firewall_gone", "show", "firewall_again", "firewalled"),
        shell=shell,
    )
    before, asked, done, again, stands, undone, after, *answers = answers
    assert (asked, done, again, undone) == ("1", "0", "0", "0")
    assert "other" in before
    assert "masquerade" in before
    assert after == before
    assert before.rpartition("systemctl")[0] in stands
    assert "tcp dport { 80, 443," in stands
    second, state, gone, bare, back, last = answers
    assert (second, gone, back, last) == ("0", "0", "0", "0")
    known = firewall.state(0, state.removesuffix("0"))
    assert {"nft", "table", "enabled", "stands"} <= known.words
    assert (known.closing, known.is_there) == (("ip other closed",), True)
    assert bare == before


@pytest.mark.lab
def test_rules_that_nft_refuses_change_nothing(firewall, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(
        firewall, "rules", lambda *words: "table inet fairlead_perfsonar { nonsense }"
    )
    before, asked, done, undone, after = on_host(
        firewall, tmp_path, "show", "firewalled", "firewall", "unfirewall", "show"
    )
    assert asked.endswith("2")
    assert "nonsense" in asked
    assert done.endswith("1")
    assert undone == "0"
    assert after == before
