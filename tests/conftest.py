"""What every test may use: an ops repository of one's own with a toy system, and a command line in
it.
"""

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

import machine
from fairlead.contract.loader import Plugins
from fairlead.testing import plugins_in
from tests.driver import Driver
from tests.e2e import turns
from tests.machine import SHELLS
from tests.shells import Shell

HERE = Path(__file__).parent
# What a shell starts behind it ignores Ctrl-C, and what nohup starts a hangup; so would all that
# the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# a machine that others use too is slow, which is no fault of what is tested
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

# what the tests start a thousand times is compiled once
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test of the lab is not run where there can be no lab; it is listed by name at the end."""
    reason = machine.lacks()
    for item in items:
        if reason and item.get_closest_marker("lab"):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With --dist=loadfile a process takes a whole file, or several that would wait for each other
    (tests/e2e/turns.py).
    """
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return turns.process(super()._split_scope(nodeid))

    return ByFile(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What could not run here, each by its name."""
    names: dict[str, list[str]] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        names.setdefault(str(reason).removeprefix("Skipped: "), []).append(report.nodeid)
    for reason, found in names.items():
        terminalreporter.section(f"{len(found)} could not run here")
        terminalreporter.line(f"{reason}:")
        terminalreporter.line("\n".join(f"  {name}" for name in found))


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Shell:
    """Each shell that hosts have."""
    return Shell(request.param, tmp_path)


@pytest.fixture
def ops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of tests/ops, which is the current folder: tasks.py, invoke.yaml, plugins/toy."""
    folder = tmp_path / "ops"
    shutil.copytree(HERE / "ops", folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(folder)
    monkeypatch.delenv("FAIRLEAD_HOME", raising=False)
    monkeypatch.delenv("FAIRLEAD_SITE", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = dict(sys.modules)
    yield folder
    for name in [
        name
        for name in sys.modules
        if name.split(".")[0] in ("tasks", "fairlead_plugins") and name not in before
    ]:
        del sys.modules[name]
    for name in ("tasks", "fairlead_plugins"):
        if name in before:
            sys.modules[name] = before[name]


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Driver:
    """Machines n1 to n3, without any system: a test gives it the systems that it needs."""
    return Driver(tmp_path, lambda name, module: monkeypatch.setitem(sys.modules, name, module))


@pytest.fixture(scope="session")
def plugins() -> Plugins:
    """The plugins of this repository, loaded once."""
    return plugins_in(HERE.parent / "plugins")
