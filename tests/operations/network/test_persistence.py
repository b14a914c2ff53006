"""A bridge that is there after a reboot: the files of each keeper of a host's network, as data."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from fairlead.operations import script
from fairlead.operations.network import persistence
from fairlead.operations.network.persistence import BridgeSpec, InterfaceConfig

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases/lasting.yml").read_text())
sh = script.beside(__file__)
WISH = BridgeSpec("br0", "eth0", "10.5.106.1/24", "10.5.106.254")


def found(case: dict[str, Any], files: dict[str, str] | None = None) -> InterfaceConfig:
    return InterfaceConfig(
        case["keeper"],
        case["files"] if files is None else files,
        "02:00:00:00:00:01",
        case.get("settings", {}),
        case.get("mtu", ""),
        tuple(case.get("sysctls", ())),
    )


def bare(text: str) -> str:
    """Without the ids, which are made of names."""
    return re.sub(r"(?m)^uuid=.*$", "uuid=", text)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_files(case: dict[str, Any]) -> None:
    made = persistence.rendered(WISH, found(case))
    assert {path: bare(text) for path, text in made.items()} == {
        path: bare(text) for path, text in case["makes"].items()
    }


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_was_written_is_not_written_again(case: dict[str, Any]) -> None:
    made = persistence.rendered(WISH, found(case))
    assert (
        persistence.step(
            "br0", "eth0", "10.5.106.1/24", "10.5.106.254", found(case, case["files"] | made)
        )
        is None
    )


def test_the_ids_of_profiles_are_two_and_always_the_same() -> None:
    case = next(case for case in CASES if case["keeper"] == "NetworkManager")
    first, second = (persistence.rendered(WISH, found(case)) for _ in range(2))
    assert first == second
    assert len(set(re.findall(r"(?m)^uuid=(.*)$", "".join(first.values())))) == 2


def test_only_root_reads_what_network_manager_reads() -> None:
    case = next(case for case in CASES if case["keeper"] == "NetworkManager")
    step = persistence.step("br0", "eth0", "10.5.106.1/24", "", found(case))
    assert [word for word in step.unless if word in ("600", "644")] == ["600", "600"]
    assert step.diff.startswith(
        "--- /etc/NetworkManager/system-connections/fairlead-br0.nmconnection\n"
    )


@pytest.mark.parametrize(
    ("code", "text"),
    [(127, "sh: not found\n"), (0, ""), (0, "file x !!\nkeeper\n"), (124, ""), (0, "set\n")],
)
def test_an_answer_that_is_none_is_nobody(code: int, text: str) -> None:
    assert persistence.interface_config(code, text).keeper in ("none", "")


@pytest.mark.lab
def test_a_host_tells_its_frames_its_settings_and_the_files_laid_over_others() -> None:
    program = persistence.fact("br0", "eth0").argv[2]
    done = subprocess.run(
        ["unshare", "-nm", "sh", "-c", sh.text("kept_host"), "host", program, "br0", "eth0"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    config = persistence.interface_config(done.returncode, done.stdout)
    assert (config.keeper, config.mtu, config.sysctls) == (
        "networkd",
        "9000",
        ("net.ipv4.conf.eth0.rp_filter = 2", "-net/ipv6/conf/eth0/accept_ra = 0"),
    ), done.stderr
    assert [text for path, text in config.files.items() if "/run/" in path] == [
        "[Network]\nAddress=10.5.106.1/24\n",
        "[Network]\nDNS=10.5.106.2\n",
    ]
    made = persistence.rendered(WISH, config)
    assert made["/etc/sysctl.d/90-fairlead-br0.conf"] == (
        "net.ipv4.conf.br0.rp_filter = 2\n-net/ipv6/conf/br0/accept_ra = 0\n"
    )
    assert "DNS=10.5.106.2" in made["/etc/systemd/network/00-fairlead-br0.network"]
