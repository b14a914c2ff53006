"""A real HTCondor of two execute nodes on this machine, of Debian's package: a central manager with
the schedd, and two startds, each in a root and namespaces of its own.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.e2e.htcondor import CONFIG, KEY, MANAGED, USER, tree
from tests.e2e.inv import NETWORK
from tests.machine import Machine

HERE = Path(__file__).parent
NAMES = ("manager", "n1", "n2")
TOOLS = ("condor_config_val", "condor_drain", "condor_status")
SUBMIT = """executable = /bin/sleep
arguments = {seconds}
transfer_executable = false
should_transfer_files = yes
request_cpus = 1
request_memory = 16
request_disk = 16
requirements = Machine == "{node}.tier1.lan"
queue
"""


class Pool:
    """The pool that runs. `processes`: the condor_master of each member, as this machine has it."""

    def __init__(self, folder: Path, processes: dict[str, int]):
        self.folder, self.processes = folder, processes

    def tools(self, machine: Machine) -> None:
        """This host has them, as an execute node has, and sees the processes of that node alone."""
        for name in TOOLS:
            _write(machine.bin / name, *self._words(machine.name), name)
        process = self.processes[machine.name]
        _write(machine.bin / "pgrep", f"/usr/bin/pgrep --ns {process} --nslist pid")

    def run(self, member: str, *argv: str, stdin: str = "", check: bool = True) -> str:
        """What a program prints there."""
        words = (*self._words(member), *argv)
        done = subprocess.run(
            words, input=stdin, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0 or not check, (argv, done.stdout, done.stderr)
        return done.stdout

    def _words(self, member: str) -> tuple[str, ...]:
        process = str(self.processes[member])
        enter = ("nsenter", "-t", process, "-m", "-n", "-p", "-u", "-r")
        return (*enter, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin")

    def job(self, node: str, seconds: int) -> str:
        """A job that runs there, so long, from now on; its number."""
        text = SUBMIT.format(seconds=seconds, node=node)
        user = ("chroot", "--userspec=40001:4000", "/", "env", f"USER={USER}", "HOME=/tmp")
        output = self.run("manager", *user, "sh", "-c", "cd /tmp && condor_submit", stdin=text)
        number = output.split("cluster ")[-1].strip(" .\n")
        _until(f"job {number} runs", lambda: self.state_of(number) == "2")
        return number

    def state_of(self, number: str) -> str:
        """1 idle, 2 running; of one that has ended: 4, how often it was begun, its code."""
        queued = self.run("manager", "condor_q", number, "-af", "JobStatus").strip()
        fields = ("JobStatus", "NumJobStarts", "ExitCode")
        return queued or self.run("manager", "condor_history", number, "-af", *fields).strip()

    def ended_well(self, number: str) -> bool:
        """Begun once, and ended by itself?"""
        _until(f"job {number} ends", lambda: self.state_of(number).startswith("4"))
        return self.state_of(number) == "4 1 0"

    def end_of(self, number: str) -> int:
        """When a job that has left the queue ended, in seconds since the epoch."""
        return int(self.run("manager", "condor_history", number, "-af", "CompletionDate"))

    def drain(self, node: str, reason: str, *words: str) -> None:
        """Somebody else drains it."""
        full = f"{node}.tier1.lan"
        self.run(node, "condor_drain", "-graceful", "-reason", reason, *words, full)

    def reason(self, node: str) -> str:
        """Why it drains; "": it takes jobs."""
        words = ("condor_status", "-direct", f"{node}.tier1.lan", "-af")
        answer = self.run(node, *words, 'ifThenElse(Draining =?= true, DrainReason, "")')
        return answer.strip().split("\n")[0]

    def reset(self) -> None:
        """No jobs, no drains."""
        self.run("manager", "condor_rm", "-all", check=False)
        for node in NAMES[1:]:
            self.run(node, "condor_drain", "-cancel", f"{node}.tier1.lan", check=False)


def _write(path: Path, *words: str) -> None:
    path.write_text(f'#!/bin/sh\nexec {" ".join(words)} "$@"\n')
    path.chmod(0o755)


def _config(name: str, number: int) -> str:
    own = {
        "NETWORK_INTERFACE": f"{NETWORK}.{number}",
        "BIND_ALL_INTERFACES": "False",
        **(MANAGED if name == "manager" else {}),
    }
    return CONFIG + "".join(f"{key} = {value}\n" for key, value in own.items())


@contextmanager
def running(folder: Path) -> Iterator[Pool]:
    (folder / "tree").mkdir()
    subprocess.run(("tar", "-C", folder / "tree", "-xf", tree()), check=True, timeout=120)
    for number, name in enumerate(NAMES, 1):
        (folder / f"{name}.config").write_text(_config(name, number))
    unshare = ("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
    argv = (*unshare, "sh", str(HERE / "shell/start.sh"), str(folder), NETWORK, KEY)
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        _until("masters", lambda: len(_masters(process.pid)) == len(NAMES))
        pool = Pool(folder, _masters(process.pid))
        _until("two nodes", lambda: _members(pool) == {"n1", "n2"})
        yield pool
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)


def _members(pool: Pool) -> set[str]:
    machines = pool.run("manager", "condor_status", "-startd", "-af", "Machine", check=False)
    return {machine.partition(".")[0] for machine in machines.split()}


def _masters(process: int) -> dict[str, int]:
    """Member -> its condor_master, of all that this process has begun."""
    masters = {}
    for child in _descendants(process):
        with suppress(OSError):  # it has ended
            if Path(f"/proc/{child}/comm").read_text().strip() == "condor_master":
                masters.setdefault(Path(f"/proc/{child}/root").readlink().name, child)
    return masters


def _descendants(process: int) -> Iterator[int]:
    with suppress(OSError):
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        for child in map(int, children):
            yield child
            yield from _descendants(child)


def _until(what: str, question: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < end, f"{what}: not so after {seconds} s"
        time.sleep(0.5)
