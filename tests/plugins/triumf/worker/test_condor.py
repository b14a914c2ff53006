"""What is said to condor, against a docker that is none."""

import subprocess
from pathlib import Path

import pytest

from fairlead.contract.loader import Plugins
from fairlead.operations import script

sh = script.beside(__file__)


@pytest.mark.parametrize(
    ("processes", "code", "output"),
    [
        (
            "condor_master condor_startd condor_starter condor_starter",
            1,
            "vn0317: 2 jobs still run\n",
        ),
        ("condor_master condor_startd", 1, "vn0317: 0 jobs still run\n"),
        ("condor_master condor_procd condor_shared_p", 0, ""),
    ],
)
def test_a_worker_is_quiet_when_no_startd_runs_any_more(
    plugins: Plugins, tmp_path: Path, processes: str, code: int, output: str
) -> None:
    from fairlead_plugins.triumf.worker import condor

    (tmp_path / "docker").write_text(f"#!/bin/sh\n{sh.text('docker')}")
    (tmp_path / "docker").chmod(0o755)
    env = {
        "PATH": f"{tmp_path}:/usr/bin:/bin",
        "RUNNING": "vn0317",
        "PROCESSES": processes,
        "NOTES": str(tmp_path / "notes"),
    }
    done = subprocess.run(
        condor.quiet("vn0317", "vn0318"), env=env, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (code, output)
    subprocess.run(condor.off("vn0317", "vn0318"), env=env, check=True)
    subprocess.run(condor.on("vn0317"), env=env, check=True)
    assert (tmp_path / "notes").read_text() == "vn0317 condor_off -peaceful\nvn0317 condor_on\n"
