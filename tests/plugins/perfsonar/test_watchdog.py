"""What starts a test point anew that is not well: its steps, and its program."""

import os
import time
from pathlib import Path
from typing import Any

import pytest

from fairlead.contract.loader import Plugins
from fairlead.model.plan import argvs
from fairlead.testing import BASE, faults, plan_of
from tests.plugins.perfsonar.test_perfsonar import ask, names, there

STEPS = ["watchdog", "watchdog's unit", "watchdog's timer", "watchdog runs"]
TIMER = "fairlead-perfsonar-testpoint-watchdog.timer"


@pytest.fixture(scope="module")
def watchdog(plugins: Plugins) -> Any:
    """The plugin's module of the watchdog."""
    from fairlead_plugins.perfsonar import watchdog

    return watchdog


def test_it_is_put_where_the_site_wants_it_and_goes_where_it_does_not(plugins):
    nothing = {"container": {}, "state": ()}
    assert names(plugins, "up", nothing, watchdog={})[-4:] == STEPS
    assert not set(STEPS) & set(names(plugins, "up", nothing))
    stands = nothing | {"watchdog": "restarts within the hour: 0"}
    assert names(plugins, "up", stands)[-1] == "no watchdog"
    assert names(plugins, "down", {"container": there()} | stands)[0] == "no watchdog"


def test_its_words_reach_the_host_as_they_are(plugins):
    section = {"watchdog": {"failures": 2, "every": 600}, "health": "ping"}
    asked = ask(plugins, "up", section=section, facts=dict(BASE) | {"container": {}, "state": ()})
    steps = {step.name: step for step in plan_of(plugins, asked)}
    program = str(steps["watchdog"].stdin)
    assert program.startswith(
        "set -- docker perfsonar-testpoint /var/lib/perfsonar-testpoint/watchdog 2 3 300 "
        "/var/tmp/fairlead perfsonar pscheduler ping localhost\n"
    )
    assert "OnUnitActiveSec=600\n" in str(steps["watchdog's timer"].stdin)
    assert ("systemctl", "restart", TIMER) in list(argvs(steps["watchdog runs"].do))
    assert list(faults(plugins.ask(asked))) == []


def test_status_says_what_it_did(plugins):
    facts = dict(BASE) | {"container": there(), "watchdog": "restarts within the hour: 2"}
    assert dict(plugins.ask(ask(plugins, "status", facts=facts)).fields)["watchdog"] == (
        "restarts within the hour: 2"
    )
    assert "watchdog" not in dict(plugins.ask(ask(plugins, "status")).fields)


ENGINE = Path(__file__).parent / "shell/engine_watched.sh"


@pytest.fixture
def look(watchdog, sh, program, tmp_path, monkeypatch) -> Any:
    """One look of the watchdog: the exit code, and how often the container was started anew."""
    monkeypatch.setenv("PPID_OF_TEST", str(os.getpid()))
    engine = program("engine", f'exec sh {ENGINE} "$0" "$@"')
    (tmp_path / "locks").mkdir()

    def run(failures: int = 2, restarts: int = 2, patience: int = 0) -> tuple[int, int]:
        words = ("engine", "ps", str(tmp_path / "dog"), str(failures), str(restarts), str(patience))
        locks = (str(tmp_path / "locks"), "perfsonar", "pscheduler", "ping")
        code, _ = sh(watchdog.sh.text("watchdog"), *words, *locks)
        said = engine.with_name("engine.restarts")
        return code, len(said.read_text().splitlines()) if said.exists() else 0

    run.engine = engine  # type: ignore[attr-defined]
    return run


def test_one_that_is_well_is_left_alone(look):
    look.engine.with_name("engine.well").touch()
    assert [look() for _ in range(4)] == [(0, 0)] * 4


def test_failures_in_a_row_start_it_anew_and_too_many_restarts_end_that(look):
    assert [look() for _ in range(6)] == [(0, 0), (0, 1), (0, 1), (0, 2), (0, 2), (1, 2)]
    assert look() == (1, 2)  # said again at each look: the unit has failed
    assert look.engine.with_name("engine.restarts").read_text() == "restart -t 30 ps\n" * 2


def test_failures_that_are_not_in_a_row_do_not_count(look):
    well = look.engine.with_name("engine.well")
    assert look() == (0, 0)
    well.touch()
    assert look() == (0, 0)
    well.unlink()
    assert [look(), look()] == [(0, 0), (0, 1)]


def test_after_an_hour_it_tries_again(look, tmp_path):
    (tmp_path / "dog").mkdir()
    (tmp_path / "dog/restarts").write_text(f"{int(time.time()) - 3700}\n" * 2)
    assert look(failures=1) == (0, 1)


def test_it_keeps_off_while_somebody_works_on_it(look, tmp_path):
    lease = tmp_path / "locks/perfsonar.lease.0"
    lease.write_text(f"run\nwho\nsince\nfor\n{int(time.time()) + 60}\nworking\n")
    assert [look(failures=1) for _ in range(2)] == [(0, 0)] * 2
    lease.write_text(f"run\nwho\nsince\nfor\n{int(time.time()) - 1}\nworking\n")
    import fcntl

    with (tmp_path / "locks/perfsonar.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert look(failures=1) == (0, 0)
        fcntl.flock(lock, fcntl.LOCK_UN)
    assert look(failures=1) == (0, 1)


def test_one_that_has_just_started_or_does_not_run_is_left_alone(look, monkeypatch):
    assert look(failures=1, patience=999999999) == (0, 0)
    monkeypatch.setenv("PPID_OF_TEST", "0")
    assert look(failures=1) == (0, 0)


def test_what_it_did_is_told(watchdog, sh, tmp_path: Path):
    out, folder = tmp_path / "out", tmp_path / "dog"
    program = f"exec >{out}\n" + watchdog.sh.text("watchdog_state")
    assert sh(program, str(tmp_path / "timer"), str(folder)) == (0, "")
    assert out.read_text() == ""
    (tmp_path / "timer").touch()
    folder.mkdir()
    (folder / "restarts").write_text(f"{int(time.time()) - 3700}\n{int(time.time())}\n")
    assert sh(program, str(tmp_path / "timer"), str(folder)) == (0, "")
    assert out.read_text() == "restarts within the hour: 1\n"


def test_one_that_did_not_start_is_off(watchdog, sh, program):
    program("systemctl", '[ "$1" = is-active ] && exit 3; echo no such unit >&2; exit 5')
    assert sh(watchdog.sh.text("timer_off"), "x.timer") == (0, "")
    program("systemctl", "exit 0")
    assert sh(watchdog.sh.text("timer_off"), "x.timer")[0] == 1


def test_its_units_go_and_come_back(watchdog, sh, program, tmp_path: Path):
    said = program("systemctl", f'echo "$@" >>{tmp_path}/said')
    timer, service, aside = (tmp_path / name for name in ("x.timer", "x.service", "aside"))
    timer.write_text("timer")
    service.write_text("service")
    words = (str(timer), str(service), str(aside))
    assert sh(watchdog.sh.text("unwatch"), *words) == (0, "")
    assert (timer.exists(), service.exists()) == (False, False)
    assert sh(watchdog.sh.text("rewatch"), *words) == (0, "")
    assert (timer.read_text(), service.read_text()) == ("timer", "service")
    assert said.exists()
    assert (tmp_path / "said").read_text().splitlines() == [
        "disable --now x.timer",
        "daemon-reload",
        "daemon-reload",
        "enable --now x.timer",
    ]


def test_podman_starts_one_anew_that_nobody_watched(look, watchdog, sh, program, tmp_path):
    """Its conmon was killed: it cannot be restarted before its end is noted."""
    podman = program("podman", f'exec sh {ENGINE} "$0" "$@"')
    podman.with_name("podman.stopping").touch()
    text = watchdog.sh.text("watchdog").replace("/run/libpod/exits", str(tmp_path))
    words = ("podman", "ps", str(tmp_path / "dog"), "1", "2", "0", str(tmp_path / "locks"))
    assert sh(text, *words, "perfsonar", "pscheduler", "ping")[0] == 0
    assert podman.with_name("podman.started").read_text() == "ps\n"
