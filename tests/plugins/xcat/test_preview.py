"""`xcat.preflight --for=VERSION`: every row of its cases, and what is asked of the container."""

import os
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from fairlead.contract.loader import Plugins
from fairlead.model.plan import Check
from fairlead.operations.checks import Socket
from fairlead.operations.network.bridge import BridgeState
from fairlead.operations.network.persistence import InterfaceConfig
from tests.machine import SHELLS
from tests.plugins.questions import asking
from tests.plugins.xcat.test_xcat import typed

ROOT = Path(__file__).parents[3]
CASES = yaml.safe_load((ROOT / "plugins/xcat/cases/preview.yml").read_text())
WELL: dict[str, Any] = {
    "container": {},
    "state": (),
    "bridged": BridgeState("ok", "10.5.106.1/24"),
    "keeping": InterfaceConfig("networkd", {}),
    "room": 90000,
    "taken": False,
    "apparmor": False,
    "alone": True,
    "pids": frozenset(),
    "today": "version Version 2.16.5 (git commit 0a)\nend\n",
}
ask = asking("xcat.manager", WELL)


def facts(case: dict[str, Any]) -> dict[str, Any]:
    from fairlead_plugins.xcat import preview
    from fairlead_plugins.xcat.facts import Loops

    known = {"loops": Loops(True, ()), **typed(case.get("facts", {}))}
    known["today"] = preview.parse(0, known.get("today", WELL["today"]))
    if "sockets" in known:
        known["sockets"] = tuple(Socket(*row) for row in known["sockets"])
    return known


def checks(plugins: Plugins, case: dict[str, Any]) -> dict[str, Check]:
    asked = ask(
        plugins, "preflight", case.get("site", {}), facts(case), options={"for": case["for"]}
    )
    return {check.name: check for check in plugins.ask(asked)}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_is_in_the_way_of_a_version(plugins: Plugins, case: dict[str, Any]) -> None:
    results = checks(plugins, case)
    failing = {name: check for name, check in results.items() if not check.ok}
    assert sorted(failing) == sorted(case["fails"])
    for name, words in case["fails"].items():
        assert words in failing[name].found
        assert failing[name].remedy.startswith(case.get("remedy", ""))
    assert not case.get("blocks") or any(check.blocks for check in failing.values())
    assert not any(check.fix for check in results.values())


def test_without_for_the_container_is_not_asked_and_today_s_image_is_looked_at(
    plugins: Plugins,
) -> None:
    facts_of = {
        tuple(options.values()): {
            fact.name for fact in plugins.ask(ask(plugins, "preflight", options=options), "facts")
        }
        for options in ({}, {"for": "2.18.1"})
    }
    assert facts_of["2.18.1",] - facts_of[()] >= {"today", "built", "alone", "elsewhere"}
    assert facts_of[()] - facts_of["2.18.1",] == {"image"}


@pytest.mark.parametrize("version", ["2", "new", "2.18.1-1", "2.x"])
def test_what_is_no_version_is_refused(plugins: Plugins, version: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        ask(plugins, "preflight", options={"for": version})


@pytest.mark.parametrize("shell", SHELLS)
def test_what_the_container_has_is_told_and_what_a_volume_keeps_is_not(
    tmp_path: Path, shell: str
) -> None:
    """Paths lie in a folder here; /proc is on a file system of its own, as a volume is."""
    from fairlead_plugins.xcat import preview

    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/sh").symlink_to(SHELLS[shell])
    daemon = tmp_path / "lsxcatd"
    daemon.write_text('#!/bin/sh\necho "Version 2.16.5 (git commit 0a)"\necho dbengine=SQLite\n')
    daemon.chmod(0o755)
    for name in ("tftpboot", "empty", "etc/dhcp", "var/lib/dhcpd"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "tftpboot/kernel").write_text("")
    (tmp_path / "link").symlink_to("/proc/self")
    (tmp_path / "etc/dhcp/dhcpd.conf").write_text("subnet\n")
    (tmp_path / "var/lib/dhcpd/dhcpd.leases").write_text(
        "lease 10.0.0.1 {\n}\nlease 10.0.0.2 {\n}\n"
    )
    program = preview.sh.text("today").replace("/opt/xcat/bin/lsxcatd", str(daemon))
    for folder in ("/etc/dhcp", "/var/lib/dhcp"):
        program = program.replace(folder, f"{tmp_path}{folder}")
    words = [str(tmp_path / name) for name in ("tftpboot", "empty", "none", "link")]
    result = subprocess.run(
        [str(tmp_path / "bin/sh"), "-c", program, "today", *words, "/proc"],
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    today = preview.parse(0, result.stdout)
    assert today
    assert (today.version, today.unkept, today.leases) == ("2.16.5", (words[0],), 2)


def test_a_container_that_could_not_be_asked_to_the_end_is_not_known() -> None:
    from fairlead_plugins.xcat import preview

    assert preview.parse(1, "Error: No such container: xcatmn\n") is None
    assert preview.parse(0, "version Version 2.16.5\n") is None
