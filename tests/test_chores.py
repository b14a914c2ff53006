"""This project's own chores in tasks.py: what they start is not killed by our own Ctrl-C."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TIDYING = """
import time
from pathlib import Path
Path("begun").touch()
try:
    time.sleep(60)
finally:
    time.sleep(1)
    Path("tidy").touch()
"""
CHORE = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[1]]
import tasks
tasks.HERE = Path.cwd()
tasks.PYTHON = (sys.executable, "-m")
tasks._run("tidying")
"""


def test_ctrl_c_leaves_what_was_begun_the_time_to_tidy_up(tmp_path):
    (tmp_path / "tidying.py").write_text(TIDYING)
    chore = subprocess.Popen(
        [sys.executable, "-c", CHORE, ROOT],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    end = time.monotonic() + 30
    while not (tmp_path / "begun").exists():
        assert time.monotonic() < end
        time.sleep(0.05)
    os.killpg(chore.pid, signal.SIGINT)
    chore.communicate(timeout=30)
    assert chore.returncode == -signal.SIGINT
    assert (tmp_path / "tidy").exists()
