"""A real Slurm of two nodes on this machine, of Debian's packages, which are unpacked and not
installed: munged, slurmctld and two slurmd in namespaces of their own.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path

from tests.e2e.rocky import CACHE
from tests.machine import Machine

PACKAGES = (
    *("munge", "libmunge2", "slurmctld", "slurmd", "slurm-client", "slurm-wlm-basic-plugins"),
    "libhwloc15",
)
HERE = Path(__file__).parent


def tree() -> Path:
    """Where the packages are unpacked, made once on a machine."""
    folder = CACHE / "slurm"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "slurm.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not (folder / "made").exists():
            folder.mkdir(exist_ok=True)
            _run("apt-get", "download", *PACKAGES, cwd=folder)
            for package in folder.glob("*.deb"):
                _run("dpkg", "-x", str(package), str(folder))
            (folder / "usr/sbin/slurmstepd").symlink_to("slurmstepd-wlm")
            (folder / "made").touch()
    return folder


def _run(*words: str, cwd: Path | None = None) -> str:
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, (words, done.stdout[-1000:], done.stderr[-1000:])
    return done.stdout


class Cluster:
    """The cluster that runs: its tools are run in its network."""

    def __init__(self, folder: Path, packages: Path, process: int):
        self.folder, self.tree, self.process = folder, packages, process

    def tools(self, machine: Machine) -> None:
        """This host has them, as a node of Slurm has."""
        for name in ("scontrol", "squeue"):
            path = machine.bin / name
            path.write_text(f'#!/bin/sh\nexec {" ".join(self._words(name))} "$@"\n')
            path.chmod(0o755)

    def run(self, name: str, *words: str) -> str:
        return _run(*self._words(name), *words)

    def job(self, node: str, seconds: int) -> None:
        """A job that runs there, so long."""
        words = ("-w", node, "-t", "2", "-o", "/dev/null", "--wrap", f"sleep {seconds}")
        self.run("sbatch", *words)
        end = time.monotonic() + 60
        while "RUNNING" not in self.run("squeue", "-h", "-w", node, "-o", "%T"):
            assert time.monotonic() < end, self.run("squeue")
            time.sleep(0.5)

    def reset(self) -> None:
        """No jobs, no drains."""
        self.run("scancel", "--user", "root")
        for name in ("n1", "n2"):
            if "DRAIN" in self.node(name)["State"]:
                self.run("scontrol", "update", f"NodeName={name}", "State=RESUME")

    def takes_jobs(self, name: str) -> bool:
        """It may be said not to answer for a moment: it has not been asked anew yet."""
        node = self.node(name)
        return node["State"].split("+")[0] == "IDLE" and "DRAIN" not in node["State"]

    def node(self, name: str) -> dict[str, str]:
        """What Slurm says of a node: State, Reason."""
        lines = self.run("scontrol", "show", "node", name).splitlines()
        pairs = [line.strip().partition("=") for line in lines]
        fields = {key: value for key, _, value in pairs if key in ("State", "Reason")}
        return {"Reason": "", **fields, "State": fields["State"].split()[0]}

    def _words(self, name: str) -> tuple[str, ...]:
        variables = (f"{key}={value}" for key, value in environment(self.folder, self.tree).items())
        enter = ("nsenter", "-t", str(self.process), "-n")
        return (*enter, "env", *variables, f"{self.tree}/usr/bin/{name}")


def environment(folder: Path, packages: Path) -> dict[str, str]:
    libraries = packages / "usr/lib/x86_64-linux-gnu"
    return {
        "LD_LIBRARY_PATH": f"{libraries}:{libraries}/slurm-wlm",
        "SLURM_CONF": str(folder / "slurm.conf"),
        "PATH": f"{packages}/usr/sbin:{packages}/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    }


@contextmanager
def running(folder: Path) -> Iterator[Cluster]:
    packages = tree()
    text = (HERE / "slurm.conf").read_text().replace("FOLDER", str(folder))
    (folder / "slurm.conf").write_text(text.replace("TREE", str(packages)))
    unshare = ("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
    argv = (*unshare, "sh", str(HERE / "shell/start.sh"), str(folder), str(packages))
    process = subprocess.Popen(
        argv, env=environment(folder, packages), stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _wait(folder / "ready")
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        yield Cluster(folder, packages, int(children[0]))
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)


def _wait(path: Path) -> None:
    end = time.monotonic() + 120
    while not path.exists():
        logs = [log.read_text()[-500:] for log in path.parent.glob("*.log")]
        assert time.monotonic() < end, logs
        time.sleep(0.5)
