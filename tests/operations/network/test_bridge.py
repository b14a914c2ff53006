"""A bridge takes over a host's address: every state of a host, each in a network namespace of its
own, with the kernel's own bridge.
"""

import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from fairlead.operations import script
from fairlead.operations.network import bridge
from fairlead.operations.network.bridge import BridgeState

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases/bridge.yml").read_text())
sh = script.beside(__file__)
HOW = sh.text("how")

pytestmark = pytest.mark.lab  # a namespace is made by root alone


def host(case: dict[str, Any], *commands: str) -> list[str]:
    """What each command prints on such a host, its exit code at the end."""
    lines = (*case["ip"], *case.get("also", ()))
    settings = case.get("settings", {}).items()
    made = "".join(f"ip {line} || exit 99\n" for line in lines)
    made += "".join(f"echo {value} >/proc/sys/net/{file} || exit 98\n" for file, value in settings)
    answers = "".join(f"( {command} ) 2>&1; echo $?; echo ---\n" for command in commands)
    done = subprocess.run(
        ["unshare", "-nm", "sh", "-c", sh.text("host") + made + answers],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [part.strip() for part in done.stdout.split("---\n")[:-1]]


def arguments(case: dict[str, Any]) -> tuple[tuple[str, str, str], dict[str, str]]:
    return ("br0", "eth0", case.get("address", "10.5.106.1/24")), {
        "gateway": case.get("gateway", "")
    }


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_state_is_told_and_mended_and_put_back_or_refused_by_name(case: dict[str, Any]) -> None:
    words, named = arguments(case)
    step, fact = bridge.bridge(*words, **named), bridge.fact(*words, **named)
    unless, do, undo = (shlex.join(command) for command in (step.unless, step.do, step.undo))
    answer, question, before, *after = host(
        case, shlex.join(fact.argv), unless, HOW, do, unless, HOW, undo, HOW, undo
    )
    state = fact.parse(0, answer.rpartition("\n")[0])
    assert state == BridgeState(case["word"], case.get("said", state.reason))
    if state.word == "ok":
        assert question == "0"
    elif state.mends:
        assert (question, *after[:2]) == ("1", "0", "0")
        assert [line for line in case.get("moves", ()) if line not in after[2]] == []
        assert after[4].splitlines() == before.splitlines()
        assert (after[3], after[5]) == ("0", "0")
    else:
        assert question == f"{state.reason}\n2"


def test_half_a_change_can_be_put_back() -> None:
    case = CASES[1]
    step = bridge.bridge(*arguments(case)[0])
    do, undo = shlex.join(step.do), shlex.join(step.undo)
    for lines in (1, 4, 5, 8):
        cut = do.replace(
            'ip -4 -batch "$saved/go4"', f'head -n {lines} "$saved/go4" | ip -4 -batch -; exit 1'
        )
        assert cut != do
        before, _, undone, after = host(case, HOW, cut, undo, HOW)
        assert (lines, undone, after) == (lines, "0", before)


def test_the_bridge_comes_into_firewalld_s_zone_of_its_port_and_leaves_it_again() -> None:
    step = bridge.bridge(*arguments(CASES[0])[0])
    do, undo = shlex.join(step.do), shlex.join(step.undo)
    program = (sh.folder / "firewall_cmd.sh").read_text("utf-8")
    firewalld = shlex.join(sh("with_firewalld", program))
    zone = "firewall-cmd --get-zone-of-interface=br0"
    assert host(CASES[0], firewalld, do, zone, undo, zone) == [
        *("0", "0", "work\n0", "0", "no zone\n2"),
    ]


def test_a_bridge_is_armed_has_the_host_to_itself_and_brings_the_old_network_back() -> None:
    step = bridge.bridge("br0", "eth0", "10.5.106.1/24", patience=12)
    assert (step.confirm_within, step.exclusive, step.gate, step.name) == (
        12,
        True,
        True,
        "bridge br0",
    )
    assert bridge.bridge("br0", "eth0").confirm_within == 30


def test_that_the_old_network_is_back_is_proved_by_who_answered_before() -> None:
    case = CASES[0]
    step = bridge.bridge(*arguments(case)[0])
    lines = [f"({shlex.join(command)})" for command in (step.do, step.undo, step.proof)]
    pulled = ["echo $?", "$far ip link set peer down", lines[-1], "echo $?", "kill $other"]
    script = sh.text("neighbour") + "\n".join([*lines, *pulled])
    (answer,) = host(case, script)
    assert answer.splitlines() == [
        "0",
        "nobody answers who did before: 10.5.106.9 by eth0",
        "1",
        "0",
    ]


@pytest.mark.parametrize(
    ("code", "text"), [(127, "sh: ip: not state\n"), (0, ""), (124, ""), (0, "a b\nc\n")]
)
def test_an_answer_that_is_none_is_no_state(code: int, text: str) -> None:
    assert bridge.bridge_state(code, text).word == "unknown"
