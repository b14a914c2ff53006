"""What is said to condor, against a docker that is none, in each shell that hosts have."""

import pytest

from fairlead.contract.loader import Plugins
from fairlead.operations import script
from tests.plugins.triumf.shells import Shell

sh = script.beside(__file__)

DRAINED = "condor_master condor_procd condor_shared_p"
IDLE = "condor_master condor_startd"


@pytest.fixture
def docker(shell: Shell) -> dict[str, str]:
    """A docker that is none; what it is told: vn0317 runs, vn0318 does not."""
    shell.tool("docker", sh.text("docker"))
    shell.tool("sleep", "exit 0")
    return {"RUNNING": "vn0317", "PROCESSES": IDLE, "NOTES": str(shell.folder / "notes")}


@pytest.mark.parametrize(
    ("processes", "code", "output"),
    [
        (f"{IDLE} condor_starter condor_starter", 1, "vn0317: 2 jobs still run\n"),
        (IDLE, 1, "vn0317: 0 jobs still run\n"),
        (DRAINED, 0, ""),
    ],
)
def test_a_worker_is_quiet_when_no_startd_runs_any_more(
    plugins: Plugins,
    shell: Shell,
    docker: dict[str, str],
    processes: str,
    code: int,
    output: str,
) -> None:
    from fairlead_plugins.triumf.worker import condor

    env = docker | {"PROCESSES": processes}
    assert shell.run(condor.quiet("vn0317", "vn0318"), **env) == (code, output)
    assert shell.run(condor.off("vn0317", "vn0318"), **env)[0] == 0
    assert shell.run(condor.on("vn0317"), **env)[0] == 0
    notes = (shell.folder / "notes").read_text()
    assert notes == "vn0317 condor_off -peaceful\nvn0317 condor_on\n"


@pytest.mark.parametrize(("processes", "notes"), [(IDLE, ""), (DRAINED, "vn0317 condor_on\n")])
def test_jobs_are_taken_again(
    plugins: Plugins, shell: Shell, docker: dict[str, str], processes: str, notes: str
) -> None:
    from fairlead_plugins.triumf.worker import condor

    env = docker | {"PROCESSES": processes}
    assert shell.run(condor.sh("again", "vn0317", "vn0318"), **env)[0] == 0
    path = shell.folder / "notes"
    assert (path.read_text() if path.exists() else "") == notes


def test_a_worker_that_takes_no_jobs_again_is_given_up(
    plugins: Plugins, shell: Shell, docker: dict[str, str]
) -> None:
    from fairlead_plugins.triumf.worker import condor

    env = docker | {"PROCESSES": DRAINED, "REFUSES": "1"}
    assert shell.run(condor.sh("again", "vn0317"), **env)[0] == 1
    assert (shell.folder / "notes").read_text().count("condor_on") == 10


def test_condor_s_processes_are_counted(
    plugins: Plugins, shell: Shell, docker: dict[str, str]
) -> None:
    from fairlead_plugins.triumf.worker import condor

    fact = condor.fact(["vn0317"])
    env = docker | {"PROCESSES": f"{IDLE} condor_starter"}
    code, output = shell.run(fact.argv, **env)
    assert fact.parse(code, output) == {"vn0317": condor.Condor(True, True, 1)}


def test_a_process_lives_or_not(plugins: Plugins, shell: Shell) -> None:
    from fairlead_plugins.triumf.worker import condor

    assert shell.run(condor.sh("alive")) == (0, "")
    absent = shell.done(condor.healthy())
    assert (absent.returncode, absent.stderr) == (1, "condor_master does not run\n")
