"""The logs of condor, and of a worker's container."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from fairlead.contract.loader import Plugins
from tests.plugins.triumf.worker.engine import ask


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, ("100", "", "/var/log/vn0317", "/var/log/vn0318")),
        ({"worker": "vn0318", "follow": True, "tail": 5}, ("5", "-F", "/var/log/vn0318")),
    ],
)
def test_condor_s_own_logs_are_shown(
    plugins: Plugins, options: dict[str, Any], words: tuple[str, ...]
) -> None:
    session = plugins.ask(ask(plugins, "logs", options=options))
    assert (session.argv[4:], session.follow) == (words, bool(options.get("follow")))


def test_what_the_container_itself_has_said(plugins: Plugins) -> None:
    session = plugins.ask(
        ask(plugins, "logs", options={"worker": "vn0318", "container": True, "follow": True})
    )
    assert session.argv == ("docker", "logs", "-f", "--tail", "100", "vn0318")


def test_the_ends_of_logs(plugins: Plugins, tmp_path: Path) -> None:
    from fairlead_plugins.triumf.worker import sh

    for name in ("vn1", "vn2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "MasterLog").write_text(f"first\n{name}\n")
    words = sh("condor_logs", "1", "", str(tmp_path / "vn1"), str(tmp_path / "vn2"))
    output = subprocess.run(words, capture_output=True, text=True, check=False).stdout
    assert (
        output
        == f"==> {tmp_path}/vn1/MasterLog <==\nvn1\n\n==> {tmp_path}/vn2/MasterLog <==\nvn2\n"
    )
    none = subprocess.run((*words[:6], str(tmp_path)), capture_output=True, text=True, check=False)
    assert (none.returncode, none.stderr) == (1, "condor has written no logs there\n")
