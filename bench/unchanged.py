"""What it costs to hear that nothing has to be done, beside programs that ask less.

    python bench/unchanged.py [ROUNDS]

Measures an unchanged `inv perfsonar.up` on three hosts of the lab. The others (OpenSSH alone,
make, just, Ansible, pyinfra; those that are installed) only ask each host whether the container
runs; fairlead asks all that `up` asks: facts, preflight, lease, every step's question. All are
measured in turn, in one run, without and with 50 ms of delay on the line. Prints milliseconds
(fastest and median) and the ratio to OpenSSH. Needs the lab: root on Linux; makes it and takes it
down.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tests.e2e.inv import ROOT as LAB  # noqa: E402 - a script, not a module of the package
from tests.e2e.inv import SITE  # noqa: E402

HOSTS = ("n1", "n2", "n3")
NAME = "perfsonar-testpoint"
Times = dict[str, list[float]]
INV = (sys.executable, "-P", "-m", "fairlead")
QUESTION = f"docker container ls -q --filter name=^{NAME}$ --filter status=running | grep -q ."
SSH = ("ssh", "-F", str(LAB / "ssh_config"))

PLAYBOOK = f"""- hosts: all
  gather_facts: false
  tasks:
    - raw: {QUESTION}
      changed_when: false
"""


def run(*command: str, check: bool = True) -> float:
    """The wall time of one command, in seconds."""
    environment = os.environ | {
        "FAIRLEAD_HOME": str(ROOT),
        "PYTHONPATH": str(ROOT),
        "ANSIBLE_HOST_KEY_CHECKING": "True",
    }
    began = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if check and done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}{done.stdout}")
    return time.perf_counter() - began


def others(folder: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Name and command line of each that is installed; all three hosts at a time."""
    questions = " & ".join(f"{' '.join(SSH)} {host} '{QUESTION}'" for host in HOSTS)
    (folder / "all.sh").write_text(f"{questions}\nwait\n")
    yield "OpenSSH", ("sh", str(folder / "all.sh"))
    lines = "".join(
        f"{host}:\n\t@{' '.join(SSH)} {host} '{QUESTION.replace('$', '$$')}'\n" for host in HOSTS
    )
    (folder / "Makefile").write_text(
        f".PHONY: all {' '.join(HOSTS)}\nall: {' '.join(HOSTS)}\n{lines}"
    )
    (folder / "justfile").write_text(f"all:\n    sh {folder}/all.sh\n")
    (folder / "play.yml").write_text(PLAYBOOK)
    (folder / "hosts").write_text(
        "".join(f"{host} ansible_ssh_common_args='-F {LAB}/ssh_config'\n" for host in HOSTS)
    )
    pyinfra = (
        "pyinfra",
        "-y",
        "--key",
        str(LAB / "key"),
        "--data",
        f"ssh_config_file={LAB}/ssh_config",
        ",".join(HOSTS),
        "exec",
        "--",
        QUESTION,
    )
    commands = {
        "make -j3": ("make", "-s", "-j3", "-C", str(folder)),
        "just": ("just", "--justfile", str(folder / "justfile"), "all"),
        "Ansible": ("ansible-playbook", "-i", str(folder / "hosts"), str(folder / "play.yml")),
        "pyinfra": pyinfra,
    }
    for name, command in commands.items():
        if shutil.which(command[0]):
            yield name, command


@contextmanager
def lab() -> Iterator[None]:
    """Three hosts with a test point each."""
    run(*INV, "lab.up", f"--site={SITE}", "--count=3", "--wait=60s")
    try:
        run(*INV, "perfsonar.up", f"--site={SITE}", "--host=n[1-3]")
        yield
    finally:
        run(*INV, "lab.down", f"--site={SITE}", "--yes", "--wait=60s", check=False)


def times(rounds: int, delay: int, folder: Path, only: tuple[str, ...] = ()) -> Times:
    """Seconds of ours and of each other (of those in `only`, where there are any): all in turn,
    `rounds` times, with `delay` milliseconds more for every round trip.
    """
    run(*INV, "lab.latency", f"--site={SITE}", f"--ms={delay}", "--wait=60s")
    ours = {"fairlead perfsonar.up": (*INV, "perfsonar.up", f"--site={SITE}", "--host=n[1-3]")}
    commands = {name: words for name, words in others(folder) if not only or name in only} | ours
    taken: Times = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            took = run(*command)
            if number:  # the first fills what there is to fill
                taken[name].append(took)
    return taken


def show(delay: int, taken: Times) -> None:
    """Print them."""
    least = min(taken["OpenSSH"])
    print(f"+{delay} ms on the line")
    for name, took in taken.items():
        fastest, middle = min(took) * 1000, statistics.median(took) * 1000
        print(
            f"  {name:26} {fastest:7.0f} ms fastest {middle:7.0f} ms median "
            f"{min(took) / least:6.2f} x OpenSSH"
        )


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as folder, lab():
        for delay in (0, 50):
            show(delay, times(rounds, delay, Path(folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
