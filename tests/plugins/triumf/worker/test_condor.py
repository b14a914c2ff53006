"""What is said to condor, against a docker and tools of condor that are none, in each shell that
hosts have. The real ones: tests/e2e/test_triumf_worker.py."""

import pytest

from fairlead.contract.loader import Plugins
from fairlead.operations import script
from tests.shells import Shell

pytestmark = pytest.mark.slow

sh = script.beside(__file__)

WITHOUT = "condor_master condor_procd condor_shared_p"
STARTD = "condor_master condor_startd"
FREE, BUSY, IDLE = "Unclaimed Idle 3600", "Claimed Busy 3600", "Drained Idle 3600"
RETIRING = "Drained Retiring 3600\nClaimed Retiring 3600"
CHECK = "JobId =?= undefined || RetirementTimeRemaining >= 60"
DRAIN = f"condor_drain -graceful -reason fairlead -check {CHECK} vn0317.tier1.lan\n"
CANCEL = "condor_drain -cancel vn0317.tier1.lan\n"


@pytest.fixture
def docker(shell: Shell) -> dict[str, str]:
    """A docker that is none; what it is told: vn0317 runs, vn0318 does not."""
    for tool in ("docker", "condor_config_val", "condor_status", "condor_drain"):
        shell.tool(tool, sh.text(tool))
    shell.tool("sleep", "exit 0")
    shell.tool("timeout", 'shift; exec "$@"')
    (shell.folder / "drains").write_text("")
    return {
        "RUNNING": "vn0317",
        "PROCESSES": STARTD,
        "SLOTS": FREE,
        "NOTES": str(shell.folder / "notes"),
        "DRAINS": str(shell.folder / "drains"),
        "FALSE_CHECK": "",
    }


def notes(shell: Shell) -> str:
    path = shell.folder / "notes"
    return path.read_text() if path.exists() else ""


@pytest.mark.parametrize(
    ("processes", "slots", "code", "output"),
    [
        (f"{STARTD} condor_starter condor_starter", RETIRING, 1, "vn0317: 2 jobs still run\n"),
        (f"{STARTD} condor_starter", IDLE, 1, "vn0317: 1 jobs still run\n"),
        (STARTD, FREE, 1, "vn0317: 0 jobs still run\n"),
        (STARTD, f"{IDLE}\n{FREE}", 1, "vn0317: 0 jobs still run\n"),
        (STARTD, "-", 1, "vn0317: 0 jobs still run\n"),
        (STARTD, f"{IDLE}\n{IDLE}", 0, ""),
        (WITHOUT, "-", 0, ""),
    ],
)
def test_a_worker_is_quiet_when_all_its_slots_are_drained_or_no_startd_runs(
    plugins: Plugins,
    shell: Shell,
    docker: dict[str, str],
    processes: str,
    slots: str,
    code: int,
    output: str,
) -> None:
    from fairlead_plugins.triumf.worker import condor

    env = docker | {"PROCESSES": processes, "SLOTS": slots}
    assert shell.run(condor.quiet("docker", "vn0317", "vn0318"), **env) == (code, output)


def test_a_worker_drains_once_and_takes_jobs_again(
    plugins: Plugins, shell: Shell, docker: dict[str, str]
) -> None:
    from fairlead_plugins.triumf.worker import condor

    for _ in range(2):
        assert shell.run(condor.drained("docker", 60, "vn0317", "vn0318"), **docker) == (0, "")
    assert notes(shell) == DRAIN
    for _ in range(2):
        assert shell.run(condor.again("docker", "vn0317", "vn0318"), **docker) == (0, "")
    assert notes(shell) == DRAIN + CANCEL


def test_a_worker_whose_condor_would_end_jobs_is_not_drained(
    plugins: Plugins, shell: Shell, docker: dict[str, str]
) -> None:
    from fairlead_plugins.triumf.worker import condor

    refused = shell.done(condor.drained("docker", 60, "vn0317"), **docker | {"FALSE_CHECK": "1"})
    assert (refused.returncode, refused.stderr) == (
        1,
        "vn0317.tier1.lan would end jobs before 60 s have passed: let MAXJOBRETIREMENTTIME in its "
        "image be longer than jobs and worker.drain together\n",
    )


def test_a_drain_of_somebody_elses_is_waited_for_and_never_given_back(
    plugins: Plugins, shell: Shell, docker: dict[str, str]
) -> None:
    from fairlead_plugins.triumf.worker import condor

    (shell.folder / "drains").write_text("a bad disk")
    assert shell.run(condor.drained("docker", 60, "vn0317"), **docker) == (
        0,
        "vn0317.tier1.lan is drained by somebody else (a bad disk), which is waited for\n",
    )
    assert shell.run(condor.again("docker", "vn0317"), **docker) == (0, "")
    assert notes(shell) == ""


def test_a_startd_that_was_sent_away_is_called_back_and_given_up_where_it_does_not_come(
    plugins: Plugins, shell: Shell, docker: dict[str, str]
) -> None:
    from fairlead_plugins.triumf.worker import condor

    done = shell.done(condor.again("docker", "vn0317"), **docker | {"PROCESSES": WITHOUT})
    assert (done.returncode, done.stderr) == (1, "vn0317 still takes no jobs\n")
    assert set(notes(shell).splitlines()) == {"vn0317 condor_on"}
    silent = shell.done(condor.again("docker", "vn0317"), **docker | {"SLOTS": "-"})
    assert (silent.returncode, silent.stderr) == (1, "vn0317 still takes no jobs\n")


def test_a_worker_that_was_drained_before_drains_again_when_its_startd_answers(
    plugins: Plugins, shell: Shell, docker: dict[str, str]
) -> None:
    from fairlead_plugins.triumf.worker import condor

    slots = (condor.Slot("Drained", "Idle", 3600, "a bad disk"),)
    (step,) = condor.drained_before("docker", "vn0317", condor.Condor(True, True, 0, slots))
    assert shell.run(step.undo, **docker) == (0, "")
    assert (shell.folder / "drains").read_text() == "a bad disk\n"


@pytest.mark.parametrize(
    ("slots", "reason", "words"),
    [
        (FREE, "", (True, False, "")),
        (BUSY, "", (True, False, "")),
        (RETIRING, "fairlead", (False, False, "fairlead")),
        (IDLE, "a bad disk", (False, True, "a bad disk")),
        ("-", "", (False, False, "")),
    ],
)
def test_condor_s_processes_are_counted_and_its_slots_asked(
    plugins: Plugins,
    shell: Shell,
    docker: dict[str, str],
    slots: str,
    reason: str,
    words: tuple[bool, bool, str],
) -> None:
    from fairlead_plugins.triumf.worker import condor

    (shell.folder / "drains").write_text(reason)
    fact = condor.fact("docker", ["vn0317"])
    busy = "condor_starter" if slots in (BUSY, RETIRING) else ""
    code, output = shell.run(
        fact.argv, **docker | {"SLOTS": slots, "PROCESSES": f"{STARTD} {busy}"}
    )
    inside = fact.parse(code, output)["vn0317"]
    assert (inside.master, inside.startd, inside.jobs) == (True, True, 1 if busy else 0)
    assert (inside.takes_jobs, inside.is_drained, inside.reason) == words
    assert {slot.promise for slot in inside.slots} <= {3600}


def test_a_worker_is_well_when_master_and_startd_live_and_the_startd_answers(
    plugins: Plugins, shell: Shell, docker: dict[str, str]
) -> None:
    from fairlead_plugins.triumf.worker import condor

    assert shell.run(condor.sh("alive")) == (0, "")
    absent = shell.done(condor.sh("alive", "no_such_process"))
    assert (absent.returncode, absent.stderr) == (1, "no_such_process does not run\n")
    program, slots = condor.sh.text("answers"), condor.sh.text("slots")
    argv = ("sh", "-c", program, "answers", "exit 0", slots)
    assert condor.healthy() == (*argv[:4], condor.sh.text("alive"), slots)
    assert shell.run(argv, **docker) == (0, "")
    silent = shell.done(argv, **docker | {"SLOTS": "-"})
    assert (silent.returncode, silent.stderr) == (1, "condor_startd does not answer\n")
