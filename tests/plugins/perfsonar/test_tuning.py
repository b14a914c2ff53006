"""`tuning: apply`: what is set for which interface, and that it is set, read back and brought back.

In a folder in place of the kernel's, and for TCP in the kernel itself.
"""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from fairlead.contract.loader import Plugins
from fairlead.testing import BASE, faults, plan_of
from tests.plugins.perfsonar.test_perfsonar import ask, names, there

SITE = {"tuning": "apply"}
NOTHING: dict[str, Any] = {"container": {}, "state": (), "tuning made": {}}
SMALL = """memory 16000
value net.core.rmem_max 212992
value net.core.wmem_max 212992
value net.ipv4.tcp_rmem 4096 131072 6291456
value net.ipv4.tcp_wmem 4096 16384 4194304
value net.ipv4.tcp_congestion_control cubic
value net.ipv4.tcp_mtu_probing 0
interface eth0 1500 1000 2
"""
MIB = 1024 * 1024
SET = {
    "net.core.rmem_max": str(64 * MIB),
    "net.core.wmem_max": str(64 * MIB),
    "net.ipv4.tcp_rmem": f"4096 131072 {32 * MIB}",
    "net.ipv4.tcp_wmem": f"4096 16384 {32 * MIB}",
    "net.ipv4.tcp_congestion_control": "htcp",
}


@pytest.fixture(scope="module")
def tuning(plugins: Plugins) -> Any:
    """The plugin's module of the tuning."""
    from fairlead_plugins.perfsonar import tuning

    return tuning


# Which


def test_what_a_host_lacks_is_set_and_once_set_it_stays_so(tuning) -> None:
    assert tuning.settings(tuning.network(0, SMALL), {}) == SET
    done = "\n".join(f"value {name} {value}" for name, value in SET.items())
    now = tuning.network(
        0, f"{done}\nvalue net.ipv4.tcp_mtu_probing 0\ninterface eth0 1500 1000 2\n"
    )
    assert tuning.settings(now, SET) == SET
    assert tuning.settings(now, {}) == {}  # all is there by somebody else


def test_a_faster_interface_gets_more_and_large_frames_get_probing(tuning) -> None:
    fast = tuning.network(0, SMALL.replace("eth0 1500 1000", "eth0 9000 100000"))
    values = tuning.settings(fast, SET)
    assert values["net.core.rmem_max"] == str(512 * MIB)
    assert values["net.ipv4.tcp_wmem"] == f"4096 16384 {256 * MIB}"
    assert values["net.ipv4.tcp_mtu_probing"] == "1"


@pytest.mark.parametrize(
    ("line", "instead", "name"),
    [
        ("control cubic", "control bbr", "net.ipv4.tcp_congestion_control"),
        ("rmem_max 212992", f"rmem_max {1024 * MIB}", "net.core.rmem_max"),
        ("value net.core.wmem_max 212992\n", "", "net.core.wmem_max"),
    ],
)
def test_what_is_good_or_not_there_is_left_alone(tuning, line, instead, name) -> None:
    assert line in SMALL
    values = tuning.settings(tuning.network(0, SMALL.replace(line, instead)), {})
    assert values == {key: value for key, value in SET.items() if key != name}


# Steps and status


def test_it_is_set_before_the_container_and_goes_with_it_or_with_its_key(plugins, tuning) -> None:
    facts = NOTHING | {"network": tuning.network(0, SMALL)}
    asked = ask(plugins, "up", section=SITE, facts=dict(BASE) | facts)
    assert [step.name for step in plan_of(plugins, asked)][:2] == ["tuning", "image"]
    assert list(faults(plugins.ask(asked))) == []
    assert "tuning" not in names(plugins, "up", facts)
    made = {"tuning made": SET}
    assert names(plugins, "up", facts | made)[-1] == "no tuning"
    assert names(plugins, "up", facts | made, **SITE)[0] == "tuning"
    assert names(plugins, "down", {"container": there()} | made, **SITE)[-1] == "no tuning"
    assert "no tuning" not in names(plugins, "down", {"container": there()}, **SITE)
    step = plan_of(plugins, asked)[0]
    assert tuning.made(0, step.stdin) == SET
    assert tuning.made(1, "cat: no such file") == {}


def test_status_says_which_is_otherwise(plugins, tuning) -> None:
    def tuned(text: str, made: Any) -> tuple[str, bool]:
        more = {"network": tuning.network(0, text)} if text else {}
        facts = dict(BASE) | {"container": there(), "healthy": True, "tuning made": made} | more
        answer = plugins.ask(ask(plugins, "status", section=SITE, facts=facts))
        return dict(answer.fields)["tuning"], answer.healthy

    now = SMALL
    for name, value in SET.items():
        (old,) = (line for line in now.splitlines() if line.startswith(f"value {name} "))
        now = now.replace(old, f"value {name} {value}")
    assert tuned(now, SET) == ("as perfSONAR's toolkit sets it", True)
    assert tuned(now.replace("htcp", "reno"), SET) == (
        "net.ipv4.tcp_congestion_control is reno, not htcp: inv perfsonar.up",
        False,
    )
    assert tuned("", SET) == ("not known", False)


# The programs: /proc/sys is a folder here, but for the last


def host(tmp_path: Path, **values: str) -> tuple[str, str, str, str]:
    for name, value in values.items():
        path = tmp_path / "proc/net/core" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{value}\n")
    return (str(tmp_path / "proc"), str(tmp_path / "etc/ours.conf"), *two(tmp_path))


def two(tmp_path: Path) -> tuple[str, str]:
    return str(tmp_path / "kept"), str(tmp_path / "before")


def values_of(tmp_path: Path) -> dict[str, str]:
    return {p.name: p.read_text().strip() for p in (tmp_path / "proc/net/core").iterdir()}


TEXT = "# ours\nnet.core.a = 1 2 9\nnet.core.b = 5\n"


def test_it_is_written_and_set_and_brought_back(tuning, sh, tmp_path) -> None:
    words = host(tmp_path, a="1\t2\t3", b="4", c="7")
    tuned, tune = tuning.sh.text("tuned"), tuning.sh.text("tune")
    untune, gone = tuning.sh.text("untune"), tuning.sh.text("tune_gone")
    assert sh(tuned, *words, stdin=TEXT)[0] == 1
    assert sh(tune, *words, stdin=TEXT) == (0, "")
    assert sh(tuned, *words, stdin=TEXT) == (0, "")
    assert values_of(tmp_path) == {"a": "1 2 9", "b": "5", "c": "7"}
    assert Path(words[1]).read_text() == TEXT

    other = "net.core.b = 6\nnet.core.c = 8\n"
    assert sh(tune, *words, stdin=other) == (0, "")
    assert values_of(tmp_path) == {"a": "1 2 3", "b": "6", "c": "8"}
    assert sh(untune, *words) == (0, "")
    assert values_of(tmp_path) == {"a": "1 2 9", "b": "5", "c": "7"}
    assert sh(tuned, *words, stdin=TEXT) == (0, "")

    (tmp_path / "proc/net/core/b").write_text("77\n")  # by somebody, since
    assert sh(tuned, *words, stdin=TEXT)[0] == 1
    assert sh(gone, *words) == (0, "")
    assert values_of(tmp_path) == {"a": "1 2 3", "b": "77", "c": "7"}
    assert [Path(words[number]).exists() for number in (1, 3)] == [False, False]
    assert sh(untune, *words) == (0, "")
    assert values_of(tmp_path) == {"a": "1 2 9", "b": "77", "c": "7"}
    assert Path(words[1]).read_text() == TEXT


def test_the_first_values_are_those_that_come_back_however_often_it_was_set(tuning, sh, tmp_path):
    words = host(tmp_path, a="1 2 3", b="4")
    for text in (TEXT, TEXT.replace("5", "6"), TEXT.replace("5", "7")):
        assert sh(tuning.sh.text("tune"), *words, stdin=text) == (0, "")
    assert sh(tuning.sh.text("tune_gone"), *words) == (0, "")
    assert values_of(tmp_path) == {"a": "1 2 3", "b": "4"}


@pytest.mark.lab
def test_a_kernel_that_does_not_take_it_is_a_failure_and_all_is_as_before(tuning, tmp_path) -> None:
    """In a network namespace of its own, whose settings of TCP are its own."""
    for name in ("tuned", "tune", "untune"):
        (tmp_path / f"{name}.sh").write_text(tuning.sh.text(name))
    done = subprocess.run(
        ["unshare", "-n", "sh", str(Path(__file__).parent / "shell/tuned_host.sh"), str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == (
        "net.ipv4.tcp_congestion_control stays reno: this kernel does not take nonesuch\n"
    )
    assert done.stdout.splitlines() == [
        *("set 0", "asked 0", "4096 131072 33554432"),
        *(
            "set 1",
            "back 0",
            "4096 131072 33554432",
            "reno",
            "net.ipv4.tcp_rmem = 4096 131072 33554432",
        ),
    ]
