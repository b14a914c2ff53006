"""When a test point is well, and what it says of itself."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fairlead.contract.loader import Plugins
from fairlead.testing import BASE
from tests.plugins.perfsonar.test_perfsonar import ask, there

WELL = "echo; echo pScheduler appears to be functioning normally."
LATE = Path(__file__).parent / "shell/late_at_first.sh"
TICKER = "pscheduler-ticker:daemons/of-this-[t]est"  # a lab on this machine has real ones


@pytest.fixture(scope="module")
def health(plugins: Plugins) -> Any:
    """The plugin's module of health."""
    from fairlead_plugins.perfsonar import health

    return health


@pytest.fixture
def quick(health, sh, program) -> Any:
    """The program, beside a pscheduler that does as it is told, without pauses; its PID 1 is no
    systemd unless it is said to be."""
    program("sleep", "exit 0")
    program("cat", "echo supervisord")

    def run(pscheduler: str, *daemons: str, times: int = 1) -> tuple[int, str]:
        program("pscheduler", pscheduler)
        return sh(health.sh.text("quick"), str(times), *daemons)

    return run


def test_it_asks_more_than_the_web_server_and_no_resolver(quick, tmp_path):
    said = tmp_path / "said"
    assert quick(f'echo "$@" >{said}; {WELL}') == (0, "")
    assert said.read_text() == "troubleshoot --quick --host localhost\n"


@pytest.mark.parametrize(
    ("pscheduler", "says"),
    [
        ("echo Failed.; echo; echo The Ticker is late.; exit 1", "The Ticker is late."),
        ("echo Failed.; exit 0", "Failed."),  # a run that failed inside ends with 0
        ("exit 1", ""),
    ],
)
def test_what_is_not_well_is_told(quick, pscheduler, says):
    assert quick(pscheduler) == (1, f"not well: {says}\n")


@pytest.mark.parametrize(("late", "code"), [(1, 0), (2, 0), (3, 1)])
def test_only_what_is_so_three_times_in_a_row_counts(quick, tmp_path, late, code):
    count = tmp_path / "count"
    count.write_text("x" * late)
    assert quick(f"exec sh {LATE} {count}", times=3)[0] == code


def test_one_without_a_pattern_is_known_by_its_unit_alone(quick):
    assert quick(WELL, "apache2:") == (0, "")


def test_an_older_pscheduler_is_pinged(quick):
    older = '[ "$1" != ping ] || exit {}; echo "error: no such option: --quick"; exit 2'
    assert quick(older.format(0)) == (0, "")
    assert quick(older.format(1))[0] == 1


@pytest.fixture
def ticker(tmp_path: Path) -> Iterator[Any]:
    """A process whose command is that of pScheduler's ticker."""
    file = tmp_path / "daemons" / "of-this-test"
    file.parent.mkdir()
    file.write_text("read -r word\n")
    with subprocess.Popen(["sh", file], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_a_daemon_that_died_is_missed_though_pscheduler_says_nothing(quick, ticker):
    assert quick(WELL, TICKER) == (0, "")
    ticker.kill()
    ticker.wait()
    assert quick(WELL, TICKER) == (1, "not well: pscheduler-ticker does not run\n")


def test_nobody_is_found_by_the_words_that_look_for_him(health, plugins):
    words = " ".join(health.question(ask(plugins, "up").section))
    patterns = [pattern for pattern in health.DAEMONS.values() if pattern]
    assert [pattern for pattern in patterns if re.search(pattern, words)] == []
    assert len(patterns) == len(health.DAEMONS) - 2


@pytest.mark.parametrize(
    ("enabled", "active", "code"),
    [
        ("enabled", "active", 0),
        ("enabled", "failed", 1),
        ("static", "inactive", 1),
        ("disabled", "inactive", 0),
        ("masked", "inactive", 0),
        ("", "inactive", 0),
    ],
)
def test_a_unit_that_is_enabled_has_to_be_active(quick, program, request, enabled, active, code):
    if request.node.callspec.params["sh"] == "busybox":
        pytest.skip("its cat is its own: it cannot be told that PID 1 is systemd")
    program("cat", "echo systemd")
    program(
        "systemctl", f"case $1 in is-enabled) echo {enabled} ;; *) [ {active} = active ] ;; esac"
    )
    assert quick(WELL, TICKER)[0] == code


def test_the_site_may_have_the_ping_alone(health, plugins):
    section = ask(plugins, "up", section={"health": "ping"}).section
    assert health.question(section) == ("pscheduler", "ping", "localhost")
    assert health.question(ask(plugins, "up").section)[3:5] == ("quick", "3")


METRICS = """\
# TYPE perfsonar_bundle gauge
perfsonar_bundle{type="perfsonar-testpoint",version="5.2.4-1"} 1
perfsonar_psconfig_pscheduler_tasks{guid="0",src="remote"} 12
perfsonar_psconfig_pscheduler_tasks{guid="0",src="remote",url="https://a/"} 8
perfsonar_psconfig_pscheduler_tasks{guid="0",src="remote",url="https://b/"} 4
perfsonar_psconfig_pscheduler_tasks{guid="0",src="include"} 1
perfsonar_host_registered{uuid="0"} 1
"""


def test_what_a_host_exports_is_read(health):
    assert health.metrics(0, METRICS) == health.Metrics("5.2.4-1", "yes", "13")
    away = METRICS.replace('registered{uuid="0"} 1', 'registered{uuid="0"} 0')
    assert health.metrics(0, away).registered == "no"
    assert health.metrics(0, "<html>404</html>") == health.Metrics()
    assert health.metrics(7, METRICS) == health.Metrics()


@pytest.mark.parametrize(
    ("code", "text", "shown"),
    [
        (0, "ps: pScheduler is alive", "answers"),
        (1, "x\nnot well: pscheduler-runner does not run\n", None),
        (1, "another listens on port 443", "does not answer"),
    ],
)
def test_status_says_what_is_not_well(health, plugins, code, text, shown):
    fact = next(f for f in plugins.ask(ask(plugins, "status"), "facts") if f.name == "healthy")
    facts = dict(BASE) | {
        "container": there(),
        "healthy": fact.parse(code, text),
        "remotes": (),
        "image": {"id": "1", "created": "", "digest": ""},
        "metrics": health.Metrics("5.2.4-1", "no", "3"),
    }
    status = plugins.ask(ask(plugins, "status", facts=facts))
    fields = dict(status.fields)
    assert status.healthy == (code == 0)
    assert fields["pscheduler"] == (shown or "not well: pscheduler-runner does not run")
    assert (fields["version"], fields["registered"], fields["tasks"]) == ("5.2.4-1", "no", "3")
