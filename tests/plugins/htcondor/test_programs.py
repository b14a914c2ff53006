"""What is asked of HTCondor and said to it, in every shell, with stand-ins (shell/condor_*.sh)."""

from pathlib import Path

import pytest

from fairlead.testing import plugins_in
from tests.machine import SHELLS
from tests.shells import Shell

plugins_in(Path(__file__).parents[3] / "plugins")
from fairlead_plugins.htcondor.commands import sh  # noqa: E402

STAND_INS = Path(__file__).parent / "shell"
OURS = "fairlead R1 inv toy.upgrade"
FREE = "slot Unclaimed Idle - 0 false - "
BUSY = "slot Claimed Busy 7.0 3000 false - "
DRAINED = "slot Drained Idle - 0 true 1 "
RETIRING = "slot Claimed Retiring 7.0 3000 true 1 "
QUESTIONS = ("is_out", "takes_jobs", "is_idle")
NO_STARTD = "exit 1"  # what pgrep says


@pytest.fixture(params=sorted(SHELLS))
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Shell:
    shell = Shell(request.param, tmp_path)
    for name in ("condor_status", "condor_drain"):
        shell.tool(name, (STAND_INS / f"{name}.sh").read_text())
    shell.tool("condor_config_val", "echo n1.tier1.lan")
    shell.tool("timeout", 'shift; exec "$@"')
    shell.tool("pgrep", "echo 7")
    shell.tool("sleep", ":")
    version(shell, "23.9.6")
    slots(shell, FREE)
    return shell


def slots(shell: Shell, *lines: str) -> None:
    (shell.folder / "slots").write_text("".join(f"{line}\n" for line in lines))


def version(shell: Shell, number: str) -> None:
    text = f"$CondorVersion: {number} 2024-08-07 BuildID: Debian-{number} $\n" if number else ""
    (shell.folder / "version").write_text(text)


def told(shell: Shell) -> list[str]:
    path = shell.folder / "told"
    return path.read_text().splitlines() if path.exists() else []


@pytest.mark.parametrize(
    ("lines", "codes"),
    {
        (FREE, BUSY): (1, 0, 1),
        (DRAINED + "bad memory", DRAINED + "bad memory"): (0, 1, 0),
        (DRAINED, RETIRING): (0, 1, 1),
        ("slot Drained Retiring - 0 true 1 by command", RETIRING + "by command"): (0, 1, 1),
        (DRAINED + "Defrag pool.tier1.lan",): (1, 1, 0),
        ("slot Owner Idle - 0 false - ",): (1, 0, 1),
    }.items(),
)
def test_whether_a_node_takes_jobs(shell: Shell, lines: tuple[str], codes: tuple[int]) -> None:
    slots(shell, *lines)
    assert tuple(shell.run(sh(name, "n1"))[0] for name in QUESTIONS) == codes


def test_where_no_startd_runs_no_job_does(shell: Shell) -> None:
    slots(shell)
    shell.tool("pgrep", NO_STARTD)
    assert [shell.run(sh(name, "n1"))[0] for name in (*QUESTIONS, "is_not_ours")] == [0, 1, 0, 0]
    assert [shell.run(sh("drain", "n1", OURS, "9"))[0], shell.run(sh("undrain", "n1", ""))[0]] == [
        0,
        0,
    ]
    assert shell.run(sh("staying", "n1")) == (0, "no condor_startd runs\n")
    assert shell.run(sh("node", "n1")) == (0, "Off\n\n\n0\n")
    assert told(shell) == []


@pytest.mark.parametrize("pgrep", ["echo 7", "exit 2", "exit 127"])
def test_a_startd_that_does_not_answer_is_not_known(shell: Shell, pgrep: str) -> None:
    slots(shell)
    shell.tool("pgrep", pgrep)
    names = (*QUESTIONS, "is_not_ours", "drain", "undrain", "staying", "node")
    assert {shell.run(sh(name, "n1", "", "9"))[0] for name in names} == {2}
    assert "n1: condor_status -direct does not tell of a slot: Error: couldn't locate" in (
        shell.done(sh("is_out", "n1")).stderr
    )


def test_a_host_without_htcondor_is_not_known(shell: Shell) -> None:
    shell.tool("condor_config_val", "echo no condor_config >&2; exit 1")
    done = shell.done(sh("is_out", "n1"))
    assert (done.returncode, done.stderr) == (2, "no condor_config\n")


def test_a_drain_is_taken_back_by_its_own_run_alone(shell: Shell) -> None:
    assert shell.run(sh("drain", "n1", OURS, "600")) == (0, "")
    codes = [shell.run(sh("is_not_ours", "n1", f"fairlead {run}"))[0] for run in ("R1", "R2")]
    assert codes == [1, 0]
    assert shell.run(sh("undrain", "n1", "fairlead R2")) == (0, "")
    assert shell.run(sh("undrain", "n1", "fairlead R1")) == (0, "")
    check = "-check JobId =?= undefined || RetirementTimeRemaining >= 600"
    assert told(shell) == [
        f"-graceful -reason {OURS} -start false {check} n1.tier1.lan",
        "-cancel -request-id 2 n1.tier1.lan",
    ]


def test_jobs_that_htcondor_may_end_are_not_checked(shell: Shell) -> None:
    assert shell.run(sh("drain", "n1", OURS, "0")) == (0, "")
    assert told(shell) == [f"-graceful -reason {OURS} -start false n1.tier1.lan"]


def test_a_drain_of_somebody_else_is_left_and_that_of_defrag_becomes_ours(shell: Shell) -> None:
    slots(shell, DRAINED + "bad memory")
    assert shell.run(sh("drain", "n1", OURS, "0")) == (0, "")
    assert told(shell) == []
    assert shell.run(sh("staying", "n1")) == (0, "Drained: bad memory\n")
    slots(shell, RETIRING + "Defrag")
    assert shell.run(sh("drain", "n1", OURS, "0")) == (0, "")
    assert [line.split()[0] for line in told(shell)] == ["-cancel", "-graceful"]


def test_a_job_that_would_be_ended_too_soon_is_told(shell: Shell) -> None:
    slots(shell, FREE, BUSY, BUSY.replace("3000", "200"))
    (shell.folder / "refuses").touch()
    done = shell.done(sh("drain", "n1", OURS, "600"))
    assert (done.returncode, done.stderr) == (
        1,
        "n1: HTCondor would end a job after 200 s, before htcondor.patience (600 s) is over: let "
        "its MAXJOBRETIREMENTTIME be longer or patience shorter, or let it (htcondor.evicts)\n",
    )


@pytest.mark.parametrize(
    ("number", "code"),
    [("8.6.13", 1), ("8.9.11", 1), ("8.9.12", 0), ("9.0.0", 0), ("25.8.2", 0), ("", 1)],
)
def test_a_startd_that_does_not_say_why_it_drains_is_not_drained(
    shell: Shell, number: str, code: int
) -> None:
    version(shell, number)
    done = shell.done(sh("drain", "n1", OURS, "0"))
    assert (done.returncode, len(told(shell))) == (code, 1 - code)
    assert ("a startd before 8.9.12 does not say why it drains" in done.stderr) == bool(code)
    slots(shell, DRAINED)  # by hand: as an older one tells it
    assert shell.run(sh("drain", "n1", OURS, "0"))[0] == 0
    assert shell.run(sh("is_not_ours", "n1", "fairlead R1"))[0] == 0


def test_jobs_are_counted_with_their_latest_end(shell: Shell) -> None:
    shell.tool("date", '[ $# = 3 ] && { echo "$2 $3"; exit; }; echo 1000')
    shell.tool("sleep", f'echo "{DRAINED}" >"$HOME/slots"')
    slots(shell, RETIRING, RETIRING.replace("3000", "500"))
    assert shell.run(sh("jobs", "n1")) == (
        0,
        "2 jobs, at the latest until @4000 +%Y-%m-%dT%H:%M:%S\n",
    )
    slots(shell, RETIRING.replace("3000", "2147483647"))
    assert shell.run(sh("jobs", "n1")) == (0, "1 job, one without a limit\n")


def test_a_drain_that_is_given_back_while_jobs_are_waited_for_is_a_failure(shell: Shell) -> None:
    shell.tool("sleep", f'echo "{BUSY}" >"$HOME/slots"')
    slots(shell, RETIRING)
    done = shell.done(sh("jobs", "n1"))
    assert done.returncode == 1
    assert done.stderr.startswith("n1 takes jobs again: somebody has given it back")


def test_a_node_with_its_jobs(shell: Shell) -> None:
    slots(shell, FREE, BUSY, BUSY)
    assert shell.run(sh("node", "n1")) == (0, "Claimed/Busy Unclaimed/Idle\n\n23.9.6\n2\n")
    slots(shell, DRAINED + "x y", RETIRING + "x y")
    assert shell.run(sh("node", "n1")) == (0, "Draining\nx y\n23.9.6\n1\n")
