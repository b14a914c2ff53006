"""Interfaces with gateways of their own: every state of a host, each in a network namespace of its
own; and what the files of whoever keeps them become."""

import shlex
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from fairlead.api import persistence
from fairlead.contract.loader import Plugins
from fairlead.testing import BASE, faults, plan_of
from tests.machine import SHELLS
from tests.plugins.perfsonar.test_perfsonar import ask, names, there

HERE = Path(__file__).parent
CASES = yaml.safe_load((HERE / "cases/nics.yml").read_text())
FILES = yaml.safe_load((HERE / "cases/nics_files.yml").read_text())
HOST = (HERE / "shell/nics_host.sh").read_text()
FIRST = {"name": "eth0", "address": "10.1.0.2/24", "gateway": "10.1.0.1"}
SECOND = {"name": "eth1", "address": "10.2.0.2/24", "gateway": "10.2.0.1"}
BESIDE = SECOND | {"address": "10.1.0.3/24", "gateway": "10.1.0.1"}
SITE = {"nics": {"n1": [FIRST, SECOND]}}
NOTHING: dict[str, Any] = {"container": {}, "state": ()}


@pytest.fixture(scope="module")
def nics(plugins: Plugins) -> Any:
    """The plugin's module of the interfaces."""
    from fairlead_plugins.perfsonar import nics

    return nics


def facts(**more: Any) -> dict[str, Any]:
    return dict(BASE) | NOTHING | {"nics made": ()} | more


def steps(plugins: Plugins, verb: str = "up", **more: Any) -> dict[str, Any]:
    section = more.pop("section", SITE)
    plan = plan_of(plugins, ask(plugins, verb, section=section, facts=facts(**more)))
    return {step.name: step for step in plan}


# On a host


def words_of(shell: str) -> list[str]:
    return [SHELLS[shell], *["sh"] * (shell == "busybox")]


def on_host(case: dict[str, Any], *commands: str) -> list[str]:
    """What each command prints on such a host, its exit code at the end."""
    made = "".join(f"ip {line} || exit 99\n" for line in case["ip"])
    values = ({"eth0/rp_filter": 1, "eth1/rp_filter": 1} | case.get("settings", {})).items()
    conf = "/proc/sys/net/ipv4/conf"
    made += "".join(f"echo {value} >{conf}/{file} 2>/dev/null\n" for file, value in values)
    answers = "".join(f"( {command} ) 2>&1; echo $?; echo ---\n" for command in commands)
    done = subprocess.run(
        ["unshare", "-nm", "sh", "-c", HOST + made + answers],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [part.strip() for part in done.stdout.split("---\n")[:-1]]


def wanted(case: dict[str, Any], plugins: Plugins, nics: Any) -> tuple[Any, Any]:
    """The fact and the step for the interfaces of a case."""
    section = {"nics": {"n1": [FIRST, BESIDE if case.get("shared") else SECOND]}}
    made = tuple(nics.Nic(**FIRST) for _ in range(case.get("count", 0)))
    asked = ask(plugins, "up", section=section, facts=facts(**{"nics made": made}))
    fact = next(fact for fact in nics.facts(asked) if fact.name == "nics")
    return fact, next(nics.steps(asked))


@pytest.mark.lab
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_state_is_told_and_mended_and_put_back_or_refused_by_name(plugins, nics, case) -> None:
    fact, step = wanted(case, plugins, nics)
    unless, do, undo = (shlex.join(command) for command in (step.unless, step.do, step.undo))
    answer, question, before, *after = on_host(
        case, shlex.join(fact.argv), unless, "show", do, unless, "show", undo, "show", undo
    )
    state = fact.parse(0, answer.rpartition("\n")[0])
    assert state == nics.NicsState(case["word"], case.get("said", state.reason))
    if state.word == "ok":
        assert question == "0"
    elif state.mends:
        assert (question, *after[:2]) == ("1", "0", "0"), after
        assert " from 10.1.0.2 lookup 301" in after[2].replace("\t", " ")
        assert "10.3.0.2" not in after[2]
        assert after[4].splitlines() == before.splitlines()
        assert (after[3], after[5]) == ("0", "0")
    else:
        assert question == f"{state.reason}\n2"


@pytest.mark.lab
def test_half_a_change_can_be_put_back(plugins, nics) -> None:
    _, step = wanted(CASES[1], plugins, nics)
    do, undo = shlex.join(step.do), shlex.join(step.undo)
    for lines in (0, 1, 3, 6):
        cut = do.replace(
            'ip -4 -batch "$kept/go"', f'head -n {lines} "$kept/go" | ip -4 -batch -; exit 1'
        )
        assert cut != do
        before, _, undone, after = on_host(CASES[1], "show", cut, undo, "show")
        assert (lines, undone, after) == (lines, "0", before)


@pytest.mark.lab
@pytest.mark.parametrize("shell", SHELLS)
def test_what_the_site_has_no_longer_is_as_it_was_before_the_first_time(
    plugins, nics, shell
) -> None:
    if shell == "busybox":
        pytest.skip("its ip is its own")
    _, first = wanted(CASES[1], plugins, nics)
    made = (nics.Nic(**FIRST), nics.Nic(**SECOND))
    gone = steps(plugins, "up", section={}, **{"nics made": made})["no interfaces"]
    assert first.unless[0] == "sh"
    asked, do, take, undo = (
        shlex.join((*words_of(shell), *command[1:]))
        for command in (first.unless, first.do, gone.do, gone.undo)
    )
    before, _, again, between, taken, after, undone, back = on_host(
        CASES[1], "show", do, asked, "show", take, "show", undo, "show"
    )
    assert (again, taken, undone) == ("0", "0", "0")
    assert after == before
    assert back == between


@pytest.mark.lab
def test_what_comes_to_an_address_leaves_by_its_own_gateway(plugins, nics) -> None:
    _, step = wanted(CASES[0], plugins, nics)
    far = (HERE / "shell/nics_far.sh").read_text()
    ping = "$far busybox ping -c 1 -W 1 10.2.0.2 >/dev/null"
    program = (
        f"{far}\n{ping}\necho before $?\n{shlex.join(step.do)}\n{ping}\necho after $?\nkill $other"
    )
    (answer,) = on_host(CASES[0], program)
    assert answer.splitlines()[:2] == ["before 1", "after 0"]


# Steps


def test_they_are_first_under_the_switch_and_written_down_for_a_boot(plugins) -> None:
    section = SITE | {"firewall": {}, "reconnect": 12}
    asked = ask(plugins, "up", section=section, facts=facts())
    host, up = plugins.ask(asked)
    assert [step.name for step in host.steps][:2] == ["interfaces", "settings of interfaces"]
    assert (host.name, host.steps[0].confirm_within, up.name) == ("host", 12, "up")
    assert (host.steps[0].exclusive, host.steps[0].gate) == (True, True)
    assert list(faults(plugins.ask(asked))) == []
    other = ask(plugins, "up", section=SITE, facts=facts(), host="n2")
    assert [phase.name for phase in plugins.ask(other)] == ["host", "up"]  # the same barriers


def test_its_file_of_settings_tells_which_they_were(plugins, nics) -> None:
    section = {"nics": {"n1": [FIRST, BESIDE]}}
    text = steps(plugins, section=section)["settings of interfaces"].stdin
    assert nics.made(0, text) == (nics.Nic(**FIRST), nics.Nic(**BESIDE))
    assert nics.made(1, "cat: no such file") == ()
    assert "net/ipv4/conf/eth1/rp_filter = 2\nnet/ipv4/conf/eth1/arp_ignore = 1\n" in text
    alone = steps(plugins)["settings of interfaces"].stdin
    assert "arp_" not in alone


def test_they_go_with_the_container_or_with_their_key(plugins, nics) -> None:
    made = {"nics made": (nics.Nic(**FIRST),)}
    assert names(plugins, "up", NOTHING | made)[-2:] == [
        "no interfaces",
        "interfaces after a reboot",
    ]
    running = {"container": there()} | made
    assert names(plugins, "down", running, **SITE)[-2] == "no interfaces"
    assert "no interfaces" not in names(plugins, "down", {"container": there()}, **SITE)
    third = nics.Nic(name="eth2", address="10.3.0.2/24", gateway="10.3.0.1")
    assert "other interfaces" in steps(plugins, **{"nics made": (third,)})


def test_what_is_in_the_way_blocks_and_what_is_mended_does_not(plugins, nics) -> None:
    def check(**more: Any) -> Any:
        answer = plugins.ask(ask(plugins, "preflight", section=SITE, facts=facts(**more)))
        return {check.name: check for check in answer}["interfaces"]

    assert check(nics=nics.NicsState("no-rule", "nothing sends")).ok
    assert check(nics=nics.NicsState("ok", "all")).ok
    dynamic = check(nics=nics.NicsState("dynamic", "eth1 has its address by DHCP"))
    assert (dynamic.ok, dynamic.blocks, dynamic.found) == (
        False,
        True,
        "eth1 has its address by DHCP",
    )
    assert (check().ok, check().found) == (False, "not known")
    assert nics.state(127, "sh: ip: not there\n") == nics.NicsState("unknown", "sh: ip: not there")


@pytest.mark.parametrize(
    ("state", "healthy"),
    [(("ok", "all is so"), True), (("no-rule", "nothing"), False), (None, False)],
)
def test_status_says_how_they_stand(plugins, nics, state, healthy) -> None:
    more = {"nics": nics.NicsState(*state)} if state else {}
    known = facts(container=there(), healthy=True, remotes=(), **more)
    answer = plugins.ask(ask(plugins, "status", section=SITE, facts=known))
    assert dict(answer.fields)["interfaces"] == (state[1] if state else "not known")
    assert answer.healthy == healthy


# Files


@pytest.mark.parametrize("case", FILES, ids=[case["name"] for case in FILES])
def test_a_file_of_the_host_becomes(plugins, nics, case) -> None:
    before, after = case["before"], case["after"]
    config = persistence.InterfaceConfig(case["keeper"], before)
    pair = [nics.Nic(**FIRST), nics.Nic(**SECOND)]
    configs = {nic.name: config for nic in pair if nic.name in case["keeps"]}
    none = persistence.InterfaceConfig("none", {})
    texts = nics.nics_files.texts(pair, {"eth0": none, "eth1": none} | configs)
    assert texts == after
    again = msgspec.structs.replace(config, files=before | after)
    assert (
        nics.nics_files.texts(pair, {"eth0": none, "eth1": none} | dict.fromkeys(configs, again))
        == after
    )
    if case["keeper"] == "ifupdown":
        (text,) = after.values()
        for nic in pair:
            text = nics.nics_files.plain(nic, text)
        assert {"/etc/network/interfaces": text} == before


def test_a_profile_of_network_manager_gets_its_routes_and_keeps_others(plugins, nics) -> None:
    settings = {
        "ipv4.routes": "10.9.0.0/16 10.2.0.7, 0.0.0.0/0 10.2.0.9 table=302",
        "ipv4.routing-rules": "",
        "ipv4.never-default": "no",
    }
    config = persistence.InterfaceConfig("NetworkManager", {}, settings=settings)
    profile = nics.nics_files.profile(nics.Nic(**SECOND), 2, config)
    assert profile == {
        "ipv4.routes": "10.9.0.0/16 10.2.0.7, 10.2.0.0/24 table=302 src=10.2.0.2, "
        "0.0.0.0/0 10.2.0.1 table=302",
        "ipv4.routing-rules": "priority 202 from 10.2.0.2 table 302",
        "ipv4.never-default": "yes",
    }
    done = msgspec.structs.replace(config, settings=settings | profile)
    assert nics.nics_files.profile(nics.Nic(**SECOND), 2, done) == {}
    plan = steps(plugins, **{"keeping eth1": config})
    step = plan["eth1 after a reboot (NetworkManager)"]
    assert step.do[-6:] == tuple(word for pair in profile.items() for word in pair)
    assert step.undo[-1] == "no"
    assert "eth1 after a reboot (NetworkManager)" not in steps(plugins, **{"keeping eth1": done})


def test_what_was_written_is_taken_out_again_and_comes_back(nics, sh, program, tmp_path) -> None:
    folders = {"/etc/network": tmp_path / "network", "/etc/systemd/network": tmp_path / "networkd"}
    forget, remember = nics.sh.text("nics_forget"), nics.sh.text("nics_remember")
    for old, new in folders.items():
        new.mkdir()
        forget = forget.replace(f"{old}/", f"{new}/")
    program("nmcli", "exit 1")
    (case,) = (case for case in FILES if case["name"] == "ifupdown, both in one file")
    interfaces, settings = folders["/etc/network"] / "interfaces", tmp_path / "settings"
    written = case["after"]["/etc/network/interfaces"]
    interfaces.write_text(written)
    ours = folders["/etc/systemd/network"] / "00-fairlead-eth1.network"
    ours.write_text("[Match]\n")
    settings.write_text("x\n")
    words = (str(tmp_path / "kept"), str(settings), "eth0", "eth1")
    assert sh(forget, *words) == (0, "")
    assert interfaces.read_text() == case["before"]["/etc/network/interfaces"]
    assert (ours.exists(), settings.exists()) == (False, False)
    assert sh(remember, words[0]) == (0, "")
    assert (interfaces.read_text(), ours.read_text(), settings.read_text()) == (
        written,
        "[Match]\n",
        "x\n",
    )


def test_an_interface_that_stands_twice_is_refused(plugins: Plugins) -> None:
    section = ask(plugins, "up", section={"nics": {"n1": [FIRST, SECOND, FIRST]}}).section
    assert [(clash.key, clash.other) for clash in section.clashes(None)] == [
        (("nics", "n1", 2), ("nics", "n1", 0))
    ]
    assert list(ask(plugins, "up", section=SITE).section.clashes(None)) == []
