"""What is asked of Slurm and said to it, in every shell, with a stand-in (shell/scontrol.sh)."""

from pathlib import Path

import pytest

from fairlead.testing import plugins_in
from tests.machine import SHELLS
from tests.shells import Shell

plugins_in(Path(__file__).parents[3] / "plugins")
from fairlead_plugins.slurm.commands import sh  # noqa: E402

SCONTROL = (Path(__file__).parent / "shell/scontrol.sh").read_text()
SQUEUE = 'cat "$HOME/jobs" 2>/dev/null || { echo slurm_load_jobs error >&2; exit 1; }'
OURS = "fairlead R1 inv toy.upgrade"


@pytest.fixture(params=sorted(SHELLS))
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Shell:
    shell = Shell(request.param, tmp_path)
    shell.tool("scontrol", SCONTROL)
    shell.tool("squeue", SQUEUE)
    shell.tool("timeout", 'shift; exec "$@"')
    write(shell, "IDLE")
    return shell


def write(shell: Shell, state: str, reason: str = "", jobs: str = "") -> None:
    for name, text in {"state": state, "reason": reason, "jobs": jobs}.items():
        (shell.folder / name).write_text(f"{text}\n" if text else "")


def said(shell: Shell) -> list[str]:
    path = shell.folder / "said"
    return path.read_text().splitlines() if path.exists() else []


def test_whether_a_node_takes_jobs(shell: Shell) -> None:
    states = ("IDLE", "MIXED", "IDLE+DRAIN", "MIXED+DRAIN*", "DOWN+NOT_RESPONDING", "FAIL")
    codes = []
    for state in states:
        write(shell, state)
        codes.append((shell.run(sh("is_out", "n1"))[0], shell.run(sh("takes_jobs", "n1"))[0]))
    assert codes == [(1, 0), (1, 0), (0, 1), (0, 1), (0, 1), (0, 1)]
    assert [shell.run(sh(name, "n9"))[0] for name in ("is_out", "takes_jobs")] == [2, 2]


def test_a_drain_is_taken_back_by_its_own_run_alone(shell: Shell) -> None:
    assert shell.run(sh("drain", "n1", OURS)) == (0, "")
    assert [shell.run(sh("is_not_ours", "n1", f"fairlead {run}"))[0] for run in ("R1", "R2")] == [
        1,
        0,
    ]
    assert shell.run(sh("undrain", "n1", "fairlead R2")) == (0, "")
    assert shell.run(sh("undrain", "n1", "fairlead R1")) == (0, "")
    assert said(shell) == [
        f"update NodeName=n1 State=DRAIN Reason={OURS}",
        "update NodeName=n1 State=UNDRAIN",
    ]


def test_a_node_that_is_out_is_not_drained_again(shell: Shell) -> None:
    write(shell, "DOWN", "bad disk")
    assert shell.run(sh("drain", "n1", OURS)) == (0, "")
    assert shell.run(sh("is_not_ours", "n1", ""))[0] == 0
    assert said(shell) == []
    assert shell.run(sh("staying", "n1"))[1] == "DOWN: bad disk [root@2026-11-28T15:41:38]\n"


def test_a_slurm_that_does_not_answer_is_not_known(shell: Shell) -> None:
    (shell.folder / "jobs").unlink()
    codes = [shell.run(sh(name, "n9"))[0] for name in ("is_not_ours", "drain", "undrain", "node")]
    assert (codes, shell.run(sh("is_idle", "n1"))[0]) == ([2, 2, 2, 2], 2)


def test_jobs_are_counted_with_their_latest_end(shell: Shell) -> None:
    shell.tool("sleep", ': >"$HOME/jobs"')
    ends = "7 2026-11-28T16:00:00\n8 2026-11-28T17:30:00"
    write(shell, "MIXED+DRAIN", jobs=ends)
    assert shell.run(sh("is_idle", "n1"))[0] == 1
    assert shell.run(sh("jobs", "n1")) == (0, "2 jobs, at the latest until 2026-11-28T17:30:00\n")
    assert shell.run(sh("is_idle", "n1"))[0] == 0
    write(shell, "MIXED+DRAIN", jobs=f"{ends}\n9 N/A")
    assert shell.run(sh("jobs", "n1")) == (0, "3 jobs, one without a limit\n")


def test_a_drain_that_is_given_back_while_jobs_are_waited_for_is_a_failure(shell: Shell) -> None:
    shell.tool("sleep", 'echo MIXED >"$HOME/state"')
    write(shell, "MIXED+DRAIN", jobs="7 N/A")
    done = shell.done(sh("jobs", "n1"))
    assert (done.returncode, done.stdout) == (1, "1 job, one without a limit\n")
    assert done.stderr == "n1 takes jobs again: somebody has given it back\n"


def test_a_node_with_its_jobs(shell: Shell) -> None:
    write(shell, "MIXED+DRAIN", "x y", "7 2026-11-28T16:00:00")
    assert shell.run(sh("node", "n1")) == (
        0,
        "MIXED+DRAIN\nx y [root@2026-11-28T15:41:38]\n7 2026-11-28T16:00:00\n",
    )
