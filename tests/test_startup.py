"""Nobody waits for `inv --list`, however many systems there are."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
_SPEC = importlib.util.spec_from_file_location("startup", ROOT / "bench" / "startup.py")
startup = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(startup)


def test_a_listing_of_everything_imports_nothing_heavy():
    assert startup.heavy() == []


@pytest.mark.parametrize("call", [startup.PLAIN, startup.OURS])
def test_a_listing_of_everything_takes_little_more_than_one_of_a_single_task(call):
    """The fastest of each is what counts; beside other tests it may take more rounds to be seen."""
    times = startup.measure(6)
    while startup.ratio(times, call, "processor") > startup.LIMIT and len(times[call]) < 60:
        more = startup.measure(6)
        times = {name: times[name] + more[name] for name in times}
    assert startup.ratio(times, call, "processor") <= startup.LIMIT


def test_garbage_is_collected_once_the_tasks_are_loaded(tmp_path):
    (tmp_path / "tasks.py").write_text(
        "import gc\nfrom invoke import task\n\n@task\ndef show(c):\n"
        "    print(gc.isenabled(), gc.get_freeze_count() > 1000)\n"
    )
    env = startup.environment(str(tmp_path / "cache")) | {"FAIRLEAD_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "fairlead", "show"],
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "True True\n"
